"""The model card: its head is the hub's, its programs run, its figures are the run's, and a person's card stays."""

import contextlib
import dataclasses
import io
import json
import math
import re
import shlex
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

import flax_albert
from flax_albert.cli import main
from flax_albert.training.evaluator import Evaluation
from flax_albert.training.reporting import card
from flax_albert.training.reporting.card.curve import loss_svg
from flax_albert.training.reporting.history import read_history
from flax_albert.training.reporting.layout import Layout
from tests.cli.tasks import models
from tests.training.reporting import runs

ENVIRONMENT = {
    "versions": {"python": "3.11.9"},
    "cpu": "A processor",
    "xla_flags": "",
    "command": "flax-albert finetune classify --train 'a ``` b.csv'",
}
LABELS = {"id2label": {0: "pos|itive", 1: "<b>neg_ative*"}, "label2id": {"pos|itive": 0, "<b>neg_ative*": 1}}


def trained(folder: Path, architecture: str = "SequenceClassification", select: str = "last", **config: Any) -> Path:
    """A folder with a whole run and a model in it."""
    models.save(getattr(flax_albert, f"FlaxAlbertFor{architecture}"), folder, **config)
    runs.kept(folder)
    run = {
        "settings": {
            "steps": 200,
            "select": select,
            "batch_size": 32,
            "optimizer": {"name": "adamw", "learning_rate": 1e-4, "clip": None},
        },
        "data": {"train": {"source": "train.tsv", "examples": 67349}, "dev": {"source": "dev.tsv", "examples": 872}},
        "environment": ENVIRONMENT,
    }
    Layout(folder).run.write_text(json.dumps(run))
    return folder


def head_of(text: str) -> dict[str, Any]:
    return ModelCard(text).data.to_dict()


def test_the_head_is_what_the_hub_reads(tmp_path: Path) -> None:
    folder = trained(tmp_path / "my-model")
    path = folder / "README.md"
    written = card.write(
        folder, base_model="albert-base-v2", datasets=["stanfordnlp/sst2"], language="en", license="mit"
    )
    assert written == path
    head = head_of(path.read_text(encoding="utf-8"))
    assert head["library_name"] == "flax-albert"
    assert head["pipeline_tag"] == "text-classification"
    assert head["base_model"] == "albert/albert-base-v2"
    assert (head["language"], head["license"], head["datasets"]) == ("en", "mit", ["stanfordnlp/sst2"])
    assert head["metrics"] == ["accuracy"]
    (entry,) = head["model-index"]
    assert entry["name"] == "my-model"
    (result,) = entry["results"]
    assert result["task"]["type"] == "text-classification"
    assert result["dataset"] == {"name": "dev", "type": "stanfordnlp/sst2"}
    assert result["metrics"] == [{"type": "accuracy", "value": 0.9, "name": "accuracy"}]


def test_figures_settings_and_limits_are_the_runs(tmp_path: Path) -> None:
    text = (card.write(trained(tmp_path / "m", select="best"), base_model="albert-mini-en") or tmp_path).read_text()
    assert "| dev | accuracy | 0.9131 | 0.5090 |" in text
    assert "the best of 4 evaluations on dev, whose figures are therefore a little flattered" in text
    assert "| steps | 150 of 200 (3 epochs) |" in text
    assert "| optimizer: learning_rate | 0.0001 |" in text
    assert "| data.train.examples | 67,349 |" in text
    assert "| cpu | A processor |" in text
    assert "xla_flags" not in text
    assert "Chosen on these examples, and kept with the model: threshold 0.5." in text
    assert "what albert-mini-en had read, and then the examples above" in text
    assert "No licence is named here." in text
    assert "base_model" not in head_of(text)  # the hub has none of that name
    assert head_of(text)["model-index"][0]["results"][0]["dataset"] == {"name": "dev", "type": "dev.tsv"}


@pytest.mark.parametrize(
    ("architecture", "pipeline"),
    [
        ("SequenceClassification", "text-classification"),
        pytest.param("PreTraining", "fill-mask", marks=pytest.mark.slow),
        pytest.param("MaskedLM", "fill-mask", marks=pytest.mark.slow),
        pytest.param("TokenClassification", "token-classification", marks=pytest.mark.slow),
        pytest.param("QuestionAnswering", "question-answering", marks=pytest.mark.slow),
        pytest.param("MultipleChoice", "multiple-choice", marks=pytest.mark.slow),
    ],
)
def test_what_it_says_about_using_it_works(
    architecture: str,
    pipeline: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    card.write(trained(tmp_path / "m", architecture))
    text = (tmp_path / "m" / "README.md").read_text()
    assert head_of(text)["pipeline_tag"] == pipeline
    (program,) = re.findall(r"```python\n(.*?)```", text, re.S)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(program, "README.md", "exec"), {})  # noqa: S102  (the card's own program)
    assert printed.getvalue().strip()
    (command,) = re.findall(r"\$ flax-albert (\S+ --model .*)", text)
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out
    (auto,) = re.findall(r"`AutoModel(\w+)\.from_pretrained", text)
    assert hasattr(flax_albert, f"FlaxAutoModel{auto}")


def test_what_training_began_with_is_what_the_run_says(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    run = json.loads(Layout(folder).run.read_text())
    for more, said, base in (
        ({"model": "someone/albert", "from_scratch": False}, "someone/albert", "someone/albert"),
        ({"model": "/home/someone/albert"}, "albert", None),
        ({"model": "someone/albert", "from_scratch": True}, "random parameters", None),
        (
            {"begun_from": "random parameters", "notes": ["2 rows of /home/x/a.csv *left* out."]},
            "random parameters",
            None,
        ),
    ):
        Layout(folder).run.write_text(json.dumps({**run, **more, "config": {"vocab_size": 30000}}))
        text = (card.write(folder) or tmp_path).read_text()
        assert f"Training began with {said}." in text
        assert head_of(text).get("base_model") == base
        assert "config.vocab_size" not in text
    assert "It has seen nothing but the examples above" in text
    assert r"- 2 rows of a.csv \*left\* out." in text


def test_labels_are_text_and_nothing_else(tmp_path: Path) -> None:
    card.write(trained(tmp_path / "a ` $name", **LABELS))
    text = (tmp_path / "a ` $name" / "README.md").read_text()
    assert r"Its 2 labels: pos\|itive, &lt;b&gt;neg_ative\*." in text
    assert r"# a \` $name" in text
    assert 'model="."' in text  # a name that cannot stand in code does not


def test_kinds_of_classifiers_are_told_apart(tmp_path: Path) -> None:
    for kind, purpose in (("regression", "gives a text, or a pair of texts, a number"), (None, "labels texts")):
        folder = trained(tmp_path / str(kind), num_labels=1 if kind else 2, problem_type=kind)
        assert f"An ALBERT that {purpose}." in (card.write(folder) or tmp_path).read_text()


def test_a_persons_card_stays(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    path = folder / "README.md"
    path.write_text("# Mine\n")
    assert card.write(folder) is None
    assert path.read_text() == "# Mine\n"
    path.unlink()
    assert card.write(folder, name="first") == path
    assert card.write(folder, name="second") == path
    assert "# second" in path.read_text()
    path.write_text(path.read_text().replace("# second", "# second, with my words"))
    assert card.write(folder, name="third") is None
    assert "with my words" in path.read_text()


def test_an_unfinished_run_says_so(tmp_path: Path) -> None:
    models.save(flax_albert.FlaxAlbertForMaskedLM, tmp_path)
    runs.tell([runs.started(tmp_path), runs.logged(10)], runs.keepers(tmp_path))
    text = (card.write(tmp_path, name="m") or tmp_path).read_text()
    assert "The run was not finished: 10 of 200 steps." in text
    assert "Nothing was measured during training." in text
    assert "It has seen at least the examples above" in text
    assert "loss.svg" not in text
    assert "## Evaluation" not in text
    assert "model-index" not in head_of(text)


def test_figures_that_are_not_finite_are_not_told_to_the_hub(tmp_path: Path) -> None:
    models.save(flax_albert.FlaxAlbertForMaskedLM, tmp_path)
    found = dataclasses.replace(runs.evaluated(10), evaluation=Evaluation({"pearson": math.nan, "spearman": 0.5}))
    runs.tell([runs.started(tmp_path), runs.logged(10), found], runs.keepers(tmp_path))
    text = (card.write(tmp_path, name="m") or tmp_path).read_text()
    metrics = [each["metrics"][0]["type"] for each in head_of(text)["model-index"][0]["results"]]
    metrics += [more["type"] for each in head_of(text)["model-index"][0]["results"] for more in each["metrics"][1:]]
    assert metrics == ["spearmanr"]


def test_the_picture_draws_the_losses(tmp_path: Path) -> None:
    runs.kept(tmp_path)
    picture = loss_svg(read_history(tmp_path))
    assert picture
    svg = ElementTree.fromstring(picture)
    space = "{http://www.w3.org/2000/svg}"
    raw, mean, measured = (
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in svg.iter(f"{space}polyline")
    )
    assert (len(raw), len(mean), len(measured)) == (20, 20, 4)
    # Larger losses are drawn higher, at the place of their step.
    by_loss = sorted((event.loss, y) for event, (_, y) in zip(read_history(tmp_path).logged, raw, strict=True))
    assert [y for _, y in by_loss] == sorted((y for _, y in by_loss), reverse=True)
    assert [x for x, _ in measured] == [x for x, _ in raw[4::5]]
    labels = [text.text for text in svg.iter(f"{space}text")]
    assert "200" in labels
    assert labels[-2:] == ["training", "dev"]


def test_without_a_run_or_a_model_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no run"):
        card.write(tmp_path)
    runs.kept(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"config\.json"):
        card.write(tmp_path)
    assert not (tmp_path / "README.md").exists()
