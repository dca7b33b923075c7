"""Devices as a mesh, and what lies where on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from flax_albert.model.parameters import Leaf


def device_mesh(devices: Sequence[jax.Device] | None = None) -> Mesh:
    """Devices in a row, along the axis ``data``; by default all of all processes."""
    return Mesh(np.array(jax.devices() if devices is None else devices), ("data",))


def row_sharding(mesh: Mesh) -> NamedSharding:
    """Rows of a batch, divided among the devices."""
    return NamedSharding(mesh, PartitionSpec("data"))


def shardings(shapes: Any, leaves: Sequence[Leaf], mesh: Mesh, sharding: str) -> Any:
    """Where every array of a state lies: whole on every device."""
    return jax.tree.map(lambda _: NamedSharding(mesh, PartitionSpec()), shapes)
