"""What a tokenizer returns: the model's inputs by name, and the ways between characters, words and tokens."""

from __future__ import annotations

from collections import UserDict
from collections.abc import ItemsView, KeysView, Mapping, Sequence, ValuesView
from typing import Any, NamedTuple

from tokenizers import Encoding

from flax_albert.tokenization.tensors import array_maker, is_array


class CharSpan(NamedTuple):
    """Characters ``start`` up to and without ``end`` of a text."""

    start: int
    end: int


class TokenSpan(NamedTuple):
    """Tokens ``start`` up to and without ``end`` of an encoding."""

    start: int
    end: int


class BatchEncoding(UserDict):
    """The model's inputs, and where each token came from.

    A mapping from names (``input_ids``, ``token_type_ids``, ``attention_mask``, ...) to lists or arrays; the names are
    attributes too, and ``model(**encoding)`` works. An integer index gives the ``tokenizers.Encoding`` of one text.

    Methods that take a position take either the position alone, for the first text, or the number of the text and then
    the position. Positions of tokens may be negative. A word is what stands between spaces, or what the caller passed
    as a word; a sequence is the first (0) or second (1) text of a pair.

    Args:
        data: Names to values.
        encoding: The encodings the values came from: one, or one a text.
        tensor_type: ``"np"`` or ``"jax"`` to make arrays of the values.
        prepend_batch_axis: Whether to put every value into a batch of one first.
        n_sequences: How many sequences each text has, where ``encoding`` does not say.

    Example:
        >>> from flax_albert.tokenization import AlbertTokenizerFast
        >>> tokenizer = AlbertTokenizerFast.from_pretrained("albert-mini-en")
        >>> encoding = tokenizer("The cat", return_tensors="np")
        >>> encoding.input_ids.shape == encoding["attention_mask"].shape
        True
        >>> encoding.char_to_token(0), encoding.token_to_chars(1)
        (1, CharSpan(start=0, end=3))
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        encoding: Encoding | Sequence[Encoding] | None = None,
        tensor_type: str | None = None,
        prepend_batch_axis: bool = False,
        n_sequences: int | None = None,
    ) -> None:
        super().__init__(data)
        if isinstance(encoding, Encoding):
            encoding = [encoding]
        self._encodings: list[Encoding] | None = None if encoding is None else list(encoding)
        self._n_sequences = self._encodings[0].n_sequences if n_sequences is None and self._encodings else n_sequences
        self.convert_to_tensors(tensor_type, prepend_batch_axis)

    def __getitem__(self, key: str | int | slice) -> Any:
        if isinstance(key, str):
            return self.data[key]
        if self._encodings is not None:
            return self._encodings[key]
        if isinstance(key, slice):
            return {name: value[key] for name, value in self.data.items()}
        raise KeyError(f"{key!r}: this BatchEncoding holds no encodings, so that it is indexed by name or slice only.")

    def __getattr__(self, name: str) -> Any:
        # `data` itself is looked up in __dict__: while unpickling it is not there yet.
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(
                f"this BatchEncoding has no {name!r}; it holds {list(self.__dict__.get('data', ()))}"
            ) from None

    # UserDict's views print every value.
    def keys(self) -> KeysView[str]:
        """The names."""
        return self.data.keys()

    def values(self) -> ValuesView[Any]:
        """The values, in the order of the names."""
        return self.data.values()

    def items(self) -> ItemsView[str, Any]:
        """The names with their values."""
        return self.data.items()

    @property
    def n_sequences(self) -> int | None:
        """How many sequences each text has: 1, 2 for pairs, None where unknown."""
        return self._n_sequences

    @property
    def is_fast(self) -> bool:
        """Whether it holds encodings, so that positions can be looked up."""
        return self._encodings is not None

    @property
    def encodings(self) -> list[Encoding] | None:
        """The encodings of the texts, None where there are none."""
        return self._encodings

    def tokens(self, batch_index: int = 0) -> list[str]:
        """The tokens of a text.

        Args:
            batch_index: Number of the text.

        Returns:
            One piece of text a token.
        """
        return self._encoding(batch_index).tokens

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """The word each token of a text belongs to.

        Args:
            batch_index: Number of the text.

        Returns:
            Number of the word, None for a special token that was put around the text.
        """
        return self._encoding(batch_index).word_ids

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """The sequence each token of a text belongs to.

        Args:
            batch_index: Number of the text.

        Returns:
            0 or 1, None for a special token that was put around the text.
        """
        return self._encoding(batch_index).sequence_ids

    def token_to_sequence(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """The sequence a token belongs to.

        Args:
            batch_or_token_index: Number of the text, or position of the token.
            token_index: Position of the token.

        Returns:
            0 or 1, None for a special token.
        """
        encoding, position = self._token(batch_or_token_index, token_index)
        return encoding.token_to_sequence(position)

    def token_to_word(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """The word a token belongs to.

        Args:
            batch_or_token_index: Number of the text, or position of the token.
            token_index: Position of the token.

        Returns:
            Number of the word, None for a special token.
        """
        encoding, position = self._token(batch_or_token_index, token_index)
        return encoding.token_to_word(position)

    def token_to_chars(self, batch_or_token_index: int, token_index: int | None = None) -> CharSpan | None:
        """The characters a token came from.

        Args:
            batch_or_token_index: Number of the text, or position of the token.
            token_index: Position of the token.

        Returns:
            Their span, None for a special token.
        """
        encoding, position = self._token(batch_or_token_index, token_index)
        span = encoding.token_to_chars(position)
        return None if span is None else CharSpan(*span)

    def word_to_tokens(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> TokenSpan | None:
        """The tokens of a word.

        Args:
            batch_or_word_index: Number of the text, or of the word.
            word_index: Number of the word.
            sequence_index: 0 or 1, the sequence the word is counted in.

        Returns:
            Their span, None where the word has no tokens.
        """
        encoding, position = self._position(batch_or_word_index, word_index)
        span = encoding.word_to_tokens(position, sequence_index)
        return None if span is None else TokenSpan(*span)

    def word_to_chars(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> CharSpan | None:
        """The characters of a word.

        Args:
            batch_or_word_index: Number of the text, or of the word.
            word_index: Number of the word.
            sequence_index: 0 or 1, the sequence the word is counted in.

        Returns:
            Their span, None where the word has no tokens.
        """
        encoding, position = self._position(batch_or_word_index, word_index)
        span = encoding.word_to_chars(position, sequence_index)
        return None if span is None else CharSpan(*span)

    def char_to_token(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """The token that holds a character.

        Args:
            batch_or_char_index: Number of the text, or position of the character.
            char_index: Position of the character.
            sequence_index: 0 or 1, the sequence the character is counted in.

        Returns:
            Position of the token, None where no token holds the character.
        """
        encoding, position = self._position(batch_or_char_index, char_index)
        return encoding.char_to_token(position, sequence_index)

    def char_to_word(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """The word that holds a character.

        Args:
            batch_or_char_index: Number of the text, or position of the character.
            char_index: Position of the character.
            sequence_index: 0 or 1, the sequence the character is counted in.

        Returns:
            Number of the word, None where no word holds the character.
        """
        encoding, position = self._position(batch_or_char_index, char_index)
        return encoding.char_to_word(position, sequence_index)

    def convert_to_tensors(self, tensor_type: str | None = None, prepend_batch_axis: bool = False) -> BatchEncoding:
        """Makes arrays of the values, in place.

        Args:
            tensor_type: ``"np"`` for NumPy arrays, ``"jax"`` for JAX arrays, None to change nothing.
            prepend_batch_axis: Whether to put every value into a batch of one first.

        Returns:
            This object.

        Raises:
            ValueError: ``tensor_type`` is unknown, or the texts differ in length and cannot be one array.
        """
        if tensor_type is None:
            return self
        make = array_maker(tensor_type)
        for name, value in self.data.items():
            if is_array(value) and not prepend_batch_axis:
                continue
            try:
                self.data[name] = make([value] if prepend_batch_axis else value)
            except (ValueError, TypeError):
                raise ValueError(
                    f"{name} cannot become one array: its rows differ in length or are not numbers; "
                    "pass padding=True (and truncation=True), or leave out return_tensors."
                ) from None
        return self

    def _encoding(self, batch_index: int) -> Encoding:
        if self._encodings is None:
            raise ValueError("this BatchEncoding holds no encodings: only what a call of the tokenizer returns does.")
        return self._encodings[batch_index]

    def _position(self, batch_or_position: int, position: int | None) -> tuple[Encoding, int]:
        """Tells (text, position) from (position of the first text)."""
        if position is None:
            return self._encoding(0), batch_or_position
        return self._encoding(batch_or_position), position

    def _token(self, batch_or_token: int, token: int | None) -> tuple[Encoding, int]:
        encoding, position = self._position(batch_or_token, token)
        return encoding, position + len(encoding) if position < 0 else position
