"""The formulas of memory against what XLA plans for the same programs."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
import pytest

from flax_albert import AlbertConfig, FlaxAlbertForMaskedLM, FlaxAlbertModel, FlaxAlbertPreTrainedModel
from flax_albert.doctor.memory import estimate


def planned(program: Any, *arguments: Any, donated: tuple[int, ...] = ()) -> float:
    """Bytes that XLA plans to hold at once."""
    plan: Any = jax.jit(program, donate_argnums=donated).lower(*arguments).compile().memory_analysis()
    held = plan.argument_size_in_bytes + plan.temp_size_in_bytes + plan.output_size_in_bytes
    return held - plan.alias_size_in_bytes


@pytest.mark.slow
@pytest.mark.parametrize("model_class", [FlaxAlbertModel, FlaxAlbertForMaskedLM])
def test_float32_is_within_a_fifth(model_class: type[FlaxAlbertPreTrainedModel]) -> None:
    config = AlbertConfig.released("albert-base-v2")
    model = model_class(config, _do_init=False)
    params, ids = model.params_shape_tree, jax.ShapeDtypeStruct((1, 512), jnp.int32)
    count = sum(leaf.size for leaf in jax.tree.leaves(params))
    expected = estimate(config, count, predicts_words=model_class is FlaxAlbertForMaskedLM)[0]
    optimizer = optax.adam(1e-4)

    def outputs(params: Any, ids: Any) -> Any:
        return model.module.apply({"params": params}, ids)[0]

    def step(params: Any, state: Any, ids: Any) -> Any:
        gradient = jax.grad(lambda params: jnp.mean(jax.nn.logsumexp(outputs(params, ids), -1)))(params)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(params, updates), state

    assert planned(outputs, params, ids) == pytest.approx(expected.inference, rel=0.2)
    state = jax.eval_shape(optimizer.init, params)
    assert planned(step, params, state, ids, donated=(0, 1)) == pytest.approx(expected.training, rel=0.2)


def test_terms() -> None:
    config = AlbertConfig.released("albert-base-v2")
    full, half = estimate(config, 1000, predicts_words=False)
    assert (full.dtype, half.dtype) == ("float32", "bfloat16")
    assert (full.parameters, half.parameters) == (4000, 2000)
    words = estimate(config, 1000, predicts_words=True)[0]
    assert words.inference == 4000 + 4 * 2 * 512 * 30000, "nothing before the scores takes as much"
    short = AlbertConfig.released("albert-base-v2", max_position_embeddings=64)
    assert estimate(short, 1000, predicts_words=False)[0].inference < full.inference / 8
