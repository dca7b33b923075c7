"""Question answering: where in a text the answer to a question stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, final

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from flax_albert.models import FlaxAlbertForQuestionAnswering
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.answering.contexts import read_contexts
from flax_albert.tasks.answering.questions import Question, asked, is_question, one_question
from flax_albert.tasks.answering.spans import AcrossWindows, Span
from flax_albert.tasks.answering.windowed import Windowed, found_in, looked_at, usual_overlap, windowed
from flax_albert.tasks.base import Task
from flax_albert.tasks.engine import Arrays
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.html import Answer, AnswerList
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.scores import finite
from flax_albert.tasks.streams import mapped

_LONGEST_WINDOW = 384


@dataclass(frozen=True)
class QuestionAnsweringOptions:
    """Options of :class:`QuestionAnswering`. None stands for what is the default."""

    top_k: int = 1
    """How many answers a question gets, best first; ``topk`` is its older name."""
    max_answer_len: int = 15
    """Most tokens of an answer."""
    max_seq_len: int | None = None
    """Most tokens of a window, question and context together; by default 384, or what the model takes if that is
    less."""
    doc_stride: int | None = None
    """How many tokens two windows of a long context have in common; by default 128, or half of ``max_seq_len`` if that
    is less."""
    max_question_len: int | None = None
    """Most tokens of a question, which is cut off after them; by default it stays whole."""
    handle_impossible_answer: bool = False
    """Whether that there is no answer is an answer, ``""``."""
    no_answer_threshold: float = 0.0
    """How much surer of that the model must be than of the best answer, as the logarithm of the ratio of their scores,
    to put it first."""
    align_to_words: bool = True
    """Whether an answer begins and ends with words, where the text has spaces between them."""
    across_windows: AcrossWindows = "best"
    """What the score is of an answer that several windows give: that of the ``"best"``, or their ``"sum"``, as in
    transformers, which may be above 1."""
    padding: bool | str = False
    """Taken for the sake of programs that give it; the engine pads as it sees fit, and that changes nothing."""

    def __post_init__(self) -> None:
        for name in ("top_k", "max_answer_len", "max_seq_len", "max_question_len"):
            at_least_one(name, getattr(self, name))
        stride = self.doc_stride
        if stride is not None and (isinstance(stride, bool) or not isinstance(stride, int) or stride < 0):
            raise ValueError(f"doc_stride must be a whole number of at least 0, got {stride!r}.")
        threshold = self.no_answer_threshold
        if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
            raise ValueError(f"no_answer_threshold must be a finite number, got {threshold!r}.")
        if self.across_windows not in ("best", "sum"):
            raise ValueError(f'across_windows must be "best" or "sum", got {self.across_windows!r}.')


class _Bound(NamedTuple):
    """The options, with sizes that suit the model."""

    options: QuestionAnsweringOptions
    longest: int
    """Tokens of a full window, ``[CLS]`` and two ``[SEP]`` among them."""
    overlap: int


@final
class QuestionAnswering(Task[QuestionAnsweringOptions, Windowed]):
    """Finds answers in texts. Results are those of the question-answering pipeline of transformers.

    A context that is too long for the model is read in windows that overlap.

    Args:
        model: A model with a trained question-answering head.
        tokenizer: Its tokenizer. A slow one, which does not tell where in the text a token came from, makes answers of
            whole words.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        **options: Those of :class:`QuestionAnsweringOptions`.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForQuestionAnswering
        >>> from flax_albert.tasks import QuestionAnswering
        >>> model = FlaxAlbertForQuestionAnswering.from_pretrained("albert-mini-en")
        >>> answer_question = QuestionAnswering(model, AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> context = "The old man slept. Ada went to the river."
        >>> answer = answer_question(question="Where did she go?", context=context)
        >>> context[answer["start"] : answer["end"]] == answer["answer"]
        True
    """

    task: ClassVar[str] = "question-answering"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForQuestionAnswering
    options_class: ClassVar[type] = QuestionAnsweringOptions

    def __call__(
        self, inputs: Any = None, *further: Any, question: Any = None, context: Any = None, **options: Any
    ) -> Any:
        """Answers one question or several.

        Args:
            inputs: A question with its context, as a dictionary with ``question`` and ``context``; a list of them; or
                another iterable, such as a data set with such columns, whatever others it has. transformers'
                ``SquadExample`` will do too.
            *further: More such dictionaries; or the context, where ``inputs`` is a question's text.
            question: A question, a list of them, or another iterable.
            context: The text it is about, or as many as there are questions. One text goes with all questions, and one
                question with all texts.
            **options: Options for this call.

        Returns:
            As in transformers: for one question, and for a list of one, its answer; for a list of questions the list of
            answers; for another iterable an iterator. With a ``top_k`` above 1 each question has a list of answers,
            best first, unless there is just one. An answer has ``score``, ``start``, ``end`` and ``answer``, and
            ``answer == context[start:end]``.

        Raises:
            InputError: An input is no question with a context, one of the two is empty, or the question leaves no room
                for the context, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: There is a question without a context, or the other way round; or an option is out of its range.
        """
        given = () if inputs is None else (inputs, *further)
        for name in ("data", "X"):  # their oldest names
            if options.get(name) is not None:
                given = (*given, options.pop(name))
        questions = asked(given, question, context)
        answers = super().__call__(questions, **options)
        if is_question(questions):
            return _alone(answers)
        if not isinstance(answers, list):
            return mapped(_alone, answers)
        return [_alone(answer) for answer in answers] if len(answers) != 1 else _alone(answers[0])

    def _merged(self, given: Mapping[str, Any], base: Any) -> QuestionAnsweringOptions:
        chosen = {name: value for name, value in given.items() if value is not None}
        if "topk" in chosen:
            chosen.setdefault("top_k", chosen.pop("topk"))
        return super()._merged(chosen, base)

    def _is_input(self, value: Any) -> bool:
        return is_question(value)

    def _bound(self, options: QuestionAnsweringOptions) -> _Bound:
        takes = self._shapes.longest
        longest = options.max_seq_len or min(_LONGEST_WINDOW, takes, int(min(self.tokenizer.model_max_length, takes)))
        if longest > takes:
            raise ValueError(f"max_seq_len must be at most {takes}, which the model takes, got {longest}.")
        overlap = usual_overlap(longest) if options.doc_stride is None else options.doc_stride
        # A window holds [CLS], the question of at least one token, [SEP], the context, [SEP].
        if overlap >= longest - 4:
            raise ValueError(
                f"doc_stride={overlap} leaves windows of max_seq_len={longest} nothing new to read; "
                "choose a smaller doc_stride or a larger max_seq_len."
            )
        return _Bound(options, longest, overlap)

    def _encode(self, inputs: list[Any], options: _Bound) -> list[Windowed | UnfitError]:
        examples = [one_question(value) for value in inputs]
        questions = [example for example in examples if isinstance(example, Question)]
        contexts = read_contexts(
            (one.context for one in questions), self.tokenizer, bool(options.options.align_to_words)
        )
        texts = list(dict.fromkeys(one.question for one in questions))
        ids = self.tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"] if texts else []
        known = dict(zip(texts, ids, strict=True))
        return [
            example
            if isinstance(example, UnfitError)
            else windowed(
                example.question,
                known[example.question][: options.options.max_question_len],
                contexts[example.context],
                self.tokenizer,
                options.longest,
                options.overlap,
            )
            for example in examples
        ]

    def _compute(self, arrays: Arrays, options: _Bound) -> tuple[Float[Array, "rows seq"], Float[Array, "rows seq"]]:
        outputs = self._outputs(arrays)
        return outputs.start_logits.astype(jnp.float32), outputs.end_logits.astype(jnp.float32)

    def _result(
        self,
        ready: Windowed,
        outputs: list[tuple[Float[np.ndarray, " seq"], Float[np.ndarray, " seq"]]],
        options: _Bound,
    ) -> Answer | AnswerList:
        chosen = options.options
        most = looked_at(chosen.top_k, chosen.align_to_words)
        seen = [(finite(start), finite(end)) for start, end in outputs]
        found = found_in(ready, seen, chosen.max_answer_len, most, chosen.across_windows)
        spans = found.ranked(chosen.no_answer_threshold) if chosen.handle_impossible_answer else found.spans
        answers = AnswerList(_answer(span, ready) for span in spans[: chosen.top_k])
        return answers if chosen.top_k > 1 else answers[0]


def _answer(span: Span, ready: Windowed) -> Answer:
    text = ready.context.text
    fields = {"score": span.score, "start": span.start, "end": span.end, "answer": text[span.start : span.end]}
    return Answer(fields, ready.question, text)


def _alone(answer: Any) -> Any:
    """The one answer of a list; another list, or an error, itself."""
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
