"""What commands that train have in common: the options that become training settings."""

from __future__ import annotations

import argparse
import json
import signal
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.values import count

_DTYPES = ("float32", "bfloat16")
_SCHEDULES = ("linear", "constant", "cosine")


def add_training_options(parser: argparse.ArgumentParser, defaults: Any) -> None:
    """Adds the options, one for each field of the settings.

    Args:
        parser: The subcommand's.
        defaults: Training settings whose values are the defaults.
    """
    how, rule = defaults, defaults.optimizer
    group = parser.add_argument_group("training")
    group.add_argument("--steps", type=count(), default=how.steps, metavar="N", help="updates (default: %(default)s)")
    group.add_argument(
        "--batch-size",
        type=count(),
        default=how.batch_size,
        metavar="N",
        help="rows of an update (default: %(default)s)",
    )
    group.add_argument(
        "--accumulate", type=count(), default=how.accumulate, metavar="N",
        help="take a batch in this many parts, to save memory; the update is that of the whole (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--dtype", choices=_DTYPES, default=how.dtype, help="of computation; parameters are float32 (default: float32)"
    )
    group.add_argument(
        "--gradient-checkpointing", action="store_true", help="compute each layer again in the backward pass"
    )
    group.add_argument("--seed", type=int, default=how.seed, metavar="N", help="of all that is drawn (default: 0)")
    group.add_argument("--devices", type=count(), metavar="N", help="how many devices share the work (default: all)")
    group.add_argument(
        "--sharding", choices=("replicated", "sharded"), default=how.sharding,
        help="whether each device holds all parameters or a share of them (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--on-divergence", choices=("stop", "rollback"), default=how.on_divergence,
        help="when the loss is not finite: stop, or go back to the last checkpoint at a lower rate",
    )  # fmt: skip

    group = parser.add_argument_group("optimizer")
    group.add_argument(
        "--optimizer", default=rule.name, metavar="NAME",
        help="adamw or lamb, as Google's programs have them, or optax.NAME, such as optax.adamw or "
        "optax.contrib.muon (default: %(default)s)",
    )  # fmt: skip
    group.add_argument("--learning-rate", type=float, default=rule.learning_rate, metavar="RATE",
                       help="the largest one (default: %(default)s)")  # fmt: skip
    group.add_argument("--warmup", type=int, default=rule.warmup, metavar="N",
                       help="steps in which it rises from zero (default: %(default)s)")  # fmt: skip
    group.add_argument("--schedule", choices=_SCHEDULES, default=rule.schedule,
                       help="how it goes on (default: %(default)s)")  # fmt: skip
    group.add_argument("--weight-decay", type=float, default=rule.weight_decay, metavar="SHARE",
                       help="default: %(default)s")  # fmt: skip
    group.add_argument("--beta1", type=float, default=rule.beta1, help="of adamw and lamb (default: %(default)s)")
    group.add_argument("--beta2", type=float, default=rule.beta2, help="of adamw and lamb (default: %(default)s)")
    group.add_argument("--epsilon", type=float, default=rule.epsilon, help="of adamw and lamb (default: %(default)s)")
    group.add_argument("--clip", default=rule.clip, type=number_or_none, metavar="NORM",
                       help="largest norm of a gradient, or none (default: %(default)s)")  # fmt: skip
    group.add_argument("--freeze", action="append", default=[], metavar="PATTERN",
                       help="leave parameters as they are, such as 'albert/embeddings/*'; may be repeated")  # fmt: skip
    group.add_argument("--optimizer-option", action="append", default=[], metavar="KEY=VALUE",
                       help="a further argument of an optimizer of optax's; may be repeated")  # fmt: skip

    group = parser.add_argument_group("watching and keeping")
    group.add_argument("--log-every", type=count(), default=how.log_every, metavar="N",
                       help="steps between two lines of metrics.jsonl (default: %(default)s)")  # fmt: skip
    group.add_argument("--evaluate-every", type=count(), default=how.evaluate_every, metavar="N",
                       help="steps between two evaluations (default: once an epoch)")  # fmt: skip
    group.add_argument("--save-every", type=count(), default=how.save_every, metavar="N",
                       help="steps between two checkpoints (default: with every evaluation)")  # fmt: skip
    group.add_argument("--keep", type=count(), default=how.keep, metavar="N",
                       help="checkpoints that stay, beside the best (default: %(default)s)")  # fmt: skip
    group.add_argument("--select", choices=("last", "best"), default=how.select,
                       help="the step whose parameters the model has in the end (default: %(default)s)")  # fmt: skip
    group.add_argument("--resume", action="store_true",
                       help="go on with the run in the output directory; all else must be as it was")  # fmt: skip
    group.add_argument("--no-tensorboard", dest="tensorboard", action="store_false",
                       help="keep no files for TensorBoard")  # fmt: skip
    group.add_argument("--quiet", action="store_true", help="show nothing while training")


def training_settings(options: argparse.Namespace) -> Any:
    """The settings that the options ask for.

    Args:
        options: What the parser made of them.

    Returns:
        :class:`~flax_albert.training.settings.TrainingSettings`.

    Raises:
        UserError: A number makes no sense, or an option has another form.
    """
    from flax_albert.training.settings import OptimizerSettings, TrainingSettings

    if options.seed < 0:
        raise UserError(f"--seed must be at least 0, got {options.seed}")
    return TrainingSettings(
        steps=options.steps,
        batch_size=options.batch_size,
        accumulate=options.accumulate,
        optimizer=OptimizerSettings(
            name=options.optimizer,
            learning_rate=options.learning_rate,
            warmup=options.warmup,
            schedule=options.schedule,
            weight_decay=options.weight_decay,
            beta1=options.beta1,
            beta2=options.beta2,
            epsilon=options.epsilon,
            clip=options.clip,
            frozen=tuple(options.freeze),
            options=key_values("--optimizer-option", options.optimizer_option),
        ),
        dtype=options.dtype,
        gradient_checkpointing=options.gradient_checkpointing,
        seed=options.seed,
        devices=options.devices,
        sharding=options.sharding,
        log_every=options.log_every,
        evaluate_every=options.evaluate_every,
        save_every=options.save_every,
        keep=options.keep,
        select=options.select,
        on_divergence=options.on_divergence,
    )


def key_values(flag: str, given: list[str]) -> dict[str, Any]:
    """Reads options of the form ``KEY=VALUE``.

    Args:
        flag: What they were given with, for the message.
        given: Each of them; a value is JSON, or else a string.

    Returns:
        Values by key.

    Raises:
        UserError: One has another form.

    Example:
        >>> from flax_albert.cli.training_options import key_values
        >>> key_values("--set", ["hidden_size=256", "hidden_act=gelu", "tie_word_embeddings=true"])
        {'hidden_size': 256, 'hidden_act': 'gelu', 'tie_word_embeddings': True}
    """
    values: dict[str, Any] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise UserError(f"{flag} takes KEY=VALUE, got {text!r}")
        try:
            values[key] = json.loads(value)
        except json.JSONDecodeError:
            values[key] = value
    return values


def number_or_none(text: str) -> float | None:
    """Reads a number, or ``none``."""
    return None if text.lower() == "none" else float(text)


def exit_code(reason: str) -> int:
    """What the command returns for the reason that a run ended: 0, or as shells report its signal.

    Example:
        >>> from flax_albert.cli.training_options import exit_code
        >>> exit_code("finished"), exit_code("SIGINT"), exit_code("SIGTERM")
        (0, 130, 143)
    """
    return 0 if reason == "finished" else 128 + signal.Signals[reason]
