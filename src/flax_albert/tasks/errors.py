"""What can be wrong with a text, told so that whoever numbered the texts can say which one it was."""

from __future__ import annotations


class TextError(ValueError):
    """One of the texts cannot be worked on.

    Args:
        index: Which one, counted from 0.
        text: The text.
        reason: What is wrong with it and what to do, as the rest of a sentence whose subject is the text.

    Example:
        >>> from flax_albert.tasks.errors import TextError
        >>> error = TextError(3, "A text of some length that goes on and on", "is too long.")
        >>> print(error)
        texts[3] ('A text of some length that goes…') is too long.
        >>> error.told("line 4")
        "line 4 ('A text of some length that goes…') is too long."
    """

    def __init__(self, index: int, text: str, reason: str) -> None:
        self.index = index
        self._excerpt = text if len(text) <= 32 else text[:31] + "…"
        self._reason = reason
        super().__init__(self.told(f"texts[{index}]"))

    def told(self, where: str) -> str:
        """The message for readers who know the text by another name than its index.

        Args:
            where: That name.

        Returns:
            A sentence.
        """
        return f"{where} ({self._excerpt!r}) {self._reason}"
