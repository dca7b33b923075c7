"""Sentence embedding: one vector a text, so that texts of like meaning have vectors that are alike."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self, final

import numpy as np
from jaxtyping import Array, Float

from flax_albert.hub import HubOptions, Source, open_folder
from flax_albert.models import FlaxAlbertModel
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.embedding.pooling import POOLING, Layer, Normalize, Shorten, embedded
from flax_albert.tasks.embedding.sentence_transformers import SentenceModules, read_modules
from flax_albert.tasks.embedding.similarity import SIMILARITIES, pairwise_similarity, similarity_matrix
from flax_albert.tasks.engine import Arrays, Encoded, Row
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.examples import Example, one_text
from flax_albert.tasks.options import at_least_one
from flax_albert.tasks.scores import finite
from flax_albert.tokenization import PreTrainedTokenizerBase


@dataclass(frozen=True)
class SentenceEmbeddingOptions:
    """Options of :class:`SentenceEmbedding`."""

    pooling: str | Sequence[str] | None = None
    """``"mean"`` of the tokens' hidden states, their ``"max"``, the first one's (``"cls"``),
    ``"mean_sqrt_len_tokens"``, ``"weightedmean"`` or ``"lasttoken"``; several are put side by side. By default as the
    folder says, and ``"mean"`` for a plain model."""
    normalize: bool = False
    """Whether vectors are made one long in the end, also where the folder does not ask for it."""
    truncate_dim: int | None = None
    """How many numbers of a vector are kept, for models that were trained to be cut so; by default all."""
    prompt: str | None = None
    """What is put before every text."""
    prompt_name: str | None = None
    """Name of the folder's prompt that is put before every text; by default the one that the folder says, if any."""
    truncation: bool = True
    """Whether a text is shortened to what the model takes; otherwise a longer text is at fault."""
    max_length: int | None = None
    """Most tokens; by default as the folder says, or as many as the tokenizer and the model take."""

    def __post_init__(self) -> None:
        at_least_one("truncate_dim", self.truncate_dim)
        at_least_one("max_length", self.max_length)
        named = (self.pooling,) if isinstance(self.pooling, str) else self.pooling
        if named is not None and (not named or any(mode not in POOLING for mode in named)):
            raise ValueError(f"pooling must be one or several of {', '.join(POOLING)}, got {self.pooling!r}.")
        if self.prompt is not None and not isinstance(self.prompt, str):
            raise TypeError(f"prompt must be a str, got {type(self.prompt).__name__}.")


class _Wanted(NamedTuple):
    """The options, as the folder and the model understand them."""

    pooling: tuple[str, ...]
    layers: tuple[Layer, ...]
    prompt: str
    skipped: int
    truncation: bool
    max_length: int | None


@final
class SentenceEmbedding(Task[SentenceEmbeddingOptions, Encoded]):
    """Turns texts into vectors. They are those of sentence-transformers, whose folders :meth:`from_pretrained` reads.

    A plain model, which says nothing about pooling, gives the mean of its last hidden states. Unless it was trained for
    it, that tells little about how alike texts are.

    Args:
        model: A bare model, with or without pooler.
        tokenizer: Its tokenizer.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        modules: What follows the model in a folder of sentence-transformers.
        **options: Those of :class:`SentenceEmbeddingOptions`.

    Example:
        >>> from flax_albert.tasks import SentenceEmbedding
        >>> embed = SentenceEmbedding.from_pretrained("albert-mini-en")
        >>> vectors = embed(["The dog barked at the door.", "A dog was barking.", "It is a book about law."])
        >>> vectors.shape
        (3, 256)
        >>> embed.similarity(vectors, vectors).argsort(1)[:, -2].tolist()
        [1, 0, 1]
    """

    task: ClassVar[str] = "sentence-embedding"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertModel
    options_class: ClassVar[type] = SentenceEmbeddingOptions
    model_settings: ClassVar[Mapping[str, Any]] = {"add_pooling_layer": False}

    def __init__(
        self,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        *arguments: Any,
        modules: SentenceModules | None = None,
        **options: Any,
    ) -> None:
        self.modules = modules or SentenceModules()
        super().__init__(model, tokenizer, *arguments, **options)
        self._bound(self.options)

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
        """Loads a model, with what follows it if the folder is one of sentence-transformers.

        Args:
            pretrained_model_name_or_path: A directory, the name of a bundled model, or a hub id.
            tokenizer: A tokenizer to use instead of the one beside the model.
            model_options: What the model's ``from_pretrained`` takes, such as ``dtype``.
            hub_options: The options of :class:`~flax_albert.hub.HubOptions`.
            **options: As in the class.

        Returns:
            The task.

        Raises:
            OSError: There is no such model, or a file is missing, unreadable or damaged.
            ValueError: The folder needs a module that is not known here.
            TypeError: As in the class.
        """
        where, _ = HubOptions.split(hub_options or {})
        folder, modules = read_modules(open_folder(pretrained_model_name_or_path, where, or_weights=True))
        return super().from_pretrained(
            folder,
            tokenizer,
            model_options=model_options,
            hub_options=hub_options,
            **{"modules": modules, **options},
        )

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Embeds one text or several.

        Args:
            inputs: A text, a list of texts, or another iterable.
            **options: Options for this call.

        Returns:
            As in sentence-transformers: for a text its vector, ``[width]`` in float32; for a list one array,
            ``[texts, width]``. For another iterable an iterator over vectors; with ``on_error="yield"`` a list of
            vectors, among which an error may stand.

        Raises:
            InputError: A text is not a ``str``, or is empty, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range.
        """
        answers = super().__call__(inputs, **options)
        if not isinstance(answers, list) or self.on_error == "yield":
            return answers
        if answers:
            return np.stack(answers)
        options.pop("batch_size", None)
        return np.empty((0, self._width(self._bound(self._merged(options, self.options)))), np.float32)

    def save_pretrained(self, save_directory: str | os.PathLike[str], **options: Any) -> None:
        """Writes model and tokenizer, where nothing but them makes the vectors.

        Args:
            save_directory: A directory; it is made if need be.
            **options: As for the model's ``save_pretrained``.

        Raises:
            OSError: They cannot be written.
            ValueError: They are of a folder of sentence-transformers, whose other modules would be lost.
        """
        if self.modules != SentenceModules():
            raise ValueError("A folder of sentence-transformers cannot be written; copy the one that was read.")
        super().save_pretrained(save_directory, **options)

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return self._width(self._bound(self.options))

    def similarity(self, a: Any, b: Any, function: str | None = None) -> Float[np.ndarray, "a b"]:
        """How alike each text is to each.

        Args:
            a: Vectors of some texts.
            b: Vectors of others.
            function: ``"cosine"``, ``"dot"``, ``"euclidean"`` or ``"manhattan"``, the distances as negative numbers; by
                default as the folder says, and ``"cosine"`` for a plain model.

        Returns:
            A row for each of ``a``, with a number for each of ``b``.

        Raises:
            TypeError: There are no numbers in ``a`` or ``b``.
            ValueError: The vectors are of different widths, or there is no such function.
        """
        return similarity_matrix(self._function(function), a, b)

    def similarity_pairwise(self, a: Any, b: Any, function: str | None = None) -> Float[np.ndarray, " pairs"]:
        """How alike each text is to the one in its place.

        Args:
            a: Vectors of some texts.
            b: Vectors of as many others.
            function: As for :meth:`similarity`.

        Returns:
            A number for each pair.

        Raises:
            TypeError: There are no numbers in ``a`` or ``b``.
            ValueError: As for :meth:`similarity`, or there are not as many.
        """
        return pairwise_similarity(self._function(function), a, b)

    def _function(self, named: str | None) -> str:
        named = named or self.modules.similarity
        if named not in SIMILARITIES:
            raise ValueError(f"function must be one of {', '.join(SIMILARITIES)}, got {named!r}.")
        return named

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str)

    def _bound(self, options: SentenceEmbeddingOptions) -> _Wanted:
        named = (options.pooling,) if isinstance(options.pooling, str) else options.pooling
        prompt = self._prompt(options)
        inside = prompt and not self.modules.include_prompt
        cut = [] if options.truncate_dim is None else [Shorten(options.truncate_dim)]
        wanted = _Wanted(
            pooling=tuple(named or self.modules.pooling),
            layers=(*self.modules.layers, *cut, *([Normalize()] if options.normalize else [])),
            prompt=prompt,
            # All that comes before the text: the prompt's tokens, and the first special token.
            skipped=len(self.tokenizer(prompt)["input_ids"]) - 1 if inside else 0,
            truncation=options.truncation,
            max_length=options.max_length or self.modules.max_length or self._tokenizers_length,
        )
        self._width(wanted)
        return wanted

    @property
    def _tokenizers_length(self) -> int:
        return int(min(self.tokenizer.model_max_length, self.model.config.max_position_embeddings))

    def _prompt(self, options: SentenceEmbeddingOptions) -> str:
        if options.prompt is not None:
            return options.prompt
        name = options.prompt_name or self.modules.default_prompt
        if name is None:
            return ""
        if name not in self.modules.prompts:
            known = ", ".join(map(repr, self.modules.prompts)) or "none"
            raise ValueError(f"There is no prompt {name!r}; the folder has {known}. Or pass the text itself as prompt.")
        return self.modules.prompts[name]

    def _width(self, wanted: _Wanted) -> int:
        """How wide the vectors are, seen to fit every layer."""
        width = len(wanted.pooling) * self.model.config.hidden_size
        for layer in wanted.layers:
            width = layer.width(width)
        return width

    def _encode(self, inputs: list[Any], options: _Wanted) -> list[Encoded | UnfitError]:
        rows = self._rows([self._example(value, options) for value in inputs], options.truncation, options.max_length)
        return [row if isinstance(row, UnfitError) else _with_text(row, options) for row in rows]

    def _example(self, value: Any, options: _Wanted) -> Example | UnfitError:
        example = one_text(value)
        if isinstance(example, UnfitError):
            return example
        text = options.prompt + example.text
        return Example(text.lower() if self.modules.lower_case else text)

    def _compute(self, arrays: Arrays, options: _Wanted) -> Float[Array, "rows width"]:
        hidden = self._outputs(arrays).last_hidden_state
        return embedded(hidden, arrays.attention_mask, options.skipped, options.layers, pooling=options.pooling)

    def _result(
        self, ready: Encoded, outputs: list[Float[np.ndarray, " width"]], options: _Wanted
    ) -> Float[np.ndarray, " width"]:
        return finite(outputs[0], "numbers").copy()


def _with_text(row: Row, options: _Wanted) -> Encoded | UnfitError:
    if len(row.ids) <= options.skipped:
        return UnfitError("is left with no text once it is truncated; shorten the prompt.")
    return Encoded([row])
