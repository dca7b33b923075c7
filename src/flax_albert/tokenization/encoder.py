"""Text to the model's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokenizers import Encoding

from flax_albert.tokenization.batch_encoding import BatchEncoding
from flax_albert.tokenization.inputs import (
    Example,
    TextInput,
    batch_examples,
    is_batch,
    single_example,
    without_surrogates,
)
from flax_albert.tokenization.padder import Padder
from flax_albert.tokenization.pipeline import failures_as
from flax_albert.tokenization.strategies import Limits, Notice, apply_limits, resolve_limits


class Encoder(Padder):
    """A tokenizer's calls: one text, pairs, batches and pre-split words become ids, segments, masks and offsets."""

    def __call__(
        self,
        text: TextInput,
        text_pair: TextInput | None = None,
        add_special_tokens: bool = True,
        padding: bool | str = False,
        truncation: bool | str | None = None,
        max_length: int | None = None,
        stride: int = 0,
        is_split_into_words: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: str | None = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
    ) -> BatchEncoding:
        """Makes the model's inputs from one text, one pair, or a batch of either.

        Args:
            text: A text, or a list of texts. With ``is_split_into_words`` a text is a list of words.
            text_pair: The second text of each pair.
            add_special_tokens: Whether to put ``[CLS]`` and ``[SEP]`` around the texts.
            padding: True or ``"longest"`` pads to the longest of the batch, ``"max_length"`` to ``max_length``.
            truncation: True or ``"longest_first"`` shortens the longer text of a pair first, ``"only_first"`` and
                ``"only_second"`` the one they name, False or ``"do_not_truncate"`` neither.
            max_length: Length for padding and truncation, special tokens included. By default the model's.
            stride: Number of tokens that consecutive windows of an overflowing text share.
            is_split_into_words: Whether texts are lists of words.
            pad_to_multiple_of: Round padded lengths up to a multiple of this.
            return_tensors: ``"np"`` or ``"jax"`` for arrays instead of lists.
            return_token_type_ids: Whether to return segments. By default yes.
            return_attention_mask: Whether to return the mask of what is not padding. By default yes.
            return_overflowing_tokens: Whether to return what truncation cut off as further windows, with
                ``overflow_to_sample_mapping`` saying which text each window is of.
            return_special_tokens_mask: Whether to mark special tokens.
            return_offsets_mapping: Whether to return the characters that each token came from.
            return_length: Whether to return the number of tokens.
            verbose: Whether to log a warning where a text is longer than the model takes.

        Returns:
            ``input_ids``, ``token_type_ids``, ``attention_mask`` and what else was asked for, one row a text; for one
            text without ``return_tensors`` and ``return_overflowing_tokens``, that row.

        Raises:
            TypeError: Something is no text; the message names its position.
            ValueError: The arguments contradict each other, or rows of different lengths were to be one array.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizer
            >>> tokenizer = AlbertTokenizer.from_pretrained("albert-mini-en")
            >>> batch = tokenizer(["A cat.", "Two small dogs."], padding=True, return_tensors="np")
            >>> batch.input_ids.shape == batch.token_type_ids.shape == batch.attention_mask.shape
            True
        """
        batched = is_batch(text, is_split_into_words)
        if batched:
            examples = batch_examples(text, text_pair, is_split_into_words)
        else:
            examples = [single_example(text, text_pair, is_split_into_words)]
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
        encodings = self._encode_examples(examples, limits, add_special_tokens, is_split_into_words)

        sample_of: list[int] = []
        windows: list[Encoding] = []
        for index, encoding in enumerate(encodings):
            of_text = [encoding, *encoding.overflowing] if return_overflowing_tokens else [encoding]
            windows += of_text
            sample_of += [index] * len(of_text)

        data: dict[str, Any] = {"input_ids": [window.ids for window in windows]}
        if self._wanted("token_type_ids", return_token_type_ids):
            data["token_type_ids"] = [window.type_ids for window in windows]
        if self._wanted("attention_mask", return_attention_mask):
            data["attention_mask"] = [window.attention_mask for window in windows]
        if return_special_tokens_mask:
            data["special_tokens_mask"] = [window.special_tokens_mask for window in windows]
        if return_offsets_mapping:
            data["offset_mapping"] = [window.offsets for window in windows]
        if return_length:
            data["length"] = [len(window) for window in windows]
        if return_overflowing_tokens:
            data["overflow_to_sample_mapping"] = sample_of
        if limits.max_length is None:
            self._warn_if_too_long(data["input_ids"], notice)
        if not batched and return_tensors is None and not return_overflowing_tokens:
            data = {name: value[0] if isinstance(value[0], list) else value for name, value in data.items()}
        return BatchEncoding(data, windows, return_tensors)

    def encode_plus(self, text: TextInput, text_pair: TextInput | None = None, **options: Any) -> BatchEncoding:
        """Makes the model's inputs from one text or one pair; ``options`` are those of a call.

        Args:
            text: A text; a list of words with ``is_split_into_words``.
            text_pair: The second text of a pair.
            **options: See ``__call__``.

        Returns:
            See ``__call__``.

        Raises:
            TypeError: ``text`` is a batch.
        """
        if is_batch(text, options.get("is_split_into_words", False)):
            raise TypeError("encode and encode_plus take one text or one pair; call the tokenizer for a batch.")
        return self(text, text_pair, **options)

    def encode(self, text: TextInput, text_pair: TextInput | None = None, **options: Any) -> Any:
        """Turns one text, or one pair, into ids.

        Args:
            text: A text; a list of words with ``is_split_into_words``.
            text_pair: The second text of a pair.
            **options: See ``__call__``.

        Returns:
            A list of ids, or an array of shape [1, tokens] with ``return_tensors``.
        """
        return self.encode_plus(text, text_pair, **options)["input_ids"]

    def batch_encode_plus(self, batch_text_or_text_pairs: Sequence[Any], **options: Any) -> BatchEncoding:
        """Makes the model's inputs from a list of texts, or of (text, text) pairs.

        Args:
            batch_text_or_text_pairs: The list.
            **options: See ``__call__``.

        Returns:
            See ``__call__``.

        Raises:
            TypeError: It is no list.
        """
        if not isinstance(batch_text_or_text_pairs, (list, tuple)):
            raise TypeError(f"batch_encode_plus takes a list, and it was given {batch_text_or_text_pairs!r}.")
        return self(batch_text_or_text_pairs, **options)

    def tokenize(
        self, text: TextInput, pair: TextInput | None = None, add_special_tokens: bool = False, **options: Any
    ) -> list[str]:
        """Splits one text, or one pair, into tokens.

        Args:
            text: A text.
            pair: The second text of a pair.
            add_special_tokens: Whether to put ``[CLS]`` and ``[SEP]`` around them.
            **options: See ``__call__``.

        Returns:
            The tokens.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizer
            >>> tokenizer = AlbertTokenizer.from_pretrained("albert-mini-en")
            >>> tokenizer.tokenize("The cat")
            ['▁the', '▁cat']
        """
        return self.encode_plus(text, pair, add_special_tokens=add_special_tokens, **options).tokens()

    def _encode_examples(
        self, examples: list[Example], limits: Limits, add_special_tokens: bool, is_split_into_words: bool
    ) -> list[Encoding]:
        paired = any(isinstance(example, tuple) for example in examples)
        room = limits.room(self.num_special_tokens_to_add(paired) if add_special_tokens else 0)
        with self._lock:
            if paired and room is not None and limits.stride:
                self._check_strides(examples, limits, room, is_split_into_words)
            apply_limits(
                self._backend,
                limits,
                padding_side=self.padding_side,
                truncation_side=self.truncation_side,
                pad_token=self.pad_token,
                pad_token_id=self.pad_token_id,
                pad_token_type_id=self.pad_token_type_id,
            )
            asked = f"truncation={limits.truncation!r}, max_length={limits.max_length}, stride={limits.stride}"
            with failures_as(ValueError, f"the text cannot be encoded with {asked}: choose other limits"):
                return self._run(examples, add_special_tokens, is_split_into_words)

    def _check_strides(self, examples: list[Example], limits: Limits, room: int, is_split_into_words: bool) -> None:
        """Finds the pair whose one text leaves the other no window wider than the stride; the library would panic."""
        if limits.truncation not in ("only_first", "only_second"):
            return
        kept = ("only_second", "only_first").index(limits.truncation)
        self._backend.no_truncation()
        self._backend.no_padding()
        numbers = [number for number, example in enumerate(examples) if isinstance(example, tuple)]
        lengths = map(len, self._run([examples[number][kept] for number in numbers], False, is_split_into_words))
        for number, length in zip(numbers, lengths, strict=True):
            if room - length > limits.stride:
                continue
            [other] = self._run([examples[number][1 - kept]], False, is_split_into_words)
            if length + len(other) > room:
                raise ValueError(
                    f"the {('first', 'second')[kept]} text of pair {number} has {length} tokens and leaves "
                    f"{max(room - length, 0)} of max_length={limits.max_length} to the other, "
                    f"no more than stride={limits.stride}."
                )

    def _run(self, examples: list[Example], add_special_tokens: bool, is_split_into_words: bool) -> list[Encoding]:
        options = {"add_special_tokens": add_special_tokens, "is_pretokenized": is_split_into_words}
        try:
            return self._backend.encode_batch(examples, **options)
        except TypeError:  # the examples are texts, so one of them cannot be UTF-8
            return self._backend.encode_batch([without_surrogates(example) for example in examples], **options)

    def _warn_if_too_long(self, rows: list[list[int]], notice: Notice) -> None:
        for row in rows:
            if len(row) > self.model_max_length:
                notice(
                    f"a text of {len(row)} tokens is longer than the {self.model_max_length} the model takes; "
                    "pass truncation=True."
                )
