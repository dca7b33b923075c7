"""What the tensors of a file of weights are, and what is wrong with them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from flax_albert.checkpoint.convert import TreePath
from flax_albert.checkpoint.errors import CheckpointError, listed
from flax_albert.checkpoint.variables import explanation, is_training_state
from flax_albert.doctor.numbers import Numbers, look_at, same
from flax_albert.doctor.report import Finding, Level, ParameterCount, WeightsFacts
from flax_albert.doctor.weights import Census, Opened, take_census

_ABOUT = "weights"
_DECODER = ("predictions", "decoder", "kernel")
_WORDS = ("albert", "embeddings", "word_embeddings", "embedding")
# What a head is recognised by, and what to call it.
_HEADS = {
    "pooler": ("albert", "pooler"),
    "masked language model": ("predictions", "dense"),
    "sentence order": ("sop_classifier",),
    "question answering": ("qa_outputs",),
}


def facts(weights: Opened, others: Sequence[Opened], census: Census) -> WeightsFacts:
    """What the weights hold. This reads every number once.

    Args:
        weights: The weights that would be read.
        others: Those in other formats.
        census: The parameters among the former.
    """
    looks = {path: look_at(array) for path, array in census.arrays.items() if _is_float(array)}
    return WeightsFacts(
        file=weights.path.name,
        others=tuple(other.path.name for other in others),
        tensors=len(weights.arrays),
        dtypes=dict(Counter(str(array.dtype) for array in census.arrays.values())),
        sizes=census.sizes(),
        heads=tuple(_heads(census)),
        decoder=_decoder(census),
        unexpected=census.unexpected,
        skipped=sum(is_training_state(name) for name in weights.arrays),
        not_finite=tuple(census.keys[path] for path, look in looks.items() if look[0] is Numbers.NOT_FINITE),
        constant=tuple(census.keys[path] for path, look in looks.items() if _is_suspect(path, *look, census)),
    )


def count(shapes: Mapping[TreePath, Sequence[int]]) -> ParameterCount:
    """Counts parameters.

    Args:
        shapes: Shapes by path, below ``albert`` for the backbone.

    Example:
        >>> from flax_albert.doctor.tensors import count
        >>> count({("albert", "embeddings", "a"): (3, 2), ("classifier", "bias"): (2,)})
        ParameterCount(total=8, embeddings=6, encoder=0, heads=2)
    """
    sizes = {path: math.prod(shape) for path, shape in shapes.items()}
    embeddings = sum(size for path, size in sizes.items() if path[:2] == ("albert", "embeddings"))
    encoder = sum(size for path, size in sizes.items() if path[:2] == ("albert", "encoder"))
    total = sum(sizes.values())
    return ParameterCount(total, embeddings, encoder, total - embeddings - encoder)


def complaints(found: WeightsFacts, census: Census) -> Iterator[Finding]:
    """What is wrong with the weights by themselves.

    Args:
        found: What they hold.
        census: The parameters among them.
    """
    if found.not_finite:
        yield _finding(
            Level.PROBLEM,
            "not-finite",
            f"{found.file} holds NaN or infinity in {listed(found.not_finite, 5)}: the model would answer nothing but "
            "NaN, and loading refuses it. Use another checkpoint.",
        )
    if found.constant:
        yield _finding(
            Level.WARNING,
            "constant",
            f"{found.file}: all numbers are the same in {listed(found.constant, 5)}, as training never leaves "
            "them. The file may have been damaged or half converted.",
        )
    if _is_untrained(census):
        yield _finding(
            Level.WARNING,
            "untrained",
            f"{found.file}: every bias is 0 and every scale 1, as they are drawn: the model was never trained.",
        )
    if found.unexpected:
        yield _finding(
            Level.NOTE,
            "unexpected",
            f"{found.file} holds {len(found.unexpected)} tensors that are no parameter of any class here, and would "
            f"not be read: {listed(found.unexpected, 5)}. {explanation(found.unexpected)}".rstrip(),
        )
    integers = [census.keys[path] for path, array in census.arrays.items() if not _is_float(array)]
    if integers:
        yield _finding(
            Level.PROBLEM,
            "not-floating-point",
            f"{found.file} holds other than floating-point numbers in {listed(integers, 5)}; convert them first.",
        )
    if len(found.dtypes) > 1:
        parts = ", ".join(f"{number} in {dtype}" for dtype, number in sorted(found.dtypes.items()))
        yield _finding(Level.WARNING, "mixed-dtypes", f"{found.file} mixes precisions: {parts}.")
    elif not integers and set(found.dtypes) & {"float16", "bfloat16"}:
        yield _finding(
            Level.NOTE,
            "half-precision",
            f"{found.file} is in {next(iter(found.dtypes))} and stays so when loaded; model.to_fp32(params) converts "
            "it.",
        )
    yield from _disagreements(census, found.file)


def differences(first: Opened, second: Opened) -> Finding | None:
    """Whether weights in two formats are the same, by names, shapes and a sample of their numbers.

    Args:
        first: The weights that would be read.
        second: Others beside them.

    Returns:
        What is wrong, or None.
    """
    if second.error:
        return _finding(Level.WARNING, "other-format-unreadable", f"Not read, but broken: {second.error}")
    try:
        one, other = take_census(first).arrays, take_census(second).arrays
    except CheckpointError as error:
        return _finding(Level.WARNING, "other-format-unreadable", str(error))
    names = (first.path.name, second.path.name)
    missing = ["/".join(path) for path in one.keys() ^ other.keys() if path != _DECODER]
    if missing:
        what = f"only one of them holds {listed(sorted(missing), 3)}"
    else:
        unequal = [path for path in one.keys() & other.keys() if not same(one[path], other[path])]
        if not unequal:
            return None
        what = f"they differ in {listed(sorted('/'.join(path) for path in unequal), 3)}"
    return _finding(
        Level.WARNING,
        "formats-disagree",
        f"{names[0]} and {names[1]} are not the same model: {what}. {names[0]} would be read; remove the wrong one.",
    )


def _heads(census: Census) -> Iterator[str]:
    for name, path in _HEADS.items():
        if census.has(*path):
            yield name
    kernel = census.arrays.get(("classifier", "kernel"))
    if kernel is not None:
        labels = kernel.shape[-1] if kernel.ndim == 2 else 0
        # Classifiers of texts and of tokens have the same names; those of tokens come without a pooler.
        kind = "text" if census.has("albert", "pooler") else "token"
        if kind == "text" and labels == 1:
            kind = "text, regression or multiple choice"
        yield f"classifier of {labels} ({kind})"


def _decoder(census: Census) -> str:
    if not census.has("predictions"):
        return "none"
    if _DECODER not in census.arrays:
        return "tied"
    words = census.arrays.get(_WORDS)
    return "copy" if words is None or same(census.arrays[_DECODER].T, words) else "own"


def _is_float(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" or array.dtype.name == "bfloat16"


def _is_suspect(path: TreePath, numbers: Numbers, value: float, census: Census) -> bool:
    if numbers not in (Numbers.ZERO, Numbers.CONSTANT) or census.arrays[path].size == 1:
        return False
    return census.leaves[path].decays or (path[-1] == "scale" and value != 1)


def _is_untrained(census: Census) -> bool:
    simple = {"bias": 0.0, "scale": 1.0}
    arrays = [(array, simple[path[-1]]) for path, array in census.arrays.items() if path[-1] in simple]
    return bool(arrays) and all(_is_float(array) and bool(np.all(array == value)) for array, value in arrays)


def _disagreements(census: Census, file: str) -> Iterator[Finding]:
    """Arrays whose shapes contradict those of most others."""
    shown = census.sizes()
    for path, array in census.arrays.items():
        axes = len(census.leaves[path].axes)
        if array.ndim != axes:
            yield _shape(file, census.keys[path], f"has {array.ndim} axes instead of {axes}")
            continue
        for key, size in census.sizes_of(path):
            if size != shown[key] and key != "num_labels":  # each head has labels of its own
                yield _shape(file, census.keys[path], f"shows {key} {size}, and others {shown[key]}")


def _shape(file: str, key: str, what: str) -> Finding:
    return _finding(Level.PROBLEM, "shapes-disagree", f"{file}: {key[:80]!r} {what}. The file is no single model.")


def _finding(level: Level, code: str, message: str) -> Finding:
    return Finding(level, _ABOUT, code, message)
