"""From a corpus to a pretrained model."""

from flax_albert.training.pretraining.pretrain import PUBLISHED, HeldOutSettings, Pretrained, pretrain
from flax_albert.training.pretraining.start import sized_for

__all__ = ["PUBLISHED", "HeldOutSettings", "Pretrained", "pretrain", "sized_for"]
