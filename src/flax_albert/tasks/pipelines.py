"""``pipeline``: a task by its name, with transformers' names for tasks and arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from flax_albert.auto.config import AutoConfig
from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.config import AlbertConfig
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import OnError, Task
from flax_albert.tasks.feature_extraction import FeatureExtraction
from flax_albert.tasks.fill_mask import FillMask
from flax_albert.tasks.multiple_choice import MultipleChoice
from flax_albert.tasks.question_answering import QuestionAnswering
from flax_albert.tasks.sentence_embedding import SentenceEmbedding
from flax_albert.tasks.sentence_order import SentenceOrder
from flax_albert.tasks.text_classification import TextClassification
from flax_albert.tasks.token_classification import TokenClassification
from flax_albert.tokenization import PreTrainedTokenizerBase

TASKS: Mapping[str, type[Task[Any, Any]]] = {
    kind.task: kind
    for kind in (
        FillMask,
        TextClassification,
        TokenClassification,
        QuestionAnswering,
        MultipleChoice,
        SentenceOrder,
        FeatureExtraction,
        SentenceEmbedding,
    )
}
"""Every task by its name."""
ALIASES: Mapping[str, str] = {"sentiment-analysis": "text-classification", "ner": "token-classification"}
"""Other names of some."""
# What a checkpoint was trained for, by the end of the class that its configuration names.
_TRAINED_FOR = {
    "ForMaskedLM": "fill-mask",
    "ForPreTraining": "fill-mask",
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMultipleChoice": "multiple-choice",
    "Model": "feature-extraction",
}


def pipeline(
    task: str | None = None,
    model: str | os.PathLike[str] | FlaxAlbertPreTrainedModel | None = None,
    tokenizer: str | os.PathLike[str] | tuple[str, Mapping[str, Any]] | PreTrainedTokenizerBase | None = None,
    *,
    config: str | AlbertConfig | None = None,
    revision: str | None = None,
    token: str | bool | None = None,
    dtype: DTypeLike | None = None,
    device: Any = None,
    device_map: Any = None,
    batch_size: int | None = None,
    batch_tokens: int | None = None,
    look_ahead: int | None = None,
    on_error: OnError = "raise",
    model_kwargs: Mapping[str, Any] | None = None,
    use_fast: bool = True,
    framework: str | None = None,
    trust_remote_code: bool | None = None,
    num_workers: int | None = None,
    torch_dtype: DTypeLike | None = None,
    **options: Any,
) -> Any:
    """Makes a task: text in, answers out.

    Args:
        task: ``"fill-mask"``, ``"text-classification"``, ``"token-classification"``, ``"question-answering"``,
            ``"multiple-choice"``, ``"sentence-order"``, ``"feature-extraction"`` or ``"sentence-embedding"``; also
            ``"sentiment-analysis"`` and ``"ner"``. By default what the model was trained for, as its configuration
            says.
        model: A directory, the name of a bundled model, a hub id, or a model object. By default the bundled model,
            for the tasks that it does.
        tokenizer: Where to read the tokenizer, that with options for it, or one; by default the model's.
        config: A configuration, or where to read one, instead of the model's own.
        revision: Branch, tag or commit of a repository on the hub.
        token: The hub's access token.
        dtype: Dtype of the computation, by default ``float32``; also as text, ``"bfloat16"``.
        device: Where the model runs: a ``jax.Device``, ``"cpu"``, ``"gpu"`` or ``"cuda:1"``, a device's number, or -1
            for the CPU. By default JAX's default device.
        device_map: ``"auto"``, or the name of one device: a model is never cut into parts.
        batch_size: Most sequences that the model sees at once.
        batch_tokens: Most tokens that the model sees at once, padding included.
        look_ahead: Most inputs that are read before the first of them is answered.
        on_error: ``"raise"``, or ``"yield"`` to have the error of an input at fault in the place of its result.
        model_kwargs: Further arguments of the model's ``from_pretrained``.
        use_fast: Whether the tokenizer is a fast one.
        framework: Taken for the sake of programs that give it; ``"flax"`` is the only one.
        trust_remote_code: Taken likewise: code of a checkpoint is never run.
        num_workers: Taken likewise: inputs are always read ahead, by one thread.
        torch_dtype: The older name of ``dtype``; ``"auto"`` and PyTorch's own dtypes will do.
        **options: Options of the task, such as ``top_k``, for every call.

    Returns:
        The task, a :class:`~flax_albert.tasks.Task`.

    Raises:
        OSError: There is no such model, or a file is missing, unreadable or damaged.
        TypeError: ``model`` or ``tokenizer`` is something else, or an option is unknown.
        ValueError: There is no such task, the task has no model by default, the model was not trained for the task, or
            an option is out of its range.

    Example:
        >>> from flax_albert import pipeline
        >>> fill_mask = pipeline("fill-mask", model="albert-mini-en", top_k=1)
        >>> fill_mask("She opened the [MASK] and went in.")[0]["token_str"]
        'window'
    """
    if framework not in (None, "flax", "jax"):
        raise ValueError(f"framework must be left out or 'flax', got {framework!r}: this is JAX only.")
    where = {name: value for name, value in (("revision", revision), ("token", token)) if value is not None}
    if task is None:
        task = _task_of(model, where)
    kind = _task_class(task)
    if model is None:
        if kind.default_model is None:
            raise ValueError(f"pipeline({task!r}) needs a model: a directory, a hub id, or a model object.")
        model = kind.default_model
    settings: dict[str, Any] = dict(model_kwargs or {})
    if (chosen := dtype if dtype is not None else torch_dtype) is not None:
        settings["dtype"] = _dtype(chosen)
    if config is not None:
        settings["config"] = config
    options |= {"batch_size": batch_size, "batch_tokens": batch_tokens, "look_ahead": look_ahead, "on_error": on_error}
    if isinstance(model, FlaxAlbertPreTrainedModel):
        if settings:
            raise ValueError(f"{', '.join(settings)} cannot be changed of a model that is loaded already.")
        made = kind(model, _tokenizer(tokenizer or model.config.name_or_path, use_fast, where), **options)
    elif isinstance(model, str | os.PathLike):
        chosen_tokenizer = None if tokenizer is None and use_fast else _tokenizer(tokenizer or model, use_fast, where)
        made = kind.from_pretrained(model, chosen_tokenizer, model_options=settings, hub_options=where, **options)
    else:
        raise TypeError(f"model must be a model or where to read one, got {type(model).__name__}.")
    if device is None and device_map != "auto":
        device = device_map
    if device is not None:
        made.model = made.model.holding(jax.device_put(made.model.params, _device(device)))
    return made


def _tokenizer(tokenizer: Any, use_fast: bool, where: Mapping[str, Any]) -> PreTrainedTokenizerBase:
    if not tokenizer:
        raise ValueError("A model that was not loaded knows no tokenizer; pass tokenizer=... too.")
    given: Mapping[str, Any] = {}
    if isinstance(tokenizer, tuple):
        tokenizer, given = tokenizer
    if isinstance(tokenizer, str | os.PathLike):
        return AutoTokenizer.from_pretrained(tokenizer, **{"use_fast": use_fast, **where, **given})
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        raise TypeError(f"tokenizer must be a tokenizer or where to read one, got {type(tokenizer).__name__}.")
    return tokenizer


def _task_class(task: str) -> type[Task[Any, Any]]:
    kind = TASKS.get(ALIASES.get(task, task))
    if kind is None:
        raise ValueError(f"There is no task {task!r}; there are {', '.join([*TASKS, *ALIASES])}.")
    return kind


def _task_of(model: Any, where: Mapping[str, Any]) -> str:
    """What a model was trained for."""
    if model is None:
        raise ValueError("pipeline needs a task, as in pipeline('fill-mask'), or a model that says what it is for.")
    if isinstance(model, FlaxAlbertPreTrainedModel):
        names = [type(model).__name__]
    else:
        names = AutoConfig.from_pretrained(model, **where).architectures or []
    for name in names:
        for ending, task in _TRAINED_FOR.items():
            if name.endswith(ending):
                return task
    raise ValueError(
        f"The model's configuration does not say what it was trained for (architectures is {names or 'missing'}); "
        f"name the task, one of {', '.join(TASKS)}."
    )


def _dtype(chosen: Any) -> jnp.dtype:
    """A dtype by any of its names; "auto" is float32, in which parameters are held."""
    name = {"auto": "float32"}.get(chosen, chosen.removeprefix("torch.")) if isinstance(chosen, str) else chosen
    try:
        return jnp.dtype(str(name).removeprefix("torch.") if type(name).__module__ == "torch" else name)
    except TypeError:
        raise TypeError(f"dtype must be a dtype or its name, such as 'bfloat16', got {chosen!r}.") from None


def _device(named: Any) -> jax.Device:
    if isinstance(named, jax.Device):
        return named
    if isinstance(named, int) and not isinstance(named, bool):
        platform, number = ("cpu", 0) if named < 0 else (None, named)
    else:
        platform, _, digits = str(named).partition(":")
        platform, number = {"cuda": "gpu"}.get(platform, platform), int(digits) if digits.isdecimal() else 0
    try:
        return jax.devices(platform)[number]
    except (RuntimeError, IndexError):
        raise ValueError(f"There is no device {named!r}; there are {', '.join(map(str, jax.devices()))}.") from None
