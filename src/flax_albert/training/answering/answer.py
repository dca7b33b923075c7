"""Learning to find the answer to a question in a text, or that there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

from flax import linen as nn

from flax_albert.config import AlbertConfig
from flax_albert.data.examples import QuestionExample
from flax_albert.data.readers import read_questions
from flax_albert.models import FlaxAlbertForQuestionAnswering
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.answering.windowed import usual_overlap
from flax_albert.tasks.options import at_least_one
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.answering.entropy import AnswerEntropy
from flax_albert.training.answering.kept import KEY, kept
from flax_albert.training.answering.measuring import AnswerEvaluator
from flax_albert.training.answering.questions import EncodedQuestions, Windows, encode_questions
from flax_albert.training.evaluator import Evaluator
from flax_albert.training.finetuning.kind import HeldOut, Kind, given
from flax_albert.training.objective import Objective


@final
@dataclass(frozen=True)
class Answer(Kind[QuestionExample]):
    """Learns answers as SQuAD has them: a question, a context, and where in it the answer stands.

    A context that is too long is read in windows. What is chosen here is kept in the model's configuration, so that the
    task reads as was learnt; and so is, where there are questions without an answer, the threshold.

    Attributes:
        doc_stride: Tokens of the context that two windows have in common; by default 128, or half of the longest row if
            that is less.
        max_question_len: Most tokens of a question, which is cut off after them.
        max_answer_len: Most tokens of an answer that is found; any are learnt.
        align_to_words: Whether answers that are found begin and end with words.
        no_answer_threshold: How much surer the model must be that there is no answer than of the best one, for there to
            be none; ``None`` chooses, at each evaluation, what gives the best F1.

    Raises:
        ValueError: A number is out of its range.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.data.examples import QuestionExample
        >>> from flax_albert.training.answering.answer import Answer
        >>> none = QuestionExample("1", "Who came?", "It rained.", (), None, "line 1")
        >>> kept = Answer().settings([none], AlbertConfig())["task_specific_params"]["question-answering"]
        >>> kept["handle_impossible_answer"], kept["max_answer_len"]
        (True, 30)
    """

    name: ClassVar[str] = "answer"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForQuestionAnswering

    doc_stride: int | None = None
    max_question_len: int = 64
    max_answer_len: int = 30
    align_to_words: bool = False
    no_answer_threshold: float | None = None

    def __post_init__(self) -> None:
        at_least_one("max_question_len", self.max_question_len)
        at_least_one("max_answer_len", self.max_answer_len)
        if self.doc_stride is not None and self.doc_stride < 0:
            raise ValueError(f"doc_stride must be at least 0, got {self.doc_stride}.")
        if self.no_answer_threshold is not None and not math.isfinite(self.no_answer_threshold):
            raise ValueError(f"no_answer_threshold must be a finite number, got {self.no_answer_threshold}.")

    def read(self, source: Any, **options: Any) -> list[QuestionExample]:
        """See :meth:`Kind.read`."""
        return given(source, QuestionExample) or list(read_questions(source, **options))

    def settings(self, examples: Sequence[QuestionExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        self.check(examples, config)
        impossible = any(not example.answers for example in examples)
        chosen: dict[str, Any] = {
            "max_question_len": self.max_question_len,
            "max_answer_len": self.max_answer_len,
            "align_to_words": self.align_to_words,
            "handle_impossible_answer": impossible,
            "no_answer_threshold": self.no_answer_threshold or 0.0,
        }
        if self.doc_stride is not None:
            chosen["doc_stride"] = self.doc_stride
        return kept(config, chosen)

    def check(self, examples: Sequence[QuestionExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""
        for example in examples:
            for answer in example.answers:
                if example.context[answer.start : answer.start + len(answer.text)] != answer.text:
                    raise ValueError(
                        f"{example.where} has the answer {answer.text[:60]!r}, which does not stand at character "
                        f"{answer.start} of the context."
                    )

    def encode(
        self,
        examples: Sequence[QuestionExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> EncodedQuestions:
        """See :meth:`Kind.encode`."""
        overlap = usual_overlap(max_length) if self.doc_stride is None else self.doc_stride
        windows = Windows(max_length, overlap, self.max_question_len)
        return encode_questions(examples, tokenizer, windows, self.align_to_words and not training)

    def objective(self, module: nn.Module) -> AnswerEntropy:
        """See :meth:`Kind.objective`."""
        return AnswerEntropy(module)

    def evaluator(
        self, held_out: HeldOut[QuestionExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        entropy = AnswerEntropy(objective.module)
        options: Mapping[str, Any] = objective.module.config.task_specific_params[KEY]
        return AnswerEvaluator(held_out, entropy, options, self.no_answer_threshold)
