"""From a corpus to a pretrained model."""

from flax_albert.training.pretraining.pretrain import PUBLISHED, HeldOutSettings, pretrain

__all__ = ["PUBLISHED", "HeldOutSettings", "pretrain"]
