"""The text of a model card, section by section; each is made of what was measured or chosen, and left out without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flax_albert.training.reporting.card.markdown import escaped, table
from flax_albert.training.reporting.card.subject import Subject
from flax_albert.training.reporting.environment import without_directories
from flax_albert.training.reporting.figures import count, duration
from flax_albert.training.reporting.history import History
from flax_albert.training.reporting.tables import figure_rows, optional_figure, setting_rows

_MOST_LABELS = 100
_ELSEWHERE = ("settings", "environment", "config", "notes", "flops_per_token")
"""What of a run is told in another place: ``config.json`` holds the configuration."""


def opening(
    history: History, subject: Subject | None, config: Mapping[str, Any], name: str, base_model: str | None
) -> Iterator[str]:
    """What the model is."""
    yield f"# {escaped(name)}"
    purpose = subject.purpose if subject else "was trained with flax-albert"
    begun = f" Training began with {escaped(base_model) if base_model else 'random parameters'}."
    begun = begun if base_model or _tells_its_beginning(history) else ""
    yield f"An ALBERT that {purpose}.{begun}"
    sizes = [
        ("layers, hidden size, heads", ("num_hidden_layers", "hidden_size", "num_attention_heads")),
        ("feed-forward size, embedding size", ("intermediate_size", "embedding_size")),
        ("longest input", ("max_position_embeddings",)),
        ("vocabulary", ("vocab_size",)),
    ]
    rows = [
        (heading, ", ".join(count(config[key]) for key in keys))
        for heading, keys in sizes
        if all(isinstance(config.get(key), int) for key in keys)
    ]
    yield table(("", ""), [("parameters", count(history.started.parameters)), *rows])
    labels = config.get("id2label")
    if subject and subject.command.startswith(("classify", "tag")) and isinstance(labels, dict) and len(labels) > 1:
        names = [escaped(str(label)) for label in labels.values()]
        more = f" and {len(names) - _MOST_LABELS} more" if len(names) > _MOST_LABELS else ""
        yield f"Its {len(names)} labels: {', '.join(names[:_MOST_LABELS])}{more}."


def use(subject: Subject | None, name: str) -> Iterator[str]:
    """How it is used: in Python, on the command line, and in PyTorch."""
    if subject is None:
        return
    auto = subject.architecture.replace("Albert", "AutoModel", 1)
    yield "## Use"
    yield f"`{name}` stands for the path of this directory, or for its name on the hub." if _is_plain(name) else ""
    shown = name if _is_plain(name) else "."
    yield (
        "```python\n"
        "from flax_albert import pipeline\n\n"
        f'task = pipeline("{subject.pipeline}", model="{shown}")\n'
        f"print(task({subject.call}))\n```"
    )
    yield f"```console\n$ flax-albert {subject.command.replace(' ', f' --model {shown} ', 1)}\n```"
    yield f'transformers loads it too, in PyTorch: `{auto}.from_pretrained("{shown}")`.'


def evaluation(history: History) -> Iterator[str]:
    """What was measured."""
    rows = [row for row in figure_rows(history) if row.kept is not None]
    if not rows:
        return
    yield "## Evaluation"
    yield table(
        ("examples", "metric", "this model", "baseline"),
        [
            (escaped(row.examples), escaped(row.metric), optional_figure(row.kept), optional_figure(row.baseline))
            for row in rows
        ],
        numbers_from=2,
    )
    said = ["*Baseline* is a guess that does not look at the input."] if any(row.baseline for row in rows) else []
    first = next(iter(history.evaluated))
    if history.selects_best and len(history.evaluated[first]) > 1:
        said.append(
            f"The parameters are those of the best of {len(history.evaluated[first])} evaluations on "
            f"{escaped(first)}, whose figures are therefore a little flattered."
        )
    chosen = {key: value for name in history.evaluated for key, value in _chosen(history, name).items()}
    if chosen:
        listed = ", ".join(f"{escaped(name)} {escaped(value)}" for name, value in setting_rows(chosen))
        said.append(f"Chosen on these examples, and kept with the model: {listed}.")
    yield " ".join(said)


def training(history: History, has_curve: bool) -> Iterator[str]:
    """How it was made."""
    settings = dict(history.run.get("settings") or {})
    optimizer = settings.pop("optimizer", None) or {}
    started = history.started
    epochs = f" ({history.kept_step / started.steps_per_epoch:.3g} epochs)" if started.steps_per_epoch else ""
    rows = [("steps", f"{count(history.kept_step)} of {count(started.steps)}{epochs}")]
    if history.logged:
        rows.append(("tokens", count(history.logged[-1].tokens)))
        rows.append(("time", duration(history.seconds)))
    shown = ("batch_size", "accumulate", "dtype", "seed", "select")
    rows += [(escaped(name), escaped(value)) for name, value in setting_rows(settings) if name in shown]
    rows += [(f"optimizer: {escaped(name)}", escaped(value)) for name, value in setting_rows(optimizer)]
    yield "## Training"
    yield table(("", ""), rows)
    if has_curve:
        yield "![Loss by step](loss.svg)"
    environment = history.run.get("environment") or {}
    if environment.get("command"):
        fence = "`" * 4  # a command may hold three of them
        yield f"{fence}console\n$ {' '.join(str(environment['command']).split())}\n{fence}"
    yield "`report.html` shows the whole run, and `training/run.json` holds every setting."


def data(history: History) -> Iterator[str]:
    """What it was trained and measured on, as far as the run says."""
    described = {name: value for name, value in history.run.items() if name not in _ELSEWHERE}
    rows = [(escaped(name), escaped(value)) for name, value in setting_rows(described)]
    if rows:
        yield "## Data and encoding"
        yield table(("", ""), rows)
    if notes := history.run.get("notes"):
        yield "\n".join(f"- {escaped(without_directories(str(note)))}" for note in notes)


def environment(history: History) -> Iterator[str]:
    """What it was trained with."""
    described = {name: value for name, value in (history.run.get("environment") or {}).items() if name != "command"}
    rows = [(escaped(name), escaped(value)) for name, value in setting_rows(described) if value != "none"]
    if rows:
        yield "## Environment"
        yield table(("", ""), rows)


def limits(history: History, base_model: str | None, licence: str | None) -> Iterator[str]:
    """What a user must not expect."""
    yield "## Limits"
    read = "nothing but" if _tells_its_beginning(history) else "at least"
    read = f"what {escaped(base_model)} had read, and then" if base_model else read
    lines = [
        f"- It has seen {read} the examples above, and repeats what they hold, their prejudices too.",
        "- On texts of another kind, expect less than the figures say.",
    ]
    if not history.evaluated:
        lines.append("- Nothing was measured during training.")
    if history.finished is None or history.finished.reason != "finished":
        lines.append(f"- The run was not finished: {count(history.step)} of {count(history.started.steps)} steps.")
    lines.append("- This card is written by a program. Nobody has looked for biases, or tried the model on other data.")
    if licence is None:
        lines.append(
            "- No licence is named here. It depends on those of the training data"
            + (f" and of {escaped(base_model)}." if base_model else ".")
        )
    yield "\n".join(lines)


def _tells_its_beginning(history: History) -> bool:
    """Whether the run says what it began with, so that nothing means random parameters."""
    return bool({"model", "begun_from", "from_scratch"} & history.run.keys())


def _chosen(history: History, name: str) -> Mapping[str, Any]:
    kept = history.kept(name)
    return kept.evaluation.settings if kept else {}


def _is_plain(name: str) -> bool:
    """Whether the name can stand in code and in a command as it is."""
    return bool(name) and all(sign.isascii() and (sign.isalnum() or sign in "-_.") for sign in name)
