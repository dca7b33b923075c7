"""Pieces of the vocabulary that a caller names as the only ones to choose from."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from flax_albert.tokenization import PreTrainedTokenizerBase

_LOGGER = logging.getLogger(__name__)


def allowed_pieces(
    targets: str | Sequence[str] | None, tokenizer: PreTrainedTokenizerBase, vocab_size: int
) -> Bool[np.ndarray, " vocab"]:
    """Marks the pieces that targets stand for, as transformers 4.37 understands them.

    Args:
        targets: Pieces, or texts that stand for their first piece, with a warning; None for all pieces.
        tokenizer: Its vocabulary is meant.
        vocab_size: Pieces that the model knows.

    Returns:
        Whether each piece may be chosen.

    Raises:
        TypeError: A target is not a ``str``.
        ValueError: There is no target, or the vocabulary cannot spell one.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.tasks.targets import allowed_pieces
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> allowed = allowed_pieces(["▁door"], tokenizer, len(tokenizer))
        >>> allowed.nonzero()[0].tolist() == tokenizer.convert_tokens_to_ids(["▁door"])
        True
    """
    if targets is None:
        return np.ones(vocab_size, bool)
    targets = [targets] if isinstance(targets, str) else targets
    if not targets:
        raise ValueError("targets is empty; name at least one piece, or leave it out to choose from all.")
    allowed = np.zeros(vocab_size, bool)
    vocabulary = tokenizer.get_vocab()
    for target in targets:
        if not isinstance(target, str):
            raise TypeError(f"Every target must be a str, got {type(target).__name__}.")
        piece = vocabulary.get(target)
        if piece is None:
            ids = _ids(target, tokenizer)
            if not ids or tokenizer.unk_token_id in ids:
                raise ValueError(f"The target {target!r} means nothing to the model: its vocabulary cannot spell it.")
            piece = ids[0]
            stand_in = tokenizer.convert_ids_to_tokens(piece)
            _LOGGER.warning("The target %r is no piece of the vocabulary; %r stands for it.", target, stand_in)
        allowed[piece] = True
    return allowed


def whole_words(words: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Turns words, as one writes them, into targets.

    The piece ``"man"`` continues a word, as in ``woman``, and the piece ``"▁man"`` is the word. Here the word is meant,
    and the spelling only where the vocabulary has no such word.

    Args:
        words: The words.
        tokenizer: Its vocabulary is meant.

    Returns:
        One piece a word.

    Raises:
        ValueError: A word is no single piece of the vocabulary.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.tasks import whole_words
        >>> whole_words(["Door"], AutoTokenizer.from_pretrained("albert-mini-en"))
        ['▁door']
    """
    vocabulary = tokenizer.get_vocab()
    pieces = []
    for word in words:
        ids = _ids(word, tokenizer)
        unknown = not ids or tokenizer.unk_token_id in ids
        if len(ids) == 1 and not unknown:
            pieces.append(tokenizer.convert_ids_to_tokens(ids[0]))
        elif word in vocabulary:
            pieces.append(word)
        else:
            split = (
                "it cannot spell it" if unknown else f"there it is {' + '.join(tokenizer.convert_ids_to_tokens(ids))}"
            )
            raise ValueError(
                f"The target {word!r} is no single piece of the model's vocabulary ({split}); "
                "a mask stands for one piece, so choose another word."
            )
    return pieces


def _ids(text: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    return tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
