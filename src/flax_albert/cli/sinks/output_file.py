"""A file of results that appears when it is complete, and until then can be gone on with."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.sinks.finish import finish_csv, finish_npy, finish_parquet, finish_tsv
from flax_albert.cli.sinks.formats import format_of
from flax_albert.cli.sinks.journal import Journal, JsonLines, Vectors
from flax_albert.cli.sinks.state import State


@final
class OutputFile:
    """The file that ``--output`` names.

    While it is made there is ``NAME.partial``, which results are appended to, and ``NAME.resume``, which says how many
    of its bytes count and how many rows they are the results of. It is replaced as a whole after every window, when the
    bytes are on the disk: whenever the process ends, what the two say fits together.

    Args:
        path: The file to make.
        file_format: One of :data:`flax_albert.cli.sinks.formats.FORMATS`; by default what the name ends in.
        resume: Whether to go on where an earlier run was interrupted.
        overwrite: Whether to begin anew, whatever is there.
        vector: The column that ``.npy`` holds; None where the results are no vectors.

    Raises:
        UserError: There is no such directory or format, or there is something that must be asked about first.
    """

    def __init__(
        self,
        path: Path,
        *,
        file_format: str | None = None,
        resume: bool = False,
        overwrite: bool = False,
        vector: str | None = None,
    ) -> None:
        self.path = path
        self.format = file_format or format_of(path)
        if self.format == "npy" and vector is None:
            raise UserError("only vectors, those of embed, can be written as npy; write jsonl, csv, tsv or parquet.")
        if self.format == "parquet":
            _check_parquet()
        self._vector = vector or ""
        self._resume = resume
        self._partial = path.with_name(path.name + ".partial")
        self._notes = path.with_name(path.name + ".resume")
        self._file: Any = None
        self._journal: Journal = JsonLines()
        self._state = State()
        self.done = False
        """Whether an earlier run has completed the file, so that there is nothing to do."""
        if resume and overwrite:
            raise UserError("--resume goes on and --overwrite begins anew: choose one.")
        with self._told():
            if not path.parent.is_dir():
                raise UserError(f"there is no directory {str(path.parent)!r}; make it first.")
            if path.is_dir():
                raise UserError(f"{str(path)!r} is a directory; name a file.")
            if not overwrite:
                self._look_around(resume)

    def _look_around(self, resume: bool) -> None:
        partial = self._partial.exists() and (self._partial.stat().st_size > 0 or self._notes.exists())
        if resume and partial and not self._notes.exists():
            raise UserError(
                f"{str(self._notes)!r}, which says how far {str(self._partial)!r} is, is gone; "
                "begin anew with --overwrite."
            )
        if partial and not resume:
            raise UserError(
                f"{str(self._partial)!r} is there, of a run that was interrupted: go on with --resume, or begin anew "
                "with --overwrite."
            )
        if self.path.exists() and not partial:
            if not resume:
                raise UserError(
                    f"{str(self.path)!r} is there already; write elsewhere, or replace it with --overwrite."
                )
            self.done = True
            with contextlib.suppress(FileNotFoundError):
                self._notes.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, identity: dict[str, Any]) -> State:
        """Opens the partial file.

        Args:
            identity: What the results depend on. A run is gone on with only where it was begun with the same.

        Returns:
            How far an earlier run came; the start where there was none.

        Raises:
            UserError: It was begun with something else, another process is writing it, or it cannot be written.
        """
        with self._told():
            return self._begin(identity)

    def _begin(self, identity: dict[str, Any]) -> State:
        state = None
        with contextlib.ExitStack() as opened:
            self._file = os.fdopen(os.open(self._partial, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
            opened.callback(self.close)
            self._lock()
            if self._resume:
                state = State.read(self._notes)
            if state:
                state.check(identity, str(self.path))
                if self._file.seek(0, os.SEEK_END) < state.size:
                    raise UserError(
                        f"{str(self._partial)!r} is shorter than {str(self._notes)!r} says; "
                        "begin anew with --overwrite."
                    )
            else:
                with contextlib.suppress(FileNotFoundError):
                    self._notes.unlink()
            self._state = state or State(identity)
            self._file.truncate(self._state.size)
            self._file.seek(self._state.size)
            if state is None:
                self._state.save(self._notes)
            opened.pop_all()  # it stays open from here on
        if self.format == "npy":
            known = self._state.size // (4 * self._state.rows) if self._state.size else None
            self._journal = Vectors(self._vector, waiting=0 if known else self._state.rows, size=known)
        return self._state

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Appends results.

        Args:
            rows: The results.

        Raises:
            UserError: They cannot be written. What was written before is kept.
        """
        with self._told():
            data = memoryview(self._journal.encode(rows))
            while data:
                data = data[self._file.write(data) :]

    def commit(self, rows: int, window: int, errors: int, complete: bool = False) -> None:
        """Sees what was written onto the disk, and then has it count: a run that is resumed goes on from here.

        Args:
            rows: Rows of the input that are done.
            window: Ordinal of the next window.
            errors: Rows that were at fault.
            complete: Whether all rows are done.

        Raises:
            UserError: The disk is full, for example.
        """
        with self._told():
            os.fsync(self._file.fileno())
            state = State(self._state.identity, rows, self._file.tell(), window, errors, complete)
            state.save(self._notes)
            self._state = state

    def finish(self) -> None:
        """Makes the file of the partial one, once all that is in it counts.

        Raises:
            UserError: It cannot be written. All results are kept.
        """
        with self._told():
            if self.format == "jsonl":
                self._partial.replace(self.path)
            else:
                new = self.path.with_name(self.path.name + ".new")
                self._convert(new)
                new.replace(self.path)
                self._partial.unlink()
            self._notes.unlink()
            self.close()

    def close(self) -> None:
        """Closes the partial file, whatever it holds."""
        if self._file:
            self._file.close()

    def _convert(self, new: Path) -> None:
        if isinstance(self._journal, Vectors):
            finish_npy(self._partial, new, self._state.rows, self._journal.size)
        elif self.format == "parquet":
            finish_parquet(self._partial, new, self._vector)
        else:
            {"csv": finish_csv, "tsv": finish_tsv}[self.format](self._partial, new)

    def _lock(self) -> None:
        """Keeps a second process out, where the system can."""
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(f"{str(self._partial)!r} is being written by another process.") from None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            rows = self._state.rows
            kept = f" The results of {rows:,} rows are kept: make room, and go on with --resume." if rows else ""
            raise UserError(f"{str(self.path)!r} cannot be written: {error.strerror or error}.{kept}") from None


def _check_parquet() -> None:
    import importlib.util

    if importlib.util.find_spec("pyarrow") is None:
        raise UserError("Parquet needs pyarrow: pip install 'flax-albert[parquet]'.")
