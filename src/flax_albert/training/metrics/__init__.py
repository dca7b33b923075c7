"""Figures that say how good predictions are, each equal to its reference."""

from flax_albert.training.metrics.labels import LABEL_METRICS as LABEL_METRICS
from flax_albert.training.metrics.labels import SET_METRICS as SET_METRICS
from flax_albert.training.metrics.labels import majority as majority
from flax_albert.training.metrics.numbers import NUMBER_METRICS as NUMBER_METRICS
from flax_albert.training.metrics.required import chosen as chosen
