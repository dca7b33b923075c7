"""How far a run has come: a small file that is replaced as a whole."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flax_albert.cli.errors import UserError

_VERSION = 1


@dataclass(frozen=True)
class State:
    """What a run needs to know in order to go on.

    Args:
        identity: What the results depend on: the input, the model, the options.
        rows: Rows of the input that are done.
        size: Bytes of the partial file that hold their results.
        window: Ordinal of the next window.
        errors: Rows that were at fault.
        complete: Whether all rows are done.
    """

    identity: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    size: int = 0
    window: int = 0
    errors: int = 0
    complete: bool = False

    def save(self, path: Path) -> None:
        """Replaces the file; whoever reads it finds the old state or the new one.

        Args:
            path: The file.

        Raises:
            OSError: It cannot be written.
        """
        new = path.with_name(path.name + ".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump({"version": _VERSION, **dataclasses.asdict(self)}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    @classmethod
    def read(cls, path: Path) -> State | None:
        """Reads the file.

        Args:
            path: The file.

        Returns:
            The state, or None where there is none.

        Raises:
            UserError: It is not what :meth:`save` writes.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
        try:
            found = json.loads(text)
            if found.pop("version") != _VERSION:
                raise ValueError("it is of another version")
            state = cls(**found)
            counts = (state.rows, state.size, state.window, state.errors)
            if not isinstance(state.identity, dict) or not all(type(count) is int and count >= 0 for count in counts):
                raise ValueError("its values make no sense")
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise UserError(
                f"{str(path)!r} does not say how far the run came ({error}); begin anew with --overwrite."
            ) from None
        return state

    def check(self, identity: dict[str, Any], output: str) -> None:
        """Sees to it that a run goes on with what it was begun with.

        Args:
            identity: What it is to go on with.
            output: The file that is written, for messages.

        Raises:
            UserError: Something is different; its name is told.
        """
        # What was saved has been through JSON, which knows no tuples.
        now = json.loads(json.dumps(identity))
        for name in dict.fromkeys([*self.identity, *now]):
            before, after = self.identity.get(name), now.get(name)
            if before != after:
                change = f"{name} was {_shown(before)} and is {_shown(after)}"
                if isinstance(before, dict) or isinstance(after, dict):
                    change = f"{name} has changed since"
                raise UserError(
                    f"{output!r} was begun otherwise, so that it cannot be resumed: {change}. "
                    "Go on as it was begun, or begin anew with --overwrite."
                )


def _shown(value: object) -> str:
    return "not given" if value is None else repr(value)
