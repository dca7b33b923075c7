"""``flax-albert attention``, called in this process."""

import json
import re
from pathlib import Path

import pytest

from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
from flax_albert.cli import main
from flax_albert.pictures import attention_html, attention_svg
from tests.tasks import tiny

HOSTILE = "the </script><script>alert(1)</script> cat"


def failing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of the error."""
    assert main(["attention", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("flax-albert: error: ")
    assert shown.err.count("\n") == 1
    return shown.err.removeprefix("flax-albert: error: ").rstrip()


def test_a_page_and_a_picture_show_the_models_attention(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, picture = tmp_path / "a.html", tmp_path / "b.svg"
    assert main(["attention", HOSTILE, "--pair", "a dog", "--model", model, "--output", str(page)]) == 0
    words = ["attention", HOSTILE, "--model", model, "--layer", "1", "--head", "2", "--output", str(picture)]
    assert main(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{re.escape(str(page))}: 3 layers, 3 heads, \d+ tokens, \d+ kB", out[0])
    assert re.fullmatch(rf"{re.escape(str(picture))}: 1 layer, 1 head, \d+ tokens, \d+ kB", out[1])
    albert, tokenizer = FlaxAlbertModel.from_pretrained(model, add_pooling_layer=False), tiny.tokenizer()
    title = f"Attention of {model}"
    assert page.read_text(encoding="utf-8") == attention_html(
        attention_maps(albert, tokenizer, HOSTILE, "a dog"), title
    )
    drawn = attention_maps(albert, tokenizer, HOSTILE).only(1, 2)
    assert picture.read_text(encoding="utf-8") == attention_svg(drawn, title)


def test_dtype_changes_the_computation_a_little(model: str, tmp_path: Path) -> None:
    pages = []
    for dtype in ("float32", "bfloat16"):
        path = tmp_path / f"{dtype}.html"
        assert main(["attention", "the cat", "--dtype", dtype, "--model", model, "--output", str(path)]) == 0
        pages.append(path.read_text())
    tokens = [json.loads(re.findall(r'id="maps">(.*?)</script>', page)[0])["tokens"] for page in pages]
    assert tokens[0] == tokens[1]
    assert pages[0] != pages[1]


def test_mistakes_are_told_and_nothing_is_written(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert failing(["the cat"], capsys).startswith("say where the picture goes: --output attention.html for a page")
    assert "the following arguments are required: TEXT" in failing(["--output", "a.html"], capsys)
    output = ["--model", model, "--output", "a.html"]
    assert failing(["", *output], capsys) == "text is empty: there is nothing to attend to."
    assert "has 73 tokens, and the model takes 48" in failing(["cat " * 70, *output], capsys)
    assert "there is no layer 9; the layers are 0 to 2" in failing(["cat", "--layer", "9", *output], capsys)
    assert "must be a whole number from 0, not '-1'" in failing(["cat", "--head", "-1", *output], capsys)
    assert "no model 'nowhere'" in failing(["cat", "--model", "nowhere", "--output", "a.html"], capsys)
    assert not list(tmp_path.iterdir())


def test_the_file_is_checked_before_a_model_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for output, message in (
        (tmp_path, "is a directory; name a file in it"),
        (tmp_path / "a.png", "must end in .html"),
        (tmp_path / "no" / "a.svg", "there is no directory"),
    ):
        assert message in failing(["cat", "--model", "nowhere", "--output", str(output)], capsys)


def test_weights_that_are_missing(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = FlaxAlbertModel.from_pretrained(model, add_pooling_layer=False)
    other.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"inner_group_num": 2}))
    error = failing(["cat", "--model", str(tmp_path), "--output", str(tmp_path / "a.html")], capsys)
    assert "is not complete: it lacks" in error
