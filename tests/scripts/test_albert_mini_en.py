"""The making of the bundled model: its parts, and all commands on a few kilobytes of text."""

import dataclasses
import itertools
import json
import lzma
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import AlbertConfig, FlaxAlbertForMaskedLM, FlaxAlbertForPreTraining
from flax_albert.data.preparing.prepare import split_of
from scripts.albert_mini_en import batches, evaluation, sequences, start
from scripts.albert_mini_en.batches import Masking
from scripts.albert_mini_en.sequences import CLS, MASK, PAD, SEP, Layout
from scripts.albert_mini_en.text import Split, Vocabulary
from scripts.train_albert_mini_en import SIZES, main

SUBJECTS = (
    "the miller",
    "a tall woman",
    "my uncle",
    "the pump",
    "an old map",
    "the second engine",
    "our guide",
    "rain",
)
VERBS = ("crossed", "praised", "measured", "forgot", "carried", "mended", "watched", "spoiled")
OBJECTS = (
    "the bridge",
    "a letter",
    "seven lamps",
    "the garden wall",
    "his brother",
    "the harvest",
    "two boats",
    "it all",
)
SMALL = {
    "embedding_size": 16,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
}
PLACES = ("before noon", "in the valley", "without a word", "at the harbour", "for three days", "by mistake")


def text_of(random: np.random.Generator, sentences: int) -> str:
    """Made-up prose in paragraphs of four sentences."""
    made = [" ".join(random.choice(words) for words in (SUBJECTS, VERBS, OBJECTS, PLACES)) for _ in range(sentences)]
    made = [sentence[0].upper() + sentence[1:] + random.choice([".", "!", "?"]) for sentence in made]
    return "\n\n".join(" ".join(made[i : i + 4]) for i in range(0, sentences, 4))


@pytest.fixture
def split() -> Split:
    """Three documents of 40, 7 and 53 pieces, numbered so that a piece says where it is; sentences of five pieces."""
    documents = np.array([0, 40, 47, 100])
    sentences = np.unique(np.concatenate([np.arange(a, b, 5) for a, b in itertools.pairwise(documents)]))
    return Split(np.arange(5, 105).astype(np.uint16), documents, sentences)


@pytest.fixture
def masking() -> Masking:
    """A vocabulary of 200 pieces: every other one begins a word, and the last ten are punctuation."""
    punctuation = np.arange(200) >= 190
    return Masking(Vocabulary((np.arange(200) % 2 == 0) | punctuation, punctuation, space=190))


def test_windows_begin_with_a_sentence_and_stay_in_a_document(split: Split) -> None:
    seen: set[int] = set()
    for seed in range(20):
        spans = sequences.windows(split, 12, np.random.default_rng(seed))
        for begin, end in spans:
            assert begin in split.sentences
            assert 1 < end - begin <= 12
            assert np.searchsorted(split.documents, begin, "right") == np.searchsorted(
                split.documents, end - 1, "right"
            )
            seen |= set(range(begin, end))
    assert seen == set(range(100)), "some text is never seen"


def test_segments_are_laid_out_between_special_tokens(split: Split, masking: Masking) -> None:
    ids, types = sequences.assemble(
        split, np.array([[0, 13]] * 40), masking.vocabulary, Layout(16, 40), np.random.default_rng(0)
    )
    two: np.ndarray = np.any(types, axis=1)
    assert 0 < two.sum() < 40
    for row, second in zip(ids, two.tolist(), strict=True):
        assert row[0] == CLS
        assert (row == SEP).sum() == 1 + second
        assert row[row > MASK].tolist() == list(range(5, 18))
    assert (types[two].argmax(axis=1) == (ids[two] == SEP).argmax(axis=1) + 1).all()


def test_punctuation_after_a_word_gets_a_space_as_after_a_mask(masking: Masking) -> None:
    pieces = np.array([10, 190, 11, 195, 190, 196, 12, 197, 198], np.uint16)
    assert sequences.spaced(pieces, masking.vocabulary).tolist() == [10, 190, 11, 190, 195, 190, 196, 12, 190, 197, 198]


def test_masks_hide_whole_words_within_the_budget(masking: Masking) -> None:
    random = np.random.default_rng(0)
    ids = np.where(np.arange(64) < 50, random.integers(5, 200, (64, 64)), PAD)
    ids[:, 0], ids[:, 49] = CLS, SEP
    batch = batches.mask(ids, np.zeros_like(ids), ids, masking, random)
    assert batch.positions.shape == (64, masking.slots(64))
    used, pieces = batch.weights > 0, masking.vocabulary
    assert (used.sum(axis=1) <= np.ceil(0.15 * 50)).all()
    assert used.sum() > 0.8 * 64 * 0.15 * 50
    for row in range(64):
        hidden = set(batch.positions[row][used[row]].tolist())
        assert all(ids[row, position] >= 5 for position in hidden)
        for position in hidden:
            following = ids[row, position + 1]
            begins = following <= MASK or pieces.starts[following] or pieces.punctuation[ids[row, position]]
            assert begins or position + 1 in hidden, "half a word is hidden"
    restored = batch.input_ids.copy()
    rows = np.broadcast_to(np.arange(64)[:, None], used.shape)
    restored[rows[used], batch.positions[used]] = batch.labels[used]
    assert (restored == ids).all()


def test_eight_in_ten_become_the_mask_and_none_is_kept_when_measuring(masking: Masking) -> None:
    ids = np.random.default_rng(1).integers(5, 200, (400, 64))
    for keep in (0.1, 0.0):
        way = dataclasses.replace(masking, keep=keep)
        batch = batches.mask(ids, np.zeros_like(ids), ids, way, np.random.default_rng(2))
        shown = np.take_along_axis(batch.input_ids, batch.positions, axis=1)[batch.weights > 0]
        assert np.mean(shown == MASK) == pytest.approx(1 - 2 * keep, abs=0.03)


def test_half_of_the_sequences_begin_at_a_random_position() -> None:
    assert (Layout(16, 5).position_ids(np.random.default_rng(3)) == np.arange(16)).all()
    positions = Layout(16, 400, positions=20).position_ids(np.random.default_rng(3))
    assert (np.diff(positions, axis=1) == 1).all()
    assert set(positions[:, 0]) == {0, 1, 2, 3, 4}
    assert np.mean(positions[:, 0] == 0) == pytest.approx(0.5 + 0.5 / 5, abs=0.1)


def test_waves_turn_into_those_of_another_place() -> None:
    frequencies, table = start.waves(64, 16)
    for offset in start.NEIGHBOURS:
        assert table[10] @ start.turned(frequencies, offset) == pytest.approx(table[10 + offset])


def test_pieces_with_the_same_neighbours_are_embedded_alike() -> None:
    random = np.random.default_rng(0)
    text = np.empty(40_000, np.uint16)
    text[0::2] = random.integers(0, 10, 20_000)  # ten pieces that stand between
    text[1::2] = (
        10 + text[0::2] % 2 * 10 + random.integers(0, 10, 20_000)
    )  # ten that follow even ones, ten that follow odd
    words = start.associations(text, vocabulary=30, size=4, seed=0)
    unit = words / np.linalg.norm(words, axis=1, keepdims=True)
    alike = unit @ unit.T
    even, odd = slice(10, 20), slice(20, 30)
    assert alike[even, even].mean() > 0.5 > 0 > alike[even, odd].mean()
    assert alike[odd, odd].mean() > 0.5


def test_every_head_starts_at_a_neighbour_and_the_output_at_the_frequencies() -> None:
    small = {"num_hidden_layers": 1, "intermediate_size": 64, "max_position_embeddings": 64}
    config = AlbertConfig(vocab_size=200, **SIZES | small)  # type: ignore[arg-type]
    model = FlaxAlbertForPreTraining(config)
    drawn = model.params
    text = np.random.default_rng(0).integers(5, 200, 5_000).astype(np.uint16)
    parameters = start.informed(drawn, config, text, 0)
    assert jax.tree.map(jnp.shape, parameters) == jax.tree.map(jnp.shape, drawn)
    words = parameters["albert"]["embeddings"]["word_embeddings"]
    silent = words | {"embedding": jnp.zeros_like(words["embedding"])}  # words alike: only positions speak
    embeddings = parameters["albert"]["embeddings"] | {"word_embeddings": silent}
    tree = {**parameters, "albert": {**parameters["albert"], "embeddings": embeddings}}
    output: Any = model(text[None, :32].astype(np.int32), params=tree, output_attentions=True)
    weights = np.asarray(output.attentions[0][0])
    for head, offset in enumerate(start.NEIGHBOURS):
        assert (weights[head, 4:28].argmax(axis=-1) == np.arange(4, 28) + offset).all()
    frequencies = np.bincount(text, minlength=200) + 1
    assert np.exp(parameters["predictions"]["bias"]) == pytest.approx(frequencies / frequencies.sum(), rel=1e-4)


def test_the_unigram_guess_is_the_share_of_the_most_frequent_pieces(masking: Masking) -> None:
    ids = np.tile(np.arange(10, 30), (8, 1))
    batch = batches.mask(ids, np.zeros_like(ids), ids, masking, np.random.default_rng(0))
    labels = batch.labels[batch.weights > 0]
    counts = np.zeros(200)
    counts[[12, 13, 14, 15, 16]] = [9, 8, 7, 6, 5]
    measured = evaluation.unigram(counts, [batch])
    assert measured["top1"] == pytest.approx(np.mean(labels == 12), abs=1e-4)
    assert measured["top5"] == pytest.approx(np.mean((labels >= 12) & (labels <= 16)), abs=1e-4)


@pytest.mark.slow
def test_the_commands_make_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, work, model = tmp_path / "data", tmp_path / "work", tmp_path / "model"
    data.mkdir()
    random = np.random.default_rng(0)
    names = [f"made/{number}" for number in range(4000)]
    with lzma.open(data / "made.jsonl.xz", "wt", encoding="utf-8") as lines:
        for number, name in enumerate(names):
            if split_of(name, 0.01) == "held-out" or number % 20 == 0:
                lines.write(json.dumps({"id": name, "text": text_of(random, 30)}) + "\n")
    trial = ["--steps", "2", "--warmup", "1", "--batch-size", "8", "--devices", "1", "--held-out-rows", "8", "--quiet"]

    assert main(["prepare", "--work", str(work), "--data", str(data)]) == 0
    assert main(["start", "--work", str(work), "--sizes", json.dumps(SMALL)]) == 0
    assert main(["pretrain", "--work", str(work), "--", *trial]) == 0
    assert main(["pretrain", "--work", str(work), "--", *trial]) == 0  # nothing is left to do
    capsys.readouterr()
    assert main(["evaluate", "--work", str(work), "--masked", "200"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["length"] for row in rows] == [128, 512, 128, 512]
    assert all(row["model"]["masked"] == row["unigram"]["masked"] >= 200 for row in rows)
    assert main(["export", "--work", str(work), "--to", str(model)]) == 0
    assert {path.name for path in model.iterdir()} >= {"config.json", "model.safetensors", "spiece.model"}
    assert FlaxAlbertForMaskedLM.from_pretrained(model).config.hidden_size == 64
