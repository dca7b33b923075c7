"""What `import flax_albert` costs and what it must never bring in. Each question is asked of a fresh interpreter."""

import subprocess
import sys

import flax_albert

HEAVY = {
    "torch",
    "tensorflow",
    "transformers",
    "datasets",
    "orbax",
    "tensorstore",
    "sentencepiece",
    "beartype",
    "matplotlib",
}


def modules_after(statement: str) -> set[str]:
    """Names of the modules that a fresh interpreter holds once it has run the statement."""
    program = f"{statement}\nimport sys\nprint(*sys.modules, sep='\\n')"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(finished.stdout.split())


def test_importing_the_package_adds_next_to_nothing_to_jax() -> None:
    added = modules_after("import flax_albert") - modules_after("import jax")
    assert "flax_albert" in added
    assert len(added) <= 20, f"import flax_albert loads {len(added)} modules that jax does not: {sorted(added)}"


def test_every_public_name_resolves_without_anything_heavy() -> None:
    loaded = modules_after("import flax_albert\nfor name in dir(flax_albert): getattr(flax_albert, name)")
    assert not HEAVY & {name.partition(".")[0] for name in loaded}


def test_what_scripts_check_a_tokenizer_against_has_a_name() -> None:
    tokenizers = ("AlbertTokenizer", "AlbertTokenizerFast", "BertTokenizer", "BertTokenizerFast")
    assert all(issubclass(getattr(flax_albert, name), flax_albert.PreTrainedTokenizerBase) for name in tokenizers)


def test_a_model_that_is_here_needs_no_client_of_the_hub() -> None:
    loaded = modules_after(
        "from flax_albert import AutoTokenizer, FlaxAlbertForMaskedLM\n"
        "FlaxAlbertForMaskedLM.from_pretrained('albert-mini-en')\n"
        "AutoTokenizer.from_pretrained('albert-mini-en')"
    )
    assert "flax_albert.hub" in loaded
    assert not {"huggingface_hub", "requests", "httpx"} & loaded
