"""How the tags of names mark where one begins and ends, and the same names in IOB2."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from flax_albert.data.examples import TaggedExample

Scheme = Literal["IOB1", "IOB2", "BIOES", "BILOU", "IO"]
"""IOB1 begins a name with ``I-``, and with ``B-`` where it follows another one of its kind. IOB2 begins every name with
``B-``. BIOES also marks its end (``E-``) and a name of one word (``S-``); BILOU calls these ``L-`` and ``U-``. IO has
``I-`` only, so that two names of a kind beside each other are one."""

_TAG = re.compile(r"([BIESLU])(?:-(.*))?", re.DOTALL)
_OUTSIDE = "O"
_BEGINS = "BSU"
_ENDS = "ESLU"


def scheme_of(tags: Iterable[Sequence[str]]) -> Scheme | None:
    """Recognises a scheme.

    Args:
        tags: The tags of all sentences.

    Returns:
        The scheme; ``None`` where the tags mark no names, as parts of speech do not.

    Example:
        >>> from flax_albert.data.readers.schemes import scheme_of
        >>> scheme_of([["I-PER", "I-PER", "O"], ["I-LOC"]]), scheme_of([["DET", "NOUN"]])
        ('IO', None)
    """
    sentences = list(tags)
    distinct = {tag for sentence in sentences for tag in sentence}
    parts = [_TAG.fullmatch(tag) for tag in distinct if tag != _OUTSIDE]
    if not parts or not all(parts) or (_OUTSIDE not in distinct and not any(part and part[2] for part in parts)):
        return None
    letters = {part[1] for part in parts if part}
    if letters & set("LU"):
        return "BILOU" if not letters & set("ES") else None
    if letters & set("ES"):
        return "BIOES"
    if letters == {"I"}:
        return "IO"
    return "IOB1" if any(_continues_nothing(sentence) for sentence in sentences) else "IOB2"


def to_iob2(tags: Sequence[str]) -> tuple[str, ...]:
    """Writes tags of any scheme in IOB2.

    Args:
        tags: The tags of a sentence.

    Returns:
        As many, in IOB2, of the same names. A name that goes on from nothing begins there, as evaluation has it.

    Example:
        >>> from flax_albert.data.readers.schemes import to_iob2
        >>> to_iob2(["I-PER", "I-PER", "B-PER", "O", "S-LOC"])
        ('B-PER', 'I-PER', 'B-PER', 'O', 'B-LOC')
    """
    written, before, ended = [], None, True
    for tag in tags:
        part = _TAG.fullmatch(tag)
        if tag == _OUTSIDE or part is None:
            written.append(tag)
            before, ended = None, True
            continue
        letter, kind = part[1], part[2]
        begins = letter in _BEGINS or ended or kind != before
        written.append(("B" if begins else "I") + tag[1:])
        before, ended = kind, letter in _ENDS
    return tuple(written)


def in_iob2(examples: Sequence[TaggedExample]) -> tuple[list[TaggedExample], Scheme | None]:
    """Writes the tags of names in IOB2, whatever scheme they are in; tags of another kind stay as they are.

    Args:
        examples: Sentences. Their scheme is recognised from all of them together, so hand over a whole file.

    Returns:
        The same sentences, and the scheme they were in.

    Example:
        >>> from flax_albert.data.examples import TaggedExample
        >>> from flax_albert.data.readers.schemes import in_iob2
        >>> [example], scheme = in_iob2([TaggedExample(("Ada", "came"), ("I-PER", "O"), "line 1")])
        >>> example.tags, scheme
        (('B-PER', 'O'), 'IO')
    """
    scheme = scheme_of(example.tags for example in examples if example.tags is not None)
    if scheme is None or scheme == "IOB2":
        return list(examples), scheme
    return [
        example if example.tags is None else dataclasses.replace(example, tags=to_iob2(example.tags))
        for example in examples
    ], scheme


def _continues_nothing(tags: Sequence[str]) -> bool:
    """Whether a name goes on that has not begun."""
    return any(one[0] == "I" and one != other for one, other in zip(tags, to_iob2(tags), strict=True))
