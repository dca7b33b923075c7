"""``flax-albert finetune answer``: answers to questions about texts."""

from __future__ import annotations

import argparse
from typing import Any, final

from flax_albert.cli.finetune.command import FineTuneCommand
from flax_albert.cli.finetune.values import given
from flax_albert.cli.tasks.values import count


@final
class AnswerFineTuning(FineTuneCommand):
    """Learns answers."""

    name = "answer"
    help = "answers to questions, found in texts"
    description = """\
Learns to find the answer to a question in a text, as in SQuAD; or, where some
questions have none, to say so. A text that is too long is read in windows.
"""
    examples = """\
examples:
  flax-albert finetune answer --recipe squad1 --model albert-base-v2 \\
    --train train-v1.1.json --eval dev-v1.1.json --output ./squad1
  flax-albert finetune answer --recipe squad2 --model albert-base-v2 \\
    --train train-v2.0.json --eval dev-v2.0.json --output ./squad2
"""
    data = """\
FILE is a JSON of SQuAD, 1.1 or 2.0; or a JSON Lines, JSON, CSV, TSV or Parquet
with columns such as "question", "context" and "answers". An answer that is not
where it is said to be is an error. The threshold for questions without an
answer is chosen on the examples to measure on, and kept with the model.
"""
    fields = ("question", "context", "answers")

    def add_arguments(self, group: Any) -> None:
        """See :meth:`FineTuneCommand.add_arguments`."""
        group.add_argument(
            "--doc-stride", type=count(), metavar="N", help="tokens that two windows have in common (default: 128)"
        )
        group.add_argument("--max-question-len", type=count(), metavar="N", help="most tokens of a question (64)")
        group.add_argument("--max-answer-len", type=count(), metavar="N", help="most tokens of an answer found (30)")
        group.add_argument(
            "--align-to-words",
            action="store_const",
            const=True,
            help="have answers that are found begin and end with words",
        )
        group.add_argument(
            "--no-answer-threshold",
            type=float,
            metavar="NUMBER",
            help="how much surer the model must be of no answer (default: chosen where questions without one are)",
        )

    def kind_class(self, options: argparse.Namespace) -> type[Any]:
        """See :meth:`FineTuneCommand.kind_class`."""
        from flax_albert.training.answering.answer import Answer

        return Answer

    def kind_options(self, options: argparse.Namespace) -> dict[str, Any]:
        """See :meth:`FineTuneCommand.kind_options`."""
        return given(
            doc_stride=options.doc_stride,
            max_question_len=options.max_question_len,
            max_answer_len=options.max_answer_len,
            align_to_words=options.align_to_words,
            no_answer_threshold=options.no_answer_threshold,
        )
