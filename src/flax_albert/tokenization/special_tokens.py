"""The tokens with a meaning of their own: ``[CLS]``, ``[SEP]``, ``[MASK]``, padding, unknown, and any a user adds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, overload

from tokenizers import AddedToken

Token = str | AddedToken

_SINGLE = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_ADDITIONAL = "additional_special_tokens"


class _SpecialToken:
    """One special token as a settable attribute: its text, or None where it is not set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> _SpecialToken: ...
    @overload
    def __get__(self, instance: SpecialTokens, owner: type) -> str | None: ...
    def __get__(self, instance: SpecialTokens | None, owner: type) -> _SpecialToken | str | None:
        if instance is None:
            return self
        token = instance._single[self._name]
        return None if token is None else str(token)

    def __set__(self, instance: SpecialTokens, value: Token | None) -> None:
        if value is not None and not isinstance(value, (str, AddedToken)):
            raise TypeError(f"{self._name} must be a str or an AddedToken, and it was given {value!r}.")
        instance._single[self._name] = value


class _SpecialTokenId:
    """The id of one special token as a settable attribute, or None where the token is not set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name.removesuffix("_id")

    @overload
    def __get__(self, instance: None, owner: type) -> _SpecialTokenId: ...
    @overload
    def __get__(self, instance: SpecialTokens, owner: type) -> int | None: ...
    def __get__(self, instance: SpecialTokens | None, owner: type) -> _SpecialTokenId | int | None:
        if instance is None:
            return self
        token = instance._single[self._name]
        return None if token is None else instance._token_to_id(str(token))

    def __set__(self, instance: SpecialTokens, value: int | None) -> None:
        token = None if value is None else instance._id_to_token(value)
        if value is not None and token is None:
            raise ValueError(f"{self._name}_id cannot be {value}: the vocabulary has no such id.")
        instance._single[self._name] = token


class SpecialTokens(ABC):
    """The special tokens of a tokenizer and their ids.

    Args:
        tokens: Any of the seven named tokens.
        additional: Further special tokens.
    """

    SPECIAL_TOKENS_ATTRIBUTES: ClassVar[list[str]] = [*_SINGLE, _ADDITIONAL]

    bos_token = _SpecialToken()
    eos_token = _SpecialToken()
    unk_token = _SpecialToken()
    sep_token = _SpecialToken()
    pad_token = _SpecialToken()
    cls_token = _SpecialToken()
    mask_token = _SpecialToken()

    bos_token_id = _SpecialTokenId()
    eos_token_id = _SpecialTokenId()
    unk_token_id = _SpecialTokenId()
    sep_token_id = _SpecialTokenId()
    pad_token_id = _SpecialTokenId()
    cls_token_id = _SpecialTokenId()
    mask_token_id = _SpecialTokenId()

    pad_token_type_id: int = 0

    def __init__(self, tokens: Mapping[str, Token | None], additional: Iterable[Token] = ()) -> None:
        self._single: dict[str, Token | None] = dict.fromkeys(_SINGLE)
        self._additional: list[Token] = []
        for name, token in tokens.items():
            setattr(self, name, token)
        self.additional_special_tokens = list(additional)

    @abstractmethod
    def _token_to_id(self, token: str) -> int | None:
        """The id of a token; that of the unknown token where the vocabulary lacks it."""

    @abstractmethod
    def _id_to_token(self, index: int) -> str | None:
        """The token of an id, None where the vocabulary has no such id."""

    @abstractmethod
    def _add_to_vocabulary(self, tokens: list[Token], special: bool) -> int:
        """Adds tokens to the vocabulary and says how many it took."""

    @property
    def additional_special_tokens(self) -> list[str]:
        """The special tokens beyond the seven named ones; settable."""
        return [str(token) for token in self._additional]

    @additional_special_tokens.setter
    def additional_special_tokens(self, value: Iterable[Token] | None) -> None:
        self._additional = _tokens(value or (), _ADDITIONAL)

    @property
    def additional_special_tokens_ids(self) -> list[int]:
        """Their ids; settable."""
        return self._ids(self.additional_special_tokens)

    @additional_special_tokens_ids.setter
    def additional_special_tokens_ids(self, values: Iterable[int]) -> None:
        values = list(values)
        tokens = [self._id_to_token(value) for value in values]
        if None in tokens:
            raise ValueError(f"the vocabulary has no id {values[tokens.index(None)]}.")
        self._additional = [token for token in tokens if token is not None]

    @property
    def special_tokens_map_extended(self) -> dict[str, Token | list[Token]]:
        """Name to token for every special token that is set, as given: text or ``AddedToken``."""
        named: dict[str, Token | list[Token]] = {name: token for name, token in self._single.items() if token}
        return {**named, _ADDITIONAL: list(self._additional)} if self._additional else named

    @property
    def special_tokens_map(self) -> dict[str, str | list[str]]:
        """Name to text for every special token that is set."""
        return {
            name: [str(token) for token in value] if isinstance(value, list) else str(value)
            for name, value in self.special_tokens_map_extended.items()
        }

    @property
    def all_special_tokens_extended(self) -> list[Token]:
        """Every special token once, as given: text or ``AddedToken``."""
        once: dict[str, Token] = {}
        for value in self.special_tokens_map_extended.values():
            for token in value if isinstance(value, list) else [value]:
                once.setdefault(str(token), token)
        return list(once.values())

    @property
    def all_special_tokens(self) -> list[str]:
        """The text of every special token, once."""
        return [str(token) for token in self.all_special_tokens_extended]

    @property
    def all_special_ids(self) -> list[int]:
        """The id of every special token, in the order of ``all_special_tokens``."""
        return self._ids(self.all_special_tokens)

    def _ids(self, tokens: Iterable[str]) -> list[int]:
        return [index for index in map(self._token_to_id, tokens) if index is not None]

    def add_tokens(self, new_tokens: Token | Sequence[Token], special_tokens: bool = False) -> int:
        """Adds tokens that the model's vocabulary lacks; text that matches one is never split.

        The embeddings of the model must grow with the vocabulary.

        Args:
            new_tokens: One token or several.
            special_tokens: Whether they are special: matched before the text is normalised, skipped in decoding.

        Returns:
            How many were added.

        Raises:
            TypeError: A token is neither text nor an ``AddedToken``.
        """
        given = [new_tokens] if isinstance(new_tokens, (str, AddedToken)) else new_tokens
        tokens = _tokens(given, "new_tokens")
        return self._add_to_vocabulary(tokens, special_tokens) if tokens else 0

    def add_special_tokens(
        self,
        special_tokens_dict: Mapping[str, Token | Sequence[Token]],
        replace_additional_special_tokens: bool = True,
    ) -> int:
        """Sets special tokens by name and adds those that the vocabulary lacks.

        Args:
            special_tokens_dict: Any of ``SPECIAL_TOKENS_ATTRIBUTES`` to a token, or to a list of tokens for
                ``additional_special_tokens``.
            replace_additional_special_tokens: Whether that list replaces the present one or is appended to it.

        Returns:
            How many tokens were added to the vocabulary.

        Raises:
            ValueError: A name is not one of ``SPECIAL_TOKENS_ATTRIBUTES``.
            TypeError: A token is neither text nor an ``AddedToken``.
        """
        for name in special_tokens_dict:
            if name not in self.SPECIAL_TOKENS_ATTRIBUTES:
                raise ValueError(f"{name!r} is no special token; the names are {self.SPECIAL_TOKENS_ATTRIBUTES}.")
        added: list[Token] = []
        for name, value in special_tokens_dict.items():
            if name == _ADDITIONAL:
                if isinstance(value, (str, AddedToken)):
                    raise TypeError(f"{name} must be a list of tokens, and it was given {value!r}.")
                tokens = [_as_special(token) for token in _tokens(value, name)]
                if not replace_additional_special_tokens:
                    tokens = [token for token in tokens if str(token) not in self.additional_special_tokens]
                    self._additional += tokens
                elif tokens:
                    self._additional = list(tokens)
                added += tokens
            else:
                setattr(self, name, value)
                token = _as_special(_tokens([value], name)[0])
                self._single[name] = token
                if token not in added:
                    added.append(token)
        return self._add_to_vocabulary(added, special=True) if added else 0


def _as_special(token: Token) -> AddedToken:
    return token if isinstance(token, AddedToken) else AddedToken(token, normalized=False, special=True)


def _tokens(values: Iterable[object], name: str) -> list[Token]:
    tokens: list[Token] = []
    for index, value in enumerate(values):
        if not isinstance(value, (str, AddedToken)):
            raise TypeError(f"{name}[{index}] must be a str or an AddedToken, and it was given {value!r}.")
        tokens.append(value)
    return tokens
