"""Sentence embeddings of a tiny model: what numpy makes of the hidden states that the model's own call gives."""

import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from flax_albert import FlaxAlbertModel, pipeline
from flax_albert.checkpoint import formats
from flax_albert.tasks import InputError, SentenceEmbedding
from tests.tasks import tiny
from tests.tolerances import SMALL

TEXTS = ["the cat sat on the mat.", "A dog", "the man in the sun " * 5, "a mat, a mat."]
NEWER = "sentence_transformers.sentence_transformer.modules.pooling.Pooling"


@pytest.fixture(scope="module")
def model() -> FlaxAlbertModel:
    return tiny.model_of(FlaxAlbertModel)


@pytest.fixture
def embed(model: FlaxAlbertModel) -> SentenceEmbedding:
    return SentenceEmbedding(model, tiny.tokenizer())


def hidden(task: SentenceEmbedding, text: str, **limits: Any) -> np.ndarray:
    inputs = task.tokenizer(text, return_tensors="np", **limits)
    return np.asarray(task.model(**inputs).last_hidden_state[0], np.float64)


def pooled(states: np.ndarray, mode: str, skipped: int = 0) -> np.ndarray:
    own, places = states[skipped:], np.arange(skipped + 1, len(states) + 1)
    return {
        "cls": own[0],
        "lasttoken": own[-1],
        "max": own.max(0),
        "mean": own.mean(0),
        "mean_sqrt_len_tokens": own.sum(0) / np.sqrt(len(own)),
        "weightedmean": np.average(own, axis=0, weights=places),
    }[mode]


MODES = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")


def write(directory: Path, modules: list[tuple[str, str]], files: dict[str, Any]) -> Path:
    """A folder as sentence-transformers writes it, around the tiny model."""
    inner = directory / modules[0][1]
    tiny.model_of(FlaxAlbertModel).save_pretrained(inner)
    tiny.tokenizer().save_pretrained(inner)
    listed = [
        {
            "idx": number,
            "name": str(number),
            "path": path,
            "type": kind if "." in kind else f"sentence_transformers.models.{kind}",
        }
        for number, (kind, path) in enumerate(modules)
    ]
    for name, content in {"modules.json": listed, **files}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content)) if not isinstance(content, bytes) else path.write_bytes(content)
    return directory


@pytest.mark.parametrize("mode", MODES)
def test_a_vector_is_pooled_from_the_text_alone(embed: SentenceEmbedding, mode: str) -> None:
    vectors = embed(TEXTS, pooling=mode)
    assert vectors.shape == (4, 24)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [pooled(hidden(embed, text), mode) for text in TEXTS], atol=SMALL)


def test_results_have_the_shapes_of_sentence_transformers(embed: SentenceEmbedding) -> None:
    vectors = embed(TEXTS)
    np.testing.assert_allclose(vectors, embed(TEXTS, pooling="mean"), atol=SMALL)
    np.testing.assert_allclose(embed(TEXTS[1]), vectors[1], atol=SMALL)
    assert embed(TEXTS[1]).shape == (24,)
    assert embed(TEXTS[:1]).shape == (1, 24)
    assert embed([]).shape == (0, 24)
    assert embed([], pooling=["cls", "max"], batch_size=3).shape == (0, 48)
    streamed = embed(text for text in TEXTS)
    assert not isinstance(streamed, np.ndarray | list)
    np.testing.assert_allclose(np.stack(list(streamed)), vectors, atol=SMALL)


def test_options_change_vectors(embed: SentenceEmbedding) -> None:
    vectors = embed(TEXTS, pooling=("max", "cls"))
    both = [np.concatenate([pooled(hidden(embed, text), mode) for mode in ("max", "cls")]) for text in TEXTS]
    np.testing.assert_allclose(vectors, both, atol=SMALL)
    cut = embed(TEXTS, truncate_dim=5)
    np.testing.assert_allclose(cut, embed(TEXTS)[:, :5], atol=SMALL)
    unit = cut / np.linalg.norm(cut, axis=1, keepdims=True)
    np.testing.assert_allclose(embed(TEXTS, truncate_dim=5, normalize=True), unit, atol=SMALL)
    np.testing.assert_allclose(embed("cat.", prompt="the "), embed("the cat."), atol=SMALL)
    lasting = SentenceEmbedding(embed.model, embed.tokenizer, truncate_dim=5, prompt="the ")
    np.testing.assert_allclose(lasting("cat."), embed("the cat.")[:5], atol=SMALL)
    assert (embed.width, lasting.width) == (24, 5)


def test_a_long_text_is_truncated(embed: SentenceEmbedding) -> None:
    text = "the cat " * 40
    np.testing.assert_allclose(embed(text), hidden(embed, text, truncation=True, max_length=48).mean(0), atol=SMALL)
    short = hidden(embed, text, truncation=True, max_length=7).mean(0)
    np.testing.assert_allclose(embed(text, max_length=7), short, atol=SMALL)
    with pytest.raises(InputError, match=r"inputs\[0\] \('the cat .*…'\) has 83 tokens, and the model takes 48"):
        embed(text, truncation=False)


def test_half_precision_is_pooled_in_float32(model: FlaxAlbertModel, embed: SentenceEmbedding) -> None:
    half = FlaxAlbertModel(model.config, dtype=jnp.bfloat16)
    half.params = model.params
    vectors = SentenceEmbedding(half, embed.tokenizer)(TEXTS)
    assert vectors.dtype == np.float32
    assert embed.similarity_pairwise(vectors, embed(TEXTS)).min() > 0.99


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, "must be a str, got int"),
        ({"text": "a"}, TypeError, "must be a str, got dict"),
        (" ", ValueError, "is empty"),
    ],
)
def test_an_input_at_fault_is_named_and_the_others_answered(
    embed: SentenceEmbedding, value: Any, error: type[Exception], message: str
) -> None:
    tolerant = SentenceEmbedding(embed.model, embed.tokenizer, on_error="yield")
    first, answer, last = tolerant([TEXTS[0], value, TEXTS[1]])
    np.testing.assert_allclose([first, last], embed(TEXTS[:2]), atol=SMALL)
    assert isinstance(answer, error)
    assert message in str(answer)
    with pytest.raises(InputError, match=r"inputs\[1\]"):
        embed([TEXTS[0], value, TEXTS[1]])


def test_numbers_that_are_not_finite_are_told(model: FlaxAlbertModel) -> None:
    broken = model.holding(jax.tree.map(lambda leaf: jnp.full_like(leaf, 1e30), model.params))
    with pytest.raises(InputError, match="gives numbers that are not finite"):
        SentenceEmbedding(broken, tiny.tokenizer())("the cat")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"pooling": "median"}, ValueError, "pooling must be one or several of cls, max, mean"),
        ({"pooling": []}, ValueError, "pooling must be one or several"),
        ({"truncate_dim": 25}, ValueError, "truncate_dim must be at most the 24 numbers of a vector, got 25"),
        ({"truncate_dim": 0}, ValueError, "truncate_dim must be a whole number of at least 1"),
        ({"prompt_name": "query"}, ValueError, "There is no prompt 'query'; the folder has none"),
        ({"prompt": 3}, TypeError, "prompt must be a str, got int"),
        ({"normalise": True}, TypeError, "has no option 'normalise'"),
    ],
)
def test_options_are_checked(
    embed: SentenceEmbedding, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        embed(TEXTS, **options)
    with pytest.raises(error, match=message):
        SentenceEmbedding(embed.model, embed.tokenizer, **options)


def test_similarity(embed: SentenceEmbedding) -> None:
    a, b = np.asarray([[3.0, 4.0], [0.0, 0.0]]), np.asarray([[4.0, 3.0], [3.0, 0.0], [0.0, 4.0]])
    expected = {
        "cosine": [[0.96, 0.6, 0.8], [0, 0, 0]],
        "dot": [[24, 9, 16], [0, 0, 0]],
        "euclidean": [[-np.sqrt(2), -4, -3], [-5, -3, -4]],
        "manhattan": [[-2, -4, -3], [-7, -3, -4]],
    }
    for name, matrix in expected.items():
        np.testing.assert_allclose(embed.similarity(a, b, name), matrix, atol=SMALL)
        np.testing.assert_allclose(embed.similarity_pairwise(a, b[:2], name), np.diag(matrix), atol=SMALL)
        np.testing.assert_allclose(embed.similarity(a[0], b.tolist(), name), matrix[:1], atol=SMALL)
        assert embed.similarity(a[:0], b, name).shape == (0, 3)
    np.testing.assert_allclose(embed.similarity(a, b), expected["cosine"], atol=SMALL)
    faulty: list[tuple[Any, type[Exception], str]] = [
        ((a, b, "sine"), ValueError, "function must be one of cosine, dot"),
        ((a, b[:, :1]), ValueError, "Vectors of 2 and of 1 numbers"),
        (("the cat", "the dog"), TypeError, "embed texts first"),
        ((a, b[None]), ValueError, "got the shape"),
    ]
    for arguments, error, message in faulty:
        with pytest.raises(error, match=message):
            embed.similarity(*arguments)
    with pytest.raises(ValueError, match="2 vectors on one side and 3 on the other"):
        embed.similarity_pairwise(a, b)


def test_an_older_folder_is_read_with_all_of_its_modules(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    weight, bias = generator.normal(size=(7, 48)).astype(np.float32), generator.normal(size=7).astype(np.float32)
    write(
        tmp_path,
        [
            ("Transformer", "0_Transformer"),
            ("Pooling", "1_Pooling"),
            ("Dense", "2_Dense"),
            ("Normalize", "3_Normalize"),
        ],
        {
            "0_Transformer/sentence_bert_config.json": {"max_seq_length": 9, "do_lower_case": True},
            "1_Pooling/config.json": {
                "word_embedding_dimension": 24,
                "pooling_mode_mean_tokens": True,
                "pooling_mode_max_tokens": True,
                "pooling_mode_cls_token": False,
            },
            "2_Dense/config.json": {"activation_function": "torch.nn.modules.activation.Tanh", "bias": True},
            "config_sentence_transformers.json": {
                "prompts": {"query": "the ", "none": ""},
                "default_prompt_name": "query",
                "similarity_fn_name": "dot",
            },
        },
    )
    formats.write(tmp_path / "2_Dense" / "pytorch_model.bin", {"linear.weight": weight, "linear.bias": bias})
    embed = pipeline("sentence-embedding", tmp_path)
    for name, prompt in ((None, "the "), ("none", "")):
        states = [hidden(embed, prompt + text.lower(), truncation=True, max_length=9) for text in TEXTS]
        joined = np.stack([np.concatenate([one.max(0), one.mean(0)]) for one in states])
        expected = np.tanh(joined @ weight.T + bias)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        vectors = embed(TEXTS, prompt_name=name)
        np.testing.assert_allclose(vectors, expected, atol=SMALL)
    np.testing.assert_allclose(embed.similarity(vectors, vectors), expected @ expected.T, atol=SMALL)
    assert embed.width == 7
    with pytest.raises(ValueError, match=r"gives 24 numbers, and the Dense after it takes 48"):
        embed(TEXTS, pooling="cls")
    with pytest.raises(ValueError, match="There is no prompt 'document'; the folder has 'query', 'none'"):
        embed(TEXTS, prompt_name="document")


def test_a_newer_folder_is_read_and_leaves_the_prompt_out(tmp_path: Path) -> None:
    scale, bias = np.linspace(1, 2, 24, dtype=np.float32), np.linspace(0, 1, 24, dtype=np.float32)
    write(
        tmp_path,
        [
            ("sentence_transformers.base.modules.transformer.Transformer", ""),
            (NEWER, "1_Pooling"),
            ("sentence_transformers.sentence_transformer.modules.dropout.Dropout", "2_Dropout"),
            ("sentence_transformers.sentence_transformer.modules.layer_norm.LayerNorm", "3_LayerNorm"),
        ],
        {"1_Pooling/config.json": {"embedding_dimension": 24, "pooling_mode": "weightedmean", "include_prompt": False}},
    )
    (tmp_path / "3_LayerNorm").mkdir()
    formats.write(tmp_path / "3_LayerNorm" / "model.safetensors", {"norm.weight": scale, "norm.bias": bias})
    embed = SentenceEmbedding.from_pretrained(tmp_path)
    skipped = len(embed.tokenizer("the man: ")["input_ids"]) - 1
    for prompt, left_out in (("", 0), ("the man: ", skipped)):
        expected = np.stack([pooled(hidden(embed, prompt + text), "weightedmean", left_out) for text in TEXTS])
        spread = np.sqrt(expected.var(1, keepdims=True) + 1e-5)
        expected = (expected - expected.mean(1, keepdims=True)) / spread * scale + bias
        np.testing.assert_allclose(embed(TEXTS, prompt=prompt), expected, atol=SMALL)
    with pytest.raises(InputError, match="is left with no text once it is truncated; shorten the prompt"):
        embed(TEXTS, prompt="the " * 50)


PLAIN = [("Transformer", ""), ("Pooling", "1_Pooling")]
POOL = {"1_Pooling/config.json": {"pooling_mode_mean_tokens": True}}
DENSE = {"2_Dense/config.json": {"activation_function": "torch.nn.modules.activation.Tanh"}}


@pytest.mark.parametrize(
    ("modules", "files", "error", "message"),
    [
        ([*PLAIN, ("CNN", "2")], {}, ValueError, "needs the module 'sentence_transformers.models.CNN'; only Transf"),
        ([("Transformer", ""), ("my_code.Pooling", "1")], {}, ValueError, "needs the module 'my_code.Pooling'"),
        ([("Pooling", "1_Pooling")], {}, ValueError, "names Pooling; what is read here begins with Transformer, Pool"),
        ([*PLAIN, ("Pooling", "1_Pooling")], POOL, ValueError, "has a second Pooling"),
        ([("Transformer", ""), ("Pooling", "../1_Pooling")], {}, OSError, "names no folder inside another"),
        ([("Transformer", ""), ("Pooling", "/etc")], {}, OSError, "names no folder inside another"),
        (PLAIN, {"modules.json": {"a": 1}}, OSError, "is no list of modules"),
        (PLAIN, {"modules.json": b"["}, OSError, "is no list of modules"),
        (PLAIN, {}, OSError, "1_Pooling"),
        (PLAIN, {"1_Pooling/config.json": [1]}, OSError, "holds no JSON object but list"),
        (PLAIN, {"1_Pooling/config.json": b"{"}, OSError, "is not valid JSON"),
        (
            PLAIN,
            {"1_Pooling/config.json": {"pooling_mode": ["mean", "sum"]}},
            ValueError,
            r"\['mean', 'sum'\]; cls, max",
        ),
        (PLAIN, {**POOL, "sentence_bert_config.json": {"max_seq_length": "x"}}, OSError, "max_seq_length must be"),
        (PLAIN, {**POOL, "config_sentence_transformers.json": {"prompts": {"a": 1}}}, OSError, "prompts that are no t"),
        (
            PLAIN,
            {**POOL, "config_sentence_transformers.json": {"similarity_fn_name": "sine"}},
            ValueError,
            "similarity_fn_name is 'sine', and cosine",
        ),
        ([*PLAIN, ("Dense", "2_Dense")], {**POOL, **DENSE}, OSError, "holds no weights"),
        (
            [*PLAIN, ("Dense", "2_Dense")],
            {**POOL, "2_Dense/config.json": {"activation_function": "os.system"}},
            ValueError,
            "has the activation 'os.system'; of PyTorch's Identity, Tanh",
        ),
        (
            [*PLAIN, ("Dense", "2_Dense")],
            {**POOL, "2_Dense/config.json": {"module_input_name": "token_embeddings"}},
            ValueError,
            "turns token_embeddings into sentence_embedding",
        ),
    ],
)
def test_a_folder_that_cannot_be_read_says_why(
    tmp_path: Path, modules: list[tuple[str, str]], files: dict[str, Any], error: type[Exception], message: str
) -> None:
    write(tmp_path, modules, files)
    with pytest.raises(error, match=message):
        SentenceEmbedding.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"linear.weight": np.zeros((5, 24), np.float32)}, "does not hold linear.bias with 1 axes"),
        ({"linear.weight": np.zeros(5, np.float32)}, "does not hold linear.weight with 2 axes"),
        (
            {"linear.weight": np.zeros((5, 24), np.float32), "linear.bias": np.zeros(4, np.float32)},
            "a weight and a bias that do not fit",
        ),
        (
            {"linear.weight": np.full((5, 24), np.nan, np.float32), "linear.bias": np.zeros(5, np.float32)},
            "all of finite numbers",
        ),
    ],
)
def test_weights_of_a_dense_layer_are_checked(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    write(tmp_path, [*PLAIN, ("Dense", "2_Dense")], {**POOL, **DENSE})
    formats.write(tmp_path / "2_Dense" / "model.safetensors", arrays)
    with pytest.raises(OSError, match=message):
        SentenceEmbedding.from_pretrained(tmp_path)
