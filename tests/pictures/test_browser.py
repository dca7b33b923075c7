"""The pages in a real browser: mouse and keyboard, numbers that are the model's, nothing run or asked for besides."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from flax_albert import AttentionMaps, save_attention
from tests.pictures import made
from tests.pictures.browser import Browser, chromium

pytestmark = pytest.mark.slow

SHOWN = "document.querySelector('#main') && !document.querySelector('#main').hidden"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium or Chrome here to open the page in")
    with Browser(program, tmp_path / "profile") as browser:
        yield browser


def shown(browser: Browser, maps: AttentionMaps, tmp_path: Path) -> None:
    """Opens the page of the maps."""
    path = save_attention(maps, tmp_path / "attention.html")
    browser.open(path, SHOWN)
    browser.settle()
    assert browser.requests == [path.as_uri()]


def weights(browser: Browser) -> dict[int, float]:
    """The numbers of the list, by token."""
    rows = browser.evaluate(
        "[...document.querySelectorAll('#numbers tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert [float(row[2]) for row in rows] == sorted((float(row[2]) for row in rows), reverse=True)
    return {int(row[0]): float(row[2]) for row in rows}


def assert_shows(browser: Browser, expected: np.ndarray) -> None:
    numbers = weights(browser)
    assert sorted(numbers) == list(range(len(expected)))
    np.testing.assert_allclose([numbers[index] for index in sorted(numbers)], expected, rtol=0, atol=0.00007)


def test_mouse_and_keyboard_find_every_weight(browser: Browser, tmp_path: Path) -> None:
    maps = made.maps(("▁one", "▁two", "s", "▁three"), layers=3, heads=4)
    probabilities = maps.probabilities
    shown(browser, maps, tmp_path)
    assert_shows(browser, probabilities[0, 0, 1])
    browser.point("#grid button:nth-of-type(7)", click=True)
    assert browser.evaluate("document.querySelector('#chosen-title').textContent") == "Layer 1, head 2"
    assert_shows(browser, probabilities[1, 2, 1])
    browser.press("ArrowDown")
    browser.press("ArrowRight")
    assert_shows(browser, probabilities[2, 3, 1])
    browser.point("#tokens .token:nth-of-type(4)")
    assert_shows(browser, probabilities[2, 3, 3])
    browser.point("h1")
    assert_shows(browser, probabilities[2, 3, 1])
    browser.evaluate("document.querySelector('.token[tabindex=\"0\"]').focus()")
    browser.press("ArrowRight")
    assert_shows(browser, probabilities[2, 3, 2])
    assert browser.evaluate("document.activeElement.textContent").startswith("two")
    browser.point(".switch label:nth-of-type(2)", click=True)
    assert_shows(browser, probabilities[2, 3, :, 2])
    browser.point("#around", click=True)
    assert sorted(weights(browser)) == [1, 2, 3, 4]
    assert browser.complaints == []


def test_the_matrix_shows_a_cell_by_mouse_and_keys(browser: Browser, tmp_path: Path) -> None:
    maps = made.maps(("▁one", "▁two"), layers=1, heads=1)
    shown(browser, maps, tmp_path)
    assert browser.evaluate("document.querySelector('#heads').hidden")
    said = "document.querySelector('#said').textContent.split(/ +/)"
    browser.point("#cells")  # its middle is the corner of four cells, and belongs to the last
    assert browser.evaluate(said) == ["▁two", "→", "▁two", f"{maps.probabilities[0, 0, 2, 2]:.4f}"]
    browser.evaluate("document.querySelector('#matrix').focus()")
    browser.press("ArrowLeft")
    browser.press("ArrowUp")
    assert browser.evaluate(said) == ["▁one", "→", "▁one", f"{maps.probabilities[0, 0, 1, 1]:.4f}"]
    pixels = browser.evaluate("[...document.querySelector('#map').getContext('2d').getImageData(0, 0, 4, 4).data]")
    brightness = np.array(pixels).reshape(16, 4)[:, :3].sum(1)
    assert (np.argsort(brightness)[:3] == np.argsort(-maps.probabilities.reshape(16))[:3]).all()


def test_nothing_of_a_text_runs(browser: Browser, tmp_path: Path) -> None:
    shown(browser, made.maps(made.HOSTILE), tmp_path)
    tokens = browser.evaluate("[...document.querySelectorAll('.piece')].map(piece => piece.textContent)")
    assert tokens[1:6] == list(made.HOSTILE[:5])
    assert tokens[6].startswith("U+202egnpU+0007")
    assert browser.complaints == []
    assert browser.evaluate("document.scripts.length") == 3


def test_many_tokens_fit_a_narrow_window(browser: Browser, tmp_path: Path) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=1, mobile=False)
    maps = made.maps(tuple(f"▁{number}" for number in range(300)), layers=6, heads=6)
    shown(browser, maps, tmp_path)
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(weights(browser)) == 302


def test_the_frame_of_a_notebook_is_filled(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    maps = made.maps()
    path.write_text(f"<!doctype html><p>before</p>{maps._repr_html_()}", encoding="utf-8")
    browser.open(path, "document.readyState === 'complete'")
    assert browser.evaluate("document.querySelector('iframe').contentDocument === null")  # it cannot reach the notebook
    assert browser.evaluate("getComputedStyle(document.querySelector('p')).fontSize") == "16px"
    browser.enter_frame(SHOWN)
    assert_shows(browser, maps.probabilities[0, 0, 1])
    assert browser.complaints == []


def test_a_still_picture_is_drawn(browser: Browser, tmp_path: Path) -> None:
    path = save_attention(made.maps(made.HOSTILE).only(0, 1), tmp_path / "attention.svg")
    browser.open(path, "document.documentElement.tagName === 'svg'")
    assert browser.evaluate("document.querySelectorAll('parsererror').length") == 0
    assert browser.evaluate("[...document.querySelectorAll('image')].every(image => image.getBBox().width > 0)")
    assert browser.complaints == []
