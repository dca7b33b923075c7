"""The output directory: whether it may be written, and what it holds in the end."""

from __future__ import annotations

from pathlib import Path

from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training import run_file
from flax_albert.training.loop import FOLDER
from flax_albert.training.reporting import card, report


def check_output(folder: Path, resume: bool) -> None:
    """Looks whether a run may write there.

    Args:
        folder: The output directory.
        resume: Whether a run in it is gone on with.

    Raises:
        FileExistsError: It holds something.
        NotADirectoryError: It is a file.
        FileNotFoundError: There is no run to resume.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"The output {folder} is a file; name a directory.")
    run = (folder / FOLDER / run_file.NAME).is_file()
    if resume and not run:
        raise FileNotFoundError(f"There is no run to resume in {folder}.")
    if not resume and folder.is_dir() and any(folder.iterdir()):
        more = "go on with the run in it (resume=True, --resume)" if run else "empty it first"
        raise FileExistsError(f"The output directory {folder} is not empty: name another, or {more}.")


def finish(
    folder: Path, model: FlaxAlbertPreTrainedModel, tokenizer: PreTrainedTokenizerBase, base_model: str | None
) -> None:
    """Writes model, tokenizer, model card and report.

    Args:
        folder: The output directory.
        model: The model.
        tokenizer: The corpus's.
        base_model: What training began with; ``None`` for random parameters.

    Raises:
        OSError: Something cannot be written.
    """
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    card.write(folder, base_model=base_model)
    report.write(folder)
