"""Files are whole or not there, and a wrong name is told in one sentence."""

import stat
from pathlib import Path

import pytest

from flax_albert import save_attention
from flax_albert.pictures import attention_html, attention_svg
from tests.pictures import made


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_the_ending_decides_and_what_was_there_is_replaced(tmp_path: Path) -> None:
    maps = made.maps()
    for name, expected in (("a.html", attention_html(maps)), ("b.SVG", attention_svg(maps))):
        path = tmp_path / name
        path.write_text("before")
        assert save_attention(maps, str(path)) == path
        assert path.read_text(encoding="utf-8") == expected
    assert names(tmp_path) == ["a.html", "b.SVG"]


def test_a_new_file_is_as_readable_as_any_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    target = tmp_path / "target.html"
    target.write_text("before")
    (tmp_path / "link.html").symlink_to(target)
    save_attention(made.maps(), tmp_path / "link.html")
    save_attention(made.maps(), tmp_path / "new.html")
    assert (tmp_path / "link.html").is_symlink()
    assert target.read_text().startswith("<!doctype html>")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "new.html")}
    assert len(modes) == 1


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.html"
    path.write_text("before")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=r"a\.html cannot be written: No space left on device\.$"):
        save_attention(made.maps(), path)
    assert path.read_text() == "before"
    assert names(tmp_path) == ["a.html"]


def test_a_name_that_cannot_be_written(tmp_path: Path) -> None:
    maps = made.maps()
    with pytest.raises(
        ValueError, match=r"must end in \.html, for a page to explore, or in \.svg, for a still picture\.$"
    ):
        save_attention(maps, tmp_path / "a.png")
    with pytest.raises(IsADirectoryError, match="is a directory; name a file in it, such as"):
        save_attention(maps, tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no directory"):
        save_attention(maps, tmp_path / "none" / "a.html")
    assert names(tmp_path) == []
