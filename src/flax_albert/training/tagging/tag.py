"""Learning a tag for each word of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np
from flax import linen as nn

from flax_albert.config import AlbertConfig
from flax_albert.data.examples import TaggedExample
from flax_albert.data.readers import read_tagged
from flax_albert.models import FlaxAlbertForTokenClassification
from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluator
from flax_albert.training.finetuning.kind import HeldOut, Kind, given
from flax_albert.training.finetuning.labels import check_labels, label_settings, ordered
from flax_albert.training.metrics.entities import Scheme, are_entity_tags
from flax_albert.training.objective import Objective
from flax_albert.training.tagging.entropy import TagEntropy
from flax_albert.training.tagging.measuring import EntityEvaluator, WordEvaluator
from flax_albert.training.tagging.sentences import EncodedSentences, Place, encode_sentences
from flax_albert.training.tagging.written import tags_of


@final
@dataclass(frozen=True)
class Tag(Kind[TaggedExample]):
    """Learns a tag a word.

    Tags of entities in IOB1 are learnt in IOB2, where every entity begins with a mark of its own; all others as they
    stand.

    Attributes:
        labels: All tags, in order; by default those of the examples, by the alphabet.
        every_piece: Whether all pieces of a word learn its tag, where ``B-`` goes on as ``I-``. By default the first
            one does, which the task takes a word's tag from.
        entities: Whether the tags are those of entities, measured by F1, or of words, measured by accuracy; ``None``
            tells by the tags.
        scheme: A scheme that entities are measured strictly by; ``None`` reads the tags as CoNLL's program does. See
            :func:`~flax_albert.training.metrics.entities.entities`.

    Example:
        >>> from flax_albert import AlbertConfig
        >>> from flax_albert.data.examples import TaggedExample
        >>> from flax_albert.training.tagging.tag import Tag
        >>> examples = [TaggedExample(("Ada", "came"), ("I-PER", "O"), "line 1")]
        >>> Tag().settings(examples, AlbertConfig())["id2label"]
        {0: 'I-PER', 1: 'O'}
    """

    name: ClassVar[str] = "tag"
    model_class: ClassVar[type[FlaxAlbertPreTrainedModel]] = FlaxAlbertForTokenClassification

    labels: tuple[str, ...] | None = None
    every_piece: bool = False
    entities: bool | None = None
    scheme: Scheme | None = None

    def read(self, source: Any, **options: Any) -> list[TaggedExample]:
        """See :meth:`Kind.read`."""
        return given(source, TaggedExample) or list(read_tagged(source, **options))

    def settings(self, examples: Sequence[TaggedExample], config: AlbertConfig) -> dict[str, Any]:
        """See :meth:`Kind.settings`."""
        names = self.labels or ordered(tag for example in tags_of(examples) for tag in example)
        if len(names) < 2:
            raise ValueError(f"Every word has the tag {names[0]!r}: there is nothing to tell apart.")
        settings = label_settings(names, config)
        check_labels(self._labelled(examples, names), settings["label2id"])
        return settings

    def check(self, examples: Sequence[TaggedExample], config: AlbertConfig) -> None:
        """See :meth:`Kind.check`."""
        check_labels(self._labelled(examples, tuple(config.label2id)), config.label2id)

    def _labelled(self, examples: Sequence[TaggedExample], known: Sequence[str]) -> Any:
        return zip(tags_of(examples, known), (example.where for example in examples), strict=True)

    def encode(
        self,
        examples: Sequence[TaggedExample],
        tokenizer: PreTrainedTokenizerBase,
        config: AlbertConfig,
        max_length: int,
        training: bool,
    ) -> EncodedSentences:
        """See :meth:`Kind.encode`.

        Examples to measure on are cut as the task cuts them, which knows no ``max_length``.
        """
        most = int(min(config.max_position_embeddings, tokenizer.model_max_length))
        encoded = encode_sentences(examples, tokenizer, max_length if training else most)
        tags = tags_of(examples, tuple(config.label2id))
        numbers = [np.array([config.label2id[tag] for tag in some], np.int32) for some in tags]
        inside = self._inside(config) if self.every_piece else None
        rows = [
            {**row, **_labels(place, numbers[place.sentence], len(row["input_ids"]), inside)}
            for row, place in zip(encoded.rows, encoded.places, strict=True)
        ]
        if not training:
            return replace(encoded, rows=rows)
        teaching = [number for number, row in enumerate(rows) if row["labelled"].any()]
        return EncodedSentences([rows[number] for number in teaching], 0, [encoded.places[one] for one in teaching])

    def _inside(self, config: AlbertConfig) -> np.ndarray:
        """The label of the further pieces of a word, for that of its first one."""
        known = config.label2id
        names = [config.id2label[number] for number in range(len(known))]
        return np.array(
            [known.get(f"I-{name[2:]}", number) if name[:2] == "B-" else number for number, name in enumerate(names)],
            np.int32,
        )

    def objective(self, module: nn.Module) -> TagEntropy:
        """See :meth:`Kind.objective`."""
        return TagEntropy(module)

    def evaluator(
        self, held_out: HeldOut[TaggedExample], objective: Objective, tokenizer: PreTrainedTokenizerBase
    ) -> Evaluator:
        """See :meth:`Kind.evaluator`."""
        entropy = TagEntropy(objective.module)
        known = tuple(objective.module.config.label2id)
        if are_entity_tags(known) if self.entities is None else self.entities:
            return EntityEvaluator(held_out, entropy, self.scheme)
        return WordEvaluator(held_out, entropy)


def _labels(place: Place, tags: np.ndarray, length: int, inside: np.ndarray | None) -> dict[str, np.ndarray]:
    """What each token of a row is to be labelled as, and which ones are."""
    labels, labelled = np.zeros(length, np.int32), np.zeros(length, bool)
    wanted = tags[place.words]
    labels[place.positions] = wanted if inside is None else np.where(place.first, wanted, inside[wanted])
    labelled[place.positions] = place.first if inside is None else True
    return {"labels": labels, "labelled": labelled}
