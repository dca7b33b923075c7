"""The loss of a run as a small picture, for the model card."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from flax_albert.training.reporting.history import History

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 34, 30
_INK, _QUIET, _LINE, _PAPER, _RAW, _MEAN, _MEASURED = (
    "#17202b", "#55606e", "#d5dce5", "#ffffff", "#b9d3ea", "#1f6fb4", "#c4560b",
)  # fmt: skip
_MOST_POINTS = 400

Points = Sequence[tuple[float, float]]


def loss_svg(history: History) -> str | None:
    """Draws the loss of training, as it was and smoothed, and the losses that were measured.

    Args:
        history: The run.

    Returns:
        An SVG document; ``None`` where there are not two losses to draw a line between.
    """
    raw = [(float(event.step), event.loss) for event in history.logged if math.isfinite(event.loss)]
    if len(raw) < 2:
        return None
    raw = _thinned(raw)
    mean = _smoothed(raw)
    measured = {
        name: [(float(event.step), loss) for event in events if math.isfinite(loss := event.evaluation.metrics["loss"])]
        for name, events in history.evaluated.items()
        if all("loss" in event.evaluation.metrics for event in events)
    }
    losses = np.array([loss for _, loss in raw])
    held = [loss for points in measured.values() for _, loss in points]
    low = min(float(np.quantile(losses, 0.02)), *(loss for _, loss in mean), *held)
    high = max(float(np.quantile(losses, 0.98)), *(loss for _, loss in mean), *held)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    low = 0.0 if 0 <= low < 0.15 * (high - low) else low
    last = raw[-1][0]

    def place(step: float, loss: float) -> str:
        x = _LEFT + step / last * (_WIDTH - _LEFT - _RIGHT)
        y = _HEIGHT - _BOTTOM - (min(max(loss, low), high) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
        return f"{x:.1f},{y:.1f}"

    def line(points: Points, colour: str, width: float) -> str:
        joined = " ".join(place(*point) for point in points)
        return f'<polyline fill="none" stroke="{colour}" stroke-width="{width}" points="{joined}"/>'

    parts = [*_axes(low, high, last), line(raw, _RAW, 1), line(mean, _MEAN, 2)]
    legend = [("training", _MEAN)]
    for name, points in measured.items():
        parts.append(line(points, _MEASURED, 1.5))
        parts += [
            f'<circle cx="{x}" cy="{y}" r="2.5" fill="{_MEASURED}"/>'
            for x, y in (place(*point).split(",") for point in points[:: max(1, len(points) // 60)])
        ]
        legend.append((name, _MEASURED))
    x = _LEFT
    for name, colour in legend:
        shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)[:40]
        parts.append(f'<rect x="{x}" y="15" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 19}" y="21" fill="{_INK}">{escape(shown)}</text>')
        x += 40 + 8 * len(shown)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Loss by step" font-size="12" '
        "font-family=\"system-ui,'Noto Sans','DejaVu Sans',sans-serif\"><title>Loss by step</title>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{_PAPER}"/>{"".join(parts)}</svg>\n'
    )


def round_ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round numbers between two.

    Args:
        low: The smaller one.
        high: The larger one.
        wanted: About how many.

    Returns:
        Multiples of 1, 2 or 5 times a power of ten.

    Example:
        >>> from flax_albert.training.reporting.card.curve import round_ticks
        >>> round_ticks(0.3, 8.1, 4)
        [2.0, 4.0, 6.0, 8.0]
    """
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _axes(low: float, high: float, last: float) -> Iterator[str]:
    for tick in round_ticks(low, high, 4):
        y = _HEIGHT - _BOTTOM - (tick - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>'
        yield f'<text x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end" fill="{_QUIET}">{tick:g}</text>'
    for tick in round_ticks(0, last, 6):
        x = _LEFT + tick / last * (_WIDTH - _LEFT - _RIGHT)
        anchor = "end" if x > _WIDTH - 40 else "middle"
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 9}" text-anchor="{anchor}" fill="{_QUIET}">{tick:,.0f}</text>'


def _thinned(points: Points) -> list[tuple[float, float]]:
    """Means of neighbours, where there are more points than pixels."""
    together = math.ceil(len(points) / _MOST_POINTS)
    groups = [np.array(points[place : place + together]) for place in range(0, len(points), together)]
    return [(float(group[-1, 0]), float(group[:, 1].mean())) for group in groups]


def _smoothed(points: Points) -> list[tuple[float, float]]:
    """Means over the neighbours on both sides, fewer at the ends."""
    losses = np.array([loss for _, loss in points])
    most = max(1, len(points) // 60)
    smooth = []
    for place, (step, _) in enumerate(points):
        reach = min(most, place, len(points) - 1 - place)
        smooth.append((step, float(losses[place - reach : place + reach + 1].mean())))
    return smooth
