"""Where a run keeps what reports are made of, below its output directory."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Layout(NamedTuple):
    """Names of files.

    Attributes:
        folder: The output directory.

    Example:
        >>> from pathlib import Path
        >>> from flax_albert.training.reporting.layout import Layout
        >>> Layout(Path("out")).metrics.as_posix()
        'out/training/metrics.jsonl'
    """

    folder: Path

    @property
    def training(self) -> Path:
        """What belongs to the run and not to the model."""
        return self.folder / "training"

    @property
    def run(self) -> Path:
        """Settings, description of the data, and environment, which the loop writes."""
        return self.training / "run.json"

    @property
    def metrics(self) -> Path:
        """A line for every event."""
        return self.training / "metrics.jsonl"

    @property
    def tensorboard(self) -> Path:
        """Files for TensorBoard."""
        return self.training / "tensorboard"

    @property
    def evaluations(self) -> Path:
        """Confusion matrices and samples."""
        return self.training / "evaluations"

    @property
    def report(self) -> Path:
        """The page."""
        return self.folder / "report.html"

    @property
    def card(self) -> Path:
        """The model card."""
        return self.folder / "README.md"

    @property
    def loss_curve(self) -> Path:
        """The picture of the model card."""
        return self.folder / "loss.svg"
