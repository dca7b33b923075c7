"""Runs a fine-tuning: from what was typed to a directory, or to what a dry run shows."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.finetune.command import FineTuneCommand
from flax_albert.cli.finetune.settings import chosen_settings, named_files
from flax_albert.cli.output import encode_output, write
from flax_albert.cli.training_options import exit_code


def run(command: FineTuneCommand, options: argparse.Namespace) -> int:
    """Fine-tunes.

    Args:
        command: The kind.
        options: What the parser made of the arguments.

    Returns:
        The exit code.

    Raises:
        UserError: Something cannot be read, written or computed as asked.
    """
    try:
        return _run(command, options)
    except (ArithmeticError, ImportError, OSError, TypeError, ValueError) as error:
        raise UserError(str(error)) from error


def _run(command: FineTuneCommand, options: argparse.Namespace) -> int:
    from flax_albert.training.finetuning.output import check_output
    from flax_albert.training.finetuning.plan import plan
    from flax_albert.training.fitting import fit

    encode_output("utf-8")
    if not options.dry_run:
        check_output(Path(options.output), options.resume)
    arguments = _arguments(command, options)
    if options.dry_run:
        _show(plan(**arguments), options.json)
        return 0
    fitted = fit(
        **arguments,
        output=options.output,
        resume=options.resume,
        shown=not options.quiet,
        tensorboard=options.tensorboard,
        planned=None if options.quiet else _tell,
    )
    if fitted.reason == "finished":
        _report(options, fitted)
    return exit_code(fitted.reason)


def _arguments(command: FineTuneCommand, options: argparse.Namespace) -> dict[str, Any]:
    """What was asked for, on top of the recipe."""
    from flax_albert.recipes import Recipe, recipe
    from flax_albert.training.finetuning.settings import FineTuningSettings

    kind_class = command.kind_class(options)
    base = recipe(options.recipe) if options.recipe else Recipe(kind_class(), FineTuningSettings())
    if not isinstance(base.kind, kind_class):
        raise UserError(f"the recipe {options.recipe!r} is for finetune {base.kind.name}, as it comes")
    columns = {field: getattr(options, f"{field}_column") for field in command.fields}
    columns = {field: names[0] if len(names) == 1 else names for field, names in columns.items() if names}
    reading = {**base.reading, **command.reading(options)}
    if columns:
        reading["columns"] = columns
    if options.format:
        reading["file_format"] = options.format
    return {
        "kind": dataclasses.replace(base.kind, **command.kind_options(options)),
        "model": options.model,
        "tokenizer": options.tokenizer,
        "train": options.train,
        "evaluation": named_files(options.eval),
        "evaluation_share": options.eval_split,
        "settings": chosen_settings(options, base.settings),
        "reading": reading,
        "from_scratch": options.from_scratch,
        "skip_bad": options.skip_bad,
    }


def _tell(plan: Any) -> None:
    for note in plan.notes:
        print(note, file=sys.stderr)


def _show(plan: Any, as_json: bool) -> None:
    """What a run would do."""
    described = {key: value for key, value in plan.described.items() if key not in ("config", "notes")}
    shown = {
        **described,
        **({"labels": list(plan.labels)} if plan.labels else {}),
        "steps_per_epoch": plan.batches.per_epoch,
        "settings": dataclasses.asdict(plan.settings),
        "notes": plan.notes,
    }
    if as_json:
        write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
        return
    write("".join(f"{name}: {_line(value)}\n" for name, value in _flat(shown)))


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in values.items():
        rows += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(f"{prefix}{name}", value)]
    return rows


def _line(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    return "none" if value is None else str(value)


def _report(options: argparse.Namespace, fitted: Any) -> None:
    if options.json:
        figures = {
            name: {"metrics": dict(found.metrics), "baselines": dict(found.baselines)}
            for name, found in fitted.evaluations.items()
        }
        write(json.dumps({"output": options.output, "evaluations": figures}, indent=2, ensure_ascii=False) + "\n")
        return
    for name, found in fitted.evaluations.items():
        write(f"{name}: " + ", ".join(f"{metric} {figure:.4f}" for metric, figure in found.metrics.items()) + "\n")
    write(f"The model is in {options.output}; report.html there shows the run.\n")
