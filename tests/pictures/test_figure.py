"""The matplotlib figure shows the probabilities, needs no pyplot, and is drawn without a warning."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from flax_albert import attention_figure
from tests.pictures import made


def test_a_grid_shows_every_head() -> None:
    maps = made.maps(layers=2, heads=3)
    figure = attention_figure(maps)
    assert len(figure.axes) == 6
    for axes, weights in zip(figure.axes, maps.probabilities.reshape(6, 4, 4), strict=True):
        (image,) = axes.images
        np.testing.assert_array_equal(image.get_array(), weights)
    assert [axes.get_title() for axes in figure.axes[:3]] == ["head 0", "head 1", "head 2"]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["layer 0", "layer 1"]


def test_one_head_names_its_tokens_and_is_drawn_whatever_they_are() -> None:
    maps = made.maps((*made.HOSTILE, "中"))
    figure = attention_figure(maps, layer=1, head=2)
    axes = figure.axes[0]
    assert axes.get_title() == "layer 1, head 2"
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == [label.get_text() for label in axes.get_yticklabels()]
    assert labels[5] == "$x$ {y}"
    np.testing.assert_array_equal(axes.images[0].get_array(), maps.probabilities[1, 2])
    with pytest.raises(ValueError, match="there is no head 3"):
        attention_figure(maps, head=3)


def test_it_is_a_picture_of_its_own_in_a_notebook() -> None:
    figure: Any = attention_figure(made.maps(("$x$", "b")), 0, 0)
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_pyplot_is_left_alone_and_a_missing_matplotlib_is_said() -> None:
    program = """
import sys
from typing import Any
from tests.pictures import made
from flax_albert import attention_figure
assert "matplotlib" not in sys.modules
attention_figure(made.maps())
assert "matplotlib.pyplot" not in sys.modules
for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib" or name.endswith("_figure")]:
    del sys.modules[name]
sys.modules["matplotlib"] = None
try:
    attention_figure(made.maps())
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "attention_figure draws with matplotlib, which is not installed: pip install 'flax-albert[plot]'.\n"
    )
