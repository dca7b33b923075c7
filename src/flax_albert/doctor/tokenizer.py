"""What the tokenizer is, and whether it fits the model."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from flax_albert.auto.tokenizer import AutoTokenizer
from flax_albert.config import AlbertConfig
from flax_albert.doctor.report import Finding, Level, TokenizerFacts
from flax_albert.hub import Folder
from flax_albert.tokenization.files import SENTENCEPIECE_NAMES, TOKENIZER, TOKENIZER_FILES, WORDPIECE_NAMES

VOCABULARIES = (TOKENIZER, *SENTENCEPIECE_NAMES, *WORDPIECE_NAMES)
FILES = TOKENIZER_FILES

_ABOUT = "tokenizer"
_NO_MAXIMUM = 10**9  # transformers writes 1e30 for none
_DEFAULTS = AlbertConfig()
# The token of the tokenizer that a key of the configuration means.
_MEANT = {"pad_token_id": "pad", "bos_token_id": "cls", "eos_token_id": "sep"}


def read(folder: Folder) -> tuple[TokenizerFacts | None, list[Finding]]:
    """Reads the tokenizer as ``AutoTokenizer`` does.

    Args:
        folder: Where the checkpoint lies.

    Returns:
        What it is, or None where there is none to read; and what stands against it.
    """
    present = set(folder.names())
    files = tuple(name for name in FILES if name in present)
    if not set(files) & set(VOCABULARIES):
        return None, [
            Finding(
                Level.NOTE,
                _ABOUT,
                "tokenizer-missing",
                f"There is no tokenizer ({', '.join(VOCABULARIES)}): ids must come from elsewhere.",
            )
        ]
    try:
        with _warnings() as said:
            tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    except Exception as error:  # whatever a library says of a broken file is a finding, not a crash
        return None, [Finding(Level.PROBLEM, _ABOUT, "tokenizer-unusable", str(error) or type(error).__name__)]
    names = ("pad", "unk", "cls", "sep", "mask")
    longest = tokenizer.model_max_length
    options = {name: getattr(tokenizer, name, None) for name in ("do_lower_case", "keep_accents")}
    facts = TokenizerFacts(
        kind=f"{type(tokenizer).__name__} from {next(name for name in VOCABULARIES if name in files)}",
        files=files,
        vocabulary=len(tokenizer),
        special_ids={name: getattr(tokenizer, f"{name}_token_id") for name in names},
        model_max_length=int(longest) if longest is not None and longest < _NO_MAXIMUM else None,
        options={name: value for name, value in options.items() if isinstance(value, bool)},
    )
    return facts, [*_own(facts), *(_finding(Level.WARNING, "tokenizer-warns", text) for text in said)]


def fitting(facts: TokenizerFacts, config: AlbertConfig, rows: int) -> Iterator[Finding]:
    """Whether tokenizer and model fit each other.

    Args:
        facts: What the tokenizer is.
        config: The configuration.
        rows: Rows of the word embeddings.
    """
    if facts.vocabulary > rows:
        yield _finding(
            Level.PROBLEM,
            "vocabulary-too-large",
            f"The tokenizer knows {facts.vocabulary} tokens and the word embeddings have {rows} rows: ids from {rows} "
            "on cannot be embedded. The tokenizer is another model's, or tokens were added without new rows.",
        )
    elif facts.vocabulary < rows:
        few = facts.vocabulary <= rows * 0.9
        yield _finding(
            Level.WARNING if few else Level.NOTE,
            "vocabulary-smaller",
            f"The tokenizer knows {facts.vocabulary} tokens and the word embeddings have {rows} rows: the last "
            f"{rows - facts.vocabulary} are never used"
            + (". It may be another model's tokenizer." if few else ", as where rows were padded."),
        )
    for key, name in _MEANT.items():
        ours, theirs = getattr(config, key), facts.special_ids[name]
        if ours is not None and theirs is not None and ours != theirs:
            # The ids of the English models stand in every configuration that nobody set them in.
            yield _finding(
                Level.NOTE if ours == getattr(_DEFAULTS, key) else Level.WARNING,
                "special-ids-differ",
                f"{key} is {ours}, and the tokenizer's {name} token has the id {theirs}; programs that take the one or "
                f"the other disagree. Set {key} to {theirs} in the configuration if the tokenizer is the model's own.",
            )
    longest = facts.model_max_length
    if longest is None or longest > config.max_position_embeddings:
        yield _finding(
            Level.NOTE,
            "length-unlimited",
            f"The tokenizer {f'stops at {longest}' if longest else 'knows no longest text'}, and the model takes "
            f"{config.max_position_embeddings} tokens: pass truncation=True, max_length="
            f"{config.max_position_embeddings}.",
        )


@contextlib.contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collects what the tokenizer warns of as it is read, such as accents that it drops and its vocabulary holds."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logger = logging.getLogger("flax_albert.tokenization")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def _own(facts: TokenizerFacts) -> Iterator[Finding]:
    absent = [name for name, index in facts.special_ids.items() if index is None]
    if absent:
        yield _finding(Level.WARNING, "special-token-missing", f"The tokenizer has no {', '.join(absent)} token.")


def _finding(level: Level, code: str, message: str) -> Finding:
    return Finding(level, _ABOUT, code, message)
