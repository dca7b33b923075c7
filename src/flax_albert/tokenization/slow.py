"""A tokenizer whose work is done step by step in Python, as the slow tokenizers of transformers 4.37 did it."""

from __future__ import annotations

import functools
import re
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from tokenizers import AddedToken

from flax_albert.tokenization.base import PreTrainedTokenizerBase
from flax_albert.tokenization.batch_encoding import BatchEncoding
from flax_albert.tokenization.encoder import Request
from flax_albert.tokenization.inputs import Example, TextInput, without_surrogates
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.strategies import Limits, Notice
from flax_albert.tokenization.writing import describe_added


class PreTrainedTokenizer(PreTrainedTokenizerBase):
    """A tokenizer in Python; its encodings do not know where a token came from.

    Args:
        tokens: The named special tokens.
        vocab_file: The file that the vocabulary was read from.
        do_lower_case: Whether text is lower-cased.
        added_tokens_decoder: Tokens to add to the vocabulary first, by id.
        split_special_tokens: Whether added tokens in a text are split like any other text.
        **options: See ``PreTrainedTokenizerBase``.
    """

    def __init__(
        self,
        tokens: dict[str, Token | None],
        vocab_file: Any,
        do_lower_case: bool,
        *,
        added_tokens_decoder: dict[int, AddedToken] | None = None,
        split_special_tokens: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(tokens, vocab_file, **options)
        self.do_lower_case = do_lower_case
        self.split_special_tokens = split_special_tokens
        self._added = dict(added_tokens_decoder or {})
        self._added_ids = {token.content: index for index, token in self._added.items()}
        # An AddedToken says how to match, so that it counts as new even where its text is known.
        missing = [
            token
            for token in self.all_special_tokens_extended
            if isinstance(token, AddedToken) or token not in self._added_ids
        ]
        self._add_to_vocabulary(missing, special=True)

    @abstractmethod
    def _pieces(self) -> dict[str, int]:
        """The model's own vocabulary, token to id."""

    @abstractmethod
    def _split(self, text: str) -> list[str]:
        """Splits text that holds no added token into tokens of the model's vocabulary."""

    @abstractmethod
    def _piece_to_id(self, piece: str) -> int | None:
        """The id of a token of the model's vocabulary; that of the unknown token for any other."""

    @abstractmethod
    def _id_to_piece(self, index: int) -> str | None:
        """The token of the model's vocabulary with an id."""

    @property
    def is_fast(self) -> bool:
        """False: offsets are not known."""
        return False

    @property
    def vocab_size(self) -> int:
        """Number of tokens in the model's vocabulary, without added ones."""
        return len(self._pieces())

    def __len__(self) -> int:
        return len(self.get_vocab())

    def get_vocab(self) -> dict[str, int]:
        """Every token and its id, added ones included.

        Returns:
            Token to id.
        """
        return {**self._pieces(), **self._added_ids}

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        """Id to token for every token that is matched before the model splits the text."""
        return dict(sorted(self._added.items()))

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens a call puts around one text, or around a pair.

        Args:
            pair: Whether it is a pair.

        Returns:
            Their number.
        """
        return len(self.build_inputs_with_special_tokens([], [] if pair else None))

    def tokenize(
        self, text: TextInput, pair: TextInput | None = None, add_special_tokens: bool = False, **options: Any
    ) -> list[str]:
        """Splits one text, or one pair, into tokens.

        Args:
            text: A text, or with ``is_split_into_words`` a list of words.
            pair: The second text of a pair.
            add_special_tokens: Whether to put ``[CLS]`` and ``[SEP]`` around them.
            **options: ``split_special_tokens``, whether added tokens in the text are split like any other text.

        Returns:
            The tokens.
        """
        split = options.get("split_special_tokens", self.split_special_tokens)
        first = self._tokens(text, split)
        second = None if pair is None else self._tokens(pair, split)
        if not add_special_tokens:
            return first + (second or [])
        ends = [str(self.cls_token)], [str(self.sep_token)]
        return [*ends[0], *first, *ends[1]] + ([] if second is None else [*second, *ends[1]])

    def _tokens(self, text: Any, split_special_tokens: bool = False) -> list[str]:
        if not isinstance(text, str):
            return [token for word in text for token in self._tokens(word, split_special_tokens)]
        text = self._lowered(without_surrogates(text))
        if split_special_tokens:
            return self._split(text)
        tokens: list[str] = []
        for part in self._parts(text):
            if part in self._added_ids:
                tokens.append(part)
            elif part:
                tokens += self._split(part)
        return tokens

    def _lowered(self, text: str) -> str:
        """Lower-cases a text letter by letter, but for its special and its normalised added tokens."""
        if not self.do_lower_case:
            return text
        normalized = (token.content for token in self._added.values() if not token.special and token.normalized)
        parts = _matcher((*self.all_special_tokens, *normalized)).split(text)
        parts[::2] = ["".join(map(str.lower, part)) for part in parts[::2]]
        return "".join(parts)

    def _parts(self, text: str) -> list[str]:
        """Cuts the added tokens out of a text, the longest first, with the white space they take along."""
        parts = [part for part in _matcher(tuple(sorted(self._added_ids, key=len, reverse=True))).split(text) if part]
        for index, part in enumerate(parts):
            if part not in self._added_ids:
                continue
            token = self._added[self._added_ids[part]]
            left = parts[index - 1] if index > 0 else ""
            right = parts[index + 1] if index + 1 < len(parts) else ""
            if token.rstrip and right:
                parts[index + 1] = right.lstrip()
            if token.lstrip and left:
                parts[index - 1] = left.rstrip()
            if token.single_word and left and left[-1] != " ":
                parts[index - 1] += part
                parts[index] = ""
            elif token.single_word and right and right[0] != " ":
                parts[index + 1] = part + parts[index + 1]
                parts[index] = ""
        return parts

    def _encode_one(
        self, example: Example, limits: Limits, request: Request, return_tensors: str | None, notice: Notice
    ) -> BatchEncoding:
        inputs = self._inputs(example, limits, request, notice)
        padded = self._pad_to(inputs, limits, self._wanted("attention_mask", request.attention_mask))
        if request.length:
            padded["length"] = len(padded["input_ids"])
        return BatchEncoding(padded, tensor_type=return_tensors, prepend_batch_axis=True)

    def _encode_batch(self, examples: list[Example], limits: Limits, request: Request, notice: Notice) -> BatchEncoding:
        attention_mask = self._wanted("attention_mask", request.attention_mask)
        if not examples:
            names = ["input_ids"]
            names += ["token_type_ids"] if self._wanted("token_type_ids", request.token_type_ids) else []
            names += ["attention_mask"] if attention_mask else []
            return BatchEncoding({name: [] for name in names})
        rows = [self._inputs(example, limits, request, notice) for example in examples]
        columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
        if request.length:
            columns["length"] = [len(row["input_ids"]) for row in rows]
        return BatchEncoding(self._pad_to(columns, limits, attention_mask))

    def _inputs(self, example: Example, limits: Limits, request: Request, notice: Notice) -> dict[str, Any]:
        """The inputs of one text before padding."""
        self._refuse_offsets(request.offsets_mapping)
        first, second = example if isinstance(example, tuple) else (example, None)
        return self._assemble(
            self.convert_tokens_to_ids(self._tokens(first)),
            None if second is None else self.convert_tokens_to_ids(self._tokens(second)),
            limits,
            add_special_tokens=request.add_special_tokens,
            return_token_type_ids=request.token_type_ids,
            return_overflowing_tokens=request.overflowing_tokens,
            return_special_tokens_mask=request.special_tokens_mask,
            notice=notice,
        )

    def _encode_tokens(self, tokens: Any, pair: Any, options: dict[str, Any]) -> BatchEncoding:
        def ids(values: Any) -> list[int]:
            if isinstance(values, str):
                return self.convert_tokens_to_ids(self._tokens(values))
            if not all(isinstance(value, (int, str)) for value in values):
                raise TypeError("encode and encode_plus take one text, its tokens or its ids; for a batch use a call.")
            return [self.convert_tokens_to_ids(value) if isinstance(value, str) else value for value in values]

        self._refuse_offsets(options.pop("return_offsets_mapping", False))
        options.pop("is_split_into_words", None)
        second = None if pair is None else ids(pair)
        return self.prepare_for_model(ids(tokens), second, prepend_batch_axis=True, **options)

    def _refuse_offsets(self, asked: bool) -> None:
        if asked:
            raise NotImplementedError(
                f"{type(self).__name__} does not know where in the text a token came from: "
                f"for return_offsets_mapping use {self.tokenizer_class}Fast, or AutoTokenizer with use_fast=True."
            )

    def _decode(self, ids: list[int], skip_special_tokens: bool, spaces_between_special_tokens: bool) -> str:
        specials = set(self.all_special_tokens)
        further = {token for token in self.additional_special_tokens if self._token_to_id(token) >= self.vocab_size}
        alone = (self._added_ids.keys() - specials) | further
        texts: list[str] = []
        pending: list[str] = []
        for token in self.convert_ids_to_tokens(ids, skip_special_tokens):
            if token not in alone:
                pending.append(token)
                continue
            texts += filter(None, [self.convert_tokens_to_string(pending)] if pending else [])
            texts.append(token)
            pending = []
        if pending:
            texts.append(self.convert_tokens_to_string(pending))
        return (" " if spaces_between_special_tokens else "").join(texts)

    def _token_to_id(self, token: str) -> Any:
        index = self._added_ids.get(token)
        return self._piece_to_id(token) if index is None else index

    def _id_to_token(self, index: int) -> str | None:
        return self._added[index].content if index in self._added else self._id_to_piece(index)

    def _add_to_vocabulary(self, tokens: Iterable[Token], special: bool) -> int:
        vocabulary = self.get_vocab()
        size, count = len(vocabulary), 0
        for token in tokens:
            if not str(token):
                continue
            if isinstance(token, str):
                if token in self._added_ids:
                    continue
                is_special = special or token in self.all_special_tokens
                token = AddedToken(token, normalized=not is_special, special=is_special)
            elif special:
                token.special = True
            if not token.special and token.normalized and self.do_lower_case:
                token = _lower_case(token)
            index = vocabulary.get(token.content)
            if index is None:
                index = vocabulary[token.content] = size + count
                count += 1
            if token.special and token.content not in self.all_special_tokens:
                self._additional.append(token)
            self._added[index] = token
            self._added_ids[token.content] = index
        return count

    def _vocabulary_files(self, legacy_format: bool | None) -> dict[str, str | bytes]:
        if legacy_format is False:
            raise ValueError(
                f"legacy_format=False writes tokenizer.json, which a slow tokenizer does not have: "
                f"use {self.tokenizer_class}Fast."
            )
        return {self.vocabulary_names[0]: self._vocabulary_content(), **describe_added(self)}


@functools.lru_cache(maxsize=64)
def _matcher(tokens: tuple[str, ...]) -> re.Pattern[str]:
    """Splits a text at tokens and keeps them, at the odd places; the first that matches is taken."""
    return re.compile("(" + "|".join(map(re.escape, filter(None, tokens))) + ")" if any(tokens) else "(?!)()")


def _lower_case(token: AddedToken) -> AddedToken:
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return AddedToken(token.content.lower(), **{flag: getattr(token, flag) for flag in flags})
