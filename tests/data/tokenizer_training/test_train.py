"""A tokenizer of raw text: ALBERT's recipe, the same bytes again, and equal pieces wherever it is loaded."""

import dataclasses
import itertools
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sentencepiece

from flax_albert import AutoTokenizer
from flax_albert.data.documents.documents import Documents, ReadOptions
from flax_albert.data.documents.sentences import by_punctuation
from flax_albert.data.errors import DataError
from flax_albert.data.tokenizer_training.train import TokenizerOptions, train_tokenizer
from flax_albert.data.tokenizer_training.unigram import SPECIAL, SYMBOLS
from flax_albert.tokenization.albert_text import normalized

SMALL = TokenizerOptions(vocab_size=400, held_out=0, read=ReadOptions(file_format="text"))
ORACLE = Path(__file__).parents[2] / "reference" / "tokenization" / "trained.py"


@pytest.fixture(scope="module")
def folder(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tokenizer([text], tmp_path_factory.mktemp("tokenizers") / "small", SMALL).folder


def processor(folder: Path) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))


def test_the_recipe(folder: Path) -> None:
    pieces = processor(folder)
    assert pieces.get_piece_size() == 400
    assert tuple(pieces.id_to_piece(list(range(5)))) == SPECIAL
    assert (pieces.pad_id(), pieces.unk_id(), pieces.bos_id(), pieces.eos_id()) == (0, 1, -1, -1)
    assert all(pieces.is_control(number) for number in (0, 2, 3, 4))
    for symbol in SYMBOLS:
        assert pieces.id_to_piece(pieces.piece_to_id(symbol)) == symbol
        assert not any(symbol in pieces.id_to_piece(number) for number in range(5 + len(SYMBOLS), 400))


def test_pieces_are_equal_wherever_it_is_loaded(folder: Path, text: Path) -> None:
    fast, slow = (AutoTokenizer.from_pretrained(folder, use_fast=fast) for fast in (True, False))
    assert fast.model_max_length == 512
    pieces, compared = processor(folder), 0
    for sentence in by_punctuation(text.read_text()):
        tokens = fast.tokenize(sentence)
        if any(special in sentence for special in SPECIAL) or fast.unk_token_id in fast.convert_tokens_to_ids(tokens):
            continue  # the ways to tell what is unknown differ, as the classes say
        assert tokens == slow.tokenize(sentence)
        theirs = pieces.encode(normalized(sentence), out_type=str)
        if not any(piece[-1:] == "," and piece[-2:-1].isdigit() for piece in theirs):  # ALBERT splits them off
            assert tokens == theirs
            compared += 1
    assert compared > 50


def test_the_same_call_writes_the_same_bytes(folder: Path, text: Path, tmp_path: Path) -> None:
    train_tokenizer([text], tmp_path, SMALL)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in folder.iterdir()}
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_capitals_and_accents_are_kept_when_asked(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("\n\n".join(["Le café de Paris est fermé.", "le cafe de paris est ferme"] * 50))
    kept = dataclasses.replace(SMALL, vocab_size=32, lower_case=False, keep_accents=True)
    train_tokenizer([text], tmp_path / "kept", kept)
    config = json.loads((tmp_path / "kept" / "tokenizer_config.json").read_text())
    assert (config["do_lower_case"], config["keep_accents"]) == (False, True)
    for use_fast in (True, False):
        tokenizer = AutoTokenizer.from_pretrained(tmp_path / "kept", use_fast=use_fast)
        assert "".join(tokenizer.tokenize("café P")) == "▁café▁P"
        assert tokenizer.unk_token_id not in tokenizer("café P")["input_ids"]
    train_tokenizer([text], tmp_path / "dropped", dataclasses.replace(SMALL, vocab_size=27))
    dropped = AutoTokenizer.from_pretrained(tmp_path / "dropped")
    assert "".join(dropped.tokenize("café P")) == "▁cafe▁p"


def test_documents_that_are_held_out_are_not_learned_from(tmp_path: Path) -> None:
    rows = [{"id": name, "text": "aaa bbb aab abb aaa bab " * 20} for name in ("a", "b", "c")]
    # The checksum of this name is a multiple of 100, as those are that `prepare` holds out.
    rows.append({"id": "chapter 136", "text": "zzz zzy zyz"})
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    options = TokenizerOptions(vocab_size=19, held_out=0.01)
    done = train_tokenizer([tmp_path / "rows.jsonl"], tmp_path / "new", options)
    assert done.documents == 3
    assert "z" not in "".join(AutoTokenizer.from_pretrained(tmp_path / "new").get_vocab())


def test_few_sentences_are_drawn_of_many(text: Path, tmp_path: Path) -> None:
    done = train_tokenizer([text], tmp_path, dataclasses.replace(SMALL, vocab_size=200, sentences=60))
    assert (done.vocab_size, done.drawn) == (200, 60)
    assert done.sentences > 60


def too_many(folder: Path) -> tuple[TokenizerOptions, str]:
    (folder / "text.txt").write_text("A cat sat on the mat.\n")
    return SMALL, r"too little for a vocabulary of 400 pieces: it has \d+ at most"


def too_few(folder: Path) -> tuple[TokenizerOptions, str]:
    (folder / "text.txt").write_text("abcdefghijklmnopqrstuvwxyz " * 9)
    return dataclasses.replace(SMALL, vocab_size=20), r"20 pieces is too small: the text's letters alone are \d+"


def nothing_to_learn(folder: Path) -> tuple[TokenizerOptions, str]:
    (folder / "text.txt").write_text("...\n")
    return dataclasses.replace(SMALL, skip_bad=True), "no document to learn a tokenizer from"


def a_bad_document(folder: Path) -> tuple[TokenizerOptions, str]:
    (folder / "text.txt").write_bytes(b"A cat.\n\nA caf\xe9.\n")
    return SMALL, r"line 3 of text.txt is not UTF-8"


@pytest.mark.parametrize("case", [too_many, too_few, nothing_to_learn, a_bad_document])
def test_what_cannot_be_learned_is_told_and_nothing_written(
    case: Callable[[Path], tuple[TokenizerOptions, str]], tmp_path: Path
) -> None:
    options, message = case(tmp_path)
    with pytest.raises(DataError, match=message):
        train_tokenizer([tmp_path / "text.txt"], tmp_path / "new", options)
    assert not (tmp_path / "new").exists()


def test_bad_documents_are_left_out_when_asked(text: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"A caf\xe9.\n\n---\n")
    options = dataclasses.replace(SMALL, vocab_size=200, skip_bad=True)
    done = train_tokenizer([text, tmp_path / "bad.txt"], tmp_path / "new", options)
    assert done.skipped == 2
    assert "line 1 of bad.txt is not UTF-8" in done.faults[-2]


def test_another_tokenizer_is_not_replaced(folder: Path, text: Path) -> None:
    before = (folder / "spiece.model").read_bytes()
    with pytest.raises(FileExistsError, match=r"holds a spiece\.model already"):
        train_tokenizer([text], folder, dataclasses.replace(SMALL, vocab_size=200))
    assert (folder / "spiece.model").read_bytes() == before


@pytest.mark.parametrize(
    "wrong",
    [{"vocab_size": 13}, {"sentences": 0}, {"held_out": 1.0}, {"coverage": 1.5}, {"segments": "word"}],
)
def test_options_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TokenizerOptions(**wrong)  # pyrefly: ignore


@pytest.mark.slow
def test_pieces_are_those_of_transformers(shared_data: Path, tmp_path: Path) -> None:
    python = os.environ.get("FLAX_ALBERT_ORACLE_457")
    if not python:
        pytest.skip("FLAX_ALBERT_ORACLE_457 does not name the Python of an environment with transformers 4.57")
    texts = shared_data / "pretrain" / "train_expository.jsonl.xz"
    for name, options in (
        ("uncased", TokenizerOptions(vocab_size=8000, sentences=30_000)),
        ("cased", TokenizerOptions(vocab_size=8000, sentences=30_000, lower_case=False, keep_accents=True)),
    ):
        folder = train_tokenizer([texts], tmp_path / name, options).folder
        documents = itertools.islice(Documents([texts]), 0, 1000, 50)
        sentences = [sentence for document in documents for sentence in by_punctuation(document.text)]
        (tmp_path / "sentences.json").write_text(json.dumps(sentences))
        environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "XLA_FLAGS")}
        subprocess.run([python, ORACLE, folder, tmp_path / "sentences.json"], check=True, env=environment)
        theirs = json.loads((tmp_path / "sentences.json").read_text())
        for use_fast in (True, False):
            tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=use_fast)
            ours = [tokenizer(sentence, verbose=False)["input_ids"] for sentence in sentences]
            assert ours == theirs["fast" if use_fast else "slow"]
