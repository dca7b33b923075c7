"""Reads from a SentencePiece model file the few facts that ALBERT's tokenizer is built from.

The file is one Protocol Buffers message. Reading it takes neither the ``sentencepiece`` nor the ``protobuf`` package,
and steps over the fields that are not needed.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from flax_albert.protobuf import fields

# Field numbers of sentencepiece_model.proto.
_MODEL_PIECES, _MODEL_TRAINER, _MODEL_NORMALIZER = 1, 2, 3
_PIECE_TEXT, _PIECE_SCORE = 1, 2
_TRAINER_MODEL_TYPE, _TRAINER_UNK_ID = 3, 40
_NORMALIZER_CHARSMAP = 2

_MODEL_TYPES = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}


@dataclass(frozen=True)
class SentencePieceModel:
    """What a ``spiece.model`` says.

    Attributes:
        pieces: Every piece with its log probability; the index is the id.
        unk_id: Id of the piece that stands for unknown text.
        model_type: ``"unigram"``, ``"bpe"``, ``"word"`` or ``"char"``.
        precompiled_charsmap: The compiled normalisation table, empty where the model has none.
    """

    pieces: tuple[tuple[str, float], ...]
    unk_id: int
    model_type: str
    precompiled_charsmap: bytes


def read_sentencepiece_model(path: str | os.PathLike[str]) -> SentencePieceModel:
    r"""Reads a SentencePiece model file.

    Args:
        path: The file, usually called ``spiece.model``.

    Returns:
        Its pieces, unknown id, kind and normalisation table.

    Raises:
        OSError: The file cannot be read, is cut short, or is not a SentencePiece model.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.tokenization.sentencepiece_model import read_sentencepiece_model
        >>> piece = b"\x0a\x05<unk>" + b"\x15" + bytes(4)  # field 1: the text, field 2: the score 0.0
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "spiece.model"
        >>> _ = file.write_bytes(b"\x0a" + bytes([len(piece)]) + piece + b"\x12\x00" + b"\x1a\x00")
        >>> read_sentencepiece_model(file).pieces
        (('<unk>', 0.0),)
    """
    path = Path(path)
    data = path.read_bytes()
    if data.startswith(b"version https://git-lfs"):
        raise OSError(f"{path} is a Git LFS pointer, not the SentencePiece model itself: fetch the file it points to.")
    try:
        return _parse_model(data)
    except ValueError as error:
        raise OSError(f"{path} is not a whole SentencePiece model ({error}): copy or download it again.") from None


def _parse_model(data: bytes) -> SentencePieceModel:
    pieces: list[tuple[str, float]] = []
    model_type, unk_id, charsmap = 1, 0, b""
    seen: set[int] = set()
    for number, value in fields(data):
        seen.add(number)
        if number == _MODEL_PIECES:
            pieces.append(_parse_piece(_message(value, "a piece"), len(pieces)))
        elif number == _MODEL_TRAINER:
            for field, setting in fields(_message(value, "the trainer settings")):
                if field == _TRAINER_MODEL_TYPE:
                    model_type = _integer(setting, "the model type")
                elif field == _TRAINER_UNK_ID:
                    unk_id = _integer(setting, "the unknown id")
        elif number == _MODEL_NORMALIZER:
            for field, setting in fields(_message(value, "the normaliser settings")):
                if field == _NORMALIZER_CHARSMAP:
                    charsmap = _message(setting, "the normalisation table")
    if not pieces:
        raise ValueError("it has no pieces")
    # The trainer always writes both settings after the pieces, so a file without them was cut between two fields.
    if not {_MODEL_TRAINER, _MODEL_NORMALIZER} <= seen:
        raise ValueError(f"it ends after {len(pieces)} pieces, before its settings")
    if model_type not in _MODEL_TYPES:
        raise ValueError(f"its model type is {model_type}")
    if not 0 <= unk_id < len(pieces):
        raise ValueError(f"its unknown id is {unk_id}, outside its {len(pieces)} pieces")
    if len({text for text, _ in pieces}) != len(pieces):
        raise ValueError("a piece occurs twice")
    return SentencePieceModel(tuple(pieces), unk_id, _MODEL_TYPES[model_type], charsmap)


def _parse_piece(data: bytes, index: int) -> tuple[str, float]:
    text, score = "", 0.0
    for number, value in fields(data):
        if number == _PIECE_TEXT:
            try:
                text = _message(value, f"the text of piece {index}").decode("utf-8")
            except UnicodeDecodeError:
                raise ValueError(f"piece {index} is not UTF-8") from None
        elif number == _PIECE_SCORE:
            if not isinstance(value, bytes) or len(value) != 4:
                raise ValueError(f"the score of piece {index} is not a 4-byte float")
            score = struct.unpack("<f", value)[0]
    if not text:
        raise ValueError(f"piece {index} has no text")
    if not math.isfinite(score):
        raise ValueError(f"the score of piece {index} is {score}")
    return text, score


def _message(value: int | bytes, what: str) -> bytes:
    if isinstance(value, int):
        raise ValueError(f"{what} is a number")
    return value


def _integer(value: int | bytes, what: str) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{what} is not a number")
    return value - (1 << 64) if value >= 1 << 63 else value
