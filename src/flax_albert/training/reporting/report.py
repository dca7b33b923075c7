"""``report.html``: a run as one page that needs nothing beside it, made from what its folder keeps."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import final

import numpy as np

from flax_albert import __version__
from flax_albert.pictures.inline import PARTS, inline_page, script_data
from flax_albert.training.events import Event, Finished, Noticed, Reporter
from flax_albert.training.reporting.environment import without_directories
from flax_albert.training.reporting.figures import count, duration
from flax_albert.training.reporting.history import History, read_history
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.report_data import points_together, report_data
from flax_albert.training.reporting.tables import figure_rows, optional_figure, setting_rows

_PAGE = Path(__file__).parent / "page"
_PROGRAMS = ("numbers.js", "chart.js", "curves.js", "confusion.js", "samples.js", "begin.js")


def write(folder: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> Path:
    """Writes the report of a run, which may be over, go on, or have been killed.

    Args:
        folder: Output directory of the run.
        path: Where to; by default ``report.html`` in the folder. What is there is replaced, once the page is whole.

    Returns:
        The path.

    Raises:
        OSError: The folder holds no run, or the page cannot be written.
        ValueError: A file of the run is damaged.
    """
    layout = Layout(Path(folder))
    path = layout.report if path is None else Path(path)
    page = report_html(read_history(layout.folder))
    written = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            written.write_text(page, encoding="utf-8", errors="replace")
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


@final
class ReportFile(Reporter):
    """Writes the report when a run ends. That it cannot be written does not undo a run: somebody is told.

    Args:
        folder: Output directory of the run.
        told: Who.
    """

    def __init__(self, folder: Path, told: Reporter | None = None) -> None:
        self._folder, self._told = folder, told

    def tell(self, event: Event) -> None:
        """Writes the page at the end."""
        if not isinstance(event, Finished):
            return
        try:
            write(self._folder)
        except (OSError, ValueError) as error:
            if self._told:
                self._told.tell(Noticed(event.step, f"There is no report: {error}"))


def report_html(history: History) -> str:
    """The page.

    Args:
        history: The run.

    Returns:
        HTML, in UTF-8 as it says. Everything of it that comes from data is text and nothing else.
    """
    together = points_together(len(history.logged))
    return inline_page(
        _PAGE / "report.html",
        [PARTS / "base.css", _PAGE / "report.css"],
        [PARTS / "elements.js", *(_PAGE / name for name in _PROGRAMS)],
        title=escape(f"Training of {history.name}"),
        about=escape(history.state),
        tiles=_tiles(history),
        notices=_notices(history),
        figures=_figures(history),
        thinned=f"Each point is the mean of {together} lines of metrics.jsonl." if together > 1 else "",
        descriptions=_descriptions(history),
        version=escape(__version__),
        run=script_data(report_data(history)),
    )


def _tiles(history: History) -> str:
    started, logged = history.started, history.logged
    tiles = {"parameters": count(started.parameters), "steps": f"{count(history.step)} of {count(started.steps)}"}
    if started.steps_per_epoch:
        tiles["epochs"] = f"{history.step / started.steps_per_epoch:.3g}"
    if logged:
        speed = float(np.median([event.tokens_per_second for event in logged]))
        tiles |= {"tokens": count(logged[-1].tokens), "time": duration(history.seconds)}
        tiles["tokens a second"] = count(speed)
        if history.peak:
            tiles["share of the machine's peak"] = f"{speed * started.flops_per_token / history.peak:.0%}"
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>" for name, said in tiles.items())
    return f'<dl id="tiles">{shown}</dl>'


def _notices(history: History) -> str:
    said = [f"Gone on with after step {count(start.step)}." for start in history.starts[1:]]
    said += [without_directories(str(note)) for note in history.run.get("notes") or ()]
    said += [f"Step {count(notice.step)}: {without_directories(notice.text)}" for notice in history.notices]
    return f'<ul id="notices">{"".join(f"<li>{escape(text)}</li>" for text in said)}</ul>' if said else ""


def _figures(history: History) -> str:
    rows = figure_rows(history)
    if not rows:
        return '<p class="hint">Nothing has been measured yet.</p>'
    body, examples = [], None
    for row in rows:
        if row.examples != examples:
            examples = row.examples
            last, best = history.evaluated[examples][-1].step, history.best(examples).step
            steps = f"last: step {count(last)}, best: step {count(best)}"
            said = f'{escape(examples)} <span class="hint">{steps}</span>'
            body.append(f'<tr class="group"><th colspan="5" scope="rowgroup">{said}</th></tr>')
        figures = (row.kept, row.last, row.best, row.baseline)
        cells = "".join(
            f'<td class="number{" kept" if place == 0 else ""}">{optional_figure(value)}</td>'
            for place, value in enumerate(figures)
        )
        body.append(f'<tr><th scope="row">{escape(row.metric)}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col" class="number">{head}</th>' for head in ("kept", "last", "best", "baseline"))
    return (
        f'<div class="wide"><table><thead><tr><th scope="col">metric</th>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
        f'<p class="hint">Kept is the model of step {count(history.kept_step)}. Best is the evaluation whose deciding '
        "metric was best.</p>"
    )


def _descriptions(history: History) -> str:
    run = {name: value for name, value in history.run.items() if name != "notes"}
    environment = dict(run.pop("environment", None) or {})
    settings = run.pop("settings", None) or history.started.settings
    command, config = environment.pop("command", None), run.pop("config", None)
    parts = [_details("Settings", setting_rows(settings), opened=True)]
    if run:
        parts.append(_details("Data, model and encoding", setting_rows(run), opened=True))
    if config:
        parts.append(_details("Configuration of the model", setting_rows(config)))
    if environment:
        parts.append(_details("Environment", setting_rows(environment)))
    if command:
        parts.append(
            f"<details open><summary>Command</summary><pre>{escape(without_directories(str(command)))}</pre></details>"
        )
    return f'<section aria-label="How it was made">{"".join(parts)}</section>'


def _details(summary: str, rows: Iterable[tuple[str, str]], opened: bool = False) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="value">{escape(value)}</td></tr>' for name, value in rows
    )
    return (
        f"<details{' open' if opened else ''}><summary>{escape(summary)}</summary>"
        f"<table><tbody>{body}</tbody></table></details>"
    )
