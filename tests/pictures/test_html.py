"""The page holds the model's numbers, nothing of a text is markup in it, and it asks for nothing outside itself."""

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from flax_albert.pictures import AttentionMaps, attention_html, weights
from flax_albert.pictures import html as pages
from flax_albert.pictures.weights import Packed, step, unpacked
from tests.pictures import made


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self._current = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._current = dict(attrs).get("id") or tag
        self.inside.setdefault(self._current, "")

    def handle_endtag(self, tag: str) -> None:
        self._current = ""

    def handle_data(self, data: str) -> None:
        if self._current:
            self.inside[self._current] += data

    def only(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(page: Page) -> AttentionMaps:
    """The maps as the page has them."""
    about = json.loads(page.inside["maps"])
    shape = (len(about["layers"]), len(about["heads"]), len(about["tokens"]), len(about["tokens"]))
    return AttentionMaps(
        tuple(about["tokens"]),
        unpacked(Packed(about["bits"], page.inside["weights"]), shape),
        tuple(about["texts"]),
        tuple(about["layers"]),
        tuple(about["heads"]),
    )


@pytest.mark.parametrize("bits", [16, 8])
def test_the_numbers_are_the_models_within_a_step(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = made.maps(("a", "b", "c", "d", "e"), layers=3, heads=2)
    if bits == 8:
        monkeypatch.setattr(weights, "_MOST_FINE_WEIGHTS", maps.probabilities.size - 1)
    page = Page(attention_html(maps))
    assert json.loads(page.inside["maps"])["bits"] == bits
    shown = read(page)
    assert (shown.tokens, shown.texts, shown.layers, shown.heads) == (maps.tokens, maps.texts, maps.layers, maps.heads)
    allowed = np.vectorize(lambda probability: step(bits, probability))(maps.probabilities)
    assert (np.abs(shown.probabilities - maps.probabilities) <= allowed + 1e-7).all()
    assert allowed.max() <= (0.004 if bits == 8 else 0.00002)  # what the page says of itself


def test_nothing_of_a_text_is_markup() -> None:
    usual = Page(attention_html(made.maps(("a",) * len(made.HOSTILE)), "Title"))
    hostile = Page(attention_html(made.maps(made.HOSTILE), made.HOSTILE[0]))
    assert hostile.elements == usual.elements
    assert read(hostile).tokens[1:-1] == made.HOSTILE
    assert hostile.inside["title"] == hostile.inside["h1"] == made.HOSTILE[0]


def test_the_page_runs_and_asks_for_nothing_but_itself() -> None:
    text = attention_html(made.maps(made.HOSTILE))
    page = Page(text)
    (policy,) = [meta["content"] for meta in page.only("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    programs = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    for rule, inline in (("script-src", programs), ("style-src", styles)):
        assert len(inline) == 1
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert allowed[rule] == f"'sha256-{digest}'"
    assert not {tag for tag, _ in page.elements} & {"link", "img", "iframe", "object", "embed", "base"}
    for _, attributes in page.elements:
        assert not attributes.keys() & {"src", "href", "style", "srcset", "action", "background"}
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"@import|url\(|\bfetch\(|XMLHttpRequest|innerHTML|\beval\(|https?:", styles[0] + programs[0])


def test_too_many_weights_are_refused_and_a_notebook_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = made.maps()
    monkeypatch.setattr(pages, "MOST_WEIGHTS", maps.probabilities.size - 1)
    with pytest.raises(ValueError, match=r"has 96 weights, and a page holds at most 95; choose a layer or a head\.$"):
        attention_html(maps)
    assert attention_html(maps.only(layer=0))
    monkeypatch.setattr(pages, "_MOST_WEIGHTS_IN_A_NOTEBOOK", maps.probabilities.size - 1)
    assert "maps.only(layer=0)" in maps._repr_html_()
    assert "iframe" not in maps._repr_html_()


def test_a_notebook_gets_the_page_in_a_frame_of_its_own() -> None:
    maps = made.maps(made.HOSTILE)
    frame = Page(maps._repr_html_())
    ((tag, attributes),) = frame.elements
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == attention_html(maps)
    assert html.escape("<script>") in maps._repr_html_()
