"""What every task is: a model, a tokenizer, options, and one way to be called."""

from __future__ import annotations

import dataclasses
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar

import jax
import numpy as np

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.checkpoint.errors import listed
from flax_albert.hub import Source, called
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.batches import Shapes
from flax_albert.tasks.engine import Arrays, Encoded, Job, Row, run
from flax_albert.tasks.errors import InputError, UnfitError
from flax_albert.tasks.examples import Example
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.streams import SizedResults
from flax_albert.tokenization import PreTrainedTokenizerBase

OnError = Literal["raise", "yield"]

# Tokens of a batch, by platform: enough to keep the device busy; more would only need more memory and pad more.
_BATCH_TOKENS = {"cpu": 1024}
_ACCELERATORS_TOKENS = 32768

# The ordinal of a window from which on none is larger.
_LARGE_WINDOWS = 6

# What a call may be given besides the task's options. num_workers is taken for the sake of programs that give it.
_OF_A_CALL = frozenset({"batch_size", "num_workers"})

_Options = TypeVar("_Options")
_Ready = TypeVar("_Ready", bound=Encoded)


class Task(ABC, Generic[_Options, _Ready]):
    """Text in, answers out: the base of every task.

    A task answers one input, a list, or any iterable, endless ones too, in bounded memory. Inputs of like length run
    together, in batches of few shapes; results come in the order of the inputs.

    A subclass says how an input is encoded, what the model computes and how that becomes a result. It names the model
    class it needs, and its options as a frozen dataclass.

    Args:
        model: A model with the head of the task.
        tokenizer: Its tokenizer.
        batch_size: Most sequences that the model sees at once; by default as many as ``batch_tokens`` allows.
        batch_tokens: Most tokens that the model sees at once, padding included, unless one sequence alone has more; by
            default 1,024 on a CPU and 32,768 elsewhere.
        look_ahead: Most inputs that are read before the first of them is answered; by default some thousand tokens, few
            at first, ever more later. 1 answers each as it comes.
        on_error: ``"raise"`` raises the :class:`InputError` of an input at fault after the results of all inputs before
            it; ``"yield"`` puts it in the place of the result and goes on.
        **options: Options of the task, which a call may override. Where they are not given, those that the model was
            trained for, ``task_specific_params`` of its configuration, take the place of the usual ones.

    Raises:
        TypeError: The model is of another class, or an option is unknown.
        ValueError: A number is below 1, an option is out of its range, or the tokenizer knows pieces that the model
            does not.
    """

    task: ClassVar[str]
    """The task's name for :func:`flax_albert.pipeline`."""
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]]
    """The model class that has the head."""
    options_class: ClassVar[type]
    """The task's options, a frozen dataclass."""
    default_model: ClassVar[str | None] = None
    """The bundled model that does it, where there is one."""
    model_settings: ClassVar[Mapping[str, Any]] = {}
    """Arguments of the model's ``from_pretrained`` that go without saying."""
    most_batches: ClassVar[int] = 64
    """Batches of a window. Tasks whose results are large have fewer."""

    def __init__(
        self,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        batch_size: int | None = None,
        *,
        batch_tokens: int | None = None,
        look_ahead: int | None = None,
        on_error: OnError = "raise",
        **options: Any,
    ) -> None:
        name = type(self).__name__
        if not isinstance(model, self.model_class):
            raise TypeError(f"{name} needs a {self.model_class.__name__}, got {type(model).__name__}.")
        for argument, value in (("batch_size", batch_size), ("batch_tokens", batch_tokens), ("look_ahead", look_ahead)):
            at_least_one(argument, value)
        if on_error not in ("raise", "yield"):
            raise ValueError(f'on_error must be "raise" or "yield", got {on_error!r}.')
        if len(tokenizer) > model.config.vocab_size:
            raise ValueError(
                f"The tokenizer knows {len(tokenizer)} pieces and the model {model.config.vocab_size}: "
                "they do not belong together."
            )
        self.model: Any = model
        self.tokenizer = tokenizer
        self.look_ahead = look_ahead
        self.on_error: OnError = on_error
        self.options: _Options = self._merged({**self._kept(), **options}, self.options_class())
        self._shapes = Shapes(
            longest=model.config.max_position_embeddings,
            batch_tokens=batch_tokens or _BATCH_TOKENS.get(jax.default_backend(), _ACCELERATORS_TOKENS),
            batch_size=batch_size,
        )

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: Source,
        tokenizer: PreTrainedTokenizerBase | None = None,
        *,
        model_options: Mapping[str, Any] | None = None,
        hub_options: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Self:
        """Loads a model, its tokenizer, and makes the task of them.

        Args:
            pretrained_model_name_or_path: A directory, the name of a bundled model, or a hub id.
            tokenizer: A tokenizer to use instead of the one beside the model.
            model_options: What the model's ``from_pretrained`` takes, such as ``dtype``.
            hub_options: The options of :class:`~flax_albert.hub.HubOptions`, for model and tokenizer.
            **options: As in the class.

        Returns:
            The task.

        Raises:
            OSError: There is no such model, or a file is missing, unreadable or damaged.
            ValueError: The model lacks parameters that the task needs: it was trained for another.
            TypeError: As in the class.
        """
        where = hub_options or {}
        model, report = cls.model_class.from_pretrained(
            pretrained_model_name_or_path,
            output_loading_info=True,
            **{**cls.model_settings, **(model_options or {}), **where},
        )
        if report.missing:
            raise ValueError(
                f"{called(pretrained_model_name_or_path)!r} was not trained for {cls.__name__}: it lacks "
                f"{listed(report.missing, 2)}. Fine-tune it for that first."
            )
        if tokenizer is None:
            tokenizer = AutoTokenizer.from_pretrained(pretrained_model_name_or_path, **where)
        return cls(model, tokenizer, **options)

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Answers one input or several.

        Args:
            inputs: An input; a list of them; or any other iterable, such as a generator or a column of a data set;
                also a data set that has only a length and items, as PyTorch's have.
            **options: Options for this call, instead of the task's own; also ``batch_size``.

        Returns:
            For one input its result, for a list the list of results, for another iterable an iterator over results,
            in order, which has a length where the inputs have one.

        Raises:
            InputError: An input cannot be worked on, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        if self._is_input(inputs):
            return next(iter(self.iterate([inputs], **options)))
        if isinstance(inputs, list | tuple):
            # Nobody sees the first results before the last, so that windows need not begin small.
            return list(self._unwound(run(self._job(options), inputs, first=_LARGE_WINDOWS)))
        results = self.iterate(inputs, **options)
        return SizedResults(results, len(inputs)) if hasattr(inputs, "__len__") else results

    def iterate(self, inputs: Iterable[Any], **options: Any) -> Iterator[Any]:
        """Answers any number of inputs in bounded memory, in their order.

        Args:
            inputs: Inputs; they are read ahead, in another thread.
            **options: Options for this call.

        Returns:
            An iterator over results, one for each input.

        Raises:
            InputError: An input cannot be worked on, and ``on_error`` is ``"raise"``; all results before it come first.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        return self._unwound(run(self._job(options), _iterable(inputs)))

    def windows(self, inputs: Iterable[Any], *, first: int = 0, **options: Any) -> Iterator[list[Any]]:
        """Answers like :meth:`iterate`, a window at a time, for whoever notes down how far a run has come.

        Args:
            inputs: Inputs; ``flax_albert.tasks.engine.PAUSE`` among them ends a window.
            first: Ordinal of the first window. A run that goes on with the first input of a window, and with that
                window's ordinal, computes the very numbers that an uninterrupted one does.
            **options: Options for this call.

        Returns:
            An iterator over lists of results. An :class:`InputError` stands in the place of an input at fault.
        """
        return map(list, run(self._job(options), _iterable(inputs), first))

    def predict(self, inputs: Any) -> Any:
        """The call, by scikit-learn's name."""
        return self(inputs)

    def transform(self, inputs: Any) -> Any:
        """The call, by scikit-learn's other name."""
        return self(inputs)

    def save_pretrained(self, save_directory: str | os.PathLike[str], **options: Any) -> None:
        """Writes model and tokenizer, so that ``pipeline`` reads them again.

        Args:
            save_directory: A directory; it is made if need be.
            **options: As for the model's ``save_pretrained``.

        Raises:
            OSError: They cannot be written.
        """
        self.model.save_pretrained(save_directory, **options)
        self.tokenizer.save_pretrained(save_directory)

    @property
    def executables(self) -> int:
        """How many shapes of batches were met so far, and so how many times the model was compiled at most."""
        return len(self._shapes.seen)

    # ------------------------------------------------------------------------------------------- what a subclass says

    @abstractmethod
    def _is_input(self, value: Any) -> bool:
        """Whether this is one input; otherwise it is taken for an iterable of them."""

    def _bound(self, options: _Options) -> Any:
        """What the methods below get as their options: these, or what a task makes of them once for many inputs.

        Raises:
            ValueError: An option does not suit the model.
        """
        return options

    @abstractmethod
    def _encode(self, inputs: list[Any], options: Any) -> list[_Ready | UnfitError]:
        """Makes inputs ready, each by itself or told unfit. Called in another thread than everything else."""

    def _compute(self, arrays: Arrays, options: Any) -> Any:
        """Starts the model on a batch: a tree of arrays with a row for each of its rows."""
        return self._outputs(arrays).logits.astype(np.float32)

    @abstractmethod
    def _result(self, ready: _Ready, outputs: list[Any], options: Any) -> Any:
        """Makes the result of an input out of that tree for each of its rows; may raise :class:`UnfitError`."""

    # ------------------------------------------------------------------------------------------------ what it may use

    def _outputs(self, arrays: Arrays) -> Any:
        return self.model(
            arrays.input_ids,
            attention_mask=arrays.attention_mask,
            token_type_ids=arrays.token_type_ids,
            return_dict=True,
            output_attentions=False,
            output_hidden_states=False,
        )

    def _rows(
        self, examples: list[Example | UnfitError], truncation: bool | str = False, max_length: int | None = None
    ) -> list[Row | UnfitError]:
        """A row for each example that the model can take, whole or truncated."""
        rows: list[Row | UnfitError] = [
            example if isinstance(example, UnfitError) else Row(np.empty(0)) for example in examples
        ]
        for paired in (False, True):
            chosen = [
                (number, example)
                for number, example in enumerate(examples)
                if not isinstance(example, UnfitError) and (example.pair is not None) == paired
            ]
            if chosen:
                texts = [example.text for _, example in chosen]
                pairs = [example.pair or "" for _, example in chosen] if paired else None
                for (number, _), row in zip(chosen, self._encoded(texts, pairs, truncation, max_length), strict=True):
                    rows[number] = row
        return rows

    def _encoded(
        self, texts: list[str], pairs: list[str] | None, truncation: bool | str, max_length: int | None
    ) -> Iterator[Row | UnfitError]:
        most = min(max_length or self._shapes.longest, self._shapes.longest)
        limits: dict[str, Any] = {"truncation": truncation, "max_length": most} if truncation else {}
        try:
            encoded = self.tokenizer(texts, pairs, verbose=False, return_token_type_ids=True, **limits)
        except ValueError as error:
            if len(texts) == 1:
                yield UnfitError(f"cannot be truncated to {most} tokens: {error}")
            else:  # one of them at least has too much in the part that is not to be cut
                for number, text in enumerate(texts):
                    yield from self._encoded([text], pairs and [pairs[number]], truncation, max_length)
            return
        for ids, segments in zip(encoded["input_ids"], encoded["token_type_ids"], strict=True):
            if len(ids) > most:
                yield UnfitError(
                    f"has {len(ids)} tokens, and the model takes {most}; shorten the text, or have it truncated."
                )
            else:
                yield Row(np.asarray(ids, np.int32), np.asarray(segments, np.int32))

    # ---------------------------------------------------------------------------------------------------------- inside

    def _kept(self) -> dict[str, Any]:
        """Options that were chosen when the model was trained, and are kept in its configuration."""
        kept = (self.model.config.task_specific_params or {}).get(self.task)
        known = {field.name for field in dataclasses.fields(self.options_class)}
        return {name: value for name, value in kept.items() if name in known} if isinstance(kept, Mapping) else {}

    def _merged(self, given: Mapping[str, Any], base: Any) -> _Options:
        known = [field.name for field in dataclasses.fields(self.options_class)]
        chosen = {name: value for name, value in given.items() if name not in _OF_A_CALL}
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {unknown[0]!r}; it has {', '.join(known) or 'none'}.")
        return dataclasses.replace(base, **chosen)

    def _job(self, given: Mapping[str, Any]) -> Job[_Ready]:
        shapes = self._shapes
        if (batch_size := given.get("batch_size")) is not None:
            at_least_one("batch_size", batch_size)
            shapes = dataclasses.replace(shapes, batch_size=batch_size)
        options = self._bound(self._merged(given, self.options))
        return Job(
            encode=lambda inputs: self._encode(inputs, options),
            compute=lambda arrays: self._compute(arrays, options),
            result=lambda ready, outputs: self._result(ready, outputs, options),
            shapes=shapes,
            pad_id=self.tokenizer.pad_token_id or 0,
            most_batches=self.most_batches,
            most_inputs=self.look_ahead,
        )

    def _unwound(self, windows: Iterator[Iterator[Any]]) -> Iterator[Any]:
        for window in windows:
            for result in window:
                if isinstance(result, InputError) and self.on_error == "raise":
                    raise result
                yield result


def _iterable(inputs: Any) -> Iterable[Any]:
    if isinstance(inputs, Iterable) and not isinstance(inputs, str | bytes | bytearray | Mapping):
        return inputs
    if not isinstance(inputs, Iterable) and hasattr(inputs, "__len__") and hasattr(inputs, "__getitem__"):
        return (inputs[number] for number in range(len(inputs)))
    raise TypeError(f"inputs must be an input, a list of them or another iterable, got {type(inputs).__name__}.")
