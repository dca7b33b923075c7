"""The model that a fine-tuning begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flax.traverse_util import flatten_dict, unflatten_dict

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.config import AlbertConfig
from flax_albert.errors import listed
from flax_albert.hub import Source
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase

_BACKBONES = ("albert", "bert", "module/bert")
"""What the names of the encoder's parameters begin with, in files of all sorts."""


@dataclass(frozen=True)
class Begun:
    """What there is before the first step.

    Attributes:
        model: The model, with all its parameters.
        notes: What a person should know about where they come from, a sentence each.
    """

    model: FlaxAlbertPreTrainedModel
    notes: tuple[str, ...]


def begin(
    model: Source | FlaxAlbertPreTrainedModel,
    model_class: type[FlaxAlbertPreTrainedModel],
    config: AlbertConfig,
    *,
    from_scratch: bool = False,
    **settings: Any,
) -> Begun:
    """Makes the model to train; what it is begun with has perhaps another head, or none.

    Args:
        model: A directory, a bundled name, a hub id, or a model of any class.
        model_class: The class that has the head.
        config: The configuration that the new model is to have.
        from_scratch: Whether all parameters are drawn anew, so that one sees what pretraining was worth.
        **settings: Settings of the class: ``dtype``, ``seed``, ``gradient_checkpointing``.

    Returns:
        The model, and what to say about it.

    Raises:
        OSError: There is no such model, or a file of it is damaged.
        ValueError: Its encoder is another than its configuration says.
    """
    if from_scratch:
        return Begun(model_class(config, **settings), ("All parameters are drawn at random, as asked for.",))
    if isinstance(model, FlaxAlbertPreTrainedModel):
        fresh = model_class(config, **settings)
        given: dict[Any, Any] = flatten_dict(model.params)
        drawn: dict[Any, Any] = flatten_dict(fresh.params)
        kept = {path: leaf for path, leaf in given.items() if path in drawn and leaf.shape == drawn[path].shape}
        fresh.params = unflatten_dict({**drawn, **kept})
        new = tuple("/".join(path) for path in drawn if path not in kept)
    else:
        fresh, report = model_class.from_pretrained(
            model, config=config, ignore_mismatched_sizes=True, output_loading_info=True, **settings
        )
        new = (*report.missing, *(mismatch.key for mismatch in report.mismatched))
    fresh.params = fresh.to_fp32(fresh.params)  # whatever the file has, training needs all digits
    return Begun(fresh, _notes(sorted(new)))


def _notes(new: list[str]) -> tuple[str, ...]:
    encoder = [name for name in new if name.startswith(_BACKBONES) and "pooler" not in name]
    if encoder:
        raise ValueError(
            f"The checkpoint does not fit its configuration: it lacks {listed(encoder, 3)} in the right shape. To "
            "begin with random parameters, say so: from_scratch=True, or --from-scratch."
        )
    if not new:
        return ("Every parameter comes from the checkpoint, the head's too.",)
    return (f"Drawn at random, because the checkpoint has none that fit: {listed(new)}.",)


def read_config(model: Source | FlaxAlbertPreTrainedModel) -> AlbertConfig:
    """The configuration of the model that is begun with."""
    return model.config if isinstance(model, FlaxAlbertPreTrainedModel) else AlbertConfig.from_pretrained(model)


def read_tokenizer(
    tokenizer: Source | PreTrainedTokenizerBase | None, model: Source | FlaxAlbertPreTrainedModel, config: AlbertConfig
) -> PreTrainedTokenizerBase:
    """The tokenizer: what is given, or the one beside the model.

    Raises:
        TypeError: The model is an object, and no tokenizer is given.
        ValueError: It has more pieces than the model.
    """
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        if tokenizer is None and isinstance(model, FlaxAlbertPreTrainedModel):
            raise TypeError("A model that is an object needs a tokenizer beside it: pass tokenizer=...")
        tokenizer = AutoTokenizer.from_pretrained(model if tokenizer is None else tokenizer)  # pyrefly: ignore
    if len(tokenizer) > config.vocab_size:
        raise ValueError(
            f"The tokenizer knows {len(tokenizer)} pieces and the model {config.vocab_size}: they do not belong "
            "together."
        )
    return tokenizer


def changed(config: AlbertConfig, changes: Mapping[str, Any]) -> AlbertConfig:
    """A configuration with other values."""
    return AlbertConfig.from_dict({**config.to_dict(), **changes}) if changes else config
