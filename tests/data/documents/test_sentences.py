"""Where sentences end, by each rule."""

import pytest

from flax_albert.data.documents.sentences import by_line, by_paragraph, by_punctuation


@pytest.mark.parametrize(
    "sentences",
    [
        ["One.", "Two!", "Three?", "Four"],
        ["Mr. Smith met Dr. J. R. Brown.", "They spoke."],
        ["It cost 3.5 dollars, i.e. little.", "Yes!"],
        ['He said: "Go."', '"Now?"', "(Later.)", "End"],
        ["Élan vital.", "Über alles?", "Ça va.", "«Oui.»", "¿Qué?", "Sí"],
        ["Он ушёл.", "Потом вернулся."],
        ["ذهب الولد.", "عاد الرجل؟", "نعم"],
        ["वह गया।", "वह आया।"],
        ["下雨了。", "「走吧。」", "好！", "再见"],
    ],
)
def test_punctuation_ends_a_sentence(sentences: list[str]) -> None:
    spaced = sentences[0][0] not in "下"
    assert by_punctuation((" " if spaced else "").join(sentences)) == sentences


def test_what_is_no_end() -> None:
    for text in ("Mrs. Dalloway said so", "a . b", "see p. 5 of it", "www.x.org/A", "No... not yet"):
        assert by_punctuation(text) == [text]


def test_blank_lines_end_a_sentence_and_lines_do_not() -> None:
    text = "A title\n\nA sentence that\ngoes on. And\nanother\n \t\n\n\nlast\n"
    assert by_punctuation(text) == ["A title", "A sentence that\ngoes on.", "And\nanother", "last"]
    assert by_paragraph(text) == ["A title", "A sentence that\ngoes on. And\nanother", "last"]
    assert by_line(text) == ["A title", "A sentence that", "goes on. And", "another", "last"]
    assert by_line("a\x0bb\x85c\r\nd") == ["a\x0bb\x85c", "d"]  # a line is what a newline ends, as in files


def test_nothing_is_lost() -> None:
    text = "One. Two?! (Three.) 'Four' ... Five. 下雨了。走。 six\n\nSeven!"
    for rule in (by_punctuation, by_line, by_paragraph):
        assert "".join("".join(rule(text)).split()) == "".join(text.split())
