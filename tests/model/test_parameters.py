"""The table is complete: its expansion is what every module declares, whatever the layout of groups."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from flax_albert import models, pretrained
from flax_albert.model.parameters import BACKBONE, axis_sizes, expand, nested
from tests.sizes import tiny

CLASSES = [
    models.FlaxAlbertModel,
    models.FlaxAlbertForPreTraining,
    models.FlaxAlbertForMaskedLM,
    models.FlaxAlbertForSequenceClassification,
    models.FlaxAlbertForMultipleChoice,
    models.FlaxAlbertForTokenClassification,
    models.FlaxAlbertForQuestionAnswering,
]


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"num_hidden_groups": 3, "inner_group_num": 2},
        {"num_hidden_layers": 5, "num_hidden_groups": 2, "tie_word_embeddings": False},
    ],
)
def test_the_table_is_what_the_modules_declare(
    cls: type[pretrained.FlaxAlbertPreTrainedModel], layout: dict[str, int]
) -> None:
    model = cls(tiny(**layout), _do_init=False)
    shape = (1, 1, 3) if cls is models.FlaxAlbertForMultipleChoice else (1, 3)
    declared: Any = jax.eval_shape(model.module.init, jax.random.key(0), jnp.zeros(shape, jnp.int32))["params"]
    shapes = {path: leaf.shape for path, leaf in jax.tree.leaves_with_path(declared)}
    leaves = expand(model.module.table_rows, model.config)
    assert {leaf.path: leaf.shape for leaf in leaves} == {tuple(k.key for k in path): s for path, s in shapes.items()}
    assert len({leaf.torch_name for leaf in leaves}) == len(leaves)
    assert all(array.dtype == jnp.float32 for array in jax.tree.leaves(declared))


def test_every_axis_of_the_table_has_a_size() -> None:
    for leaf in expand(BACKBONE, tiny()):
        assert set(leaf.axes) <= axis_sizes(tiny()).keys()
        assert leaf.torch_transposed == (leaf.path[-1] == "kernel")
        assert leaf.decays == (leaf.path[-1] in ("kernel", "embedding"))


def test_nested_rebuilds_a_tree() -> None:
    assert nested({("a", "b"): 1, ("a", "c"): 2, ("d",): 3}) == {"a": {"b": 1, "c": 2}, "d": 3}
