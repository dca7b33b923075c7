"""Reading spiece.model: what whole files say, and that no broken one is taken for whole."""

import random
import struct
from pathlib import Path

import pytest

from flax_albert.tokenization import AlbertTokenizerFast
from flax_albert.tokenization.sentencepiece_model import SentencePieceModel, read_sentencepiece_model
from tests.tokenization import protobuf

PIECES = {"<unk>": 0.0, "▁the": -1.5, "▁cat": -2.25, "s": -3.0}


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = written(tmp_path / "m", protobuf.model(PIECES, unk_id=0, charsmap=b"\x01\x02"))
    assert read_sentencepiece_model(path) == SentencePieceModel(tuple(PIECES.items()), 0, "unigram", b"\x01\x02")


@pytest.mark.parametrize("folder", ["tiny", "real"])
def test_a_trained_model_is_read_as_sentencepiece_reads_it(
    folder: str, tiny: Path, request: pytest.FixtureRequest
) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    directory = tiny if folder == "tiny" else request.getfixturevalue("shared_data") / "tokenizer"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(directory / "spiece.model"))
    model = read_sentencepiece_model(directory / "spiece.model")
    expected = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]
    assert list(model.pieces) == expected
    assert model.unk_id == processor.unk_id()


def test_fields_that_are_not_needed_are_stepped_over(tmp_path: Path) -> None:
    extra = protobuf.number(77, 1 << 40) + protobuf.varint(78 << 3 | 1) + bytes(8) + protobuf.chunk(79, b"self test")
    plain = read_sentencepiece_model(written(tmp_path / "a", protobuf.model(PIECES)))
    assert read_sentencepiece_model(written(tmp_path / "b", protobuf.model(PIECES, extra=extra))) == plain


def test_every_truncated_model_is_refused(tmp_path: Path) -> None:
    whole = protobuf.model(PIECES, charsmap=b"table")
    for length in range(len(whole)):
        path = written(tmp_path / "spiece.model", whole[:length])
        with pytest.raises(OSError, match=r"spiece\.model is not a whole SentencePiece model"):
            read_sentencepiece_model(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no pieces"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html></html>", "wire type"),
        (protobuf.model({}), "no pieces"),
        (protobuf.model(PIECES, unk_id=4), "unknown id is 4"),
        (protobuf.model(PIECES, unk_id=-1), "unknown id is -1"),
        (protobuf.model(PIECES, model_type=9), "model type is 9"),
        (protobuf.model(PIECES, extra=protobuf.piece(b"s", 0.0)), "occurs twice"),
        (protobuf.model(PIECES, extra=protobuf.piece(b"", 0.0)), "piece 4 has no text"),
        (protobuf.model(PIECES, extra=protobuf.piece(b"\xff", 0.0)), "piece 4 is not UTF-8"),
        (protobuf.model(PIECES, extra=protobuf.piece(b"x", float("nan"))), "score of piece 4 is nan"),
        (protobuf.model(PIECES, extra=protobuf.number(1, 5)), "a piece is a number"),
        (
            protobuf.model(PIECES, extra=protobuf.chunk(1, protobuf.chunk(1, b"x") + protobuf.number(2, 1))),
            "4-byte float",
        ),
        (protobuf.model(PIECES, extra=b"\xff" * 11), "longer than 10 bytes"),
        (protobuf.model(PIECES, extra=b"\x00\x00"), "number 0"),
        (protobuf.model(PIECES, extra=protobuf.varint(9 << 3 | 2) + protobuf.varint(1 << 60)), "bytes, .* are left"),
    ],
)
def test_a_broken_model_is_refused_in_one_sentence(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = written(tmp_path / "spiece.model", content)
    with pytest.raises(OSError, match=complaint) as caught:
        read_sentencepiece_model(path)
    assert str(path) in str(caught.value)


def test_only_unigram_models_make_a_tokenizer(tmp_path: Path) -> None:
    path = written(tmp_path / "spiece.model", protobuf.model(PIECES, model_type=2))
    assert read_sentencepiece_model(path).model_type == "bpe"
    with pytest.raises(OSError, match=r"spiece\.model cannot be used: .*'bpe'.*tokenizer\.json"):
        AlbertTokenizerFast(path)


def test_a_damaged_normalisation_table_is_refused(tmp_path: Path) -> None:
    table = struct.pack("<I", 1 << 20) + b"short"
    path = written(tmp_path / "spiece.model", protobuf.model(PIECES, charsmap=table))
    with pytest.raises(OSError, match=r"normalisation table .* is damaged"):
        AlbertTokenizerFast(path)


def test_random_damage_ends_in_oserror_or_a_working_tokenizer(tiny: Path, tmp_path: Path) -> None:
    whole = (tiny / "spiece.model").read_bytes()
    generator = random.Random(0)
    complaints: list[str] = []
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(generator.choice([1, 3, 30])):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        path = written(tmp_path / "spiece.model", bytes(damaged))
        try:
            ids = AlbertTokenizerFast(path)("ﬁne text, 1,000 ｗｉｄｅ").input_ids
        except OSError as error:
            complaints.append(str(error))
        else:
            assert len(ids) > 2
    assert len(complaints) > 50
    assert all(str(tmp_path / "spiece.model") in complaint for complaint in complaints)
