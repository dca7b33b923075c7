"""Token classification: what becomes of a model's logits, on hand-made ones and on those of a tiny model."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from flax_albert import (
    AlbertTokenizer,
    AlbertTokenizerFast,
    BertTokenizerFast,
    FlaxAlbertForTokenClassification,
    pipeline,
)
from flax_albert.tasks import InputError, InputTypeError, TokenClassification
from flax_albert.tasks.engine import Arrays
from flax_albert.tasks.html import EntityList
from flax_albert.tasks.tagging.tagged_text import TaggedText
from tests.sizes import tiny as tiny_config
from tests.tasks import tiny
from tests.tolerances import SMALL

BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
SURE = math.exp(4) / (math.exp(4) + 4)  # the probability of a logit of 4 beside four of 0
POSITIONS = 32
Scripted = Callable[..., TokenClassification]

SENTENCE = "John Smith went to New York."
LABELS_OF_SENTENCE = {"▁john": "B-PER", "▁": "I-PER", "smith": "O", "▁new": "B-LOC", "▁york": "I-LOC"}


@pytest.fixture(scope="module")
def english() -> AlbertTokenizerFast:
    return AlbertTokenizerFast.from_pretrained("albert-mini-en")


@pytest.fixture(scope="module")
def scripted(english: AlbertTokenizerFast) -> Scripted:
    """Makes a task whose model gives pieces the labels that it is told, and the first label to all others."""

    def make(of_piece: dict[str, str], labels: list[str] = BIO, **options: Any) -> TokenClassification:
        config = tiny_config(
            vocab_size=len(english), max_position_embeddings=POSITIONS, id2label=dict(enumerate(labels))
        )
        task = TokenClassification(FlaxAlbertForTokenClassification(config, _do_init=False), english, **options)
        logits = np.zeros((len(english), len(labels)), np.float32)
        logits[:, 0] = 4
        for piece, label in of_piece.items():
            logits[english.convert_tokens_to_ids(piece)] = 4 * np.eye(len(labels))[labels.index(label)]

        def compute(arrays: Arrays, options: Any) -> np.ndarray:
            return logits[arrays.input_ids]

        task._compute = compute
        return task

    return make


def told(entities: list[Any]) -> list[tuple[Any, ...]]:
    """Entities without their scores."""
    return [tuple(value for name, value in entity.items() if name != "score") for entity in entities]


# ------------------------------------------------------------------------------------------------ as in transformers


def test_results_are_those_of_transformers(scripted: Scripted) -> None:
    tag = scripted(LABELS_OF_SENTENCE)
    found = tag(SENTENCE)
    assert [list(entity) for entity in found] == [["entity", "score", "index", "word", "start", "end"]] * 4
    assert told(found) == [
        ("B-PER", 1, "▁john", 0, 4),
        ("I-PER", 2, "▁", 4, 5),
        ("B-LOC", 6, "▁new", 18, 22),
        ("I-LOC", 7, "▁york", 22, 27),
    ]
    assert [entity["score"] for entity in found] == pytest.approx([SURE] * 4)
    found = tag(SENTENCE, aggregation_strategy="simple")
    assert [list(entity) for entity in found] == [["entity_group", "score", "word", "start", "end"]] * 2
    assert told(found) == [("PER", "john ", 0, 5), ("LOC", "new york", 18, 27)]
    assert json.loads(json.dumps(found)) == found


def test_ignored_labels_are_left_out(scripted: Scripted) -> None:
    tag = scripted(LABELS_OF_SENTENCE)
    assert tag(SENTENCE, ignore_labels=None, aggregation_strategy=None, stride=None) == tag(SENTENCE)
    assert len(tag(SENTENCE, ignore_labels=[])) == 8
    assert told(tag(SENTENCE, ignore_labels=["O", "I-PER", "B-LOC"]))[1:] == [("I-LOC", 7, "▁york", 22, 27)]
    some = tag(SENTENCE, aggregation_strategy="simple", ignore_labels=["O", "PER"])
    assert told(some) == [("LOC", "new york", 18, 27)]


def test_older_names_of_the_strategies(scripted: Scripted) -> None:
    tag = scripted({"▁john": "B-PER", "▁charles": "B-LOC", "s": "I-LOC"})
    text = "Johns Charless"
    for options, strategy in (
        ({"grouped_entities": True}, "simple"),
        ({"grouped_entities": True, "ignore_subwords": False}, "simple"),
        ({"grouped_entities": True, "ignore_subwords": True}, "first"),
        ({"grouped_entities": False}, "none"),
        ({"ignore_subwords": True}, "none"),
        ({"aggregation_strategy": "FIRST"}, "first"),
    ):
        assert tag(text, **options) == tag(text, aggregation_strategy=strategy)


def test_offsets_and_words_of_a_list_of_words(scripted: Scripted) -> None:
    tag = scripted(LABELS_OF_SENTENCE, is_split_into_words=True)
    words = ["John", "Smith", "went", "to", "New York"]
    [found] = tag(words)  # in a list, as in transformers
    assert told(found) == [
        ("B-PER", 1, "▁john", 0, 4),
        ("I-PER", 2, "▁", 5, 6),
        ("B-LOC", 6, "▁new", 19, 22),
        ("I-LOC", 7, "▁york", 22, 27),
    ]
    assert tag([words, words]) == [found, found]
    assert tag([words, tuple(words)]) == [found, found]
    assert list(tag.iterate(iter([words]))) == [found]
    assert list(tag(iter([words]))) == [found]
    [joined] = tag(words, delimiter="_-_", aggregation_strategy="simple")
    assert told(joined) == [("PER", "john ", 0, 8), ("LOC", "new york", 27, 35)]
    assert joined.text == "John_-_Smith_-_went_-_to_-_New York"
    assert tag([]) == []


def test_inputs_of_every_kind(scripted: Scripted) -> None:
    tag = scripted(LABELS_OF_SENTENCE)
    texts = [SENTENCE, "Nobody.", "In New York"]
    alone = [tag(text) for text in texts]
    assert tag(texts) == alone
    assert list(tag(text for text in texts)) == alone
    assert [one for window in tag.windows(iter(texts)) for one in window] == alone
    assert tag([SENTENCE]) == alone[:1]


def test_a_notebook_shows_entities_in_their_text(scripted: Scripted) -> None:
    found = scripted(LABELS_OF_SENTENCE)(SENTENCE, aggregation_strategy="simple")
    assert isinstance(found, EntityList)
    assert found.text == SENTENCE
    assert "LOC" in found._repr_html_()


# ------------------------------------------------------------------------------------------- better than transformers

# Their answers are those of transformers 4.57.6, with the same tokenizer and the same logits.


@pytest.mark.parametrize("strategy", ["first", "average", "max"])
def test_no_word_is_torn_or_lost(scripted: Scripted, strategy: str) -> None:
    """`smith` is two pieces, of which the first is the space alone, and they took that for a word of its own."""
    theirs = [("PER", "john", 0, 5)]
    ours = [("PER", "john smith", 0, 10)]
    tag = scripted({"▁john": "B-PER", "▁": "I-PER", "smith": "I-PER" if strategy == "average" else "O"})
    if strategy == "max":
        tag = scripted({"▁john": "B-PER", "▁": "I-PER", "smith": "I-PER"})
    found = told(tag("John Smith went.", aggregation_strategy=strategy))
    assert found == ours != theirs


def test_a_piece_that_the_vocabulary_lacks_does_not_end_a_word(scripted: Scripted) -> None:
    theirs = [("PER", "john", 0, 4)]
    ours = [("PER", "john☃s", 0, 6)]
    assert told(scripted({"▁john": "B-PER"})("john☃s went", aggregation_strategy="first")) == ours != theirs


@pytest.mark.parametrize("space", ["\n", "\t", "\u00a0", "\u3000"])
def test_every_kind_of_white_space_ends_a_word(scripted: Scripted, space: str) -> None:
    theirs = [("LOC", "london paris", 0, 12)]
    ours = [("LOC", "london", 0, 6), ("PER", "paris", 6, 12)]
    tag = scripted({"▁london": "B-LOC", "▁paris": "B-PER"})
    assert told(tag(f"London{space}Paris", aggregation_strategy="first")) == ours != theirs


def test_words_of_a_bert_tokenizer(tmp_path: Path) -> None:
    """Transformers knows these, and answers the same."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "new", "york", "##er", ",", "mike"]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces))
    tokenizer = BertTokenizerFast(tmp_path / "vocab.txt")
    config = tiny_config(vocab_size=len(pieces), id2label=dict(enumerate(BIO)))
    tag = TokenClassification(FlaxAlbertForTokenClassification(config, _do_init=False), tokenizer)
    of_piece = {"new": "B-LOC", "york": "I-LOC", "##er": "I-PER", "mike": "B-PER"}
    logits = np.tile(4 * np.eye(5, dtype=np.float32)[0], (len(pieces), 1))
    for piece, label in of_piece.items():
        logits[pieces.index(piece)] = 4 * np.eye(5)[BIO.index(label)]

    def compute(arrays: Arrays, options: Any) -> np.ndarray:
        return logits[arrays.input_ids]

    tag._compute = compute
    found = told(tag("New Yorker, Mike, Mike", aggregation_strategy="first"))
    assert found == [("LOC", "new yorker", 0, 10), ("PER", "mike", 12, 16), ("PER", "mike", 18, 22)]


def test_words_are_the_callers_whatever_is_between_them(scripted: Scripted) -> None:
    theirs = [("LOC", "london paris", 0, 11)]
    ours = [("LOC", "london", 0, 6), ("PER", "paris", 6, 11)]
    tag = scripted({"▁london": "B-LOC", "▁paris": "B-PER"}, aggregation_strategy="first", is_split_into_words=True)
    assert told(tag(["London", "Paris"], delimiter="")[0]) == ours != theirs


def test_the_words_of_an_entity_keep_their_spaces(scripted: Scripted) -> None:
    theirs = [("PER", "johncharles", 0, 12)]
    ours = [("PER", "john charles", 0, 12)]
    tag = scripted({"▁john": "B-PER", "▁charles": "I-PER"})
    assert told(tag("John Charles went.", aggregation_strategy="first")) == ours != theirs


def test_schemes_that_mark_ends(scripted: Scripted) -> None:
    theirs = [("PER", "john", 0, 4), ("PER", "charles", 4, 12)]
    ours = [("PER", "john charles", 0, 12)]
    labels = ["O", "B-PER", "I-PER", "E-PER", "S-PER"]
    tag = scripted({"▁john": "B-PER", "▁charles": "E-PER"}, labels)
    assert told(tag("John Charles went", aggregation_strategy="simple")) == ours != theirs


def test_a_dash_in_a_label_is_part_of_it(scripted: Scripted) -> None:
    theirs = [("WORD", "who is", 0, 6), ("NOUN", "john", 6, 11)]
    ours = [("WH-WORD", "who is", 0, 6), ("PROPER-NOUN", "john", 6, 11)]
    tag = scripted({"▁john": "PROPER-NOUN"}, ["WH-WORD", "PROPER-NOUN"])
    assert told(tag("who is John", aggregation_strategy="simple")) == ours != theirs


# ------------------------------------------------------------------------------------------------- what is new here


def test_offsets_can_leave_out_white_space(scripted: Scripted) -> None:
    tag = scripted({**LABELS_OF_SENTENCE, "▁went": "B-PER", "▁to": "I-LOC"}, trim_offsets=True)
    text = "John went  to a"
    assert [text[one["start"] : one["end"]] for one in tag(text)] == ["John", "went", "to"]
    tag = scripted(LABELS_OF_SENTENCE, trim_offsets=True)
    assert [entity["word"] for entity in tag(SENTENCE)] == ["▁john", "▁new", "▁york"]  # the lone space is nothing
    found = tag(SENTENCE, aggregation_strategy="simple")
    assert [SENTENCE[one["start"] : one["end"]] for one in found] == ["John", "New York"]


@pytest.mark.parametrize("strategy", ["none", "simple", "first"])
def test_trimmed_offsets_cut_no_accent_off_its_letter(scripted: Scripted, strategy: str) -> None:
    text = "To the Cafe\u0301 in Zu\u0308rich"
    tag = scripted({"▁ca": "B-LOC", "fe": "I-LOC"}, aggregation_strategy=strategy)
    as_in_transformers, trimmed = tag(text), tag(text, trim_offsets=True)
    assert as_in_transformers[-1]["end"] == text.index("\u0301")
    assert text[trimmed[0]["start"] : trimmed[-1]["end"]] == "Cafe\u0301"


def test_every_word_gets_a_label(scripted: Scripted) -> None:
    tag = scripted(LABELS_OF_SENTENCE, label_words=True)
    words = ["John", "Smith", "\ufe0f", "went", "", "to", "New York"]
    [labelled] = tag(words, is_split_into_words=True)
    assert told(labelled) == [
        ("B-PER", 0, "John", 0, 4),
        ("I-PER", 1, "Smith", 5, 10),
        ("O", 2, "\ufe0f", 11, 12),
        ("O", 3, "went", 13, 17),
        ("O", 4, "", 18, 18),
        ("O", 5, "to", 19, 21),
        ("B-LOC", 6, "New York", 22, 30),
    ]
    assert [one["score"] for one in labelled] == pytest.approx([SURE, SURE, 0, SURE, 0, SURE, SURE])
    assert [one["word"] for one in tag(SENTENCE)] == ["John", "Smith", "went", "to", "New", "York."]
    assert [SENTENCE[one["start"] : one["end"]] for one in tag(SENTENCE)] == [one["word"] for one in tag(SENTENCE)]
    speech = scripted({"▁": "VERB"}, ["NOUN", "VERB"], label_words=True, is_split_into_words=True)
    assert [one["entity"] for one in speech([words])[0]] == ["NOUN", "VERB", None, "NOUN", None, "NOUN", "NOUN"]
    nothing = ["\ufe0f", "\ufe0f"]
    assert [one["entity"] for one in tag(nothing, is_split_into_words=True)[0]] == ["O", "O"]
    assert tag("\ufe0f") == []


def test_entities_say_which_words_they_cover(scripted: Scripted) -> None:
    tag = scripted({**LABELS_OF_SENTENCE, "smith": "I-PER"}, aggregation_strategy="simple", return_word_spans=True)
    words = ["", "John", "Smith", "went", "to", "New York", "York"]
    [found] = tag(words, is_split_into_words=True)
    spans = [words[entity["word_start"] : entity["word_end"]] for entity in found]
    assert spans == [["John", "Smith"], ["New York", "York"]]
    assert [(one["word_start"], one["word_end"]) for one in tag(SENTENCE, aggregation_strategy="none")][:3] == [
        (0, 1),
        (1, 2),
        (1, 2),
    ]


# ------------------------------------------------------------------------------------------------------- long texts


@pytest.mark.parametrize("strategy", ["none", "simple", "first", "average", "max"])
@pytest.mark.parametrize("stride", [None, 8, 29])
def test_texts_of_any_length(scripted: Scripted, strategy: str, stride: int | None) -> None:
    """What is said of a token does not depend on its place here, so that every copy of the sentence says the same."""
    tag = scripted(LABELS_OF_SENTENCE, aggregation_strategy=strategy)
    copies = 9
    text = " ".join([SENTENCE] * copies)
    assert len(tag.tokenizer(text).input_ids) > 2 * POSITIONS
    found = tag(text, stride=stride)
    once = tag(SENTENCE)
    assert [text[one["start"] : one["end"]].strip() for one in found] == [
        SENTENCE[one["start"] : one["end"]].strip() for one in once
    ] * copies
    assert [one["score"] for one in found] == pytest.approx([one["score"] for one in once] * copies)
    if strategy == "none":
        ids = tag.tokenizer(text).input_ids
        pieces = tag.tokenizer.convert_ids_to_tokens([ids[one["index"]] for one in found])
        assert pieces == [one["word"] for one in found]


def test_a_text_that_just_fits_is_one_window(scripted: Scripted) -> None:
    tag = scripted({"▁john": "B-PER"})
    for tokens, rows in ((POSITIONS - 2, 1), (POSITIONS - 1, 2)):
        text = " ".join(["john"] * tokens)
        [ready] = tag._encode([text], tag._bound(tag.options))
        assert isinstance(ready, TaggedText)
        assert len(ready.rows) == rows
        assert all(row.ids[0] == 2 and row.ids[-1] == 3 for row in ready.rows)
        assert len(tag(text)) == tokens


def test_an_entity_that_a_window_cuts_is_found_once(scripted: Scripted) -> None:
    tag = scripted({"▁john": "B-PER", "▁charles": "I-PER"}, aggregation_strategy="simple")
    text = "in " * 26 + "John" + " Charles" * 7 + " in" * 20
    [entity] = tag(text)
    assert text[entity["start"] : entity["end"]].strip() == "John" + " Charles" * 7
    [entity] = tag(text, stride=12)
    assert text[entity["start"] : entity["end"]].strip() == "John" + " Charles" * 7


def test_nothing_is_lost_between_windows(scripted: Scripted) -> None:
    """Of two stretches that overlap they keep the longer, and lose what the other one says of the rest of the text."""
    text = " ".join(["john"] * 5 + ["went"] + ["john"] * 54)
    theirs = [("NOUN", 0, 24), ("VERB", 24, 29), ("NOUN", 109, 259)]
    ours = [("NOUN", 0, 24), ("VERB", 24, 29), ("NOUN", 29, 299)]
    tag = scripted({"▁went": "VERB"}, ["NOUN", "VERB"], aggregation_strategy="simple")
    whole, with_stride = (
        [(one["entity_group"], one["start"], one["end"]) for one in tag(text, stride=stride)] for stride in (None, 8)
    )
    assert with_stride == theirs
    assert whole == ours


@pytest.mark.slow
def test_a_text_of_a_million_characters(english: AlbertTokenizerFast) -> None:
    config = tiny_config(vocab_size=len(english), max_position_embeddings=512, id2label=dict(enumerate(BIO)))
    tag = TokenClassification(FlaxAlbertForTokenClassification(config), english, ignore_labels=[])
    text = (SENTENCE + " ") * 36_000
    began = time.monotonic()
    found = tag(text)
    assert time.monotonic() - began < 120
    assert len(text) > 1_000_000
    assert [one["index"] for one in found] == list(range(1, len(english(text, verbose=False).input_ids) - 1))


# -------------------------------------------------------------------------------------------- the model, and errors


def made(**options: Any) -> TokenClassification:
    model = tiny.model_of(FlaxAlbertForTokenClassification, id2label=dict(enumerate(BIO)))
    return TokenClassification(model, tiny.tokenizer(), **options)


TEXTS = ["the cat sat on the mat.", "A dog", "the man in the sun " * 7, "a mat, a mat."]


def test_scores_are_the_models_probabilities() -> None:
    tag = made(ignore_labels=[])
    for text, found in zip(TEXTS, tag(TEXTS), strict=True):
        inputs = tag.tokenizer(text, padding="max_length", max_length=48, return_tensors="np")
        odds = np.exp(np.asarray(tag.model(**inputs).logits[0], np.float64)[1 : len(found) + 1])
        probabilities = odds / odds.sum(-1, keepdims=True)
        assert len(found) == inputs.attention_mask.sum() - 2
        assert [one["entity"] for one in found] == [BIO[label] for label in probabilities.argmax(-1)]
        np.testing.assert_allclose([one["score"] for one in found], probabilities.max(-1), atol=SMALL)


def test_a_slow_tokenizer_knows_no_places() -> None:
    slow = AlbertTokenizer.from_pretrained("albert-mini-en")
    fast = AlbertTokenizerFast.from_pretrained("albert-mini-en")
    config = tiny_config(vocab_size=len(fast), max_position_embeddings=POSITIONS, id2label=dict(enumerate(BIO)))
    model = FlaxAlbertForTokenClassification(config)
    text = " ".join([SENTENCE] * 6)
    for strategy in ("none", "simple"):
        options = {"aggregation_strategy": strategy, "ignore_labels": []}
        ours = TokenClassification(model, slow, **options)(text)
        expected = TokenClassification(model, fast, **options)(text)
        if strategy == "none":
            assert [one["word"] for one in ours] == [one["word"] for one in expected]
        assert {(one["start"], one["end"]) for one in ours} == {(None, None)}
        assert ours._repr_html_()
    for refused in (
        {"aggregation_strategy": "first"},
        {"is_split_into_words": True},
        {"stride": 4},
        {"label_words": True},
        {"return_word_spans": True},
    ):
        with pytest.raises(ValueError, match="slow tokenizer knows neither words nor where"):
            TokenClassification(model, slow)(text, **refused)


@pytest.mark.parametrize(
    ("value", "options", "error", "message"),
    [
        (3, {}, InputTypeError, "must be a str, got int"),
        (None, {}, InputTypeError, "must be a str, got NoneType"),
        ("", {}, InputError, "is empty"),
        (" \n", {}, InputError, "is empty"),
        (["a", "cat"], {}, InputTypeError, "for a list of words say is_split_into_words=True"),
        ("a cat", {"is_split_into_words": True}, InputTypeError, "must be a list of words, .* got str"),
        (["a", 3], {"is_split_into_words": True}, InputTypeError, r"a word that must be a str, and \[1\] is int"),
        ([], {"is_split_into_words": True}, InputError, "holds no words"),
        (["", " "], {"is_split_into_words": True}, InputError, "holds no words"),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    value: Any, options: dict[str, Any], error: type[InputError], message: str
) -> None:
    good = ["a", "cat"] if options else "a cat"
    first, answer, last = made(on_error="yield", ignore_labels=[])([good, value, good], **options)
    assert first == last
    assert len(first) == 2
    assert type(answer) is error
    with pytest.raises(error, match=rf"inputs\[1\].*{message}"):
        made()([good, value, good], **options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"aggregation_strategy": "mean"}, ValueError, "must be one of none, simple, first, average, max, got 'mean'"),
        ({"aggregation_strategy": 1}, ValueError, "must be one of none"),
        ({"ignore_labels": "O"}, ValueError, r"ignore_labels must be a list of labels, such as \['O'\]"),
        ({"stride": -1}, ValueError, "stride must be a whole number"),
        ({"stride": 46}, ValueError, "stride must be below the 46 tokens that a window has room for, got 46"),
        ({"delimiter": 3}, ValueError, "delimiter must be a str"),
        ({"offset_mapping": []}, TypeError, "has no option 'offset_mapping'; it has aggregation_strategy"),
    ],
)
def test_options_are_checked(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        made()(TEXTS, **options)


def test_scores_that_are_no_numbers_are_refused() -> None:
    tag = made()
    tag.model.params = jax.tree.map(lambda leaf: leaf * np.float32(np.nan), tag.model.params)
    with pytest.raises(InputError, match="scores that are not finite"):
        tag("a cat")


def test_a_pipeline_loads_it_by_any_of_its_names(tmp_path: Path) -> None:
    tag = made(ignore_labels=[])
    tag.model.save_pretrained(tmp_path)
    tag.tokenizer.save_pretrained(tmp_path)
    for task in ("token-classification", "ner", None):
        loaded = pipeline(task, str(tmp_path), batch_size=2, ignore_labels=[])
        assert isinstance(loaded, TokenClassification)
        assert told(loaded(TEXTS)[0]) == told(tag(TEXTS)[0])
