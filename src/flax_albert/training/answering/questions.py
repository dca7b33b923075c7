"""Questions with their contexts -> windows, the very ones that the task of question answering makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flax_albert.data.examples import QuestionExample, Span
from flax_albert.tasks.answering.contexts import Context, read_contexts
from flax_albert.tasks.answering.windowed import Windowed, windowed
from flax_albert.tasks.errors import UnfitError
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.finetuning.kind import Encoded

Tokens = tuple[int, int]
"""The first token of an answer, and its last."""

_NOWHERE = (0, 0)
"""``[CLS]``, where an answer begins and ends that is not in a window."""


@dataclass(frozen=True)
class Windows:
    """How contexts are cut.

    Attributes:
        longest: Most tokens of a row, the question among them.
        overlap: Tokens of the context that a row has in common with the next.
        question: Most tokens of a question, which is cut off after them.
    """

    longest: int
    overlap: int
    question: int


@dataclass(frozen=True)
class EncodedQuestions(Encoded):
    """Questions, a row for each window of the context.

    Attributes:
        windows: How contexts were cut.
        questions: The questions, in order; their rows follow each other in ``rows``.
    """

    windows: Windows | None = None
    questions: Sequence[Windowed] = ()


def encode_questions(
    examples: Sequence[QuestionExample], tokenizer: PreTrainedTokenizerBase, windows: Windows, align_to_words: bool
) -> EncodedQuestions:
    """Makes rows of questions, and says where in each the answer begins and ends.

    An answer has to stand in a window as a whole; in a window that shows none, and where there is none, it begins and
    ends with ``[CLS]``. Of several answers in a window, it is the one that was given most often, of those the first.

    Args:
        examples: The questions.
        tokenizer: A fast tokenizer.
        windows: How contexts are cut.
        align_to_words: Whether answers that are found begin and end with words.

    Returns:
        Rows of ``input_ids``, ``attention_mask``, ``token_type_ids``, ``start_positions`` and ``end_positions``.

    Raises:
        ValueError: The tokenizer is a slow one, a question leaves no room for its context, or the tokenizer has no
            tokens for an answer; the message says where that stands.

    Example:
        >>> from flax_albert import AutoTokenizer
        >>> from flax_albert.data.examples import QuestionExample, Span
        >>> from flax_albert.training.answering.questions import Windows, encode_questions
        >>> tokenizer = AutoTokenizer.from_pretrained("albert-mini-en")
        >>> example = QuestionExample("1", "Who came?", "Then the dog came.", (Span("the dog", 5),), None, "line 1")
        >>> [row] = encode_questions([example], tokenizer, Windows(32, 8, 16), align_to_words=False).rows
        >>> answer = row["input_ids"][row["start_positions"] : row["end_positions"] + 1]
        >>> tokenizer.convert_ids_to_tokens(answer.tolist())
        ['▁the', '▁dog']
    """
    if not tokenizer.is_fast:
        raise ValueError(
            "Answers need a fast tokenizer, as AutoTokenizer gives: a slow one does not know where a token is from."
        )
    exact = read_contexts((one.context for one in examples), tokenizer, align_to_words=False)
    shown = read_contexts(exact, tokenizer, align_to_words=True) if align_to_words else exact
    texts = list(dict.fromkeys(one.question for one in examples))
    ids = dict(zip(texts, tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"], strict=True))
    rows: list[dict[str, np.ndarray]] = []
    questions: list[Windowed] = []
    truncated = 0
    for example in examples:
        question = ids[example.question]
        truncated += len(question) > windows.question
        ready = windowed(
            example.question,
            question[: windows.question],
            shown[example.context],
            tokenizer,
            windows.longest,
            windows.overlap,
        )
        if isinstance(ready, UnfitError):
            raise ValueError(f"{example.where} {ready}")
        answers = answer_tokens(example, exact[example.context])
        for row, window in zip(ready.rows, ready.windows, strict=True):
            start, end = _within(answers, window, ready.first)
            rows.append(
                {
                    "input_ids": row.ids,
                    "attention_mask": np.ones(len(row.ids), np.int8),
                    "token_type_ids": np.asarray(row.segments, np.int8),
                    "start_positions": np.array(start, np.int32),
                    "end_positions": np.array(end, np.int32),
                }
            )
        questions.append(ready)
    return EncodedQuestions(rows, truncated, windows, questions)


def answer_tokens(example: QuestionExample, context: Context) -> list[Tokens]:
    """The tokens that an answer's characters are in.

    Args:
        example: A question.
        context: Its context.

    Returns:
        Those of each answer, in order.

    Raises:
        ValueError: An answer has none.
    """
    return [_tokens(answer, context, example.where) for answer in example.answers]


def _tokens(answer: Span, context: Context, where: str) -> Tokens:
    stop = answer.start + len(answer.text)
    starts, ends = context.starts, context.ends
    covering = np.flatnonzero((starts < stop) & (ends > answer.start) & (starts < ends))
    if not len(covering):
        raise ValueError(f"{where} has the answer {answer.text[:60]!r}, which the tokenizer finds no words in.")
    return int(covering[0]), int(covering[-1])


def _within(answers: Sequence[Tokens], window: range, first: int) -> Tokens:
    """Positions of the answer in a row that shows this window of the context from position ``first`` on."""
    whole = Counter(answer for answer in answers if window.start <= answer[0] and answer[1] < window.stop)
    if not whole:
        return _NOWHERE
    [((start, end), _)] = whole.most_common(1)
    return start - window.start + first, end - window.start + first
