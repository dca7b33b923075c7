"""Text to the model's inputs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from flax_albert.tokenization.assembler import Assembler
from flax_albert.tokenization.batch_encoding import BatchEncoding
from flax_albert.tokenization.inputs import Example, TextInput, batch_examples, is_batch, single_example
from flax_albert.tokenization.strategies import Limits, Notice, resolve_limits


class Request(NamedTuple):
    """What a call asks for, besides lengths; the attributes are the arguments of the call, without ``return_``."""

    add_special_tokens: bool
    is_split_into_words: bool
    token_type_ids: bool | None
    attention_mask: bool | None
    overflowing_tokens: bool
    special_tokens_mask: bool
    offsets_mapping: bool
    length: bool


class Encoder(Assembler):
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
            return_overflowing_tokens: Whether to return what truncation cut off: the fast tokenizers as further
                windows, with ``overflow_to_sample_mapping`` saying which text each window is of; the slow ones as
                ``overflowing_tokens``, with ``num_truncated_tokens``.
            return_special_tokens_mask: Whether to mark special tokens.
            return_offsets_mapping: Whether to return the characters that each token came from; fast tokenizers only.
            return_length: Whether to return the number of tokens.
            verbose: Whether to log a warning where a text is longer than the model takes.

        Returns:
            ``input_ids``, ``token_type_ids``, ``attention_mask`` and what else was asked for, one row a text; for one
            text without ``return_tensors`` and ``return_overflowing_tokens``, that row.

        Raises:
            TypeError: Something is no text; the message names its position.
            ValueError: The arguments contradict each other, or rows of different lengths were to be one array.
            NotImplementedError: A slow tokenizer was asked for offsets.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizerFast
            >>> tokenizer = AlbertTokenizerFast.from_pretrained("albert-mini-en")
            >>> batch = tokenizer(["A cat.", "Two small dogs."], padding=True, return_tensors="np")
            >>> batch.input_ids.shape == batch.token_type_ids.shape == batch.attention_mask.shape
            True
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
        request = Request(
            add_special_tokens,
            is_split_into_words,
            return_token_type_ids,
            return_attention_mask,
            return_overflowing_tokens,
            return_special_tokens_mask,
            return_offsets_mapping,
            return_length,
        )
        if is_batch(text, is_split_into_words):
            examples = batch_examples(text, text_pair, is_split_into_words)
            return self._encode_batch(examples, limits, request, notice).convert_to_tensors(return_tensors)
        example = single_example(text, text_pair, is_split_into_words, drop_empty_pair=self.is_fast)
        return self._encode_one(example, limits, request, return_tensors, notice)

    def encode_plus(
        self, text: TextInput | Sequence[int], text_pair: TextInput | Sequence[int] | None = None, **options: Any
    ) -> BatchEncoding:
        """Makes the model's inputs from one text or one pair; ``options`` are those of a call.

        Args:
            text: A text; a list of words with ``is_split_into_words``. The slow tokenizers also take a list of tokens
                or of ids.
            text_pair: The second text of a pair.
            **options: See ``__call__``.

        Returns:
            See ``__call__``.

        Raises:
            TypeError: ``text`` is a batch.
        """
        if is_batch(text, options.get("is_split_into_words", False)):
            return self._encode_tokens(text, text_pair, options)
        return self(cast(TextInput, text), cast("TextInput | None", text_pair), **options)

    def encode(
        self, text: TextInput | Sequence[int], text_pair: TextInput | Sequence[int] | None = None, **options: Any
    ) -> Any:
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

    @abstractmethod
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
            >>> from flax_albert.tokenization import AlbertTokenizerFast
            >>> tokenizer = AlbertTokenizerFast.from_pretrained("albert-mini-en")
            >>> tokenizer.tokenize("The cat")
            ['▁the', '▁cat']
        """

    @abstractmethod
    def _encode_one(
        self, example: Example, limits: Limits, request: Request, return_tensors: str | None, notice: Notice
    ) -> BatchEncoding:
        """The inputs of one text or one pair."""

    @abstractmethod
    def _encode_batch(self, examples: list[Example], limits: Limits, request: Request, notice: Notice) -> BatchEncoding:
        """The inputs of a batch, as lists."""

    @abstractmethod
    def _encode_tokens(self, tokens: Any, pair: Any, options: dict[str, Any]) -> BatchEncoding:
        """The inputs of one text given as a list of tokens or ids, or an error."""
