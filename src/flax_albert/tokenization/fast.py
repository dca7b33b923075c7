"""A tokenizer whose work is done by a pipeline of the ``tokenizers`` library."""

from __future__ import annotations

import itertools
import operator
import threading
from abc import abstractmethod
from typing import Any

from tokenizers import AddedToken, Encoding, Tokenizer
from tokenizers.decoders import Decoder

from flax_albert.tokenization.base import PreTrainedTokenizerBase
from flax_albert.tokenization.batch_encoding import BatchEncoding
from flax_albert.tokenization.encoder import Request
from flax_albert.tokenization.files import TOKENIZER
from flax_albert.tokenization.inputs import Example, TextInput, without_surrogates
from flax_albert.tokenization.pipeline import failures_as, write_pipeline
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.strategies import Limits, Notice, apply_limits
from flax_albert.tokenization.writing import describe_added


class PreTrainedTokenizerFast(PreTrainedTokenizerBase):
    """A tokenizer with a pipeline; its encodings know where each token came from.

    Args:
        backend: The pipeline.
        tokens: The named special tokens.
        vocab_file: The file that the vocabulary was read from, or None.
        added_tokens_decoder: Tokens to add to the vocabulary first, by id.
        padding_side: ``"right"`` or ``"left"``; by default that of the pipeline.
        truncation_side: ``"right"`` or ``"left"``; by default that of the pipeline.
        **options: See ``PreTrainedTokenizerBase``.
    """

    def __init__(
        self,
        backend: Tokenizer,
        tokens: dict[str, Token | None],
        vocab_file: Any,
        *,
        added_tokens_decoder: dict[int, AddedToken] | None = None,
        padding_side: str | None = None,
        truncation_side: str | None = None,
        **options: Any,
    ) -> None:
        # A tokenizer.json that was saved after a call remembers the sides of that call.
        padding, truncation = backend.padding, backend.truncation
        super().__init__(
            tokens,
            vocab_file,
            padding_side=padding_side or (padding["direction"] if padding else "right"),
            truncation_side=truncation_side or (truncation["direction"] if truncation else "right"),
            **options,
        )
        self._backend = backend
        # Padding and truncation are settings of the one backend: calls from several threads take turns.
        self._lock = threading.RLock()
        self._respelled: dict[int, str] = {}
        self._add_missing(added_tokens_decoder or {})
        self._note_respelled()

    def _add_missing(self, added: dict[int, AddedToken]) -> None:
        """Adds first the given tokens in the order of their ids, then the special tokens that are still missing."""
        pending: list[Token] = [token for _, token in sorted(added.items())]
        known = {*self.added_tokens_encoder, *map(str, pending)}
        for token in self.all_special_tokens_extended:
            # An AddedToken says how to match, so that it counts as new unless the very same was given.
            if token not in pending if isinstance(token, AddedToken) else token not in known:
                pending.append(token)
        specials = set(self.all_special_tokens)

        def is_special(token: Token) -> bool:
            return str(token) in specials or (isinstance(token, AddedToken) and token.special)

        for special, tokens in itertools.groupby(pending, is_special):
            self._add_to_vocabulary(list(tokens), special)

    def _add_to_vocabulary(self, tokens: list[Token], special: bool) -> int:
        with self._lock:
            count = self._backend.add_special_tokens(tokens) if special else self._backend.add_tokens(tokens)
        self._note_respelled()
        return count

    def _note_respelled(self) -> None:
        """Notes the added tokens that new versions of ``tokenizers`` give back normalised, in lower case say."""
        added = self.added_tokens_decoder.items()
        self._respelled = {i: token.content for i, token in added if self._backend.id_to_token(i) != token.content}

    def _token_to_id(self, token: str) -> int | None:
        index = self._backend.token_to_id(token)
        if index is None and (unknown := self._single["unk_token"]) is not None:
            return self._backend.token_to_id(str(unknown))
        return index

    def _id_to_token(self, index: int) -> str | None:
        index = operator.index(index)
        if index in self._respelled:
            return self._respelled[index]
        return self._backend.id_to_token(index) if 0 <= index < 1 << 32 else None

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """The pipeline of the ``tokenizers`` library that does the work."""
        return self._backend

    @property
    def decoder(self) -> Decoder | None:
        """The pipeline's decoder."""
        return self._backend.decoder

    @property
    def is_fast(self) -> bool:
        """True: the work is done by compiled code, and offsets are known."""
        return True

    @property
    def vocab_size(self) -> int:
        """Number of tokens in the model's vocabulary, without added ones."""
        return self._backend.get_vocab_size(with_added_tokens=False)

    def __len__(self) -> int:
        return self._backend.get_vocab_size(with_added_tokens=True)

    def get_vocab(self) -> dict[str, int]:
        """Every token and its id, added ones included.

        Returns:
            Token to id.
        """
        return self._backend.get_vocab(with_added_tokens=True)

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        """Id to token for every token that is matched before the model splits the text."""
        return self._backend.get_added_tokens_decoder()

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens a call puts around one text, or around a pair.

        Args:
            pair: Whether it is a pair.

        Returns:
            Their number.
        """
        return self._backend.num_special_tokens_to_add(pair)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Joins tokens into text.

        Args:
            tokens: The tokens of one text.

        Returns:
            The text, with the spaces as the tokens have them.
        """
        return "" if self.decoder is None else self.decoder.decode(tokens)

    def _decode(self, ids: list[int], skip_special_tokens: bool, spaces_between_special_tokens: bool) -> str:
        if self._respelled.keys().isdisjoint(ids):
            with self._lock:
                return self._backend.decode(ids, skip_special_tokens=skip_special_tokens)
        skipped: set[int] = set()
        if skip_special_tokens:
            named = set(self.all_special_tokens)
            added = self.added_tokens_decoder.items()
            skipped = {index for index, token in added if token.special or token.content in named}
        tokens = [self._id_to_token(index) for index in ids if index not in skipped]
        return self.convert_tokens_to_string([token for token in tokens if token is not None])

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
        """
        return self.encode_plus(text, pair, add_special_tokens=add_special_tokens, **options).tokens()

    def _encode_one(
        self, example: Example, limits: Limits, request: Request, return_tensors: str | None, notice: Notice
    ) -> BatchEncoding:
        encoded = self._encode_batch([example], limits, request, notice)
        if return_tensors is None and not request.overflowing_tokens:
            encoded.data = {name: row[0] if isinstance(row[0], list) else row for name, row in encoded.items()}
        return encoded.convert_to_tensors(return_tensors)

    def _encode_batch(self, examples: list[Example], limits: Limits, request: Request, notice: Notice) -> BatchEncoding:
        encodings = self._run(examples, limits, request.add_special_tokens, request.is_split_into_words)
        sample_of: list[int] = []
        windows: list[Encoding] = []
        for index, encoding in enumerate(encodings):
            of_text = [encoding, *encoding.overflowing] if request.overflowing_tokens else [encoding]
            windows += of_text
            sample_of += [index] * len(of_text)

        data: dict[str, Any] = {"input_ids": [window.ids for window in windows]}
        if self._wanted("token_type_ids", request.token_type_ids):
            data["token_type_ids"] = [window.type_ids for window in windows]
        if self._wanted("attention_mask", request.attention_mask):
            data["attention_mask"] = [window.attention_mask for window in windows]
        if request.special_tokens_mask:
            data["special_tokens_mask"] = [window.special_tokens_mask for window in windows]
        if request.offsets_mapping:
            data["offset_mapping"] = [window.offsets for window in windows]
        if request.length:
            data["length"] = [len(window) for window in windows]
        if request.overflowing_tokens:
            data["overflow_to_sample_mapping"] = sample_of
        if limits.max_length is None:
            self._warn_if_too_long(data["input_ids"], notice)
        return BatchEncoding(data, windows)

    def _encode_tokens(self, tokens: Any, pair: Any, options: dict[str, Any]) -> BatchEncoding:
        raise TypeError("encode and encode_plus take one text or one pair; call the tokenizer for a batch.")

    def _run(
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
                return self._run_batch(examples, add_special_tokens, is_split_into_words)

    def _check_strides(self, examples: list[Example], limits: Limits, room: int, is_split_into_words: bool) -> None:
        """Finds the pair whose one text leaves the other no window wider than the stride; the library would panic."""
        if limits.truncation not in ("only_first", "only_second"):
            return
        kept = ("only_second", "only_first").index(limits.truncation)
        self._backend.no_truncation()
        self._backend.no_padding()
        numbers = [number for number, example in enumerate(examples) if isinstance(example, tuple)]
        lengths = map(len, self._run_batch([examples[number][kept] for number in numbers], False, is_split_into_words))
        for number, length in zip(numbers, lengths, strict=True):
            if room - length > limits.stride:
                continue
            [other] = self._run_batch([examples[number][1 - kept]], False, is_split_into_words)
            if length + len(other) > room:
                raise ValueError(
                    f"the {('first', 'second')[kept]} text of pair {number} has {length} tokens and leaves "
                    f"{max(room - length, 0)} of max_length={limits.max_length} to the other, "
                    f"no more than stride={limits.stride}."
                )

    def _run_batch(
        self, examples: list[Example], add_special_tokens: bool, is_split_into_words: bool
    ) -> list[Encoding]:
        options = {"add_special_tokens": add_special_tokens, "is_pretokenized": is_split_into_words}
        try:
            return self._backend.encode_batch(examples, **options)
        except TypeError:  # the examples are texts, so one of them cannot be UTF-8
            return self._backend.encode_batch([without_surrogates(example) for example in examples], **options)

    def _vocabulary_files(self, legacy_format: bool | None) -> dict[str, str | bytes]:
        contents: dict[str, str | bytes] = {}
        if legacy_format or (legacy_format is None and self.can_save_slow_tokenizer):
            contents = {self.vocabulary_names[0]: self._vocabulary_content(), **describe_added(self)}
        if not legacy_format:
            contents[TOKENIZER] = write_pipeline(self._backend)
        return contents

    @property
    @abstractmethod
    def can_save_slow_tokenizer(self) -> bool:
        """Whether the vocabulary's own file can be written, ``spiece.model`` or ``vocab.txt``."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock())
