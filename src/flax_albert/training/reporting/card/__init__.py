"""The model card: ``README.md`` of what was trained, in the hub's terms."""

from flax_albert.training.reporting.card.writing import write

__all__ = ["write"]
