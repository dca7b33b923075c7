"""Attention maps -> a file."""

from __future__ import annotations

import os
from pathlib import Path

from flax_albert.pictures.html import attention_html
from flax_albert.pictures.maps import AttentionMaps
from flax_albert.pictures.svg import attention_svg

_WRITERS = {".html": attention_html, ".htm": attention_html, ".svg": attention_svg}


def save_attention(maps: AttentionMaps, path: str | os.PathLike[str], title: str = "Attention") -> Path:
    """Writes a page to explore, or a still picture. A file of that name is replaced, once the new one is whole.

    Args:
        maps: What to show.
        path: A name ending in ``.html`` or ``.svg``.
        title: The title of the page or picture.

    Returns:
        The path.

    Raises:
        ValueError: The name ends otherwise, or there is too much for a file.
        OSError: The file cannot be written.

    Example:
        >>> import tempfile
        >>> from flax_albert import AutoTokenizer, FlaxAlbertModel, attention_maps
        >>> from flax_albert.pictures import save_attention
        >>> model = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
        >>> maps = attention_maps(model, AutoTokenizer.from_pretrained("albert-mini-en"), "The cat sat.")
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     save_attention(maps, f"{directory}/attention.html").stat().st_size < 100_000
        True
    """
    path = picture_path(path)
    picture = _WRITERS[path.suffix.lower()](maps, title)
    _replace(path, picture.encode("utf-8", "replace"))
    return path


def picture_path(path: str | os.PathLike[str]) -> Path:
    """A path that a picture can be written to, checked before anything is computed.

    Args:
        path: The name of the file.

    Returns:
        The path.

    Raises:
        ValueError: It does not end in ``.html`` or ``.svg``.
        OSError: It is a directory, or its directory is not there.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory; name a file in it, such as {path / 'attention.html'}.")
    if path.suffix.lower() not in _WRITERS:
        raise ValueError(f"{path} must end in .html, for a page to explore, or in .svg, for a still picture.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no directory {path.parent}.")
    return path


def _replace(path: Path, data: bytes) -> None:
    """Puts a whole file in the place of the path, or leaves what was there."""
    target = path.resolve()  # a link stays one
    written = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        if target.exists() and not target.is_file():  # a pipe or a device, which is written to and not replaced
            target.write_bytes(data)
            return
        try:
            written.write_bytes(data)
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}.") from error
