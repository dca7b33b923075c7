"""Sends what ``save_pretrained`` writes to a repository on the hub, as one commit."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from flax_albert.hub.errors import HubError, client_errors, push_explanation
from flax_albert.hub.options import token_of
from flax_albert.hub.repository import client

_CARD = "README.md"
# How a model is saved; push_to_hub passes them on to whatever is saved.
_SAVING = {"max_shard_size", "safe_serialization"}


@final
@dataclasses.dataclass(frozen=True)
class PushOptions:
    """Where to push, and how. See :meth:`Pushable.push_to_hub`."""

    repo_id: str
    commit_message: str
    commit_description: str | None = None
    private: bool | None = None
    token: str | bool | None = dataclasses.field(default=None, repr=False)
    create_pr: bool = False
    revision: str | None = None
    tags: Sequence[str] | None = None


class Pushable(abc.ABC):
    """Abstract base of what can be pushed to the hub."""

    @abc.abstractmethod
    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs: Any) -> Any:
        """Writes files to a directory."""

    def push_to_hub(
        self,
        repo_id: str,
        use_temp_dir: bool | None = None,
        commit_message: str | None = None,
        private: bool | None = None,
        token: str | bool | None = None,
        max_shard_size: int | str = "5GB",
        create_pr: bool = False,
        safe_serialization: bool = True,
        revision: str | None = None,
        commit_description: str | None = None,
        tags: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Saves and sends the files to a repository on the hub, as one commit.

        The repository is made where there is none. It gets a model card where it has none, and weights of an earlier
        push in the same format are removed by the same commit.

        Args:
            repo_id: The repository, ``"owner/name"``, or ``"name"`` for one of your own.
            use_temp_dir: Whether to save to a directory that is removed afterwards, or to the directory ``name``. By
                default the latter where there is such a directory.
            commit_message: By default ``"Upload model"``, or whatever it is.
            private: Whether a repository that is made is private; by default as your account says.
            token: An access token with the right to write; by default the stored one or ``HF_TOKEN``.
            max_shard_size: Of a model, the largest size of a weights file.
            create_pr: Whether to open a pull request instead of committing.
            safe_serialization: Of a model, whether to write safetensors, or else msgpack.
            revision: The branch to commit to, made where there is none; by default ``main``.
            commit_description: More about the commit.
            tags: Tags to add to the model card.
            **kwargs: ``use_auth_token``, the older name of ``token``.

        Returns:
            What the hub's client says of the commit, a ``huggingface_hub.CommitInfo`` with ``commit_url``, ``oid``,
            ``pr_url``, ...

        Raises:
            OSError: The files cannot be written or sent.
            TypeError: A keyword is unknown.
        """
        token = token_of({"token": token, **kwargs})
        _refuse_unknown(kwargs.keys() - {"use_auth_token"}, "push_to_hub")
        options = PushOptions(
            repo_id,
            commit_message or _message(self),
            commit_description,
            private,
            token,
            create_pr,
            revision,
            tags,
        )
        directory = Path(repo_id.rpartition("/")[2])
        if use_temp_dir is None:
            use_temp_dir = not directory.is_dir()
        with tempfile.TemporaryDirectory() if use_temp_dir else contextlib.nullcontext(directory) as place:
            with _Push(options, Path(place), self._superseded, card=True) as push:
                self.save_pretrained(place, max_shard_size=max_shard_size, safe_serialization=safe_serialization)
            return push.commit

    def _superseded(self, there: Sequence[str], written: Sequence[str]) -> list[str]:
        """The files of the repository that are to be removed because of what was written."""
        return []

    @contextlib.contextmanager
    def _pushing(
        self, directory: str | os.PathLike[str], push_to_hub: bool, keywords: Mapping[str, Any]
    ) -> Iterator[None]:
        """Around the writing of files: sends them afterwards, if so wished.

        Args:
            directory: Where they are written.
            push_to_hub: The wish.
            keywords: Arguments of :meth:`push_to_hub`. The name of the repository is by default the directory's.

        Raises:
            OSError: The files cannot be sent.
            TypeError: A keyword is unknown.
        """
        known = {field.name for field in dataclasses.fields(PushOptions)}
        _refuse_unknown(keywords.keys() - known - _SAVING - {"use_auth_token"}, "save_pretrained")
        if not push_to_hub:
            yield
            return
        given: dict[str, Any] = {"repo_id": Path(directory).absolute().name, "commit_message": _message(self)}
        given |= {name: value for name, value in keywords.items() if name in known and value is not None}
        given["token"] = token_of(keywords)
        options = PushOptions(**given)
        with _Push(options, Path(directory), self._superseded, card=False):
            yield


@final
class _Push:
    """Sends what is written to a directory during a ``with`` block. The repository is there before anything is."""

    commit: Any = None

    def __init__(
        self,
        options: PushOptions,
        directory: Path,
        superseded: Callable[[Sequence[str], Sequence[str]], list[str]],
        *,
        card: bool,
    ) -> None:
        self._options = options
        self._directory = directory
        self._superseded = superseded
        self._card = card

    def __enter__(self) -> _Push:
        self._before = _stamps(self._directory)
        with self._explaining():
            self._client = client(self._options.token)
            made = self._client.create_repo(self._options.repo_id, private=self._options.private, exist_ok=True)
            self._repo_id = made.repo_id
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with self._explaining():
                self._send()

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (*client_errors(), RuntimeError, ValueError) as error:
            raise HubError(push_explanation(error, self._options.repo_id, self._options.token)) from error

    def _send(self) -> None:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        options, revision = self._options, self._options.revision
        if revision and revision != "main" and not revision.startswith("refs/"):
            self._client.create_branch(self._repo_id, branch=revision, exist_ok=True)
        there = [file.rfilename for file in self._client.model_info(self._repo_id, revision=revision).siblings or ()]
        written = sorted(name for name, stamp in _stamps(self._directory).items() if self._before.get(name) != stamp)
        operations: list[Any] = [CommitOperationAdd(name, str(self._directory / name)) for name in written]
        operations += [CommitOperationDelete(name) for name in self._superseded(there, written)]
        if self._card and (options.tags or _CARD not in there) and _CARD not in written:
            operations.append(CommitOperationAdd(_CARD, self._model_card(_CARD in there).encode()))
        self.commit = self._client.create_commit(
            self._repo_id,
            operations,
            commit_message=options.commit_message,
            commit_description=options.commit_description,
            create_pr=options.create_pr,
            revision=revision,
        )

    def _model_card(self, there: bool) -> str:
        """The model card of the repository, or a first one, with the tags added."""
        from huggingface_hub import ModelCard

        text = f"---\nlibrary_name: transformers\n---\n\n# {self._repo_id.rpartition('/')[2]}\n"
        if there:
            path = self._client.hf_hub_download(self._repo_id, _CARD, revision=self._options.revision)
            text = Path(path).read_text(encoding="utf-8")
        card = ModelCard(text)
        metadata: Any = card.data
        tags = [*(metadata.tags or ()), *(self._options.tags or ())]
        if tags:
            metadata.tags = list(dict.fromkeys(tags))
        return str(card)


def _stamps(directory: Path) -> dict[str, tuple[int, int, int]]:
    """What changes of a file when it is written or replaced, by name."""
    if not directory.is_dir():
        return {}
    found = {path.name: path.stat() for path in directory.iterdir() if path.is_file()}
    return {name: (status.st_mtime_ns, status.st_ino, status.st_size) for name, status in found.items()}


def _message(pushed: object) -> str:
    """The default message of a commit, as transformers 4.37 words it."""
    name = type(pushed).__name__
    return f"Upload {next((kind.lower() for kind in ('Model', 'Config', 'Tokenizer') if kind in name), name)}"


def _refuse_unknown(keywords: set[str], method: str) -> None:
    if keywords:
        raise TypeError(f"{method} does not know the argument {sorted(keywords)[0]!r}.")
