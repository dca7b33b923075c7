"""How far two computations of the same thing may lie apart. One name a purpose; none is ever relaxed to pass a test."""

from typing import Final

SMALL: Final = 1e-5
"""Largest absolute difference from an oracle, float32, on small models."""

BASE: Final = 5e-5
"""The same on models of base size (hidden 768, twelve layers), and on trained checkpoints of that size."""

GRADIENT: Final = 1e-4
"""Largest difference of a parameter's gradient, as a share of that gradient's largest entry."""
