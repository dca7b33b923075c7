"""Question answering on a tiny model: transformers' ways to ask and shapes of answers, and slices of the text."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from flax_albert import AutoTokenizer, FlaxAlbertForQuestionAnswering, pipeline
from flax_albert.tasks import Answer, AnswerList, InputError, QuestionAnswering
from flax_albert.tasks.answering.contexts import read_contexts
from tests import sizes
from tests.tasks import tiny
from tests.tolerances import SMALL

QUESTION, CONTEXT = "the man in the sun", "the cat sat on the mat. a dog"
ASKED = {"question": QUESTION, "context": CONTEXT}
LONG = " ".join(
    f"the {who} sat {where} {what}"
    for who in ("cat", "dog", "man")
    for where in ("on", "in")
    for what in ("mat", "sun")
)  # a token each word


@pytest.fixture(scope="module")
def answerer() -> QuestionAnswering:
    return QuestionAnswering(tiny.model_of(FlaxAlbertForQuestionAnswering), tiny.tokenizer())


def expected_scores(task: QuestionAnswering, question: str, context: str, longest: int = 15) -> dict[str, float]:
    """By the text of answers, the sum of probabilities of all their spans, on a model called by itself."""
    inputs = task.tokenizer(question, context, padding="max_length", max_length=48, return_tensors="np")
    encoding = inputs[0]
    outputs = task.model(**{name: inputs[name] for name in ("input_ids", "attention_mask", "token_type_ids")})
    allowed = [0, *(place for place, sequence in enumerate(encoding.sequence_ids) if sequence == 1)]
    start, end = (np.exp(np.asarray(logits[0], np.float64)) for logits in (outputs.start_logits, outputs.end_logits))
    start, end = start / start[allowed].sum(), end / end[allowed].sum()
    words = encoding.word_ids
    scores: dict[str, float] = {"": start[0] * end[0]}
    for first in allowed[1:]:
        for last in range(first, min(first + longest, allowed[-1] + 1)):
            whole = [place for place in allowed[1:] if words[first] <= words[place] <= words[last]]
            text = context[encoding.offsets[whole[0]][0] : encoding.offsets[whole[-1]][1]].strip()
            scores[text] = scores.get(text, 0.0) + start[first] * end[last]
    return scores


def assert_close(actual: Any, expected: Any) -> None:
    """Equal but for the last digits of scores, which depend on what else is in a batch."""
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_close(one, other)
    else:
        assert {**actual, "score": 0} == {**expected, "score": 0}
        assert actual["score"] == pytest.approx(expected["score"], abs=SMALL)


def test_scores_are_the_models_probabilities(answerer: QuestionAnswering) -> None:
    for longest in (1, 3, 15):
        expected = expected_scores(answerer, QUESTION, CONTEXT, longest)
        none = expected.pop("")
        # Every span is among so many candidates.
        answers = answerer(ASKED, top_k=100, max_answer_len=longest, handle_impossible_answer=True)
        found = {answer["answer"]: answer["score"] for answer in answers}
        assert found.pop("") == pytest.approx(none, abs=SMALL)
        assert found == pytest.approx(expected, abs=SMALL)
        scores = [answer["score"] for answer in answers]
        assert scores == sorted(scores, reverse=True)


def test_all_the_ways_to_ask(answerer: QuestionAnswering) -> None:
    other = {"question": "a cat", "context": "the dog sat. the cat sat in the sun"}
    first, second = answerer(ASKED), answerer(other)
    assert isinstance(first, Answer)
    for asked in (
        answerer(question=QUESTION, context=CONTEXT),
        answerer(QUESTION, CONTEXT),
        answerer([ASKED]),
        answerer(question=[QUESTION], context=CONTEXT),
        answerer(question=[QUESTION], context=[CONTEXT]),
        answerer(SimpleNamespace(question_text=QUESTION, context_text=CONTEXT, title="as in SQuAD")),
        answerer(data=ASKED),
        answerer({**ASKED, "id": "5", "title": "a row of a data set"}),
        *answerer(one for one in [ASKED]),
    ):
        assert_close(asked, first)
    both = [first, second]
    questions, contexts = [[one[name] for one in (ASKED, other)] for name in ("question", "context")]
    assert_close(answerer([ASKED, other]), both)
    assert_close(answerer(ASKED, other), both)
    assert_close(answerer(question=questions, context=contexts), both)
    lazy = answerer(question=iter(questions), context=iter(contexts))
    assert not isinstance(lazy, list)
    assert_close(list(lazy), both)
    same_text = [answerer(question=question, context=CONTEXT) for question in questions]
    assert_close(answerer(question=questions, context=CONTEXT), same_text)
    same_question = [answerer(question=QUESTION, context=context) for context in contexts]
    assert_close(answerer(question=QUESTION, context=contexts), same_question)
    assert answerer([]) == []


def test_results_have_the_shapes_of_transformers(answerer: QuestionAnswering) -> None:
    one = answerer(ASKED)
    assert set(one) == {"score", "start", "end", "answer"}
    several = answerer(ASKED, top_k=3)
    assert isinstance(several, AnswerList)
    assert len(several) == 3
    assert_close(several[0], one)
    assert_close(answerer(ASKED, topk=3), several)
    assert_close(answerer([ASKED, ASKED], top_k=3), [several, several])
    # Just one answer is no list, here as there; what is iterated over keeps one shape.
    single = {"question": QUESTION, "context": "cat"}
    assert isinstance(answerer(single, top_k=3), Answer)
    [kept] = answerer.iterate([single], top_k=3)
    assert isinstance(kept, AnswerList)
    lasting = QuestionAnswering(answerer.model, answerer.tokenizer, top_k=3, max_answer_len=2)
    assert_close(lasting(ASKED), answerer(ASKED, top_k=3, max_answer_len=2))
    assert answerer(ASKED, top_k=None, doc_stride=None, padding="max_length") == one
    assert json.loads(json.dumps(several)) == several
    assert QUESTION in one._repr_html_()
    assert CONTEXT[-5:] in one._repr_html_()


@pytest.mark.parametrize("align_to_words", [True, False])
@pytest.mark.parametrize("use_fast", [True, False])
def test_answers_are_slices_of_the_text(use_fast: bool, align_to_words: bool) -> None:
    tokenizer = AutoTokenizer.from_pretrained("albert-mini-en", use_fast=use_fast)
    model = FlaxAlbertForQuestionAnswering(sizes.tiny(vocab_size=len(tokenizer), max_position_embeddings=64))
    task = QuestionAnswering(model, tokenizer)
    contexts = [  # of the last two the tokenizer does not see every character
        "  The  élan of\nZoë's ﬁancée — 中文字 — cost ½ of it,\t“ﬀ” 😀👩‍👩‍👧 Å Å e\u0301t\u00adé.  ",
        "ΑΓΓΕΛΟΣ İstanbul STRASSE ẞ ǅ",
        "[CLS] Ada [SEP] came. [MASK] <pad> </s>",
        "一二三四五六七八九十",
        "—Ada",
        "\ud800 half a pair \udfff",
        "no\u00a0break\u2003em\u200bzero\u3000wide",
    ]
    for context, answers in zip(
        contexts,
        task.iterate(({"question": "Who came?", "context": one} for one in contexts), top_k=200, max_answer_len=4,
                     align_to_words=align_to_words),
        strict=True,
    ):  # fmt: skip
        texts = [answer["answer"] for answer in answers]
        assert texts
        assert all(context[answer["start"] : answer["end"]] == answer["answer"] for answer in answers)
        assert all(text == text.strip() != "" for text in texts)
        assert len({text.lower() for text in texts}) == len(texts)
        if (align_to_words or not use_fast) and context in contexts[:-2]:
            found = {text.lower() for text in texts if len(text.split()) == 1}
            assert found == {word.lower() for word in context.split()}


def test_a_long_text_is_read_in_windows(answerer: QuestionAnswering) -> None:
    """What the model says of each window when it is asked about that text alone, the surest window counting."""
    task = answerer
    options: dict[str, Any] = {"max_seq_len": 24, "doc_stride": 7, "max_answer_len": 3}
    tokens = task.tokenizer(LONG, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    room = 24 - 3 - len(task.tokenizer(QUESTION, add_special_tokens=False)["input_ids"])
    best: dict[str, float] = {}
    total: dict[str, float] = {}
    none = 1.0
    for first in range(0, len(tokens) - 7, room - 7):
        start, end = tokens[first][0], tokens[min(first + room, len(tokens)) - 1][1]
        window = expected_scores(task, QUESTION, LONG[start:end].strip(), 3)
        none = min(none, window.pop(""))
        for text, score in window.items():
            best[text] = max(best.get(text, 0.0), score)
            total[text] = total.get(text, 0.0) + score
    options |= {"top_k": 500, "handle_impossible_answer": True}
    for expected, across_windows in ((best, "best"), (total, "sum")):
        answers = task(question=QUESTION, context=LONG, across_windows=across_windows, **options)
        assert {one["answer"]: one["score"] for one in answers} == pytest.approx(expected | {"": none}, abs=SMALL)


def test_a_long_question_is_cut_off_where_that_is_asked_for(answerer: QuestionAnswering) -> None:
    long = "the cat sat on the mat" + " the dog" * 3
    cut = answerer(question=long, context=CONTEXT, max_question_len=6)
    assert_close(cut, answerer(question="the cat sat on the mat", context=CONTEXT))
    assert cut["score"] != pytest.approx(answerer(question=long, context=CONTEXT)["score"], rel=1e-4)


def test_words_cut_in_two_by_a_window_are_answered_whole(answerer: QuestionAnswering) -> None:
    context = "cats mans dogs mats suns cats"  # two pieces each
    options: dict[str, Any] = {"max_seq_len": 3 + 1 + 3, "doc_stride": 0, "top_k": 50}
    answers = answerer(question="cat", context=context, **options)
    words = set(context.split())
    assert {word for answer in answers for word in answer["answer"].split()} == words
    loose = answerer(question="cat", context=context, align_to_words=False, **options)
    assert {"cat", "dog"} <= {answer["answer"] for answer in loose}


def test_no_answer(answerer: QuestionAnswering) -> None:
    answers = answerer(ASKED, handle_impossible_answer=True, top_k=100)
    [none] = [answer for answer in answers if not answer["answer"]]
    assert none == {"score": none["score"], "start": 0, "end": 0, "answer": ""}
    assert none not in answerer(ASKED, top_k=100)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, 'must be a dictionary with "question" and "context", got int'),
        ("where?", TypeError, 'must be a dictionary with "question" and "context", got str'),
        ([ASKED], TypeError, 'must be a dictionary with "question" and "context", got list'),
        ({"question": "a"}, ValueError, 'must hold "question" and "context", and holds \'question\''),
        ({}, ValueError, "and holds nothing"),
        ({"questoin": "a", "context": "b"}, ValueError, "and holds 'questoin', 'context'"),
        ({"question": "a", "context": None}, TypeError, "'context' that must be a str, and is NoneType"),
        ({"question": ["a"], "context": "b"}, TypeError, "'question' that must be a str, and is list"),
        ({"question": "", "context": "b"}, ValueError, "has an empty 'question'"),
        ({"question": "a", "context": " \n"}, ValueError, "has an empty 'context'"),
        (
            {"question": "the cat" + " a dog" * 29, "context": "b"},
            ValueError,
            "'question' of 60 tokens, which leaves windows",
        ),
        (
            {"question": "cat" + " dog" * 23, "context": "dog " * 40},
            ValueError,
            "leaves windows of max_seq_len=48 21 tokens",
        ),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    answerer: QuestionAnswering, value: Any, error: type[Exception], message: str
) -> None:
    tolerant = QuestionAnswering(answerer.model, answerer.tokenizer, on_error="yield")
    before, answer, after = tolerant([ASKED, value, ASKED])
    assert_close([before, after], [answerer(ASKED)] * 2)
    assert isinstance(answer, InputError)
    assert isinstance(answer, error)
    assert answer.index == 1
    assert message in str(answer)
    with pytest.raises(InputError, match=r"inputs\[1\]"):
        answerer([ASKED, value])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ({"question": "a"}, ValueError, "There is no context"),
        ({"context": "a"}, ValueError, "There is no question"),
        ({}, ValueError, "There is no question"),
        ({"question": ["a", "b"], "context": ["c"]}, ValueError, "There are 1 contexts and more questions"),
        ({"question": ["a"], "context": ["c", "d"]}, ValueError, "There are 1 questions and more contexts"),
        ({"inputs": ASKED, "question": "a"}, TypeError, "either by position or as"),
        ({"top_k": 0}, ValueError, "top_k must be a whole number of at least 1"),
        ({"max_answer_len": 0}, ValueError, "max_answer_len must be a whole number of at least 1"),
        ({"max_seq_len": 49}, ValueError, "max_seq_len must be at most 48"),
        ({"max_question_len": -1}, ValueError, "max_question_len must be"),
        ({"doc_stride": -1}, ValueError, "doc_stride must be a whole number of at least 0"),
        ({"doc_stride": 44}, ValueError, "doc_stride=44 leaves windows of max_seq_len=48 nothing new to read"),
        ({"across_windows": "mean"}, ValueError, 'across_windows must be "best" or "sum"'),
        ({"best_of": 3}, TypeError, "has no option 'best_of'; it has top_k"),
    ],
)
def test_options_are_checked(
    answerer: QuestionAnswering, call: dict[str, Any], error: type[Exception], message: str
) -> None:
    asked = {} if {"question", "context", "inputs"} & call.keys() or not call else {"inputs": ASKED}
    with pytest.raises(error, match=message):
        answerer(**asked, **call)


def test_each_text_is_tokenized_once(answerer: QuestionAnswering, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    kind = type(answerer.tokenizer)
    original = kind.__call__

    def noting(self: Any, texts: Any, *arguments: Any, **options: Any) -> Any:
        seen.extend(texts)
        return original(self, texts, *arguments, **options)

    monkeypatch.setattr(kind, "__call__", noting)
    answerer(question=["the cat", "the dog", "the cat"], context=CONTEXT)
    assert sorted(seen) == sorted(["the cat", "the dog", CONTEXT])


def test_texts_are_tokenized_a_million_characters_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = tiny.tokenizer()
    calls: list[list[int]] = []
    original = type(tokenizer).__call__

    def noting(self: Any, texts: list[str], **options: Any) -> Any:
        calls.append([len(text) for text in texts])
        return original(self, [text[:20] for text in texts], **options)

    monkeypatch.setattr(type(tokenizer), "__call__", noting)
    texts = ["the cat sat on a mat" + " " * extra for extra in (0, 10, 400_000, 700_000, 1_500_000, 30)]
    contexts = read_contexts(texts, tokenizer, align_to_words=True)
    assert [len(context) for context in contexts] == [len(text) for text in texts]
    assert calls == [[20, 30, 400_020], [700_020], [1_500_020], [50]]


def test_a_pipeline_loads_it(answerer: QuestionAnswering, tmp_path: Any) -> None:
    answerer.model.save_pretrained(tmp_path)
    answerer.tokenizer.save_pretrained(tmp_path)
    for task in ("question-answering", None):
        loaded = pipeline(task, str(tmp_path), batch_size=2)
        assert isinstance(loaded, QuestionAnswering)
        assert_close(loaded([ASKED, ASKED]), answerer([ASKED, ASKED]))


@pytest.mark.slow
def test_a_text_of_a_million_characters() -> None:
    """One word stands in it once, and is found where it stands."""
    task = QuestionAnswering(tiny.model_of(FlaxAlbertForQuestionAnswering), tiny.tokenizer(), max_answer_len=1)
    context = "sat " * 150_000 + "mat" + " sat" * 100_000
    answers = task(question="the cat", context=context, top_k=50)
    assert {answer["answer"]: answer["start"] for answer in answers}["mat"] == 600_000
    assert len(answers) == 2
