"""``flax-albert answer``: where in a text the answer to a question stands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.command import TaskCommand
from flax_albert.cli.tasks.values import count, number
from flax_albert.data.sources.columns import Fields
from flax_albert.data.sources.usual import QUESTIONS

if TYPE_CHECKING:
    from flax_albert.cli.tasks.answer_table import AnswerTable


@final
class AnswerCommand(TaskCommand):
    """Finds answers in texts."""

    name = "answer"
    task = "question-answering"
    help = "find the answers to questions in texts"
    description = """\
Finds the answer to a question in a text, its context, which may be of any
length: it is read in windows that overlap.
"""
    examples = """\
examples:
  flax-albert answer --model ./squad "Where did Ada live?" \\
    --context "Ada Lovelace lived in London."
  flax-albert answer --model ./squad --top-k 3 "Who wrote it?" \\
    --context-file article.txt
  flax-albert answer --model ./squad2 --handle-impossible-answer \\
    --input questions.jsonl --output answers.csv --keep id,question

Results are the columns "answer", "score", "start" and "end"; with --top-k
above 1, "answers" too, a list of them, best first. The answer is what stands
in the context between the characters "start" and "end"; "" means that there
is none.
"""
    example = '"Where did Ada live?" --context "Ada lived in London."'
    unit = "question"
    operands = "[QUESTION ... --context TEXT]"
    fields = Fields(QUESTIONS, required=["question", "context"])
    results = ("answer", "score", "start", "end", "answers")
    standard_input = "jsonl"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """See :meth:`TaskCommand.add_arguments`."""
        parser.add_argument(
            "texts", nargs="*", metavar="QUESTION", help='a question about the context; "-" for standard input'
        )
        contexts = parser.add_mutually_exclusive_group()
        contexts.add_argument("--context", metavar="TEXT", help="the text that the questions are about")
        contexts.add_argument("--context-file", type=Path, metavar="FILE", help="a file that holds it")
        parser.add_argument(
            "--top-k", type=count(), default=1, metavar="N", help="answers to each question (default: %(default)s)"
        )
        parser.add_argument(
            "--max-answer-len",
            type=count(),
            metavar="N",
            help="most tokens of an answer (default: 15, or what the model was trained for)",
        )
        parser.add_argument(
            "--max-seq-len", type=count(), metavar="N", help="most tokens of a window (default: 384, or what fits)"
        )
        parser.add_argument(
            "--doc-stride", type=count(), metavar="N", help="tokens that windows share (default: 128, or half of them)"
        )
        parser.add_argument(
            "--handle-impossible-answer",
            action=argparse.BooleanOptionalAction,
            help="whether a question may have no answer in its context (default: as the model was trained, or no)",
        )
        parser.add_argument(
            "--no-answer-threshold",
            type=number,
            metavar="X",
            help="how much surer the model must be of no answer than of the best one, as a logarithm (default: what "
            "training chose, or 0)",
        )

    def given(self, options: argparse.Namespace) -> list[dict[str, Any]]:
        """See :meth:`TaskCommand.given`."""
        questions = [] if options.texts == ["-"] else options.texts
        context = options.context
        if options.context_file is not None:
            try:
                context = options.context_file.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError as error:
                raise UserError(f"{str(options.context_file)!r} is not UTF-8: {error.reason}; convert it.") from None
            except OSError as error:
                raise UserError(f"{str(options.context_file)!r} cannot be read: {error.strerror or error}.") from None
        if questions and context is None:
            raise UserError("a question needs the text that it is about: --context TEXT or --context-file FILE.")
        if context is not None and not questions:
            raise UserError("--context is the text that a QUESTION on the command line is about; there is none.")
        return [{"question": question, "context": context} for question in questions]

    def item(self, values: dict[str, Any], options: argparse.Namespace) -> Any:
        """See :meth:`TaskCommand.item`."""
        return values

    def settings(self, options: argparse.Namespace, tokenizer: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.settings`."""
        return {
            "top_k": options.top_k,
            "max_answer_len": options.max_answer_len,
            "max_seq_len": options.max_seq_len,
            "doc_stride": options.doc_stride,
            "handle_impossible_answer": options.handle_impossible_answer,
            "no_answer_threshold": options.no_answer_threshold,
        }

    def columns(self, item: Any, result: Any) -> dict[str, Any]:
        """See :meth:`TaskCommand.columns`."""
        answers = result if isinstance(result, list) else [result]
        best = {name: answers[0][name] for name in ("answer", "score", "start", "end")}
        return {**best, **({"answers": answers} if len(answers) > 1 else {})}

    def table(self, task: Any, options: argparse.Namespace) -> AnswerTable:
        """See :meth:`TaskCommand.table`."""
        from flax_albert.cli.tasks.answer_table import AnswerTable

        return AnswerTable()
