"""ALBERT's fast tokenizer."""

from __future__ import annotations

import copy
import logging
import os
from pathlib import Path
from typing import Any, Self, final

from tokenizers import AddedToken, Tokenizer

from flax_albert.tokenization.accents import complaint, lost_to_stripping
from flax_albert.tokenization.albert_defaults import with_released_maximum
from flax_albert.tokenization.fast import PreTrainedTokenizerFast
from flax_albert.tokenization.files import SENTENCEPIECE_NAMES, SPIECE, TOKENIZER, TokenizerFiles
from flax_albert.tokenization.pipeline import build_pipeline, normalizes, read_pipeline, template
from flax_albert.tokenization.rebuilt import word_breaks
from flax_albert.tokenization.sentencepiece_model import read_sentencepiece_model
from flax_albert.tokenization.special_tokens import Token

_LOGGER = logging.getLogger(__name__)


@final
class AlbertTokenizerFast(PreTrainedTokenizerFast):
    """Text to the inputs of an ALBERT, and ids back to text.

    It gives the ids, segments and offsets of ``AlbertTokenizerFast`` of transformers 4.37. Text is decomposed, its
    accents dropped (``keep_accents=False``), lower-cased (``do_lower_case=True``) and split into the pieces of a
    unigram model; ``[CLS] A [SEP]`` or ``[CLS] A [SEP] B [SEP]`` is put around it. ``[MASK]`` takes the space on its
    left with it.

    A ``tokenizer.json`` fixes how text is normalised: with one, ``do_lower_case`` and ``keep_accents`` change nothing.

    Args:
        vocab_file: A SentencePiece model, ``spiece.model``.
        tokenizer_file: A ``tokenizer.json``; it is preferred to ``vocab_file``.
        do_lower_case: Whether text is lower-cased.
        remove_space: Kept for the record only: spaces are always collapsed.
        keep_accents: Whether accents are kept.
        bos_token: Beginning of a text; not used by ALBERT.
        eos_token: End of a text; not used by ALBERT.
        unk_token: Stands for what the vocabulary cannot spell.
        sep_token: Ends each text.
        pad_token: Fills up batches.
        cls_token: Begins the input.
        mask_token: Stands for a word to guess.
        tokenizer_object: A pipeline to use instead of a file.
        from_slow: Whether to build from ``vocab_file`` though there is a ``tokenizer_file``.
        **options: ``additional_special_tokens``, ``added_tokens_decoder`` (tokens to add to the vocabulary, by id),
            ``model_max_length``, ``padding_side``, ``truncation_side``, ``model_input_names``,
            ``clean_up_tokenization_spaces``; any other is kept, and written back by ``save_pretrained``.

    Raises:
        OSError: A file cannot be read or is damaged.
        ValueError: There is no file to build from, or an option has an impossible value.

    Example:
        >>> from flax_albert.tokenization import AlbertTokenizerFast
        >>> tokenizer = AlbertTokenizerFast.from_pretrained("albert-mini-en")
        >>> inputs = tokenizer("The cat", "The dog")
        >>> tokenizer.convert_ids_to_tokens(inputs.input_ids)
        ['[CLS]', '▁the', '▁cat', '[SEP]', '▁the', '▁dog', '[SEP]']
        >>> inputs.token_type_ids
        [0, 0, 0, 0, 1, 1, 1]
    """

    tokenizer_class = "AlbertTokenizer"
    vocabulary_names = SENTENCEPIECE_NAMES

    def __init__(
        self,
        vocab_file: str | os.PathLike[str] | None = None,
        tokenizer_file: str | os.PathLike[str] | None = None,
        do_lower_case: bool = True,
        remove_space: bool = True,
        keep_accents: bool = False,
        bos_token: Token | None = "[CLS]",
        eos_token: Token | None = "[SEP]",
        unk_token: Token | None = "<unk>",
        sep_token: Token | None = "[SEP]",
        pad_token: Token | None = "<pad>",
        cls_token: Token | None = "[CLS]",
        mask_token: Token | None = "[MASK]",
        *,
        tokenizer_object: Tokenizer | None = None,
        from_slow: bool = False,
        **options: Any,
    ) -> None:
        built = False
        if tokenizer_object is not None:
            backend = copy.deepcopy(tokenizer_object)
        elif tokenizer_file is not None and not from_slow:
            backend = read_pipeline(tokenizer_file)
        elif vocab_file is not None:
            backend = _build(Path(vocab_file), do_lower_case, keep_accents)
            built = True
        else:
            raise ValueError(
                "a tokenizer is built from a vocab_file (spiece.model) or a tokenizer_file; neither was given."
            )
        if isinstance(mask_token, str):
            mask_token = AddedToken(mask_token, lstrip=True, normalized=False)
        super().__init__(
            backend,
            {
                "bos_token": bos_token,
                "eos_token": eos_token,
                "unk_token": unk_token,
                "sep_token": sep_token,
                "pad_token": pad_token,
                "cls_token": cls_token,
                "mask_token": mask_token,
            },
            vocab_file,
            **options,
        )
        if built:
            backend.post_processor = template(
                ("[CLS]", self._template_id("[CLS]")), ("[SEP]", self._template_id("[SEP]"))
            )
        self.do_lower_case = do_lower_case
        self.remove_space = remove_space
        self.keep_accents = keep_accents
        self._warn_of_lost_accents(built)

    @property
    def can_save_slow_tokenizer(self) -> bool:
        """Whether there is a ``spiece.model`` to copy."""
        return self.vocab_file is not None and self.vocab_file.is_file()

    @classmethod
    def _from_files(cls, files: TokenizerFiles, options: dict[str, Any], given: dict[str, Any]) -> Self:
        tokenizer = cls(files.vocabulary, files.tokenizer, **with_released_maximum(options))
        tokenizer._warn_of_fixed_normalisation(given)
        if files.tokenizer and (marks := word_breaks(tokenizer.added_tokens_decoder, tokenizer.vocab_size)):
            _LOGGER.warning(
                f"{files.tokenizer} was made by a later transformers than 4.37 and begins a new word after each of "
                f"{' '.join(marks)}, where ALBERT does not: put {SPIECE} beside it, and that is used instead."
            )
        return tokenizer

    def _settings(self) -> dict[str, Any]:
        return {
            "do_lower_case": self.do_lower_case,
            "keep_accents": self.keep_accents,
            "remove_space": self.remove_space,
        }

    def _vocabulary_content(self) -> bytes:
        if self.vocab_file is None or not self.can_save_slow_tokenizer:
            raise ValueError(
                f"this tokenizer did not come from a {SPIECE}, or the file is gone; save {TOKENIZER} instead."
            )
        return self.vocab_file.read_bytes()

    def _template_id(self, token: str) -> int:
        index = self._backend.token_to_id(token)
        if index is not None:
            return index
        _LOGGER.warning(
            f"the vocabulary has no {token}: as in transformers 4.37, the unknown token stands in its place."
        )
        return self.unk_token_id or 0

    def _warn_of_lost_accents(self, built: bool) -> None:
        """Says so where accents are dropped that the vocabulary has pieces for."""
        if not normalizes(self._backend, "StripAccents"):
            return
        pieces = self._backend.get_vocab(with_added_tokens=False)
        if lost := lost_to_stripping(pieces):
            fixed = f"{TOKENIZER} says so: pass keep_accents=True, from_slow=True to build from {SPIECE} instead."
            _LOGGER.warning(complaint(lost, pieces, "Pass keep_accents=True." if built else fixed))

    def _warn_of_fixed_normalisation(self, given: dict[str, Any]) -> None:
        """Says so where an option that was passed contradicts the tokenizer.json that was read."""
        actual = {
            "do_lower_case": normalizes(self._backend, "Lowercase"),
            "keep_accents": not normalizes(self._backend, "StripAccents"),
        }
        for name, value in actual.items():
            if name in given and given[name] != value:
                _LOGGER.warning(
                    f"{name}={given[name]} changes nothing: {TOKENIZER} fixes how text is normalised. "
                    f"Pass from_slow=True to build the tokenizer from {SPIECE}."
                )


def _build(path: Path, do_lower_case: bool, keep_accents: bool) -> Tokenizer:
    model = read_sentencepiece_model(path)
    try:
        return build_pipeline(model, do_lower_case, keep_accents)
    except ValueError as error:
        raise OSError(f"{path} cannot be used: {error}.") from None
