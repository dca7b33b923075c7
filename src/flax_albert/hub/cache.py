"""Which commits of a repository are on this machine, in the cache that all users of the hub's client share.

Its layout is documented: ``refs/NAME`` holds the commit that a branch, tag or pull request stood at when it was last
looked at, and ``snapshots/COMMIT`` the files of a commit as far as they were downloaded.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import final

_COMMIT = re.compile(r"[0-9a-f]{40}")


@final
class CachedRepository:
    """What is on this machine of a repository.

    Args:
        repo_id: Its id on the hub.
        cache_dir: The cache, by default the client's.
    """

    def __init__(self, repo_id: str, cache_dir: str | os.PathLike[str] | None) -> None:
        from huggingface_hub import constants
        from huggingface_hub.file_download import repo_folder_name

        self.cache_dir = Path(constants.HF_HUB_CACHE if cache_dir is None else cache_dir).expanduser().absolute()
        self._directory = self.cache_dir / repo_folder_name(repo_id=repo_id, repo_type="model")

    def snapshot(self, commit: str) -> Path:
        """The directory of a commit's files."""
        return self._directory / "snapshots" / commit

    def commit(self, revision: str) -> str | None:
        """The commit that a revision is known to stand at, or None where no file of it is here."""
        commit = revision
        if not _COMMIT.fullmatch(revision):
            try:
                commit = (self._directory / "refs" / revision).read_text(encoding="utf-8").strip()
            except (OSError, ValueError):
                return None
        return commit if is_commit(commit) and self.snapshot(commit).is_dir() else None

    def remember(self, revision: str, commit: str) -> None:
        """Writes down where a revision stands; a cache that cannot be written to is left as it is."""
        if revision == commit or self.commit(revision) == commit:
            return
        path = self._directory / "refs" / revision
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_text(commit, encoding="utf-8")
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)


def is_commit(text: object) -> bool:
    """Whether a text is the whole name of a commit, and so fit to be the name of a directory."""
    return isinstance(text, str) and _COMMIT.fullmatch(text) is not None
