"""Runs a command that answers texts: from where they come to where the results go."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.command import TaskCommand

if TYPE_CHECKING:
    from flax_albert.cli.sinks.output_file import OutputFile
    from flax_albert.cli.tasks.feed import Feed
    from flax_albert.cli.tasks.results import Results
    from flax_albert.data.sources.record import Source

_LOOK_AHEAD = 2**16
"""Most inputs of a window, however short they are."""
# Arguments that change nothing about the results of a row.
_FREE = {"run", "model", "texts", "input", "output", "json", "resume", "overwrite", "on_error"}


def run(command: TaskCommand, options: argparse.Namespace) -> None:
    """Answers the inputs, and prints or writes the results.

    Args:
        command: The command.
        options: What the parser made of the arguments.

    Raises:
        UserError: An input, an option, the model or a file is unusable.
    """
    from flax_albert.cli.tasks.results import Printed, Written, tell_complete

    source = _source(command, options)
    output = _output(command, options)
    if output and output.done:
        tell_complete(output.path, options.json)
        return
    feed = _feed(command, options, source)
    if source.path:
        feed.look()
    task, settings = _load(command, options)
    if output:
        results: Results = Written(command, options, source, output, _identity(command, options, source, task))
    else:
        results = Printed(command, options, source, command.table(task, options) if not options.json else None)
    with _told(), results:
        _answer(task, settings, feed, results)


def _answer(task: Any, settings: dict[str, Any], feed: Feed, results: Results) -> None:
    """Has every window answered, and handed on."""
    from flax_albert.tasks.engine import PAUSE
    from flax_albert.tasks.errors import InputError

    windows = task.windows(feed.inputs(PAUSE, skip=results.rows), first=results.window, **settings)
    for window in windows:
        answered = []
        for result in window:
            record, item = feed.take()
            if isinstance(result, InputError):
                result = UserError(record.fault or result.told(record.where))
            answered.append((record, item, result))
        results.add(answered, counts=not feed.broken)
    results.end()


def _source(command: TaskCommand, options: argparse.Namespace) -> Source:
    from flax_albert.data.sources.files import open_file, open_standard_input
    from flax_albert.data.sources.texts import from_arguments

    given = command.given(options)
    if options.input is None and (options.input_format or options.header) and given:
        raise UserError("--input-format and --header say how to read --input FILE or standard input.")
    if given:
        if options.input is not None:
            raise UserError("inputs stand on the command line or in --input FILE: give one of the two.")
        if _chosen_columns(options):
            raise UserError(
                "columns are those of --input FILE or standard input; inputs on the command line have none."
            )
        return from_arguments(given, command.unit)
    if options.input is not None and str(options.input) != "-":
        return open_file(options.input, options.input_format, options.header)
    named = options.input is not None or command.names_standard_input(options)
    if not named and (sys.stdin is None or sys.stdin.isatty()):
        raise UserError(f"there is no text: write one in quotes, as in {command.example}, or pipe some in.")
    if options.resume:
        raise UserError("standard input cannot be read again, so --resume needs --input FILE.")
    return open_standard_input(options.input_format or command.standard_input, options.header)


def _output(command: TaskCommand, options: argparse.Namespace) -> OutputFile | None:
    if options.output is None:
        for name in ("output_format", "resume", "overwrite"):
            if getattr(options, name):
                raise UserError(f"--{name.replace('_', '-')} says how to write --output FILE, which is missing.")
        return None
    from flax_albert.cli.sinks.output_file import OutputFile

    if options.input is not None and options.input.exists() and _same(options.input, options.output):
        raise UserError("--input and --output are the same file; write elsewhere.")
    return OutputFile(
        options.output,
        file_format=options.output_format,
        resume=options.resume,
        overwrite=options.overwrite,
        vector=command.vector,
    )


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _load(command: TaskCommand, options: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """The task and its options; JAX is imported here."""
    from flax_albert.tasks import pipeline

    with _told():
        task = pipeline(
            command.task,
            options.model,
            dtype=options.dtype,
            batch_size=options.batch_size,
            batch_tokens=options.batch_tokens,
            look_ahead=_LOOK_AHEAD,
        )
        return task, command.settings(options, task.tokenizer)


def _feed(command: TaskCommand, options: argparse.Namespace, source: Source) -> Feed:
    from flax_albert.cli.tasks.feed import Feed

    name = options.input.name if options.input is not None and source.path else "standard input"
    chosen = _chosen_columns(options)
    return Feed(
        source,
        lambda columns: command.fields.find(columns, chosen, name),
        lambda values: command.item(values, options),
    )


def _chosen_columns(options: argparse.Namespace) -> dict[str, list[str]]:
    """The columns that the user named, by field."""
    return {
        name.removesuffix("_columns"): value
        for name, value in vars(options).items()
        if name.endswith("_columns") and value is not None
    }


def _identity(command: TaskCommand, options: argparse.Namespace, source: Source, task: Any) -> dict[str, Any]:
    """What the results depend on, by names that the user knows."""
    import jax

    from flax_albert import __version__
    from flax_albert.cli.sinks.fingerprint import of_file, of_task, of_values

    with _told():
        given = {
            "--" + name.replace("_columns", "_column").replace("_", "-"): str(value)
            if isinstance(value, Path)
            else value
            for name, value in vars(options).items()
            if name not in _FREE
        }
        return {
            "the input": of_file(source.path) if source.path else of_values(command.given(options)),
            "the model": {"digest": of_task(task)},
            **given,
            "flax-albert's version": __version__,
            "jax's version": jax.__version__,
            "the platform": jax.default_backend(),
        }


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turns what the library raises on a user's mistake into one line."""
    from jax.errors import JaxRuntimeError

    try:
        yield
    except (BrokenPipeError, UserError):
        raise
    except (OSError, ValueError, FloatingPointError) as error:
        raise UserError(str(error)) from error
    except JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise UserError(
            "the device has too little memory for this; choose a smaller --batch-size or --batch-tokens."
        ) from error
