"""Attention against its definition, its choice of implementation, and cuDNN's as far as it goes without a GPU."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax._src.cudnn import fused_attention_stablehlo

from flax_albert.model.attention import attention, chosen, cudnn_attention, implementation
from flax_albert.models import FlaxAlbertModel
from tests.sizes import tiny
from tests.tolerances import SMALL

DTYPES = [jnp.float32, jnp.bfloat16, jnp.float16]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_fully_masked_row_attends_uniformly(dtype: jnp.dtype) -> None:
    query, key, value = (20 * jax.random.normal(jax.random.key(seed), (2, 5, 2, 4)).astype(dtype) for seed in range(3))
    mask = jnp.array([[1, 1, 1, 0, 0], [0, 0, 0, 0, 0]])
    attended, probabilities = attention(query, key, value, mask)
    assert attended.dtype == dtype
    np.testing.assert_array_equal(probabilities[0, ..., 3:], 0)
    np.testing.assert_allclose(probabilities[1].astype(jnp.float32), 0.2, atol=1e-3)
    assert jnp.isfinite(attended).all()


def test_attention_is_softmax_of_scaled_scores() -> None:
    query, key, value = (np.random.default_rng(seed).normal(size=(2, 5, 3, 4)) for seed in range(3))
    mask = np.array([[1, 1, 1, 1, 1], [0, 1, 1, 0, 1]])
    scores = np.einsum("bqhd,bkhd->bhqk", query, key) / 2
    weights = np.exp(scores) * mask[:, None, None, :]
    weights /= weights.sum(-1, keepdims=True)
    q, k, v = (jnp.asarray(x, jnp.float32) for x in (query, key, value))
    attended, probabilities = attention(q, k, v, jnp.asarray(mask))
    np.testing.assert_allclose(probabilities, weights, atol=SMALL)
    np.testing.assert_allclose(attended, np.einsum("bhqk,bkhd->bqhd", weights, value), atol=SMALL)


def arrays(dtype: Any = jnp.bfloat16, batch: int = 3, length: int = 7) -> tuple[Any, Any, Any, Any]:
    """Query, key and value of heads of width 8; the last row may attend to nothing."""
    query, key, value = (
        4 * jax.random.normal(jax.random.key(seed), (batch, length, 2, 8)).astype(dtype) for seed in range(3)
    )
    lengths = jnp.arange(batch)[::-1] * length // (batch - 1)
    return query, key, value, (jnp.arange(length) < lengths[:, None]).astype(jnp.int32)


def test_names_of_implementations() -> None:
    assert [implementation(name) for name in ("auto", "xla", "cudnn", "eager", "sdpa")] == [
        *("auto", "xla", "cudnn"),
        *("xla", "auto"),
    ]
    with pytest.raises(ValueError, match="one of auto, xla, cudnn, got 'flash'"):
        FlaxAlbertModel(tiny(), attn_implementation="flash")


class Gpu:
    """What is asked of a device."""

    compute_capability = "9.0"


OBSTACLES = [
    ({"dtype": jnp.float32}, {}, "not in float32"),
    ({}, {"output_attentions": True}, "output_attentions"),
    ({}, {"drops": True}, "attention_probs_dropout_prob"),
]


@pytest.mark.parametrize(("of_arrays", "of_call", "message"), [*OBSTACLES, ({}, {}, None)])
def test_auto_takes_cudnn_where_it_can(
    monkeypatch: pytest.MonkeyPatch, of_arrays: dict[str, Any], of_call: dict[str, Any], message: str | None
) -> None:
    query = arrays(**of_arrays)[0]
    call = {"drops": False, "output_attentions": False, **of_call}
    assert chosen("auto", query, **call) == "xla", "this is no GPU"
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(jax, "local_devices", lambda: [Gpu()])
    if message is None:
        assert chosen("auto", query, **call) == chosen("cudnn", query, **call) == "cudnn"
        monkeypatch.setattr(Gpu, "compute_capability", "7.5")
        assert chosen("auto", query, **call) == "xla", "too old"
        monkeypatch.setattr(Gpu, "compute_capability", "gfx90a")
        assert chosen("auto", query, **call) == "xla", "another maker's"
    else:
        assert chosen("auto", query, **call) == "xla"
        with pytest.raises(ValueError, match=message):
            chosen("cudnn", query, **call)
    assert chosen("xla", query, **call) == "xla"


def test_odd_widths_of_heads_are_beyond_cudnn() -> None:
    for width in (12, 136):
        with pytest.raises(ValueError, match=f"this model's is {width}"):
            chosen("cudnn", jnp.zeros((1, 2, 1, width), jnp.bfloat16), drops=False, output_attentions=False)


@pytest.mark.skipif(jax.default_backend() == "gpu", reason="there is a GPU here")
def test_cudnn_where_there_is_none_is_a_clear_error() -> None:
    model = FlaxAlbertModel(tiny(num_hidden_layers=1), dtype=jnp.bfloat16, attn_implementation="cudnn")
    with pytest.raises(ValueError, match=r"needs an NVIDIA GPU.*jax runs on cpu here.*\"auto\" or \"xla\""):
        model([[1, 2]])


def lowered_for_cuda(model: FlaxAlbertModel, monkeypatch: pytest.MonkeyPatch, length: int) -> str:
    # All that jax asks of the machine while it traces is the version of cuDNN.
    monkeypatch.setattr(fused_attention_stablehlo, "check_cudnn_version", lambda: 91100)
    ids = np.ones((2, length), np.int32)

    def loss(params: Any) -> jax.Array:
        return model(ids, params=params).last_hidden_state.astype(jnp.float32).sum()

    return jax.jit(jax.grad(loss)).trace(model.params).lower(lowering_platforms=("cuda",)).as_text()


@pytest.mark.parametrize("length", [8, 7])
def test_the_program_for_cuda_calls_cudnn_forward_and_backward(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    config = tiny(num_hidden_layers=1)
    model = FlaxAlbertModel(config, dtype=jnp.bfloat16, attn_implementation="cudnn", layer_loop="scan")
    text = lowered_for_cuda(model, monkeypatch, length)
    assert text.count("@__cudnn$fmhaScaleBiasSoftmax(") == 1
    assert text.count("@__cudnn$fmhaScaleBiasSoftmaxBackward(") == 1
    assert "tensor<2x3x8x8xbf16>" in text, "an odd length is made even"
    plain = FlaxAlbertModel(config, dtype=jnp.bfloat16, attn_implementation="xla", layer_loop="scan")
    assert "cudnn" not in lowered_for_cuda(plain, monkeypatch, length)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
@pytest.mark.parametrize("length", [8, 7])
def test_what_is_handed_to_cudnn_means_the_same(monkeypatch: pytest.MonkeyPatch, dtype: Any, length: int) -> None:
    """Stands in for the kernel with what jax says it computes: a bias of a large negative number, then softmax."""

    def kernel(query: Any, key: Any, value: Any, mask: Any, implementation: str) -> Any:
        assert implementation == "cudnn"
        assert query.shape[1] % 2 == 0
        bias = fused_attention_stablehlo.combine_bias_and_mask(None, mask, query.dtype)
        scores = jnp.einsum("bqhd,bkhd->bhqk", query, key, preferred_element_type=jnp.float32)
        weights = jax.nn.softmax(scores / np.sqrt(query.shape[-1]) + bias, axis=-1)
        return jnp.einsum("bhqk,bkhd->bqhd", weights, value.astype(jnp.float32)).astype(value.dtype)

    monkeypatch.setattr(jax.nn, "dot_product_attention", kernel)
    query, key, value, mask = arrays(dtype, length=length)
    exact: list[Any] = [array.astype(jnp.float32) for array in (query, key, value)]
    expected, _ = attention(exact[0], exact[1], exact[2], mask)
    attended = cudnn_attention(query, key, value, mask).astype(jnp.float32)
    rounding = float(jnp.finfo(dtype).eps) * float(jnp.abs(value).max())
    np.testing.assert_allclose(attended, expected, atol=rounding)
    np.testing.assert_allclose(
        attended[-1], jnp.broadcast_to(value[-1].astype(jnp.float32).mean(0), attended[-1].shape), atol=rounding
    )


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
@pytest.mark.parametrize("length", [64, 7])
def test_cudnn_computes_what_xla_does(dtype: Any, length: int) -> None:
    query, key, value, mask = arrays(dtype, length=length)
    rounding = 8 * float(jnp.finfo(dtype).eps) * float(jnp.abs(value).max())
    expected, _ = attention(query, key, value, mask)
    attended = jax.jit(cudnn_attention)(query, key, value, mask)
    np.testing.assert_allclose(attended.astype(jnp.float32), expected.astype(jnp.float32), atol=rounding)

    def gradient(function: Any) -> Any:
        # Rows that may attend to nothing are padding: nobody differentiates them.
        total = lambda q, k, v: (function(q, k, v, mask)[:2].astype(jnp.float32) ** 2).sum()  # noqa: E731
        return jax.jit(jax.grad(total, argnums=(0, 1, 2)))(query, key, value)

    written_out = gradient(lambda *arguments: attention(*arguments)[0])
    for one, other in zip(gradient(cudnn_attention), written_out, strict=True):
        largest = float(jnp.abs(other).max())
        np.testing.assert_allclose(one.astype(jnp.float32), other.astype(jnp.float32), atol=0.02 * largest)
