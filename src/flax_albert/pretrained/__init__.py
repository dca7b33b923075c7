"""The base of the documented classes."""

from flax_albert.pretrained.computing import ParameterTree as ParameterTree
from flax_albert.pretrained.storing import FlaxAlbertPreTrainedModel as FlaxAlbertPreTrainedModel
