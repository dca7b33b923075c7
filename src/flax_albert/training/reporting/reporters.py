"""Everybody who is told of a run."""

from __future__ import annotations

from pathlib import Path

from flax_albert.training.events import Reporter
from flax_albert.training.reporting.evaluation_files import EvaluationFiles
from flax_albert.training.reporting.layout import Layout
from flax_albert.training.reporting.metrics_file import MetricsFile
from flax_albert.training.reporting.report import ReportFile
from flax_albert.training.reporting.terminal import Terminal


def reporters(
    folder: Path, *, peak: float | None = None, shown: bool = True, tensorboard: bool = True
) -> list[Reporter]:
    """Those who keep a run in its folder, the one who shows it, and the one who writes its report at the end.

    Args:
        folder: Output directory of the run.
        peak: Floating-point operations a second of all devices at their best, for the share of it that is used.
        shown: Whether the run is shown on standard error.
        tensorboard: Whether files for TensorBoard are kept.

    Returns:
        They are to be told in this order.

    Raises:
        ImportError: tensorboardX is wanted and not installed.
    """
    layout = Layout(Path(folder))
    chosen: list[Reporter] = [MetricsFile(layout.metrics), EvaluationFiles(layout.evaluations)]
    if tensorboard:
        from flax_albert.training.reporting.tensorboard import TensorBoard

        chosen.append(TensorBoard(layout.tensorboard, layout.metrics))
    terminal = [Terminal(peak=peak)] if shown else []
    return [*chosen, *terminal, ReportFile(layout.folder, *terminal)]
