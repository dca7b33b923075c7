"""The options that become settings; what is not given is left to the recipe, or to the defaults."""

from __future__ import annotations

import argparse
import dataclasses
import re
from typing import Any

from flax_albert.cli.errors import UserError
from flax_albert.cli.tasks.values import count
from flax_albert.cli.training_options import key_values, number_or_none

_NAMED = re.compile(r"([\w-]+)=(.+)", re.DOTALL)
"""A name before a file; a directory may have an equals sign in its own."""
_GIVEN_AS_THEY_ARE = (
    "max_length", "epochs", "steps", "batch_size", "evaluation_batch_size", "warmup", "classifier_dropout",
    "hidden_dropout", "attention_dropout", "accumulate", "dtype", "gradient_checkpointing", "seed", "devices",
    "sharding", "log_every", "evaluate_every", "save_every", "keep", "select", "on_divergence",
)  # fmt: skip
_OF_THE_OPTIMIZER = {
    "optimizer": "name", "learning_rate": "learning_rate", "schedule": "schedule", "weight_decay": "weight_decay",
    "beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon",
}  # fmt: skip


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds the options.

    Args:
        parser: The subcommand's.
    """
    group = parser.add_argument_group("training (where nothing is said of a default, it is that of the recipe)")
    group.add_argument("--max-length", type=count(), metavar="N", help="most tokens of a row (default: 128)")
    length = group.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=float, metavar="N", help="times to go through the examples (default: 3)")
    length.add_argument("--steps", type=count(), metavar="N", help="updates, instead of --epochs")
    group.add_argument("--batch-size", type=count(), metavar="N", help="rows of an update (default: 32)")
    group.add_argument(
        "--eval-batch-size",
        dest="evaluation_batch_size",
        type=count(),
        metavar="N",
        help="rows measured at once (default: as many as an update has)",
    )
    group.add_argument(
        "--accumulate", type=count(), metavar="N", help="take a batch in so many parts; the update is that of the whole"
    )
    group.add_argument("--dtype", choices=("float32", "bfloat16"), help="of the computation (default: float32)")
    group.add_argument(
        "--gradient-checkpointing",
        action="store_const",
        const=True,
        help="compute each layer again in the backward pass, to save memory",
    )
    group.add_argument("--seed", type=int, metavar="N", help="of all that is drawn (default: 0)")
    group.add_argument("--devices", type=count(), metavar="N", help="how many devices share the work (default: all)")
    group.add_argument(
        "--sharding", choices=("replicated", "sharded"), help="whether each device holds all parameters or a share"
    )
    group.add_argument(
        "--on-divergence",
        choices=("stop", "rollback"),
        help="when the loss is not finite: stop, or go back to the last checkpoint at a lower rate",
    )
    _add_optimizer(parser.add_argument_group("optimizer"))
    _add_watching(parser.add_argument_group("watching and keeping"))


def _add_optimizer(group: Any) -> None:
    group.add_argument("--optimizer", metavar="NAME", help="adamw (default) or lamb, as Google's; or optax.NAME")
    group.add_argument("--learning-rate", type=float, metavar="RATE", help="the largest one (default: 3e-5)")
    group.add_argument(
        "--warmup", type=float, metavar="N_OR_SHARE", help="steps, or below 1 their share, in which it rises (0.1)"
    )
    group.add_argument("--schedule", choices=("linear", "constant", "cosine"), help="how it goes on (linear)")
    group.add_argument("--weight-decay", type=float, metavar="SHARE", help="of kernels and embeddings (0.01)")
    for name, default in (("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-6)):
        group.add_argument(f"--{name}", type=float, metavar="NUMBER", help=f"of adamw and lamb ({default})")
    group.add_argument("--clip", type=number_or_none, default=argparse.SUPPRESS, metavar="NORM",
                       help="largest norm of a gradient, or none (1)")  # fmt: skip
    group.add_argument("--freeze", action="append", metavar="PATTERN",
                       help="leave parameters as they are, such as 'albert/embeddings/*'; may be repeated")  # fmt: skip
    group.add_argument("--optimizer-option", action="append", metavar="KEY=VALUE",
                       help="a further argument of an optimizer of optax's; may be repeated")  # fmt: skip


def _add_watching(group: Any) -> None:
    group.add_argument("--log-every", type=count(), metavar="N", help="steps between two lines (20)")
    group.add_argument("--evaluate-every", type=count(), metavar="N", help="steps between two evaluations (an epoch)")
    group.add_argument("--save-every", type=count(), metavar="N", help="steps between two checkpoints")
    group.add_argument("--keep", type=count(), metavar="N", help="checkpoints that stay, beside the best (2)")
    group.add_argument("--select", choices=("last", "best"), help="the step whose parameters are kept (last)")
    group.add_argument("--resume", action="store_true", help="go on with the run in --output")
    group.add_argument("--dry-run", action="store_true", help="read, encode and show what would be done")
    group.add_argument("--no-tensorboard", dest="tensorboard", action="store_false", help="no files for TensorBoard")
    group.add_argument("--quiet", action="store_true", help="show nothing while training")
    group.add_argument("--json", action="store_true", help="print what was measured as JSON")


def chosen_settings(options: argparse.Namespace, base: Any) -> Any:
    """Settings with what was given in place of what they hold.

    Args:
        options: What the parser made of the arguments.
        base: :class:`~flax_albert.training.finetuning.settings.FineTuningSettings` of a recipe, or the defaults.

    Returns:
        Such settings.

    Raises:
        UserError: An option has the wrong form.
        ValueError: A number makes no sense.
    """
    changes = {name: getattr(options, name) for name in _GIVEN_AS_THEY_ARE if getattr(options, name) is not None}
    if "epochs" in changes:
        changes["steps"] = None
    rule = {field: getattr(options, name) for name, field in _OF_THE_OPTIMIZER.items()}
    rule = {field: value for field, value in rule.items() if value is not None}
    if hasattr(options, "clip"):
        rule["clip"] = options.clip
    if options.freeze:
        rule["frozen"] = tuple(options.freeze)
    if options.optimizer_option:
        rule["options"] = key_values("--optimizer-option", options.optimizer_option)
    return dataclasses.replace(base, optimizer=dataclasses.replace(base.optimizer, **rule), **changes)


def named_files(given: list[str]) -> Any:
    """The files of ``--eval``, by name; the file alone where there is one without a name.

    Args:
        given: Each of them, as ``FILE`` or ``NAME=FILE``.

    Returns:
        What :func:`~flax_albert.training.fitting.fit` takes; ``None`` where there is none.

    Raises:
        UserError: Two have one name, or one of several has none.

    Example:
        >>> from flax_albert.cli.finetune.settings import named_files
        >>> named_files(["dev.csv"]), named_files(["matched=a.tsv", "mismatched=b.tsv"])
        ('dev.csv', {'matched': 'a.tsv', 'mismatched': 'b.tsv'})
    """
    if not given:
        return None
    pairs = [(named[1], named[2]) if (named := _NAMED.fullmatch(text)) else ("", text) for text in given]
    if len(pairs) == 1 and not pairs[0][0]:
        return pairs[0][1]
    for name, path in pairs:
        if not name:
            raise UserError(f"several --eval files need a name each: --eval NAME={path}")
        if name == "train" or [other for other, _ in pairs].count(name) > 1:
            raise UserError(f"two sets of examples cannot both be called {name!r}")
    return dict(pairs)
