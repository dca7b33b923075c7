"""Gradients to updates: Google's AdamW and LAMB, optax's own, and how the learning rate goes."""

from flax_albert.training.optimizers.building import optimizer
from flax_albert.training.optimizers.freezing import trained_paths
from flax_albert.training.optimizers.schedules import learning_rate

__all__ = ["learning_rate", "optimizer", "trained_paths"]
