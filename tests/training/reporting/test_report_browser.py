"""The report in a real browser: its numbers are the run's, by mouse and by keyboard, and nothing runs besides."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flax_albert.training.events import Logged
from flax_albert.training.reporting import report
from tests.pictures.browser import Browser, chromium
from tests.training.reporting import runs

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium or Chrome here to open the page in")
    with Browser(program, tmp_path / "profile") as browser:
        yield browser


def shown(browser: Browser, folder: Path, labels: int = 2, width: int = 1200, rate: float = 1.0) -> None:
    events = runs.run(folder, labels=labels)
    slowed = (
        replace(each, learning_rate=rate * each.learning_rate) if isinstance(each, Logged) else each for each in events
    )
    runs.tell(slowed, runs.keepers(folder))
    path = report.write(folder)
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    browser.open(path, "document.readyState === 'complete' && document.querySelector('.chart path')")
    browser.settle()
    assert browser.requests == [path.as_uri()]


def texts(browser: Browser, selector: str) -> Any:
    return browser.evaluate(f"[...document.querySelectorAll({selector!r})].map(each => each.textContent)")


def read_out(browser: Browser, title: str) -> str:
    """What the chart of that title says."""
    return browser.evaluate(
        f"[...document.querySelectorAll('.chart')].find(each => each.querySelector('h3').textContent === {title!r})"
        ".querySelector('.legend').textContent"
    )


def test_every_chart_reads_out_the_same_step(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "run")
    assert texts(browser, ".chart h3") == [
        "Loss", "accuracy", "Learning rate", "Gradient norm, before clipping", "Tokens a second",
    ]  # fmt: skip
    for step, moves in ((200, 0), (190, 1), (170, 3)):
        browser.evaluate("document.activeElement.blur()")
        browser.evaluate("document.querySelector('.chart svg').focus()")
        browser.press("End")
        for _ in range(moves):
            browser.press("ArrowLeft")
        assert f"step {step}" in read_out(browser, "Loss")
        assert f"training{runs.logged(step).loss:.4f}" in read_out(browser, "Loss")
        assert f"{runs.logged(step).tokens_per_second:,.0f}" in read_out(browser, "Tokens a second")
    assert "step 150" in read_out(browser, "accuracy")  # the last evaluation before it
    assert "dev0.9131" in read_out(browser, "accuracy")
    assert "dev, baseline0.5090" in read_out(browser, "accuracy")


def test_pointing_finds_the_nearest_step(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "run")
    left, right, y = browser.evaluate(
        "(() => { const edge = document.querySelector('.chart svg').getBoundingClientRect();"
        "return [edge.left + 52, edge.right - 12, edge.top + 60]; })()"
    )
    for step in (10, 100, 200):
        x = left + (right - left) * (step - 10) / 190
        browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=x + 2, y=y)
        browser.settle()
        assert read_out(browser, "Loss").startswith(f"step {step}training")
        assert f"training{runs.logged(step).loss:.4f}" in read_out(browser, "Loss")
    browser.evaluate("(() => { const over = document.querySelector('#over'); over.value = 'seconds';"
                     "over.dispatchEvent(new Event('change')); })()")  # fmt: skip
    assert "time 2:40" in read_out(browser, "Loss")


def test_few_labels_are_a_table_whose_cells_choose_samples(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "run")
    counts = runs.confusion(2, 200).counts
    cells = texts(browser, ".matrix td")
    assert [int("".join(filter(str.isdigit, cell.split("%")[0]))[: len(str(count))]) for cell, count in
            zip(cells, counts.reshape(-1), strict=True)] == counts.reshape(-1).tolist()  # fmt: skip
    browser.point(".matrix tbody tr:nth-of-type(1) td:nth-of-type(2)", click=True)
    said = browser.evaluate("document.querySelector('#said').textContent")
    assert said.startswith(f"label_0 taken for label_1: {counts[0, 1]} of {counts[0].sum()}, ")
    assert texts(browser, "#samples-said") == ["1 of 121 samples"]
    browser.point("#unpair", click=True)
    assert texts(browser, "#samples-said") == ["121 of 121 samples"]


def test_small_numbers_on_axes_are_what_they_say(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "run", rate=0.9)  # which has it at 2.5e-5
    ticks = browser.evaluate(
        "(() => { const chart = [...document.querySelectorAll('.chart')].find("
        "each => each.querySelector('h3').textContent === 'Learning rate');"
        "return [...chart.querySelectorAll('text[text-anchor=end]')].map("
        "each => [each.textContent, Number(each.getAttribute('y'))]); })()"
    )
    (low, y_low), *between, (high, y_high) = [(float(text), y) for text, y in ticks if "e-" in text or text == "0"]
    assert 2.5e-5 in [value for value, _ in between]
    for value, y in between:
        assert (value - low) / (high - low) == pytest.approx((y - y_low) / (y_high - y_low), abs=0.01)


def test_many_labels_are_a_picture_with_names(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "run", labels=77)
    counts = runs.confusion(77, 200).counts
    assert len(texts(browser, ".grid .rows span")) == 77
    browser.evaluate("document.querySelector('.matrix').focus()")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        browser.press(key)
    said = browser.evaluate("document.querySelector('#said').textContent")
    assert said.startswith(f"label_2 found: {counts[2, 2]} of {counts[2].sum()}, ")
    first = texts(browser, "#mistakes tbody tr:first-of-type td")
    off = counts.copy()
    off[range(77), range(77)] = 0
    assert int(first[2]) == off.max()
    assert len(texts(browser, "#labels tbody tr")) == 77


def test_samples_are_found_by_text_and_by_kind(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "run")
    assert texts(browser, "#sample-list .text")[0].startswith("</script><script>")
    assert all(kind == "wrong" for kind in browser.evaluate(
        "[...document.querySelectorAll('#sample-list li')].map(each => each.className)"))  # fmt: skip
    browser.evaluate("(() => { const box = document.querySelector('#holding'); box.value = 'sentence 7.';"
                     "box.dispatchEvent(new Event('input')); })()")  # fmt: skip
    assert texts(browser, "#sample-list .text") == ["Wrong sentence 7.", "Right sentence 7."]
    browser.evaluate("(() => { const box = document.querySelector('#which'); box.value = 'right';"
                     "box.dispatchEvent(new Event('change')); })()")  # fmt: skip
    assert texts(browser, "#sample-list .text") == ["Right sentence 7."]


def test_nothing_of_a_text_runs(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path / "<img src=x onerror=alert(1)>")
    assert browser.complaints == []
    assert browser.evaluate("document.title") == "Training of <img src=x onerror=alert(1)>"
    assert browser.evaluate("document.scripts.length") == 2
    assert browser.evaluate("document.querySelectorAll('main img').length") == 0
    assert "U+202e" in texts(browser, "#sample-list .text")[0]


@pytest.mark.parametrize("labels", [2, 77])
def test_a_narrow_window_scrolls_only_down(browser: Browser, tmp_path: Path, labels: int) -> None:
    shown(browser, tmp_path / "run", labels=labels, width=360)
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.evaluate("[...document.querySelectorAll('.chart svg')].every(each => each.clientWidth > 250)")
