"""``theirs.py QUESTIONS.json FOLDER``: what PyTorch's side answers, for tests.reference.tasks.compare.

It runs in an environment with transformers 4.57.6, torch and sentence-transformers, and knows nothing of flax-albert.
``QUESTIONS.json`` lists ``{"task", "model", "inputs", "options"}``. ``FOLDER/answers.json`` gets a list of answers for
each, an ``{"error": ...}`` where the input was refused; arrays go to ``FOLDER/arrays.npz`` and ``{"array": name}``
stands in their place. Where ``mended.py`` has a better pipeline, an answer is ``{"plain": ..., "mended": ...}``.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from mended import MENDED

Answer = Callable[[Any], Any]
"""One input to what the pipeline makes of it."""


def piped(task: str, model: str, options: dict[str, Any]) -> Answer:
    """A pipeline of transformers; one text at a time, so that nothing is padded."""
    plain = _called(transformers.pipeline(task, model=model, device="cpu"), task, options)
    if task not in MENDED:
        return plain
    better = _called(transformers.pipeline(task, model=model, device="cpu", pipeline_class=MENDED[task]), task, options)
    return lambda one: {"plain": plain(one), "mended": better(one)}


def _called(pipe: Any, task: str, options: dict[str, Any]) -> Answer:
    if task == "question-answering":
        return lambda one: pipe(question=one["question"], context=one["context"], **options)
    if task == "feature-extraction":
        return lambda one: np.asarray(pipe(one, **options), np.float32)
    return lambda one: pipe(one, **options)


def choice(model: str) -> Answer:
    """Multiple choice has no pipeline: the model itself, every choice as the prompt's second segment."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    network = transformers.AlbertForMultipleChoice.from_pretrained(model).eval()

    def answer(one: dict[str, Any]) -> dict[str, Any]:
        choices = one["choices"]
        encoded = tokenizer([one["prompt"]] * len(choices), choices, padding=True, return_tensors="pt")
        scores = network(**{name: array[None] for name, array in encoded.items()}).logits[0].softmax(-1)
        best = int(scores.argmax())
        return {"choice": best, "answer": choices[best], "score": float(scores[best]), "scores": scores.tolist()}

    return answer


def order(model: str) -> Answer:
    """Sentence order has no pipeline: the model itself, whose first class is the right order."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    network = transformers.AlbertForPreTraining.from_pretrained(model).eval()

    def answer(one: dict[str, Any]) -> dict[str, Any]:
        encoded = tokenizer(one["text"], one["text_pair"], return_tensors="pt")
        right = float(network(**encoded).sop_logits[0].softmax(-1)[0])
        return {"label": "in_order" if right >= 0.5 else "swapped", "in_order": right}

    return answer


def embedding(model: str, options: dict[str, Any]) -> Answer:
    """A folder of sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    network = SentenceTransformer(model, device="cpu")
    return lambda one: network.encode(one, show_progress_bar=False, **options)


def answerer(question: dict[str, Any]) -> Answer:
    """What answers a question's inputs."""
    task, model, options = question["task"], question["model"], question["options"]
    if task == "multiple-choice":
        return choice(model)
    if task == "sentence-order":
        return order(model)
    if task == "sentence-embedding":
        return embedding(model, options)
    return piped(task, model, options)


class Plain(json.JSONEncoder):
    """Writes NumPy's numbers as numbers."""

    def default(self, o: Any) -> Any:
        """A number of NumPy as Python's; the name is json's."""
        return o.item() if isinstance(o, np.generic) else super().default(o)


def main(questions: Path, folder: Path) -> None:
    """Answers and writes."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)  # the models are small, and threads that wait for one another slow on a busy machine
    transformers.logging.set_verbosity_error()
    arrays: dict[str, np.ndarray] = {}
    answers: list[list[Any]] = []
    asked = json.loads(questions.read_text(encoding="utf-8"))
    for number, question in enumerate(asked):
        began = time.monotonic()
        answer, given = answerer(question), []
        for place, one in enumerate(question["inputs"]):
            try:
                with torch.inference_mode():
                    result = answer(one)
            except BaseException as error:  # the tokenizers' panics are no Exception
                if isinstance(error, KeyboardInterrupt | SystemExit):
                    raise
                result = {"error": f"{type(error).__name__}: {error}"[:300]}
            if isinstance(result, np.ndarray):
                arrays[f"{number}/{place}"] = result
                result = {"array": f"{number}/{place}"}
            given.append(result)
        answers.append(given)
        seconds = time.monotonic() - began
        print(f"  {number + 1}/{len(asked)} {question['task']}, {len(given)} inputs, {seconds:.0f} s", flush=True)
    (folder / "answers.json").write_text(json.dumps(answers, cls=Plain), encoding="utf-8")
    np.savez(folder / "arrays.npz", **arrays)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    try:
        import sentence_transformers
    except ModuleNotFoundError:
        pass
    else:
        versions["sentence-transformers"] = sentence_transformers.__version__
    (folder / "versions.json").write_text(json.dumps(versions))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
