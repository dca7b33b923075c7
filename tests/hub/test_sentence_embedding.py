"""A folder of sentence-transformers on the hub: what is asked for, and how often."""

from pathlib import Path

import numpy as np

from flax_albert import FlaxAlbertModel
from flax_albert.checkpoint import formats
from flax_albert.tasks import SentenceEmbedding
from tests.hub.server import Hub
from tests.tasks import tiny
from tests.tasks.test_sentence_embedding import write


def test_only_what_is_needed_is_downloaded_and_the_hub_asked_once(hub: Hub, cache: Path, tmp_path: Path) -> None:
    modules = [("Transformer", "0_Transformer"), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"), ("Normalize", "3_N")]
    pooling, dense = {"pooling_mode_cls_token": True}, {"activation_function": "torch.nn.modules.linear.Identity"}
    local = write(tmp_path / "local", modules, {"1_Pooling/config.json": pooling, "2_Dense/config.json": dense})
    weights = {"linear.weight": np.eye(3, 24, dtype=np.float32), "linear.bias": np.ones(3, np.float32)}
    formats.write(local / "2_Dense" / "model.safetensors", weights)
    (local / "README.md").write_text("Not asked for")
    files = {str(path.relative_to(local)): path.read_bytes() for path in local.rglob("*") if path.is_file()}
    hub.add("me/vectors", files)

    embed = SentenceEmbedding.from_pretrained("me/vectors")
    asked = [request.path for request in hub.requests if "/api/models" in request.path]
    assert asked == ["/api/models/me/vectors/revision/main"]
    tokenizer = {f"0_Transformer/{name}" for name in ("tokenizer.json", "tokenizer_config.json")}
    assert set(hub.downloaded()) - {"0_Transformer/special_tokens_map.json"} == tokenizer | {
        "modules.json",
        "0_Transformer/config.json",
        "0_Transformer/model.safetensors",
        "1_Pooling/config.json",
        "2_Dense/config.json",
        "2_Dense/model.safetensors",
    }
    model = tiny.model_of(FlaxAlbertModel)
    first = model(**tiny.tokenizer()("the cat", return_tensors="np")).last_hidden_state[0, 0, :3] + 1
    np.testing.assert_allclose(embed("the cat"), first / np.linalg.norm(first), atol=1e-5)

    hub.failure = 503  # what is in the cache is enough
    again = SentenceEmbedding.from_pretrained("me/vectors", hub_options={"local_files_only": True})
    np.testing.assert_array_equal(again("the cat"), embed("the cat"))
