"""What both tokenizers of ALBERT take for granted."""

from __future__ import annotations

from typing import Any

from flax_albert.tokenization.base import NO_MAXIMUM

# Released checkpoints have 512 positions and no tokenizer_config.json that says so.
_RELEASED = {f"albert-{size}-{version}" for size in ("base", "large", "xlarge", "xxlarge") for version in ("v1", "v2")}


def with_released_maximum(options: dict[str, Any]) -> dict[str, Any]:
    """The options, with the maximum length of a released checkpoint where they name one.

    Args:
        options: The options of a tokenizer, ``name_or_path`` among them.

    Returns:
        The same with ``model_max_length``.
    """
    if options["name_or_path"] not in _RELEASED:
        return options
    return {**options, "model_max_length": min(options.get("model_max_length") or NO_MAXIMUM, 512)}
