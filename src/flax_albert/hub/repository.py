"""A folder of a repository on the hub, downloaded file by file as it is asked for."""

from __future__ import annotations

import copy
import dataclasses
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, final

from flax_albert.errors import listed
from flax_albert.hub.cache import CachedRepository, is_commit
from flax_albert.hub.errors import HubError, NotAskedError, brief, client_errors, explaining, explanation
from flax_albert.hub.folder import Folder, inside
from flax_albert.hub.options import HubOptions

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_logger = logging.getLogger("flax_albert.hub")


@final
class HubFolder(Folder):
    """A folder of a repository, at the commit at which its revision stands when this is made.

    The hub is asked once, for the commit and the files it has. Where it cannot be asked, what is in the cache counts.

    Args:
        repo_id: The repository.
        options: Which of its folders, at which revision, and how to get at it.

    Raises:
        HubError: The hub did not answer, or not as hoped, and nothing of the repository is in the cache.
    """

    def __init__(self, repo_id: str, options: HubOptions) -> None:
        from huggingface_hub.errors import OfflineModeIsEnabled

        for part in (options.subfolder, options.revision):
            if ".." in part.split("/") or part.startswith("/"):
                raise HubError(f"{part!r} names nothing in a repository; leave out '..' and a leading '/'.")
        self.name = repo_id
        self._options = options
        self._fetched: set[str] = set()
        with explaining(repo_id, str(self), options):
            self._cached = CachedRepository(repo_id, options.cache_dir)
        self._trouble: BaseException | None = None
        try:
            self.commit, files = self._ask()
        except (NotAskedError, *client_errors()) as error:
            known = None if options.force_download else self._cached.commit(options.revision)
            if known is None:
                raise HubError(explanation(error, repo_id, str(self), options)) from error
            if not isinstance(error, NotAskedError | OfflineModeIsEnabled):
                _logger.warning(
                    "%s is taken from the cache, because the hub could not be asked (%s).", self, brief(error)
                )
            self._trouble, self.commit = error, known
            self._files: list[str] | None = None
        else:
            self._cached.remember(options.revision, self.commit)
            self._files = files
        self._names = self._listed()

    def __str__(self) -> str:
        folder = f" in {self._options.subfolder!r}" if self._options.subfolder else ""
        revision = "" if self._options.revision == "main" else f" at revision {self._options.revision!r}"
        return f"{self.name!r}{folder}{revision}"

    @property
    def _directory(self) -> Path:
        return self._cached.snapshot(self.commit) / self._options.subfolder

    def _listed(self) -> list[str]:
        """The names of the folder's files, by what the hub said or else by what is in the cache."""
        if self._files is None:
            return sorted(path.name for path in self._directory.glob("*") if path.is_file())
        folder = f"{self._options.subfolder}/" if self._options.subfolder else ""
        below = [file.removeprefix(folder) for file in self._files if file.startswith(folder)]
        return sorted(name for name in below if "/" not in name)

    def _ask(self) -> tuple[str, list[str]]:
        """The commit and all files of the repository, by one request."""
        from huggingface_hub import constants

        if self._options.local_files_only:
            raise NotAskedError
        info = client(self._options.token).model_info(
            self.name, revision=self._options.revision, timeout=constants.HF_HUB_ETAG_TIMEOUT
        )
        if not is_commit(info.sha):  # it becomes the name of a directory
            raise HubError(f"{constants.ENDPOINT} does not say at which commit {self} stands; is HF_ENDPOINT right?")
        return str(info.sha), [file.rfilename for file in info.siblings or ()]

    def names(self) -> list[str]:
        """See :meth:`Folder.names`."""
        return self._names

    def fetch(self, names: Iterable[str]) -> Path:
        """Downloads files that are not in the cache; each once, also with ``force_download=True``."""
        for name in names:
            if name not in self._fetched:
                self._fetch_one(name)
                self._fetched.add(name)
        return self._directory

    def _fetch_one(self, name: str) -> None:
        if name not in self._names:
            raise HubError(self.lacks(f"file {name}", name))
        if self._trouble is not None:
            return
        with explaining(self.name, f"{name} of {self}", self._options):
            client(self._options.token).hf_hub_download(
                self.name,
                name,
                subfolder=self._options.subfolder or None,
                revision=self.commit,
                cache_dir=self._cached.cache_dir,
                force_download=self._options.force_download,
            )

    def below(self, subfolder: str) -> HubFolder:
        """See :meth:`Folder.below`; the hub is not asked again."""
        if not subfolder:
            return self
        other = copy.copy(self)
        whole = "/".join(filter(None, (self._options.subfolder, inside(subfolder))))
        other._options = dataclasses.replace(self._options, subfolder=whole)
        other._fetched = set()
        other._names = other._listed()
        return other

    def lacks(self, what: str, looked_for: str) -> str:
        """See :meth:`Folder.lacks`."""
        if self._trouble is not None:
            return explanation(self._trouble, self.name, f"The {what} of {self} ({looked_for})", self._options)
        return (
            f"{self} holds no {what} on the hub: looked for {looked_for}; found {listed(self._names) or 'nothing'}. "
            "Name the repository, revision or subfolder that holds them."
        )


def client(token: str | bool | None) -> HfApi:
    """The hub's client, imported here and not before.

    Args:
        token: As in :class:`HubOptions`.
    """
    from huggingface_hub import HfApi

    return HfApi(token=token, library_name="flax-albert")
