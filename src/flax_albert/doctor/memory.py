"""How much memory a model takes: formulas, not measurements.

With ``P`` parameters, one sequence of ``S`` tokens, ``H``, ``I``, ``A``, ``L`` as in the configuration, and ``w`` bytes
a number (4 in float32, 2 in bfloat16):

- parameters: ``w P``;
- inference: the parameters, and what the busiest moment holds: the largest of attention, ``w (5 S H) + 4 (2 A S S)``,
  feed-forward, ``w (2 S H + 2 S I)``, and the scores of a masked-LM head before and after its bias, ``w (2 S V)``;
- a training step with Adam: ``4 (4 P)`` for parameters, gradient and two moments, all in float32; and for every step of
  the encoder what its gradient needs, ``w (8 S H + 4 S I + 4 A S S)``; with a masked-LM head ``3 w S V``.

Another batch size multiplies all but the terms in ``P``. Gradient checkpointing keeps ``w S H`` a step instead of what
its gradient needs, and one step's need besides. In float32 what XLA plans for the base and large sizes on a CPU is
within a fifth of this; in bfloat16 a CPU keeps most intermediate numbers in float32 and needs more.
"""

from __future__ import annotations

from flax_albert.config import AlbertConfig
from flax_albert.doctor.report import Memory

_LONGEST = 512
_BYTES = {"float32": 4, "bfloat16": 2}


def estimate(config: AlbertConfig, parameters: int, predicts_words: bool) -> tuple[Memory, ...]:
    """Memory by dtype, for one sequence of the model's greatest length, up to 512.

    Args:
        config: Sizes.
        parameters: Number of parameters.
        predicts_words: Whether the masked-LM head is computed.

    Example:
        >>> from flax_albert.config import AlbertConfig
        >>> from flax_albert.doctor.memory import estimate
        >>> [item.parameters for item in estimate(AlbertConfig.released("albert-base-v2"), 11_000_000, False)]
        [44000000, 22000000]
    """
    length = min(config.max_position_embeddings, _LONGEST)
    hidden, wide = length * config.hidden_size, length * config.intermediate_size
    scores = config.num_attention_heads * length**2
    words = length * config.vocab_size if predicts_words else 0
    steps = config.num_hidden_layers * config.inner_group_num
    return tuple(
        Memory(
            dtype=dtype,
            parameters=width * parameters,
            inference=width * parameters
            + max(width * 5 * hidden + 4 * 2 * scores, width * 2 * (hidden + wide), width * 2 * words),
            training=4 * 4 * parameters + width * (steps * (8 * hidden + 4 * wide + 4 * scores) + 3 * words),
        )
        for dtype, width in _BYTES.items()
    )
