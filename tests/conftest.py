"""What every test gets: eight simulated devices, checked array shapes, and the way to the real data."""

import os
from pathlib import Path

import jax
import pytest
from jaxtyping import install_import_hook

from tests import typecheck

os.environ["HF_HUB_OFFLINE"] = "1"  # no test reaches another machine by naming a model that is not here
jax.config.update("jax_num_cpu_devices", 8)
jax.config.update("jax_default_matmul_precision", "float32")  # a GPU would otherwise round to TF32
# Only where arrays are computed: elsewhere wrong types must meet the library's own messages, and outputs, being pytrees
# of jax, may hold anything for a moment.
install_import_hook(
    [f"flax_albert.model.{name}" for name in ("ops", "attention", "encoder", "heads")], f"{typecheck.__name__}.checked"
)

# Programs for the environments of the oracles, which are not this one.
collect_ignore = ["reference"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips the tests that need a GPU where there is none."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not any(device.platform == "gpu" for device in jax.devices()):
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="there is no GPU here"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs that are not part of the repository."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("FLAX_ALBERT_DATA", default))
    if not path.is_dir():
        pytest.skip(f"the real data is not here: {path} is no directory (FLAX_ALBERT_DATA names another)")
    return path
