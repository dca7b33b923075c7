"""The colours of a weight, from none to all: one scale for light surroundings and one for dark."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

# From the weight 0 to the strongest, evenly spaced. Lightness changes all the way, so that both read in grey too.
LIGHT = ("#f6f8fb", "#cfe1f3", "#8fbfe3", "#4590c7", "#1a62a5", "#08306b")
DARK = ("#191d24", "#17375c", "#1f5c99", "#3f8ccf", "#83bdef", "#e3f1ff")


def palette(stops: tuple[str, ...] = LIGHT, shades: int = 256) -> UInt8[np.ndarray, "shades 3"]:
    """A scale as a table of colours.

    Args:
        stops: Colours in CSS, evenly spaced over the scale.
        shades: How many colours to make.

    Returns:
        Red, green and blue of each.

    Example:
        >>> from flax_albert.pictures.colours import palette
        >>> palette(("#000000", "#ffffff"), 3).tolist()
        [[0, 0, 0], [128, 128, 128], [255, 255, 255]]
    """
    known = np.array([[int(stop[place : place + 2], 16) for place in (1, 3, 5)] for stop in stops])
    places = np.linspace(0, len(stops) - 1, shades)
    channels = [np.interp(places, np.arange(len(stops)), channel) for channel in known.T]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
