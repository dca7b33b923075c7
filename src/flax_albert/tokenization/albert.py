"""ALBERT's slow tokenizer."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Self, final

from tokenizers import AddedToken

from flax_albert.tokenization.accents import complaint, lost_to_stripping
from flax_albert.tokenization.albert_defaults import with_released_maximum
from flax_albert.tokenization.albert_text import normalized
from flax_albert.tokenization.files import SENTENCEPIECE_NAMES, SPIECE, TokenizerFiles
from flax_albert.tokenization.sentencepiece_model import read_sentencepiece_model
from flax_albert.tokenization.slow import PreTrainedTokenizer
from flax_albert.tokenization.special_tokens import Token

_LOGGER = logging.getLogger(__name__)

_SPACE_SYMBOL = "▁"


@final
class AlbertTokenizer(PreTrainedTokenizer):
    """Text to the inputs of an ALBERT, and ids back to text, with the ``sentencepiece`` library.

    It gives the ids of ``AlbertTokenizer`` of transformers 4.37, the slow one. ``AlbertTokenizerFast`` is many times
    faster, knows which characters a token came from, and is what ``AutoTokenizer`` gives; the two differ where a text
    holds a special token, odd white space, or a letter that the vocabulary cannot spell.

    Args:
        vocab_file: A SentencePiece model, ``spiece.model``.
        do_lower_case: Whether text is lower-cased.
        remove_space: Whether white space is collapsed.
        keep_accents: Whether accents are kept.
        bos_token: Beginning of a text; not used by ALBERT.
        eos_token: End of a text; not used by ALBERT.
        unk_token: Stands for what the vocabulary cannot spell.
        sep_token: Ends each text.
        pad_token: Fills up batches.
        cls_token: Begins the input.
        mask_token: Stands for a word to guess.
        sp_model_kwargs: Arguments of ``sentencepiece.SentencePieceProcessor``, such as ``enable_sampling``,
            ``nbest_size`` and ``alpha`` to draw at random one of several ways to split a text.
        **options: ``additional_special_tokens``, ``added_tokens_decoder`` (tokens to add to the vocabulary, by id),
            ``model_max_length``, ``padding_side``, ``truncation_side``, ``model_input_names``,
            ``clean_up_tokenization_spaces``, ``split_special_tokens``; any other is kept, and written back by
            ``save_pretrained``.

    Attributes:
        sp_model: The ``SentencePieceProcessor``.

    Raises:
        ImportError: ``sentencepiece`` is not installed.
        OSError: The file cannot be read or is damaged.

    Example:
        >>> from flax_albert.tokenization import AlbertTokenizer
        >>> tokenizer = AlbertTokenizer.from_pretrained("albert-mini-en")
        >>> inputs = tokenizer("The cat", "The dog")
        >>> tokenizer.convert_ids_to_tokens(inputs.input_ids)
        ['[CLS]', '▁the', '▁cat', '[SEP]', '▁the', '▁dog', '[SEP]']
    """

    tokenizer_class = "AlbertTokenizer"
    vocabulary_names = SENTENCEPIECE_NAMES

    def __init__(
        self,
        vocab_file: str | os.PathLike[str],
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
        sp_model_kwargs: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(mask_token, str):
            mask_token = AddedToken(mask_token, lstrip=True, normalized=False)
        self.remove_space = remove_space
        self.keep_accents = keep_accents
        self.sp_model_kwargs = dict(sp_model_kwargs or {})
        # Read by our own reader first, which says what is wrong with a damaged file.
        model = read_sentencepiece_model(vocab_file)
        self._piece_ids = {text: index for index, (text, _) in enumerate(model.pieces)}
        self._piece_texts = list(self._piece_ids)
        self._unk_id = model.unk_id
        if not keep_accents and (lost := lost_to_stripping(self._piece_texts)):
            _LOGGER.warning(complaint(lost, self._piece_texts, "Pass keep_accents=True."))
        self.sp_model = _load(Path(vocab_file).read_bytes(), self.sp_model_kwargs)
        super().__init__(
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
            do_lower_case,
            **options,
        )

    @classmethod
    def _from_files(cls, files: TokenizerFiles, options: dict[str, Any], given: dict[str, Any]) -> Self:
        if files.vocabulary is None:
            raise OSError(f"{files.directory} holds no {SPIECE}, which the slow tokenizer needs: pass use_fast=True.")
        return cls(files.vocabulary, **with_released_maximum(options))

    def preprocess_text(self, inputs: str) -> str:
        """Normalises a text before it is split.

        Args:
            inputs: The text.

        Returns:
            The text, its white space collapsed, its quotation marks plain, without accents, in lower case, each as the
            options say.
        """
        return normalized(inputs, self.do_lower_case, self.keep_accents, self.remove_space)

    def _split(self, text: str) -> list[str]:
        pieces: list[str] = []
        for piece in self.sp_model.encode(self.preprocess_text(text), out_type=str):
            if len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit():
                pieces += self._without_comma(piece)
            else:
                pieces.append(piece)
        return pieces

    def _without_comma(self, piece: str) -> list[str]:
        """Splits again a piece such as ``9,``, which glues a comma to a number."""
        pieces = self.sp_model.encode(piece[:-1].replace(_SPACE_SYMBOL, ""), out_type=str)
        if piece[0] != _SPACE_SYMBOL and pieces[0][0] == _SPACE_SYMBOL:
            pieces = pieces[1:] if len(pieces[0]) == 1 else [pieces[0][1:], *pieces[1:]]
        return [*pieces, ","]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Joins tokens into text.

        Args:
            tokens: The tokens of one text.

        Returns:
            The text, with the spaces as the tokens have them, and one before each run of special tokens.
        """
        specials = set(self.all_special_tokens)
        text, pending, after_special = "", [], False
        for token in tokens:
            if token in specials:
                text += ("" if after_special else " ") + self.sp_model.decode(pending) + token
                pending = []
            else:
                pending.append(token)
            after_special = token in specials
        return (text + self.sp_model.decode(pending)).strip()

    def _pieces(self) -> dict[str, int]:
        return self._piece_ids

    def _piece_to_id(self, piece: str) -> int:
        return self._piece_ids.get(piece, self._unk_id)

    def _id_to_piece(self, index: int) -> str:
        if not 0 <= index < len(self._piece_texts):
            raise IndexError(f"the vocabulary has no id {index}: its ids run from 0 to {len(self) - 1}.")
        return self._piece_texts[index]

    def _settings(self) -> dict[str, Any]:
        return {
            "do_lower_case": self.do_lower_case,
            "keep_accents": self.keep_accents,
            "remove_space": self.remove_space,
            "sp_model_kwargs": self.sp_model_kwargs,
        }

    def _vocabulary_content(self) -> bytes:
        return self.sp_model.serialized_model_proto()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "sp_model": self.sp_model.serialized_model_proto()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, sp_model=_load(state["sp_model"], state["sp_model_kwargs"]))


def _load(model: bytes, options: dict[str, Any]) -> Any:
    try:
        import sentencepiece  # an extra, and slow to import
    except ImportError:
        raise ImportError(
            "AlbertTokenizer, the slow tokenizer, needs sentencepiece: pip install 'flax-albert[sentencepiece]', "
            "or use AlbertTokenizerFast, which AutoTokenizer gives."
        ) from None
    processor = sentencepiece.SentencePieceProcessor(**options)
    processor.LoadFromSerializedProto(model)
    return processor
