"""One document."""

from __future__ import annotations

from typing import NamedTuple


class Document(NamedTuple):
    """A document.

    Attributes:
        name: What decides whether it is held out: its id, or where it has none its text.
        text: Its text.
        where: Where it stands, for messages.
        fault: Why it cannot be used, as a whole sentence.
        position: How much has been read when it is used up, in bytes of the files.
    """

    name: str
    text: str
    where: str
    fault: str | None
    position: int


def fault_of(text: str, where: str) -> str | None:
    """Why a text is no document.

    Args:
        text: The text.
        where: Where it stands.

    Returns:
        A sentence, or None.
    """
    if not any(character.isalnum() for character in text):
        return f"{where} is an empty document: it holds no letter and no digit."
    if "\0" in text:
        return f"{where} holds the character 0, as text does that is read in a wrong encoding; convert it to UTF-8."
    return None
