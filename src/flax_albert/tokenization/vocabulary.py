"""Tokens to ids and back, and ids to text."""

from __future__ import annotations

import itertools
import operator
import threading
from collections.abc import Iterable
from typing import Any, overload

from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import Decoder

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
    """The vocabulary of a ``tokenizers`` pipeline, with the tokens added to it.

    Args:
        backend: The pipeline.
        tokens: The named special tokens.
        additional: Further special tokens.
        added: Tokens to add to the vocabulary first, by id.
        clean_up_tokenization_spaces: Whether decoding removes the spaces before punctuation.
    """

    def __init__(
        self,
        backend: Tokenizer,
        tokens: dict[str, Token | None],
        additional: Iterable[Token],
        added: dict[int, AddedToken],
        clean_up_tokenization_spaces: bool,
    ) -> None:
        super().__init__(tokens, additional)
        self._backend = backend
        # Padding and truncation are settings of the one backend: calls from several threads take turns.
        self._lock = threading.RLock()
        self.clean_up_tokenization_spaces = clean_up_tokenization_spaces
        self._respelled: dict[int, str] = {}
        self._add_missing(added)
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
        """Number of tokens, added ones included: the number of rows the embeddings need."""
        return self._backend.get_vocab_size(with_added_tokens=True)

    def get_vocab(self) -> dict[str, int]:
        """Every token and its id, added ones included.

        Returns:
            Token to id.
        """
        return self._backend.get_vocab(with_added_tokens=True)

    @property
    def vocab(self) -> dict[str, int]:
        """Every token and its id, added ones included."""
        return self.get_vocab()

    @property
    def added_tokens_decoder(self) -> dict[int, AddedToken]:
        """Id to token for every token that is matched before the model splits the text."""
        return self._backend.get_added_tokens_decoder()

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

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Joins tokens into text.

        Args:
            tokens: The tokens of one text.

        Returns:
            The text, with the spaces as the tokens have them.
        """
        return "" if self.decoder is None else self.decoder.decode(tokens)

    def decode(
        self, token_ids: Any, skip_special_tokens: bool = False, clean_up_tokenization_spaces: bool | None = None
    ) -> str:
        """Turns ids into text.

        Args:
            token_ids: One id, or the ids of one text; a list or an array. Ids beyond the vocabulary are left out.
            skip_special_tokens: Whether special tokens are left out.
            clean_up_tokenization_spaces: Whether spaces before punctuation and contractions are removed. By default as
                the tokenizer was set up.

        Returns:
            The text.

        Raises:
            TypeError: There is something else than ids among them.
            ValueError: An id is negative.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizer
            >>> tokenizer = AlbertTokenizer.from_pretrained("albert-mini-en")
            >>> tokenizer.decode(tokenizer("Hello, world.").input_ids, skip_special_tokens=True)
            'hello, world.'
        """
        ids = to_lists(token_ids)
        ids = _checked_ids([ids] if isinstance(ids, int) else ids)
        if self._respelled.keys().isdisjoint(ids):
            with self._lock:
                text = self._backend.decode(ids, skip_special_tokens=skip_special_tokens)
        else:
            text = self.convert_tokens_to_string(self._decoded_tokens(ids, skip_special_tokens))
        if clean_up_tokenization_spaces is None:
            clean_up_tokenization_spaces = self.clean_up_tokenization_spaces
        return self.clean_up_tokenization(text) if clean_up_tokenization_spaces else text

    def _decoded_tokens(self, ids: list[int], skip_special_tokens: bool) -> list[str]:
        skipped: set[int] = set()
        if skip_special_tokens:
            named = set(self.all_special_tokens)
            added = self.added_tokens_decoder.items()
            skipped = {index for index, token in added if token.special or token.content in named}
        tokens = [self._id_to_token(index) for index in ids if index not in skipped]
        return [token for token in tokens if token is not None]

    def batch_decode(
        self, sequences: Any, skip_special_tokens: bool = False, clean_up_tokenization_spaces: bool | None = None
    ) -> list[str]:
        """Turns the ids of several texts into text.

        Args:
            sequences: A list of lists, or an array with one row a text.
            skip_special_tokens: As for ``decode``.
            clean_up_tokenization_spaces: As for ``decode``.

        Returns:
            One text a row.
        """
        return [self.decode(row, skip_special_tokens, clean_up_tokenization_spaces) for row in to_lists(sequences)]

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
