"""Parameters that stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import jax.numpy as jnp
import optax
from flax.traverse_util import flatten_dict, unflatten_dict

from flax_albert.model.parameters import Leaf

Path = tuple[str, ...]


def trained_paths(frozen: Sequence[str], leaves: Sequence[Leaf]) -> frozenset[Path]:
    """Which parameters are trained.

    Args:
        frozen: Patterns of those that are not, as of files: ``*`` stands for anything, slashes too.
        leaves: All parameters.

    Returns:
        Their paths.

    Raises:
        ValueError: A pattern fits no parameter, or nothing is left.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.model.parameters import POOLER, expand
        >>> from flax_albert.training.optimizers import trained_paths
        >>> sorted(trained_paths(["*/bias"], expand(POOLER, AlbertConfig())))
        [('pooler', 'kernel')]
    """
    names = ["/".join(leaf.path) for leaf in leaves]
    for pattern in frozen:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise ValueError(f"No parameter is named like {pattern!r}, which is to be frozen; one is {names[0]!r}.")
    trained = [leaf.path for leaf, name in zip(leaves, names, strict=True) if not _fits(name, frozen)]
    if not trained:
        raise ValueError("Every parameter is frozen; there is nothing to train.")
    return frozenset(trained)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def train_only(paths: frozenset[Path], inner: optax.GradientTransformation) -> optax.GradientTransformation:
    """An optimizer of some parameters.

    Args:
        paths: The parameters.
        inner: Their optimizer; it sees a tree of nothing else, so the others have no state.

    Returns:
        An optimizer of all parameters, whose updates of the others change no bit of them.
    """

    def part(tree: Any) -> Any:
        flat: dict[Any, Any] = flatten_dict(tree)
        return unflatten_dict({path: flat[path] for path in flat if path in paths})

    def init(params: Any) -> Any:
        return inner.init(part(params))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        trained, state = inner.update(part(updates), state, part(params))
        changed: dict[Any, Any] = flatten_dict(trained)
        flat: dict[Any, Any] = flatten_dict(updates)
        # Adding -0.0 keeps every number, where 0.0 would make 0.0 of -0.0.
        still = {path: jnp.full_like(leaf, -0.0) for path, leaf in flat.items()}
        return unflatten_dict(still | changed), state

    return optax.GradientTransformation(init, update)
