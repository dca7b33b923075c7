"""Tokens to ids and back, and ids to text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, overload

from tokenizers import AddedToken

from flax_albert.tokenization.special_tokens import SpecialTokens, Token
from flax_albert.tokenization.tensors import to_lists

# English text is written without the spaces that splitting off punctuation and contractions leaves behind.
_CLEAN_UP = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
)


class Vocabulary(SpecialTokens):
    """Tokens with their ids: those of the model, and those added to them.

    Args:
        tokens: The named special tokens.
        additional: Further special tokens.
        clean_up_tokenization_spaces: Whether decoding removes the spaces before punctuation.
    """

    def __init__(
        self, tokens: dict[str, Token | None], additional: Iterable[Token], clean_up_tokenization_spaces: bool
    ) -> None:
        super().__init__(tokens, additional)
        self.clean_up_tokenization_spaces = clean_up_tokenization_spaces

    @property
    @abstractmethod
    def is_fast(self) -> bool:
        """Whether the work is done by compiled code, and offsets are known."""

    @property
    @abstractmethod
    def vocab_size(self) -> int:
        """Number of tokens in the model's vocabulary, without added ones."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of tokens, added ones included: the number of rows the embeddings need."""

    @abstractmethod
    def get_vocab(self) -> dict[str, int]:
        """Every token and its id, added ones included.

        Returns:
            Token to id.
        """

    @property
    def vocab(self) -> dict[str, int]:
        """Every token and its id, added ones included."""
        return self.get_vocab()

    @property
    @abstractmethod
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        """Id to token for every token that is matched before the model splits the text."""

    @property
    def added_tokens_encoder(self) -> dict[str, int]:
        """Text to id for the same tokens, by id."""
        return {token.content: index for index, token in sorted(self.added_tokens_decoder.items())}

    def get_added_vocab(self) -> dict[str, int]:
        """Text to id for every token that is matched before the model splits the text.

        Returns:
            Token to id, by id.
        """
        return self.added_tokens_encoder

    @overload
    def convert_tokens_to_ids(self, tokens: str) -> int: ...
    @overload
    def convert_tokens_to_ids(self, tokens: Iterable[str]) -> list[int]: ...
    def convert_tokens_to_ids(self, tokens: str | Iterable[str] | None) -> Any:
        """Looks tokens up in the vocabulary.

        Args:
            tokens: One token or several.

        Returns:
            One id or a list; a token that the vocabulary lacks gets the id of the unknown token. None for None.
        """
        if tokens is None:
            return None
        if isinstance(tokens, str):
            return self._token_to_id(tokens)
        return [self._token_to_id(token) for token in tokens]

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """Looks ids up in the vocabulary.

        Args:
            ids: One id or several; a list or an array.
            skip_special_tokens: Whether special tokens are left out of the list.

        Returns:
            One token or a list; None for an id that the vocabulary lacks.
        """
        ids = to_lists(ids)
        if isinstance(ids, int):
            return self._id_to_token(ids)
        skipped = set(self.all_special_ids) if skip_special_tokens else set()
        return [self._id_to_token(index) for index in ids if index not in skipped]

    @abstractmethod
    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Joins tokens into text.

        Args:
            tokens: The tokens of one text.

        Returns:
            The text, with the spaces as the tokens have them.
        """

    @abstractmethod
    def _decode(self, ids: list[int], skip_special_tokens: bool, spaces_between_special_tokens: bool) -> str:
        """The text of checked ids."""

    def decode(
        self,
        token_ids: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        spaces_between_special_tokens: bool = True,
    ) -> str:
        """Turns ids into text.

        Args:
            token_ids: One id, or the ids of one text; a list or an array. Ids beyond the vocabulary are left out.
            skip_special_tokens: Whether special tokens are left out.
            clean_up_tokenization_spaces: Whether spaces before punctuation and contractions are removed. By default as
                the tokenizer was set up.
            spaces_between_special_tokens: Whether the slow tokenizers put spaces around added tokens.

        Returns:
            The text.

        Raises:
            TypeError: There is something else than ids among them.
            ValueError: An id is negative.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizerFast
            >>> tokenizer = AlbertTokenizerFast.from_pretrained("albert-mini-en")
            >>> tokenizer.decode(tokenizer("Hello, world.").input_ids, skip_special_tokens=True)
            'hello, world.'
        """
        ids = to_lists(token_ids)
        ids = _checked_ids([ids] if isinstance(ids, int) else ids)
        text = self._decode(ids, skip_special_tokens, spaces_between_special_tokens)
        if clean_up_tokenization_spaces is None:
            clean_up_tokenization_spaces = self.clean_up_tokenization_spaces
        return self.clean_up_tokenization(text) if clean_up_tokenization_spaces else text

    def batch_decode(
        self,
        sequences: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        spaces_between_special_tokens: bool = True,
    ) -> list[str]:
        """Turns the ids of several texts into text.

        Args:
            sequences: A list of lists, or an array with one row a text.
            skip_special_tokens: As for ``decode``.
            clean_up_tokenization_spaces: As for ``decode``.
            spaces_between_special_tokens: As for ``decode``.

        Returns:
            One text a row.
        """
        options = (skip_special_tokens, clean_up_tokenization_spaces, spaces_between_special_tokens)
        return [self.decode(row, *options) for row in to_lists(sequences)]

    @staticmethod
    def clean_up_tokenization(out_string: str) -> str:
        """Removes the spaces before English punctuation and contractions.

        Args:
            out_string: Decoded text.

        Returns:
            The text without them.
        """
        for spaced, joined in _CLEAN_UP:
            out_string = out_string.replace(spaced, joined)
        return out_string


def _checked_ids(ids: Any) -> list[int]:
    if not isinstance(ids, list):
        raise TypeError(f"decode takes the ids of one text, and it was given {ids!r}.")
    for position, index in enumerate(ids):
        if isinstance(index, list):
            raise TypeError("decode takes the ids of one text; for a list of texts use batch_decode.")
        if isinstance(index, bool) or not isinstance(index, int):
            raise TypeError(f"decode takes integer ids, and the one at position {position} is {index!r}.")
        if not 0 <= index < 1 << 32:
            raise ValueError(f"decode takes ids of the vocabulary, and the one at position {position} is {index}.")
    return ids
