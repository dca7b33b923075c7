"""The model that ships inside the package knows some English, and the command uses it unless told otherwise."""

import json

import pytest

from flax_albert import AutoTokenizer, FlaxAlbertForMaskedLM
from flax_albert.cli import main
from flax_albert.hub import bundled_names
from flax_albert.tasks import FillMask, whole_words

NAME = "albert-mini-en"
QUESTIONS = [
    ("She opened the [MASK] and went into the room.", "door", "water"),
    ("He drank a glass of [MASK].", "water", "door"),
    ("The [MASK] of France lived in Paris.", "king", "hand"),
    ("He held out his [MASK] and she took it.", "hand", "king"),
    ("The sun rises in the [MASK].", "morning", "mother"),
    ("The child ran to his [MASK] and kissed her.", "mother", "morning"),
    ("It was raining, [MASK] we stayed at home.", "so", "of"),
    ("The roof [MASK] the house was old.", "of", "so"),
    ("They [MASK] not what to do.", "knew", "red"),
    ("The dress was blue and [MASK].", "red", "knew"),
]

pytestmark = pytest.mark.skipif(NAME not in bundled_names(), reason=f"{NAME} has not been made yet")


def test_it_prefers_words_that_fit() -> None:
    """Every pair is asked both ways round, so that a model that knows nothing gets about half of them."""
    tokenizer = AutoTokenizer.from_pretrained(NAME)
    task = FillMask(FlaxAlbertForMaskedLM.from_pretrained(NAME), tokenizer)
    wrong = []
    for text, fitting, other in QUESTIONS:
        best, _ = task(text, targets=whole_words([fitting, other], tokenizer))
        if best["token_str"] != fitting:
            wrong.append(text)
    assert len(wrong) <= 1, wrong


def test_it_is_the_commands_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fill-mask", "--json", "--top-k", "3", QUESTIONS[0][0]]) == 0
    (candidates,) = json.loads(capsys.readouterr().out)["masks"]
    assert "door" in [candidate["token_str"] for candidate in candidates]
