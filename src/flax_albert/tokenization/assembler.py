"""Ids to the model's inputs: special tokens around them, segments, truncation, padding."""

from __future__ import annotations

from typing import Any

from flax_albert.tokenization.batch_encoding import BatchEncoding
from flax_albert.tokenization.padder import Padder
from flax_albert.tokenization.strategies import Limits, Notice, resolve_limits
from flax_albert.tokenization.truncation import truncate


class Assembler(Padder):
    """Makes the model's inputs of the ids of one text, or of a pair."""

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Puts the special tokens around the ids of one text or of a pair.

        Args:
            token_ids_0: The ids of one text.
            token_ids_1: The ids of the second text of a pair.

        Returns:
            ``[CLS] A [SEP]``, or ``[CLS] A [SEP] B [SEP]``.
        """
        cls_id, sep_id = self.convert_tokens_to_ids([str(self.cls_token), str(self.sep_token)])
        first = [cls_id, *token_ids_0, sep_id]
        return first if token_ids_1 is None else [*first, *token_ids_1, sep_id]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """The segment of every token that ``build_inputs_with_special_tokens`` returns.

        Args:
            token_ids_0: The ids of one text.
            token_ids_1: The ids of the second text of a pair.

        Returns:
            0 up to and with the first ``[SEP]``, 1 after it.
        """
        first = [0] * (len(token_ids_0) + 2)
        return first if token_ids_1 is None else first + [1] * (len(token_ids_1) + 1)

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """Marks special tokens.

        Args:
            token_ids_0: The ids of one text.
            token_ids_1: The ids of the second text of a pair.
            already_has_special_tokens: Whether the ids hold the special tokens already. If not, the mask is that of
                ``build_inputs_with_special_tokens`` on them.

        Returns:
            1 for a special token, 0 for any other.

        Raises:
            ValueError: ``already_has_special_tokens`` with two texts.
        """
        if already_has_special_tokens:
            if token_ids_1 is not None:
                raise ValueError("with already_has_special_tokens=True the ids are one list: leave out token_ids_1.")
            special = set(self.all_special_ids)
            return [int(index in special) for index in token_ids_0]
        mask = [1, *([0] * len(token_ids_0)), 1]
        return mask if token_ids_1 is None else [*mask, *([0] * len(token_ids_1)), 1]

    def prepare_for_model(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        pad_to_multiple_of: int | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        prepend_batch_axis: bool = False,
    ) -> BatchEncoding:
        """Makes the model's inputs of the ids of one text, or of a pair.

        Args:
            ids: The ids of one text, without special tokens.
            pair_ids: The ids of the second text of a pair.
            add_special_tokens: As in a call.
            padding: As in a call.
            truncation: As in a call.
            max_length: As in a call.
            stride: How many tokens of what is kept ``overflowing_tokens`` begins or ends with.
            pad_to_multiple_of: As in a call.
            return_tensors: As in a call.
            return_token_type_ids: As in a call.
            return_attention_mask: As in a call.
            return_overflowing_tokens: Whether to return ``overflowing_tokens``, the ids that truncation cut off, and
                ``num_truncated_tokens``.
            return_special_tokens_mask: As in a call.
            return_length: As in a call.
            verbose: As in a call.
            prepend_batch_axis: Whether arrays are a batch of one.

        Returns:
            The inputs.

        Raises:
            ValueError: The arguments contradict each other.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizerFast
            >>> tokenizer = AlbertTokenizerFast.from_pretrained("albert-mini-en")
            >>> ids, pair = tokenizer.convert_tokens_to_ids(["▁a", "▁cat"]), tokenizer.convert_tokens_to_ids(["▁dog"])
            >>> tokenizer.prepare_for_model(ids, pair).token_type_ids
            [0, 0, 0, 0, 1, 1]
        """
        notice = self._notice_if(verbose)
        limits = resolve_limits(
            padding,
            truncation,
            max_length,
            stride,
            pad_to_multiple_of,
            model_max_length=self.model_max_length,
            notice=notice,
        )
        inputs = self._assemble(
            ids,
            pair_ids,
            limits,
            add_special_tokens=add_special_tokens,
            return_token_type_ids=return_token_type_ids,
            return_overflowing_tokens=return_overflowing_tokens,
            return_special_tokens_mask=return_special_tokens_mask,
            notice=notice,
        )
        padded = self._pad_to(inputs, limits, self._wanted("attention_mask", return_attention_mask))
        if return_length:
            padded["length"] = len(padded["input_ids"])
        return BatchEncoding(padded, tensor_type=return_tensors, prepend_batch_axis=prepend_batch_axis)

    def truncate_sequences(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        num_tokens_to_remove: int = 0,
        truncation_strategy: str = "longest_first",
        stride: int = 0,
    ) -> tuple[list[int], list[int] | None, list[int]]:
        """Shortens the ids of one text, or of a pair.

        Args:
            ids: The ids of one text.
            pair_ids: The ids of the second text of a pair.
            num_tokens_to_remove: How many to cut off.
            truncation_strategy: ``"longest_first"``, ``"only_first"``, ``"only_second"`` or ``"do_not_truncate"``.
            stride: How many tokens of what is kept come along with what is cut off.

        Returns:
            The ids of both texts, and those cut off.

        Raises:
            ValueError: There is no such strategy.
        """
        side, notice = self.truncation_side, self._notice
        return truncate(ids, pair_ids, num_tokens_to_remove, truncation_strategy, stride, side, notice)

    def _assemble(
        self,
        ids: list[int],
        pair_ids: list[int] | None,
        limits: Limits,
        *,
        add_special_tokens: bool,
        return_token_type_ids: bool | None,
        return_overflowing_tokens: bool,
        return_special_tokens_mask: bool,
        notice: Notice,
    ) -> dict[str, Any]:
        """The inputs of one text before padding."""
        if return_token_type_ids and not add_special_tokens:
            raise ValueError(
                "return_token_type_ids=True asks for the segments of a text without special tokens, which has none: "
                "pass add_special_tokens=True, or leave return_token_type_ids out."
            )
        if return_overflowing_tokens and limits.truncation == "longest_first" and pair_ids is not None:
            raise ValueError(
                "return_overflowing_tokens=True does not work for pairs with truncation='longest_first': "
                "pass truncation='only_first' or 'only_second'."
            )
        if return_overflowing_tokens and limits.max_length is None:
            raise ValueError("return_overflowing_tokens=True needs a max_length.")
        special = self.num_special_tokens_to_add(pair_ids is not None) if add_special_tokens else 0
        length = len(ids) + len(pair_ids or ()) + special
        overflowing: list[int] = []
        if limits.truncates and limits.max_length and length > limits.max_length:
            ids, pair_ids, overflowing = truncate(
                ids,
                pair_ids,
                length - limits.max_length,
                limits.truncation,
                limits.stride,
                self.truncation_side,
                notice,
            )
        inputs: dict[str, Any] = {}
        if return_overflowing_tokens and limits.max_length is not None:
            inputs = {"overflowing_tokens": overflowing, "num_truncated_tokens": length - limits.max_length}
        if add_special_tokens:
            inputs["input_ids"] = self.build_inputs_with_special_tokens(ids, pair_ids)
        else:
            inputs["input_ids"] = [*ids, *(pair_ids or ())]
        count = len(inputs["input_ids"])
        if self._wanted("token_type_ids", return_token_type_ids):
            segments = self.create_token_type_ids_from_sequences(ids, pair_ids) if add_special_tokens else [0] * count
            inputs["token_type_ids"] = segments
        if return_special_tokens_mask:
            mask = self.get_special_tokens_mask(ids, pair_ids) if add_special_tokens else [0] * count
            inputs["special_tokens_mask"] = mask
        if limits.max_length is None:
            self._warn_if_too_long([inputs["input_ids"]], notice)
        return inputs

    def _warn_if_too_long(self, rows: list[list[int]], notice: Notice) -> None:
        for row in rows:
            if len(row) > self.model_max_length:
                notice(
                    f"a text of {len(row)} tokens is longer than the {self.model_max_length} the model takes; "
                    "pass truncation=True."
                )
