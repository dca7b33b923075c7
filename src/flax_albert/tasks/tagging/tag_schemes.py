"""What the labels of a token classifier mean: which of them name one kind of thing, and where one begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Bool, Int

# B-egin, I-nside, and of the schemes that mark ends too (BIOES, BILOU, BMES): M-iddle, E-nd or L-ast, S-ingle or U-nit.
_BEGINNING, _INSIDE, _MARKS_ENDS, _ENDING, _SINGLE = "B", "I", "MELSU", "EL", "SU"


@dataclass(frozen=True)
class TagScheme:
    """The labels of a model, read as a scheme of tags.

    Labels without a prefix, such as parts of speech, name kinds like the others; none of them begins or ends anything.
    """

    names: tuple[str, ...]
    """The kinds, in the order in which labels first mention them: ``PER`` for ``B-PER`` and ``I-PER``."""
    kinds: Int[np.ndarray, " labels"]
    """Number of each label's kind."""
    begins: Bool[np.ndarray, " labels"]
    """Whether the label says that something new begins, though the one before be of the same kind."""
    ends: Bool[np.ndarray, " labels"]
    """Whether the label says that what it names ends with it."""

    @classmethod
    def of(cls, labels: Sequence[str]) -> Self:
        """Reads labels.

        ``B-`` and ``I-`` are always prefixes; ``E-`` or ``L-``, ``S-`` or ``U-``, and ``M-`` are where there is a
        ``B-`` too. Any other dash is part of the name.

        Args:
            labels: The labels, by number.

        Returns:
            The scheme.

        Example:
            >>> from flax_albert.tasks.tagging.tag_schemes import TagScheme
            >>> scheme = TagScheme.of(["O", "B-PER", "I-PER", "E-PER", "S-PER"])
            >>> scheme.names, scheme.kinds.tolist()
            (('O', 'PER'), [0, 1, 1, 1, 1])
            >>> scheme.begins.tolist(), scheme.ends.tolist()
            ([False, True, False, False, True], [False, False, False, True, True])
        """
        known = _BEGINNING + _INSIDE
        if any(label.startswith(f"{_BEGINNING}-") for label in labels):
            known += _MARKS_ENDS
        read = [(label[0], label[2:]) if label[1:2] == "-" and label[0] in known else ("", label) for label in labels]
        names = tuple(dict.fromkeys(name for _, name in read))
        return cls(
            names=names,
            kinds=np.array([names.index(name) for _, name in read], np.int32),
            begins=np.array([bool(mark) and mark in _BEGINNING + _SINGLE for mark, _ in read]),
            ends=np.array([bool(mark) and mark in _ENDING + _SINGLE for mark, _ in read]),
        )
