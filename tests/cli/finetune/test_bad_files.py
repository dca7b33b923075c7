"""``flax-albert finetune``: files with rows at fault are told of in one line, or gone through with ``--skip-bad``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flax_albert.cli import main
from tests.training.finetuning import tiny

_QUESTIONS = [
    {"id": "1", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}]},
    {"id": "2", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 1}]},
    {"id": "1", "question": "Who?", "answers": []},
]
_FILES = {
    "answer": (
        "a.json",
        json.dumps({"data": [{"paragraphs": [{"context": "Ada came.", "qas": _QUESTIONS}]}]}).encode(),
    ),
    "classify": ("a.tsv", b"text\tlabel\na dog\tdog\na cat\tcat\nno label\t\ncaf\xe9\tcat\na\tb\tc\na dog\tdog\n"),
    "regress": ("a.csv", b'sentence1,sentence2,score\na dog,a cat,1\na,"",2\na,b,much\nthe dog,the cat,3\n'),
    "tag": ("a.conll", b"Ada B-PER\ncame O\n\nno\ntag O\n\na b O\n\nIt O\n"),
    "choose": (
        "a.jsonl",
        (
            b'{"prompt": "a", "choices": ["dog", "cat"], "label": 1}\n'
            b'{"prompt": "a", "choices": ["dog", "cat"], "label": 2}\n'
            b'{"prompt": "a", "choices": ["dog"], "label": 0}\n{\n'
        ),
    ),
}
_FAULTS = {
    "answer": [
        "data[0].paragraphs[0].qas[1] (id '2') of a.json has the answer 'Ada' at character 1, where there is 'da '",
        "data[0].paragraphs[0].qas[2] (id '1') of a.json has the id '1', which another question before it has.",
    ],
    "classify": ["line 4 of a.tsv has no 'label'.", "line 5 of a.tsv is not UTF-8", "line 6 of a.tsv has 3 fields"],
    "regress": ["line 3 of a.csv has no 'sentence2'.", "line 4 of a.csv has 'much' in 'score', which is no number."],
    "tag": ["line 4 of a.conll has the word 'no' and no tag.", "line 7 of a.conll has 3 columns, and the file 2."],
    "choose": [
        "line 2 of a.jsonl has '2' in 'label', and 2 choices",
        "line 3 of a.jsonl has 1 choice; two are the fewest.",
        "line 4 of a.jsonl is no JSON",
    ],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model to begin with."""
    from flax_albert import FlaxAlbertForPreTraining

    folder = tmp_path_factory.mktemp("model")
    FlaxAlbertForPreTraining(tiny.config(), seed=5).save_pretrained(folder)
    tiny.TOKENIZER.save_pretrained(folder)
    return folder


def _arguments(kind: str, model: Path, folder: Path) -> list[str]:
    name, data = _FILES[kind]
    (folder / name).write_bytes(data)
    files = ["--model", str(model), "--train", str(folder / name), "--output", str(folder / "out")]
    return ["finetune", kind, *files, "--max-length", "64", "--dry-run", "--json"]


@pytest.mark.parametrize("kind", _FILES)
def test_the_first_row_at_fault_is_told(
    kind: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_arguments(kind, model, tmp_path)) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(f"flax-albert: error: {_FAULTS[kind][0]}")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["classify", "answer"])
def test_rows_at_fault_are_counted_and_listed(
    kind: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*_arguments(kind, model, tmp_path), "--skip-bad"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    count = len(_FAULTS[kind])
    assert notes[-count - 1].startswith(f"{count} rows at fault were left out")
    assert all(note.startswith(fault) for note, fault in zip(notes[-count:], _FAULTS[kind], strict=True))
