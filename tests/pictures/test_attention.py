"""The maps are the model's probabilities: every class, any attention, with the padding gone again."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.typing import DTypeLike

import flax_albert
from flax_albert import AlbertTokenizer, AttentionMaps, FlaxAlbertModel, attention_maps
from flax_albert.model.compiled import applied
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from tests.pictures import made
from tests.sizes import tiny as tiny_config
from tests.tasks import tiny
from tests.tolerances import SMALL

CLASSES = ["Model", "ForMultipleChoice", "ForQuestionAnswering"]
OTHERS = ["ForPreTraining", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification"]


def model(
    name: str = "Model", dtype: DTypeLike = jnp.float32, attn_implementation: str = "auto", **sizes: int
) -> FlaxAlbertPreTrainedModel:
    """Its weights are random, and drawn without compiling anything."""
    config = tiny_config(
        **{"vocab_size": len(tiny.PIECES), "max_position_embeddings": 90, "num_hidden_layers": 2} | sizes
    )
    settings: dict[str, Any] = {"dtype": dtype, "attn_implementation": attn_implementation, "_do_init": False}
    made = getattr(flax_albert, f"FlaxAlbert{name}")(config, **settings)
    generator = np.random.default_rng(0)
    return made.holding(
        jax.tree.map(lambda leaf: np.float32(generator.normal(scale=0.3, size=leaf.shape)), made.params_shape_tree)
    )


@pytest.mark.parametrize("name", [*CLASSES, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
def test_maps_are_what_every_class_returns_as_attentions(name: str) -> None:
    albert, tokenizer = model(name), tiny.tokenizer()
    maps = attention_maps(albert, tokenizer, "the cat sat", "a dog")
    inputs = tokenizer("the cat sat", "a dog", return_tensors="np")
    if name == "ForMultipleChoice":
        inputs = {key: value[None] for key, value in inputs.items()}
    expected = np.stack([layer[0] for layer in albert(**inputs, output_attentions=True).attentions])
    np.testing.assert_allclose(maps.probabilities, expected, rtol=0, atol=SMALL)
    assert maps.tokens == ("[CLS]", "▁the", "▁cat", "▁sat", "[SEP]", "▁a", "▁dog", "[SEP]")
    assert maps.texts == (None, 0, 0, 0, None, 1, 1, None)
    assert (maps.layers, maps.heads) == ((0, 1), (0, 1, 2))


def test_every_row_sums_to_one_and_padding_is_gone() -> None:
    maps = attention_maps(model(), tiny.tokenizer(), "the cat sat on the mat.")
    count = len(maps.tokens)
    assert maps.probabilities.shape == (2, 3, count, count)
    np.testing.assert_allclose(maps.probabilities.sum(-1), 1, atol=1e-6)


def test_layers_of_a_group_are_layers_of_their_own() -> None:
    albert = model(num_hidden_layers=1, inner_group_num=2)
    assert attention_maps(albert, tiny.tokenizer(), "the cat").layers == (0, 1)


def test_an_attention_without_probabilities_is_not_used() -> None:
    fused = model(attn_implementation="cudnn", dtype=jnp.bfloat16)
    with pytest.raises(ValueError, match="returns no attention probabilities"):
        fused([[2, 6, 3]], output_attentions=True)
    maps = attention_maps(fused, tiny.tokenizer(), "the cat")
    assert maps.probabilities.dtype == np.float32
    np.testing.assert_allclose(maps.probabilities.sum(-1), 1, atol=0.02)


def test_a_second_text_does_not_compile_again() -> None:
    albert, tokenizer = model(), tiny.tokenizer()
    attention_maps(albert, tokenizer, "the cat")
    compiled: Any = applied
    before = compiled._cache_size()
    attention_maps(albert, tokenizer, "the cat sat on a mat in the sun")
    assert compiled._cache_size() == before


def test_a_slow_tokenizer_will_do() -> None:
    slow = AlbertTokenizer.from_pretrained("albert-mini-en")
    albert = FlaxAlbertModel.from_pretrained("albert-mini-en", add_pooling_layer=False)
    maps = attention_maps(albert, slow, "The cat sat.")
    assert maps.tokens == ("[CLS]", "▁the", "▁cat", "▁sat", ".", "[SEP]")
    assert maps.texts == (None, 0, 0, 0, 0, None)


def test_parameters_may_be_given() -> None:
    albert, tokenizer = model(), tiny.tokenizer()
    bare = albert.holding(None)
    given = attention_maps(bare, tokenizer, "the cat", params=albert.params)
    np.testing.assert_array_equal(given.probabilities, attention_maps(albert, tokenizer, "the cat").probabilities)
    with pytest.raises(ValueError, match="holds no parameters"):
        attention_maps(bare, tokenizer, "the cat")


def test_a_text_that_cannot_be_drawn() -> None:
    albert, tokenizer = model(), tiny.tokenizer()
    with pytest.raises(ValueError, match=r"^The text has 102 tokens, and the model takes 90; shorten it\.$"):
        attention_maps(albert, tokenizer, "cat" + " cat" * 99)
    assert len(attention_maps(albert, tokenizer, "cat" + " cat" * 87).tokens) == 90
    with pytest.raises(ValueError, match="text_pair is empty"):
        attention_maps(albert, tokenizer, "a cat", " ")
    with pytest.raises(TypeError, match="text must be a str, got list"):
        attention_maps(albert, tokenizer, ["a cat"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text must be a str, got NoneType"):
        attention_maps(albert, tokenizer, None)  # type: ignore[arg-type]


def test_a_tokenizer_of_another_model_and_numbers_that_are_none() -> None:
    with pytest.raises(ValueError, match="knows 22 pieces and the model 10: they do not belong together"):
        attention_maps(model(vocab_size=10), tiny.tokenizer(), "a cat")
    broken = model()
    broken.params = jax.tree.map(lambda leaf: np.full_like(leaf, np.inf), broken.params)
    with pytest.raises(FloatingPointError, match="compute in float32"):
        attention_maps(broken, tiny.tokenizer(), "a cat")


def test_one_layer_or_head_keeps_its_number() -> None:
    maps = made.maps(layers=3, heads=4)
    some = maps.only(layer=2)
    assert (some.layers, some.heads) == ((2,), (0, 1, 2, 3))
    one = some.only(head=1)
    assert (one.layers, one.heads) == ((2,), (1,))
    np.testing.assert_array_equal(one.probabilities[0, 0], maps.probabilities[2, 1])
    with pytest.raises(ValueError, match=r"there is no layer 3; the layers are 0 to 2, counted from 0"):
        maps.only(layer=3)
    with pytest.raises(ValueError, match=r"there is no layer 0; the layers are 2, counted from 0"):
        one.only(layer=0)
    with pytest.raises(ValueError, match="there is no head -1"):
        maps.only(head=-1)
    assert repr(one) == "AttentionMaps(1 layer, 1 head, 4 tokens)"


def test_parts_that_do_not_fit_are_refused() -> None:
    maps = made.maps()
    for tokens, layers in ((maps.tokens[1:], maps.layers), (maps.tokens, (0,)), (maps.tokens, ())):
        with pytest.raises(ValueError, match="do not fit them"):
            AttentionMaps(tokens, maps.probabilities, maps.texts, layers, maps.heads)
