"""From a directory and back to one."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from flax_albert import hub
from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.tokenization import AddedToken, AlbertTokenizer, AlbertTokenizerFast, writing
from flax_albert.tokenization.pipeline import write_pipeline
from tests.tokenization import protobuf

TEXT = "A well-known Café, with 1,000 cats and a [MASK]."


def keep(directory: Path, *names: str) -> Path:
    """Removes all other files."""
    for path in directory.iterdir():
        if path.name not in names:
            path.unlink()
    return directory


@pytest.mark.parametrize("names", [("spiece.model",), ("tokenizer.json",), ("spiece.model", "tokenizer.json")])
def test_either_file_is_enough_and_a_saved_tokenizer_is_the_same(
    names: tuple[str, ...], copied: Path, tmp_path_factory: pytest.TempPathFactory, tokenizer: AlbertTokenizerFast
) -> None:
    read = AlbertTokenizerFast.from_pretrained(keep(copied, *names), model_max_length=77)
    assert read(TEXT).data == tokenizer(TEXT).data
    read.padding_side = "left"
    read.add_tokens(["café"])
    read.add_special_tokens({"additional_special_tokens": [AddedToken("<x>", lstrip=True)]})
    saved = tmp_path_factory.mktemp("saved")
    paths = read.save_pretrained(saved / "deeper")
    assert {Path(path).name for path in paths} == {path.name for path in (saved / "deeper").iterdir()}
    assert ((saved / "deeper" / "spiece.model").exists()) == ("spiece.model" in names)
    again = AutoTokenizer.from_pretrained(saved / "deeper")
    assert again(f"{TEXT} <x> café").data == read(f"{TEXT} <x> café").data
    assert again.special_tokens_map == read.special_tokens_map
    assert repr(again.added_tokens_decoder) == repr(read.added_tokens_decoder)
    assert (again.model_max_length, again.padding_side, len(again)) == (77, "left", len(read))


def test_a_tokenizer_json_of_any_version_is_read_and_ours_suits_all(tiny: Path, tokenizer: AlbertTokenizerFast) -> None:
    old = json.loads((tiny / "tokenizer.json").read_text(encoding="utf-8"))
    assert "split" not in old["pre_tokenizer"]
    assert old["pre_tokenizer"]["add_prefix_space"] is True  # without it, versions before 0.20 read nothing
    ours = json.loads(writing_of(tokenizer))
    for part in ("pre_tokenizer", "decoder"):
        assert {**ours[part], "split": True} == {**old[part], "split": True}
    assert {name: ours[name] for name in ("normalizer", "post_processor", "added_tokens")} == {
        name: old[name] for name in ("normalizer", "post_processor", "added_tokens")
    }
    for written in (old, ours):
        assert Tokenizer.from_str(json.dumps(written)).encode(TEXT).ids == tokenizer(TEXT).input_ids


def writing_of(tokenizer: AlbertTokenizerFast) -> str:
    """The tokenizer.json of a tokenizer that was used with padding and truncation."""
    tokenizer(TEXT, padding="max_length", truncation=True, max_length=30)
    text = write_pipeline(tokenizer.backend_tokenizer)
    assert json.loads(text)["padding"] is None
    assert json.loads(text)["truncation"] is None
    return text


def test_copies_and_pickles_are_the_same(tokenizer: AlbertTokenizerFast) -> None:
    tokenizer.add_tokens(["Brandnew"])
    for twin in (copy.deepcopy(tokenizer), pickle.loads(pickle.dumps(tokenizer))):
        twin.add_tokens(["another"])
        assert len(twin) == len(tokenizer) + 1
        assert twin("a brandnew cat").data == tokenizer("a brandnew cat").data
        assert twin.decode([len(tokenizer) - 1]) == "Brandnew"


def test_options_that_tokenizer_json_overrules_are_spoken_of(copied: Path, caplog: pytest.LogCaptureFixture) -> None:
    fixed = AlbertTokenizerFast.from_pretrained(copied, do_lower_case=False, keep_accents=False)
    assert fixed.tokenize("Cat") == ["▁cat"]
    assert [message.partition(":")[0] for message in caplog.messages] == ["do_lower_case=False changes nothing"]
    caplog.clear()
    built = AlbertTokenizerFast.from_pretrained(copied, do_lower_case=False, from_slow=True)
    assert built.tokenize("Cat")[0] == "▁"
    assert not caplog.messages


def test_a_vocabulary_without_cls_is_spoken_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "spiece.model").write_bytes(protobuf.model({"<unk>": 0.0, "▁a": -1.0, "<s>": 0.0, "</s>": 0.0}))
    tokens = {"cls_token": "<s>", "sep_token": "</s>", "bos_token": "<s>", "eos_token": None}
    tokenizer = AlbertTokenizerFast.from_pretrained(tmp_path, **tokens)
    assert tokenizer("a").input_ids == [0, 1, 0]
    assert ["[CLS]" in message for message in caplog.messages] == [True, False]


def test_released_names_have_512_positions(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied.parent)
    copied.rename("albert-base-v2")
    assert AlbertTokenizerFast.from_pretrained("albert-base-v2").model_max_length == 512
    assert AlbertTokenizerFast.from_pretrained("albert-base-v2", model_max_length=128).model_max_length == 128
    assert AlbertTokenizerFast.from_pretrained("./albert-base-v2").model_max_length > 10**20


def test_downloading_options_and_subfolders(copied: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(
        copied.parent, subfolder=copied.name, use_fast=True, revision="main", cache_dir="x", local_files_only=True
    )
    assert tokenizer.tokenize("the cat") == ["▁the", "▁cat"]
    assert "revision" not in tokenizer.init_kwargs


def test_bundled_names_are_found(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mini").mkdir()
    (tmp_path / "mini" / "config.json").write_text('{"model_type": "albert"}')
    (tmp_path / "mini" / "spiece.model").write_bytes((tiny / "spiece.model").read_bytes())
    monkeypatch.setattr(hub, "BUNDLED", tmp_path)
    assert AutoTokenizer.from_pretrained("mini").tokenize("the cat") == ["▁the", "▁cat"]
    with pytest.raises(OSError, match="neither a directory nor a bundled model"):
        AutoTokenizer.from_pretrained("mimi")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("tokenizer.json", b"", "not valid JSON|that can be read"),
        ("tokenizer.json", b"{}", "that can be read"),
        ("tokenizer.json", b"\xff\xfe", "not valid JSON|that can be read"),
        ("tokenizer.json", b"[1]", "that can be read"),
        ("tokenizer_config.json", b"{", "not valid JSON"),
        ("tokenizer_config.json", b"[]", "holds no JSON object but list"),
        ("tokenizer_config.json", b"[" * 100_000, "not valid JSON"),
        ("tokenizer_config.json", b'{"added_tokens_decoder": {"x": {"content": "a"}}}', "does not describe its tokens"),
        (
            "tokenizer_config.json",
            b'{"added_tokens_decoder": {"5": {"contents": "a"}}}',
            "does not describe its tokens",
        ),
        ("tokenizer_config.json", b'{"added_tokens_decoder": [1]}', "does not describe its tokens"),
        ("special_tokens_map.json", b'{"mask_token": {"a": 1}}', "does not describe its tokens"),
        ("added_tokens.json", b'{"<x>": "a"}', "does not describe its tokens"),
    ],
)
def test_a_damaged_file_is_named(name: str, content: bytes, complaint: str, copied: Path) -> None:
    if name in ("special_tokens_map.json", "added_tokens.json"):
        (copied / "tokenizer_config.json").unlink()  # it comes before them
    (copied / name).write_bytes(content)
    with pytest.raises(OSError, match=complaint) as caught:
        AutoTokenizer.from_pretrained(copied)
    assert str(copied / name) in str(caught.value)


def test_every_truncated_tokenizer_json_is_refused(copied: Path) -> None:
    path = keep(copied, "tokenizer.json") / "tokenizer.json"
    whole = path.read_bytes()
    for length in range(0, len(whole) - 2, len(whole) // 60):
        path.write_bytes(whole[:length])
        with pytest.raises(OSError, match=r"tokenizer\.json"):
            AlbertTokenizerFast.from_pretrained(copied)


def test_a_directory_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"holds no tokenizer: looked for spiece\.model, tokenizer\.json"):
        AutoTokenizer.from_pretrained(tmp_path)
    with pytest.raises(OSError, match=str(tmp_path / "gone.model")):
        AlbertTokenizerFast(tmp_path / "gone.model")
    with pytest.raises(ValueError, match="neither was given"):
        AlbertTokenizerFast()


@pytest.mark.parametrize(
    ("configs", "complaint"),
    [
        (
            {"tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}},
            r"tokenizer_config\.json names .*GPT2Tokenizer",
        ),
        ({"tokenizer_config.json": {}, "config.json": {"model_type": "gpt2"}}, r"config\.json is of model type 'gpt2'"),
        ({"tokenizer_config.json": {}, "config.json": {"tokenizer_class": "T5Tokenizer"}}, r"config\.json names"),
    ],
)
def test_another_kind_of_tokenizer_is_refused(configs: dict[str, Any], complaint: str, copied: Path) -> None:
    for name, content in configs.items():
        (copied / name).write_text(json.dumps(content))
    with pytest.raises(ValueError, match=complaint):
        AutoTokenizer.from_pretrained(copied)


def test_auto_tokenizer_gives_the_class_that_is_asked_for(copied: Path) -> None:
    assert isinstance(AutoTokenizer.from_pretrained(copied), AlbertTokenizerFast)
    assert isinstance(AutoTokenizer.from_pretrained(copied, use_fast=False), AlbertTokenizer)
    with pytest.raises(ValueError, match="tokenizer_type='gpt2' is not offered: it is one of albert, bert"):
        AutoTokenizer.from_pretrained(copied, tokenizer_type="gpt2")
    with pytest.raises(TypeError, match="from_pretrained"):
        AutoTokenizer()


def test_a_save_that_fails_leaves_the_old_files(
    copied: Path, tokenizer: AlbertTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in copied.iterdir()}
    write = Path.write_bytes

    def fails_at_the_last(path: Path, content: bytes) -> int:
        if ".tokenizer.json." in path.name:
            write(path, content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(writing.Path, "write_bytes", fails_at_the_last)
    tokenizer.add_tokens(["<new>"])
    with pytest.raises(OSError, match="No space left"):
        tokenizer.save_pretrained(copied)
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == before


def test_saving_to_a_file_or_in_parts(
    tokenizer: AlbertTokenizerFast, copied: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp_path = tmp_path_factory.mktemp("saved")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        tokenizer.save_pretrained(tmp_path / "file")
    old = tokenizer.save_pretrained(tmp_path / "old", legacy_format=True, filename_prefix="mine")
    assert sorted(Path(path).name for path in old) == [
        "mine-special_tokens_map.json",
        "mine-spiece.model",
        "mine-tokenizer_config.json",
    ]
    new = tokenizer.save_pretrained(tmp_path / "new", legacy_format=False)
    assert "spiece.model" not in {Path(path).name for path in new}
    assert tokenizer.save_vocabulary(tmp_path / "only") == (str(tmp_path / "only" / "spiece.model"),)
    without = AlbertTokenizerFast.from_pretrained(keep(copied, "tokenizer.json"))
    with pytest.raises(ValueError, match="did not come from"):
        without.save_pretrained(tmp_path / "never", legacy_format=True)
    with pytest.raises(ValueError, match="did not come from"):
        without.save_vocabulary(tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_unknown_options_are_kept(copied: Path) -> None:
    AlbertTokenizerFast.from_pretrained(copied, favourite={"colour": "blue"}).save_pretrained(copied / "saved")
    assert AlbertTokenizerFast.from_pretrained(copied / "saved").init_kwargs["favourite"] == {"colour": "blue"}
