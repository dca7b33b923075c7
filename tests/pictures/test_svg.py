"""The still picture is valid XML, complete in itself, and its pixels are the probabilities."""

import base64
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from flax_albert.pictures import attention_svg, svg
from flax_albert.pictures.colours import LIGHT, palette
from tests.pictures import made

NAMESPACE = "{http://www.w3.org/2000/svg}"


def pictures(root: ElementTree.Element) -> dict[str, np.ndarray]:
    """The pixels of each matrix by its name."""
    found = {}
    for image in root.iter(f"{NAMESPACE}image"):
        head, _, data = image.attrib["href"].partition(",")
        assert head == "data:image/png;base64"
        pixels = imread(io.BytesIO(base64.b64decode(data)), "png")[..., :3] * 255
        name = image.findtext(f"{NAMESPACE}title")
        assert name is not None
        found[name] = np.rint(pixels).astype(int)
    return found


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{NAMESPACE}text")]


def expected(weights: np.ndarray) -> np.ndarray:
    return palette(LIGHT)[np.rint(255 * np.sqrt(weights / weights.max())).astype(int)]


def test_a_grid_shows_every_head() -> None:
    maps = made.maps(("a", "b", "c"), layers=2, heads=3)
    root = ElementTree.fromstring(attention_svg(maps))
    found = pictures(root)
    assert list(found) == [f"layer {layer}, head {head}" for layer in range(2) for head in range(3)]
    for layer in range(2):
        for head in range(3):
            np.testing.assert_array_equal(
                found[f"layer {layer}, head {head}"], expected(maps.probabilities[layer, head])
            )


def test_one_head_shows_its_tokens_and_scale() -> None:
    maps = made.maps(("▁one", "▁two", "x" * 40), layers=3).only(2, 1)
    root = ElementTree.fromstring(attention_svg(maps))
    np.testing.assert_array_equal(
        pictures(root)["from the row's token to the column's"], expected(maps.probabilities[0, 0])
    )
    shown = texts(root)
    assert shown[0] == "Attention: layer 2, head 1"
    for label in ("[CLS]", "▁one", "▁two", "x" * 15 + "…", "[SEP]"):
        assert shown.count(label) == 2
    assert f"{maps.probabilities.max():.3f}" in shown


def test_nothing_of_a_text_is_markup_and_all_of_it_is_valid_xml() -> None:
    text = attention_svg(made.maps(made.HOSTILE).only(0, 0), made.HOSTILE[-1] + "<b>")
    root = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} == {"svg", "title", "rect", "text", "image"}
    for token in made.HOSTILE[1:5]:
        assert texts(root).count(token) == 2
    assert "\ufffdgnp\ufffd\ufffd" in texts(root)
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "//" not in value.replace("http://www.w3.org", "") or value.startswith("data:")


def test_many_tokens_share_pixels_that_show_the_strongest() -> None:
    weights = np.random.default_rng(0).random((300, 300)).astype(np.float32)
    pooled = svg._pooled(weights, 128)
    assert pooled.shape == (128, 128)
    assert pooled[0, 0] == weights[:2, :2].max()
    assert pooled.max() == weights.max()
    np.testing.assert_array_equal(svg._pooled(weights[:5, :5], 128), weights[:5, :5])


def test_too_many_heads_are_refused() -> None:
    with pytest.raises(ValueError, match="choose a layer or a head"):
        attention_svg(made.maps(layers=33, heads=32))
