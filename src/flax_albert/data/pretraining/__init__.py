"""Text -> the rows that ALBERT is pretrained on: two segments in order or not, with words masked."""

from flax_albert.data.pretraining.options import PretrainingOptions
from flax_albert.data.pretraining.pretraining_batches import PretrainingBatches

__all__ = ["PretrainingBatches", "PretrainingOptions"]
