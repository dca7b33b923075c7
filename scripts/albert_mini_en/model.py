"""The configuration of ``albert-mini-en`` and its forward pass at the masked positions."""

import jax
import jax.numpy as jnp

from flax_albert.config import AlbertConfig
from flax_albert.model.heads import FlaxAlbertForMaskedLMModule
from scripts.albert_mini_en.batches import Batch
from scripts.albert_mini_en.training import Parameters, Predict

SIZES = {
    "embedding_size": 128,
    "hidden_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "intermediate_size": 1024,
    "hidden_act": "gelu_new",
    "max_position_embeddings": 512,
    "initializer_range": 0.05,  # the usual 0.02 is for wider layers
    "hidden_dropout_prob": 0.0,  # less than one pass over the text: there is nothing to over-fit
    "attention_probs_dropout_prob": 0.0,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
}


def configuration(vocabulary: int, **changes: int) -> AlbertConfig:
    """Returns the configuration, with a vocabulary and, for trials, other sizes."""
    return AlbertConfig(vocab_size=vocabulary, **(SIZES | changes))


def build(config: AlbertConfig, seed: int) -> tuple[Predict, Parameters]:
    """Returns the forward pass at the masked positions, and fresh parameters."""
    module = FlaxAlbertForMaskedLMModule(config, layer_loop="unroll")  # a little faster to train than the scan on a CPU
    parameters = jax.jit(module.init)(jax.random.key(seed), jnp.ones((1, 8), jnp.int32))["params"]

    def predict(parameters: Parameters, batch: Batch) -> jax.Array:
        output = module.apply(
            {"params": parameters},
            batch.input_ids,
            batch.attention_mask,
            batch.token_type_ids,
            batch.position_ids,
            masked_positions=batch.positions,
        )
        return output.logits

    return predict, parameters
