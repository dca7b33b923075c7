"""The lengths a tokenizer keeps to, and padding of inputs that are ids already."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flax_albert.tokenization.batch_encoding import BatchEncoding
from flax_albert.tokenization.padding import PaddingValues, gather, pad_inputs
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.strategies import Limits, Notice, check_pad_token, check_side, resolve_limits
from flax_albert.tokenization.vocabulary import Vocabulary

# The inputs of an ALBERT, in the order a call returns them.
MODEL_INPUT_NAMES = ("input_ids", "token_type_ids", "attention_mask")

_LOGGER = logging.getLogger(__name__)


class Padder(Vocabulary):
    """What a tokenizer knows of its model: the most tokens it takes, its inputs, its special tokens; and padding.

    Args:
        tokens: The named special tokens.
        additional: Further special tokens.
        clean_up_tokenization_spaces: Whether decoding removes the spaces before punctuation.
        model_max_length: The most tokens the model takes.
        padding_side: ``"left"`` or ``"right"``.
        truncation_side: ``"left"`` or ``"right"``.
        model_input_names: The inputs that a call returns unless told otherwise.
    """

    def __init__(
        self,
        tokens: dict[str, Token | None],
        additional: Iterable[Token],
        *,
        clean_up_tokenization_spaces: bool,
        model_max_length: int | float,
        padding_side: str,
        truncation_side: str,
        model_input_names: Sequence[str],
    ) -> None:
        super().__init__(tokens, additional, clean_up_tokenization_spaces)
        check_side("padding_side", padding_side)
        check_side("truncation_side", truncation_side)
        if not isinstance(model_max_length, (int, float)):
            raise TypeError(f"model_max_length must be a number, and it is {model_max_length!r}.")
        self.model_max_length = model_max_length
        self.padding_side = padding_side
        self.truncation_side = truncation_side
        self.model_input_names = list(model_input_names)
        self._noticed: set[str] = set()

    def pad(
        self,
        encoded_inputs: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        padding: bool | str = True,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        verbose: bool = True,
    ) -> BatchEncoding:
        """Pads inputs that are ids already, such as the examples of a data set.

        Args:
            encoded_inputs: Inputs by name, of one text or of a batch; or a list of such, one a text.
            padding: See ``__call__``; True by default.
            max_length: See ``__call__``.
            pad_to_multiple_of: See ``__call__``.
            return_attention_mask: Whether to add the mask of what is not padding where it is missing.
            return_tensors: ``"np"`` or ``"jax"`` for arrays; by default arrays where the inputs were arrays.
            verbose: Whether to log where the arguments do less than they seem to.

        Returns:
            The inputs, padded. Inputs other than ids, segments and masks, such as labels, are left as they are.

        Raises:
            ValueError: There are no ``input_ids``, or the inputs do not fit together.
        """
        inputs, kind = gather(encoded_inputs)
        notice = self._notice_if(verbose)
        limits = resolve_limits(
            padding, False, max_length, 0, pad_to_multiple_of, model_max_length=self.model_max_length, notice=notice
        )
        padded = self._pad_to(inputs, limits, self._wanted("attention_mask", return_attention_mask))
        return BatchEncoding(padded, tensor_type=return_tensors or kind)

    def _pad_to(self, inputs: dict[str, Any], limits: Limits, attention_mask: bool) -> dict[str, Any]:
        """Pads the lists of one text or of a batch."""
        if limits.pads:
            check_pad_token(self.pad_token, self.pad_token_id)
        check_side("padding_side", self.padding_side)
        values = PaddingValues(
            self.padding_side,
            {
                "input_ids": self.pad_token_id or 0,
                "token_type_ids": self.pad_token_type_id,
                "attention_mask": 0,
                "special_tokens_mask": 1,
            },
        )
        return pad_inputs(inputs, limits, values, attention_mask)

    @abstractmethod
    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens a call puts around one text, or around a pair.

        Args:
            pair: Whether it is a pair.

        Returns:
            Their number.
        """

    @property
    def max_len_single_sentence(self) -> int:
        """The most tokens of one text that fit beside the special tokens."""
        return int(self.model_max_length) - self.num_special_tokens_to_add(pair=False)

    @property
    def max_len_sentences_pair(self) -> int:
        """The most tokens of a pair that fit beside the special tokens."""
        return int(self.model_max_length) - self.num_special_tokens_to_add(pair=True)

    def _wanted(self, name: str, asked: bool | None) -> bool:
        return name in self.model_input_names if asked is None else asked

    def _notice_if(self, verbose: bool) -> Notice:
        return self._notice if verbose else _silence

    def _notice(self, message: str) -> None:
        """Logs a message the first time there is one of its kind: the numbers in it may differ."""
        kind = "".join(character for character in message if not character.isdigit())
        if kind not in self._noticed:
            self._noticed.add(kind)
            _LOGGER.warning(message)


def _silence(message: str) -> None:
    del message
