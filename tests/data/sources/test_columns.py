"""Finding columns: by the names that the user gives, by usual names, and not by guessing."""

import re

import pytest

from flax_albert.cli.tasks.classify import ClassifyCommand
from flax_albert.data.errors import DataError
from flax_albert.data.sources.columns import Fields

PAIRS = Fields(
    [{"text": "text", "text_pair": "text_pair"}, {"text": "premise", "text_pair": "hypothesis"}],
    required=["text", "text_pair"],
)


@pytest.mark.parametrize(
    ("columns", "chosen", "found"),
    [
        (["id", "text", "label"], {}, {"text": ("text",)}),
        (["text", "sentence"], {}, {"text": ("text",)}),
        (["idx", "sentence1", "sentence2"], {}, {"text": ("sentence1",), "text_pair": ("sentence2",)}),
        (["text", "text_pair"], {}, {"text": ("text",), "text_pair": ("text_pair",)}),
        (["anything"], {}, {"text": ("anything",)}),
        (["a", "text"], {"text": ["a"]}, {"text": ("a",)}),
        (["a", "b", "text"], {"text_pair": ["b"]}, {"text": ("text",), "text_pair": ("b",)}),
    ],
)
def test_columns_of_a_classification(
    columns: list[str], chosen: dict[str, list[str]], found: dict[str, tuple[str, ...]]
) -> None:
    assert ClassifyCommand.fields.find(columns, chosen, "data.csv") == found


@pytest.mark.parametrize(
    ("columns", "chosen", "message"),
    [
        (
            ["a", "b"],
            {},
            "data.csv does not say which columns hold the text and the text pair (the columns are 'a', 'b')",
        ),
        (["a", "b"], {"text": ["c"]}, "data.csv has no column 'c'; it has 'a', 'b'."),
        (
            ["a", "b"],
            {"text": ["a"]},
            "which column holds the text pair (the columns are 'a', 'b'); name it with --pair",
        ),
        (
            ["premise"],
            {},
            "name them with --text-column and --pair-column, or all with --header if the first line names none.",
        ),
    ],
)
def test_what_is_not_clear_is_asked(columns: list[str], chosen: dict[str, list[str]], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        PAIRS.find(columns, chosen, "data.csv")


def test_two_usual_names_are_not_clear() -> None:
    with pytest.raises(DataError, match="it could be 'sentence' or 'content'"):
        ClassifyCommand.fields.find(["content", "sentence"], {}, "data.csv")


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["question", "title", "answer", "passage"], {"text": ("question",), "text_pair": ("passage",)}),
        (["title", "premise", "hypothesis", "label"], {"text": ("premise",), "text_pair": ("hypothesis",)}),
    ],
)
def test_two_texts_are_meant_rather_than_one(columns: list[str], found: dict[str, tuple[str, ...]]) -> None:
    assert ClassifyCommand.fields.find(columns, {}, "data.csv") == found
