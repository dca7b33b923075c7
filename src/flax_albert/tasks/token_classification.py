"""Token classification: names, parts of speech and the like, and where they stand in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from jaxtyping import Float

from flax_albert.models import FlaxAlbertForTokenClassification
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tasks.base import Task
from flax_albert.tasks.errors import UnfitError
from flax_albert.tasks.html import EntityList
from flax_albert.tasks.scores import finite, softmax
from flax_albert.tasks.tagging.entity_entries import EntryWriter
from flax_albert.tasks.tagging.tag_schemes import TagScheme
from flax_albert.tasks.tagging.tagged_text import TaggedText, as_text, as_words, tagged_texts
from flax_albert.tasks.tagging.tagging_options import ACROSS_TOKENS, TokenClassificationOptions
from flax_albert.tasks.tagging.token_windows import longest, stitched, usual_overlap


@dataclass(frozen=True)
class _Wanted:
    """The options, as the model and the tokenizer understand them."""

    options: TokenClassificationOptions
    strategy: str
    labels: list[str]
    scheme: TagScheme
    most: int
    overlap: int

    @property
    def delimiter(self) -> str:
        given = self.options.delimiter
        return " " if given is None else given


@final
class TokenClassification(Task[TokenClassificationOptions, TaggedText]):
    """Finds names and the like in texts of any length.

    Results are those of the token-classification pipeline of transformers.

    Args:
        model: A model with a trained token classifier.
        tokenizer: Its tokenizer. A slow one knows neither words nor where a token stands.
        batch_size: As in :class:`~flax_albert.tasks.base.Task`, like the arguments after it.
        **options: Those of :class:`TokenClassificationOptions`.

    Example:
        >>> from flax_albert import AutoTokenizer, FlaxAlbertForTokenClassification
        >>> from flax_albert.tasks import TokenClassification
        >>> model = FlaxAlbertForTokenClassification.from_pretrained("albert-mini-en", id2label={0: "NOUN", 1: "VERB"})
        >>> tag = TokenClassification(model, AutoTokenizer.from_pretrained("albert-mini-en"))
        >>> [(token["word"], token["start"], token["end"]) for token in tag("The dog went.")]
        [('▁the', 0, 3), ('▁dog', 3, 7), ('▁went', 7, 12), ('.', 12, 13)]
    """

    task: ClassVar[str] = "token-classification"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForTokenClassification
    options_class: ClassVar[type] = TokenClassificationOptions

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Labels the tokens of one text or several.

        Args:
            inputs: A text, or with ``is_split_into_words`` a list of words; a list of either, or another iterable.
            **options: Options for this call.

        Returns:
            For each text a list of :class:`TaggedToken` or :class:`EntityGroup`, which a notebook shows in its text.
            As in transformers, that of a single list of words is in a list.

        Raises:
            InputError: An input is no text, or empty, and ``on_error`` is ``"raise"``.
            TypeError: An option is unknown.
            ValueError: An option is out of its range, or needs a fast tokenizer.
        """
        split = options.get("is_split_into_words", self.options.is_split_into_words)
        if split and isinstance(inputs, list | tuple) and inputs:
            inputs = inputs if any(isinstance(one, list | tuple) for one in inputs) else [inputs]
        return super().__call__(inputs, **options)

    def _merged(self, given: Mapping[str, Any], base: Any) -> TokenClassificationOptions:
        # As in transformers, None leaves an option as it is.
        return super()._merged({name: value for name, value in given.items() if value is not None}, base)

    def _is_input(self, value: Any) -> bool:
        return isinstance(value, str)

    def _bound(self, options: TokenClassificationOptions) -> _Wanted:
        strategy, tokenizer = options.strategy, self.tokenizer
        needs_words = strategy in ACROSS_TOKENS or options.label_words or options.return_word_spans
        if not tokenizer.is_fast and (needs_words or options.is_split_into_words or options.stride is not None):
            raise ValueError(
                "A slow tokenizer knows neither words nor where a token stands, so that only the strategies none and "
                "simple work, on plain text and without stride; use a fast tokenizer, as AutoTokenizer gives."
            )
        most = int(min(self._shapes.longest, tokenizer.model_max_length)) - tokenizer.num_special_tokens_to_add()
        if (options.stride or 0) >= most:
            raise ValueError(
                f"stride must be below the {most} tokens that a window has room for, got {options.stride}."
            )
        labels = [self.model.config.id2label[number] for number in range(self.model.config.num_labels)]
        overlap = usual_overlap(most) if options.stride is None else options.stride
        return _Wanted(options, strategy, labels, TagScheme.of(labels), most, overlap)

    def _encode(self, inputs: list[Any], options: _Wanted) -> list[TaggedText | UnfitError]:
        split = options.options.is_split_into_words
        texts = [as_words(value, options.delimiter) if split else as_text(value) for value in inputs]
        fit = [text for text in texts if not isinstance(text, UnfitError)]
        ready = tagged_texts(fit, self.tokenizer, options.most, options.overlap)
        return [text if isinstance(text, UnfitError) else next(ready) for text in texts]

    def _result(
        self, ready: TaggedText, outputs: list[Float[np.ndarray, "_ labels"]], options: _Wanted
    ) -> EntityList[Any]:
        first = ready.leading
        parts = [
            softmax(finite(output[first : first + len(window)]))
            for window, output in zip(ready.windows, outputs, strict=True)
        ]
        asked, labels = options.options, options.labels
        writer = EntryWriter(self.tokenizer, ready, labels, options.scheme, asked)
        words = None if ready.alignment is None else ready.alignment.words
        whole = stitched(ready.windows, parts, words) if parts else np.zeros((0, len(labels)), np.float32)
        if asked.label_words:
            found = writer.words(whole)
        elif asked.strategy == "none":
            found = writer.tokens(whole)
        elif asked.stride is None or len(parts) < 2:
            found = writer.groups(whole)
        else:
            in_each = [writer.groups(part, window.start) for window, part in zip(ready.windows, parts, strict=True)]
            found = longest([entity for entities in in_each for entity in entities])
        return EntityList(found, ready.text.text)
