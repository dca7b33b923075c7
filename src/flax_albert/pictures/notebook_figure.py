"""A figure that a notebook shows although ``pyplot``, which would tell the notebook how, was never imported."""

from __future__ import annotations

import io
from typing import final

from matplotlib.figure import Figure


@final
class NotebookFigure(Figure):
    """A matplotlib figure that draws itself where it is the value of a notebook's cell."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=110)
        return file.getvalue()
