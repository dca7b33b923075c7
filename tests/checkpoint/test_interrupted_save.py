"""A save interrupted at any rename leaves the old model, the new one, or an error: never a mixture."""

import contextlib
import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from flax_albert.checkpoint.load import load
from flax_albert.checkpoint.save import save
from flax_albert.config import AlbertConfig
from tests.checkpoint import tiny

LEAVES = tiny.leaves()
OLD, NEW = tiny.params(LEAVES), tiny.params(LEAVES, seed=1)
ONE_FILE, FEW_SHARDS, MORE_SHARDS = "10GB", "2KB", "1KB"


class Killed(BaseException):
    """The end of a process, after which nothing is put in order."""


class Renames:
    """Lets so many renames happen; then one fails, or the process is killed and none happens any more."""

    def __init__(self, allowed: int, error: BaseException, *, only_one_fails: bool) -> None:
        self.allowed = allowed
        self.error = error
        self.only_one_fails = only_one_fails
        self.replace = os.replace

    def __call__(self, source: Any, target: Any) -> None:
        self.allowed -= 1
        if self.allowed == -1 or (self.allowed < -1 and not self.only_one_fails):
            raise self.error
        self.replace(source, target)


def save_version(directory: Path, params: Any, act: str, **options: Any) -> None:
    save(directory, params, LEAVES, tiny.config(hidden_act=act), **options)


def _killed(*_arguments: object, **_options: object) -> None:
    raise Killed


def state(directory: Path, *, configured: bool) -> str:
    """What is loaded from a directory: by its configuration, or by one that the caller brings along."""
    try:
        act = AlbertConfig.from_pretrained(directory).hidden_act if configured else None
        loaded, report = load(directory, LEAVES, initial=None)
    except OSError as error:
        return "error" if str(directory) in str(error) else f"an unclear error: {error}"
    assert (report.missing, report.unexpected, report.mismatched) == ((), (), ())
    for version, params, its_act in (("old", OLD, "gelu"), ("new", NEW, "relu")):
        if act in (its_act, None):
            try:
                tiny.assert_same(loaded, params)
            except AssertionError:
                continue
            return version
    return "mixture"


@pytest.mark.parametrize("weights", ["safetensors", "msgpack"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE_FILE, ONE_FILE),
        (ONE_FILE, FEW_SHARDS),
        (FEW_SHARDS, ONE_FILE),
        (FEW_SHARDS, FEW_SHARDS),
        (MORE_SHARDS, FEW_SHARDS),
    ],
)
@pytest.mark.parametrize("how", ["one rename fails", "all renames fail from then on"])
def test_no_mixture_of_two_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: str, before: str, after: str, how: str
) -> None:
    seen = []
    for allowed in itertools.count():
        directory = tmp_path / str(allowed)
        save_version(directory, OLD, "gelu", format=weights, max_shard_size=before)
        files = {path.name: path.read_bytes() for path in directory.iterdir()}
        assert len(files) == {ONE_FILE: 2, FEW_SHARDS: 4, MORE_SHARDS: 6}[before]  # shards have an index beside them
        renames = Renames(allowed, OSError("the disk is gone"), only_one_fails=how == "one rename fails")
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", renames)
            # The very last try is the save that needs no more renames than are allowed.
            with contextlib.suppress(OSError):
                save_version(directory, NEW, "relu", format=weights, max_shard_size=after)
        if renames.allowed >= 0:
            break
        seen.append(state(directory, configured=True))
        assert seen[-1] in ("old", "error")
        assert state(directory, configured=False) in ("old", "new", "error")
        if how == "one rename fails":
            assert {path.name: path.read_bytes() for path in directory.iterdir()} == files
        elif seen[-1] == "error":
            aside = next(directory.glob(".earlier-*"))
            kept = {path.name: path.read_bytes() for path in (*aside.iterdir(), *directory.glob("[!.]*"))}
            assert kept.keys() >= files.keys()
        save_version(directory, NEW, "relu", format=weights, max_shard_size=after)
        assert state(directory, configured=True) == state(directory, configured=False) == "new"
    assert state(directory, configured=True) == state(directory, configured=False) == "new"
    assert len(seen) >= 4  # both files leave, both enter, at the least
    assert ("error" in seen) == (how != "one rename fails")


@pytest.mark.parametrize("before", [ONE_FILE, FEW_SHARDS])
def test_one_file_with_the_same_configuration_is_replaced_at_one_stroke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    save_version(tmp_path, OLD, "gelu", max_shard_size=before)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", Renames(0, Killed(), only_one_fails=False))
        with pytest.raises(Killed):
            save_version(tmp_path, NEW, "gelu")
    assert state(tmp_path, configured=False) == "old"
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", Renames(1, Killed(), only_one_fails=False))
        patched.setattr(Path, "unlink", _killed)  # before anything of the earlier save is removed
        with pytest.raises(Killed) if before != ONE_FILE else contextlib.nullcontext():
            save_version(tmp_path, NEW, "gelu")
    assert state(tmp_path, configured=False) == "new"
    assert AlbertConfig.from_pretrained(tmp_path).hidden_act == "gelu"
    save_version(tmp_path, NEW, "gelu")
    assert {path.name for path in tmp_path.iterdir()} == {"model.safetensors", "config.json"}
