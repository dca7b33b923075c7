"""What ``padding``, ``truncation`` and ``max_length`` mean together."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from tokenizers import Tokenizer

PADDING = ("longest", "max_length", "do_not_pad")
TRUNCATION = ("longest_first", "only_first", "only_second", "do_not_truncate")

# A model without a maximum length says so with a number beyond this one.
_NO_MAXIMUM = int(1e20)

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """How long encodings become.

    Attributes:
        padding: One of ``PADDING``.
        truncation: One of ``TRUNCATION``.
        max_length: Length for padding and truncation, special tokens included; None where neither needs one.
        stride: Number of tokens that consecutive windows of an overflowing text share.
        pad_to_multiple_of: Padded lengths are rounded up to a multiple of this.
    """

    padding: str
    truncation: str
    max_length: int | None
    stride: int
    pad_to_multiple_of: int | None

    @property
    def pads(self) -> bool:
        """Whether encodings are padded."""
        return self.padding != "do_not_pad"

    @property
    def truncates(self) -> bool:
        """Whether encodings are truncated."""
        return self.truncation != "do_not_truncate"

    def room(self, special_tokens: int) -> int | None:
        """How many tokens of text truncation leaves beside the special tokens.

        Args:
            special_tokens: How many special tokens are added.

        Returns:
            Their number, None where nothing is truncated.

        Raises:
            ValueError: There is no room for the special tokens, or none for progress from window to window.
        """
        if not self.truncates or self.max_length is None:
            return None
        room = self.max_length - special_tokens
        if room < 0:
            raise ValueError(f"max_length={self.max_length} is too small for the {special_tokens} special tokens.")
        if self.stride and self.stride >= room:
            raise ValueError(
                f"stride={self.stride} must be smaller than the {room} tokens of text that "
                f"max_length={self.max_length} leaves beside {special_tokens} special tokens."
            )
        return room


def resolve_limits(
    padding: bool | str,
    truncation: bool | str | None,
    max_length: int | None,
    stride: int,
    pad_to_multiple_of: int | None,
    *,
    model_max_length: int | float,
    notice: Notice,
) -> Limits:
    """Turns the arguments of a call into limits.

    Args:
        padding: True or ``"longest"``, ``"max_length"``, False or ``"do_not_pad"``.
        truncation: True or ``"longest_first"``, ``"only_first"``, ``"only_second"``, False or ``"do_not_truncate"``;
            None is False, unless ``max_length`` is given and ``padding`` is False.
        max_length: The length for both; the model's where it is None.
        stride: Overlap of the windows of an overflowing text.
        pad_to_multiple_of: Round padded lengths up to a multiple of this.
        model_max_length: The model's maximum length.
        notice: Called with a sentence where the arguments do less than they seem to.

    Returns:
        The limits.

    Raises:
        ValueError: A strategy is unknown, a number is negative, or the numbers contradict each other.
        TypeError: A number is none.

    Example:
        >>> from flax_albert.tokenization.strategies import resolve_limits
        >>> limits = resolve_limits("max_length", True, None, 0, None, model_max_length=512, notice=print)
        >>> limits.padding, limits.truncation, limits.max_length
        ('max_length', 'longest_first', 512)
    """
    max_length = _whole("max_length", max_length)
    pad_to_multiple_of = _whole("pad_to_multiple_of", pad_to_multiple_of)
    stride = _whole("stride", stride) or 0

    if max_length is not None and padding is False and truncation is None:
        notice(
            f"max_length={max_length} without truncation or padding truncates, longest text first; "
            "pass truncation=True to say so."
        )
        truncation = True
    chosen_padding = _choice("padding", padding, "longest", PADDING)
    chosen_truncation = _choice("truncation", truncation, "longest_first", TRUNCATION)
    if padding is True and max_length is not None and chosen_truncation == "do_not_truncate":
        notice("padding=True pads to the longest text and ignores max_length; padding='max_length' pads to max_length.")

    if max_length is None:
        known = model_max_length <= _NO_MAXIMUM
        if chosen_padding == "max_length":
            if known:
                max_length = int(model_max_length)
            else:
                notice("padding='max_length' pads nothing: there is no max_length, and the model names no maximum.")
                chosen_padding = "do_not_pad"
        if chosen_truncation != "do_not_truncate":
            if known:
                max_length = int(model_max_length)
            else:
                notice("truncation truncates nothing: there is no max_length, and the model names no maximum.")
                chosen_truncation = "do_not_truncate"

    limits = Limits(chosen_padding, chosen_truncation, max_length, stride, pad_to_multiple_of)
    multiple_matters = limits.pads and limits.truncates and max_length is not None and pad_to_multiple_of
    if multiple_matters and max_length % pad_to_multiple_of:
        raise ValueError(
            f"max_length={max_length} is not a multiple of pad_to_multiple_of={pad_to_multiple_of}, "
            "and both padding and truncation are asked for."
        )
    return limits


def apply_limits(
    backend: Tokenizer,
    limits: Limits,
    *,
    padding_side: str,
    truncation_side: str,
    pad_token: str | None,
    pad_token_id: int | None,
    pad_token_type_id: int,
) -> None:
    """Sets padding and truncation on the pipeline, where they are not set so already.

    Args:
        backend: The pipeline.
        limits: What to set.
        padding_side: ``"left"`` or ``"right"``.
        truncation_side: ``"left"`` or ``"right"``.
        pad_token: Text of the padding token.
        pad_token_id: Its id.
        pad_token_type_id: Segment of padding.

    Raises:
        ValueError: A side is neither left nor right, or there is no padding token to pad with.
    """
    check_side("padding_side", padding_side)
    check_side("truncation_side", truncation_side)
    if not limits.truncates or limits.max_length is None:
        if backend.truncation is not None:
            backend.no_truncation()
    else:
        truncation = {
            "max_length": limits.max_length,
            "stride": limits.stride,
            "strategy": limits.truncation,
            "direction": truncation_side,
        }
        if backend.truncation != truncation:
            backend.enable_truncation(**truncation)
    if not limits.pads:
        if backend.padding is not None:
            backend.no_padding()
        return
    check_pad_token(pad_token, pad_token_id)
    padding = {
        "length": limits.max_length if limits.padding == "max_length" else None,
        "direction": padding_side,
        "pad_id": pad_token_id,
        "pad_token": pad_token,
        "pad_type_id": pad_token_type_id,
        "pad_to_multiple_of": limits.pad_to_multiple_of,
    }
    if backend.padding != padding:
        backend.enable_padding(**padding)


def check_side(name: str, side: str) -> None:
    """Checks the side on which to pad or truncate.

    Args:
        name: ``"padding_side"`` or ``"truncation_side"``.
        side: Its value.

    Raises:
        ValueError: It is neither left nor right.
    """
    if side not in ("left", "right"):
        raise ValueError(f"{name} must be 'left' or 'right', and it is {side!r}.")


def check_pad_token(pad_token: str | None, pad_token_id: int | None) -> None:
    """Checks that there is a token to pad with.

    Args:
        pad_token: Its text.
        pad_token_id: Its id.

    Raises:
        ValueError: There is none.
    """
    if pad_token is None or pad_token_id is None:
        raise ValueError("padding needs a padding token: set tokenizer.pad_token.")


def _choice(name: str, value: bool | str | None, default: str, choices: tuple[str, ...]) -> str:
    if value is True:
        return default
    if value is False or value is None:
        return choices[-1]
    if value not in choices:
        raise ValueError(f"{name}={value!r} is unknown; it is True, False or one of {', '.join(map(repr, choices))}.")
    return str(value)


def _whole(name: str, value: int | None) -> int | None:
    if value is None:
        return None
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, and it is {value!r}.") from None
    if value < 0:
        raise ValueError(f"{name} must not be negative, and it is {value}.")
    return value
