"""The output directory: whether it may be written, and what it holds in the end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flax_albert.pretrained import FlaxAlbertPreTrainedModel
from flax_albert.tokenization import PreTrainedTokenizerBase
from flax_albert.training.evaluator import Evaluation
from flax_albert.training.finetuning.start import changed
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
    run = (folder / "training" / "run.json").is_file()
    if resume and not run:
        raise FileNotFoundError(f"There is no run to resume in {folder}.")
    if not resume and folder.is_dir() and any(folder.iterdir()):
        more = "go on with the run in it (resume=True, --resume)" if run else "empty it first"
        raise FileExistsError(f"The output directory {folder} is not empty: name another, or {more}.")


def finish(
    folder: Path,
    model: FlaxAlbertPreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    evaluations: Mapping[str, Evaluation],
    base_model: str | None,
) -> FlaxAlbertPreTrainedModel:
    """Writes model, tokenizer, model card and report.

    Args:
        folder: The output directory.
        model: The model.
        tokenizer: Its tokenizer.
        evaluations: What was measured, the decisive one first; what it chose is kept in the configuration.
        base_model: What was begun with; ``None`` where all parameters were drawn at random.

    Returns:
        The model with that configuration.

    Raises:
        OSError: Something cannot be written.
    """
    for evaluation in list(evaluations.values())[:1]:
        model.config = changed(model.config, evaluation.settings)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    card.write(folder, base_model=base_model)
    report.write(folder)
    return model
