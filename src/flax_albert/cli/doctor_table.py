"""The doctor's report for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flax_albert.cli.console import drawing_console, printable
from flax_albert.doctor.report import Level, Outcome, Report

_STYLES = {
    Level.PROBLEM: "bold red",
    Level.WARNING: "yellow",
    Level.NOTE: "cyan",
    Outcome.WHOLE: "green",
    Outcome.FRESH: "yellow",
    Outcome.FAILS: "red",
}
_MOST_FRESH = 4

Rows = Iterator[tuple[str | Text, ...]]


def render(report: Report) -> str:
    """The report as tables.

    Args:
        report: The report.

    Returns:
        Lines, coloured where standard output is a terminal that shows colours.
    """
    console = drawing_console()
    sections = {
        "model": _model(report),
        "weights": _weights(report),
        "tokenizer": _tokenizer(report),
        "files": _files(report),
        "memory": _memory(report),
        "classes": _classes(report),
        "findings": _findings(report),
    }
    with console.capture() as captured:
        console.print(Text(printable(report.name), style="bold"))
        for title, rows in sections.items():
            table = _table(rows)
            if table.row_count:
                console.print(Text(title, style="bold cyan"))
                console.print(Padding(table, (0, 0, 0, 2)))
        console.print(_conclusion(report))
    return captured.get()


def _table(rows: Rows) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) if isinstance(cell, str) else cell for cell in row))
    return table


def _model(report: Report) -> Rows:
    count, found = report.parameters, report.configuration
    if found is not None:
        yield "sizes of", " and ".join(found.released) or "none of the released models"
        if found.settings:
            yield "settings of", " and ".join(found.settings)
        yield "", _pairs(found.sizes)
        yield "activation", f"{found.activation}, in the layers and in the masked-LM head"
        yield "dropout", _pairs(found.dropout)
        yield "architectures", ", ".join(found.architectures) or "none named"
        yield "special ids", _pairs(found.special_ids)
    if count is not None:
        parts = f"embeddings {count.embeddings:,}, encoder {count.encoder:,}, pooler and heads {count.heads:,}"
        yield "parameters", f"{count.total:,} ({parts}); groups are counted once, however often they run"


def _weights(report: Report) -> Rows:
    found = report.weights
    if found is None:
        return
    decoders = {
        "tied": "the word embeddings",
        "copy": "a copy of the word embeddings",
        "own": "one of its own, unlike the word embeddings",
        "none": "none",
    }
    skipped = f", {found.skipped} of training left out" if found.skipped else ""
    yield "file", f"{found.file}: {found.tensors} tensors ({_pairs(found.dtypes)}{skipped})"
    yield "heads", ", ".join(found.heads) or "none: the bare encoder"
    yield "decoder", decoders[found.decoder]
    if "num_hidden_groups" in found.sizes:
        yield "groups", f"{found.sizes['num_hidden_groups']}, layers in each: {found.sizes['inner_group_num']}"


def _tokenizer(report: Report) -> Rows:
    found = report.tokenizer
    if found is None:
        return
    yield "kind", found.kind
    yield "vocabulary", f"{found.vocabulary:,} tokens; at most {found.model_max_length or 'any number'} in a text"
    yield "special ids", _pairs(found.special_ids)
    if found.options:
        yield "options", _pairs(found.options)


def _files(report: Report) -> Rows:
    for file in report.files:
        yield (
            file.name,
            Text("on the hub" if file.bytes is None else _size(file.bytes), justify="right"),
            Text(file.role, style="dim"),
        )


def _memory(report: Report) -> Rows:
    if report.memory:
        yield tuple(Text(head, style="dim") for head in ("", "parameters", "inference, about", "training, about"))
    for item in report.memory:
        amounts = (item.parameters, item.inference, item.training)
        yield (item.dtype, *(Text(_size(amount), justify="right") for amount in amounts))


def _classes(report: Report) -> Rows:
    for verdict in report.verdicts:
        modules = list(dict.fromkeys(name.rpartition("/")[0] or name for name in verdict.fresh))
        shown = ", ".join(modules[:_MOST_FRESH])
        if len(modules) > _MOST_FRESH:
            shown += f" and {len(modules) - _MOST_FRESH} more"
        fresh = f"Drawn afresh: {shown}." if modules else ""
        yield verdict.model, Text(verdict.outcome, style=_STYLES[verdict.outcome]), f"{fresh} {verdict.reason}"


def _findings(report: Report) -> Rows:
    for finding in report.findings:
        yield Text(finding.level, style=_STYLES[finding.level]), Text(finding.about, style="dim"), finding.message


def _conclusion(report: Report) -> Text:
    levels = [finding.level for finding in report.findings]
    problems, warnings = levels.count(Level.PROBLEM), levels.count(Level.WARNING)
    text = "usable" if report.usable else "not usable as it is"
    for number, name in ((problems, "problem"), (warnings, "warning")):
        text += f", {number} {name}{'' if number == 1 else 's'}" if number else ""
    return Text(text, style="bold green" if report.usable else "bold red")


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _size(amount: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
