"""What the auto classes choose from, and how a program adds to it."""

from __future__ import annotations

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class AutoMapping(dict[Key, Value]):
    """A dictionary whose entries are not replaced by mistake.

    Example:
        >>> from flax_albert.auto.mapping import AutoMapping
        >>> mapping = AutoMapping(albert="AlbertConfig")
        >>> mapping.register("my-albert", "MyConfig")
        >>> sorted(mapping)
        ['albert', 'my-albert']
    """

    def register(self, key: Key, value: Value, exist_ok: bool = False) -> None:
        """Adds an entry.

        Args:
            key: What to choose by.
            value: What to choose.
            exist_ok: Whether it may take the place of another.

        Raises:
            ValueError: There is such an entry already.
        """
        if key in self and not exist_ok:
            raise ValueError(f"{key!r} is taken already, by {self[key]!r}; pass exist_ok=True to replace it.")
        self[key] = value
