"""Going through held-out examples, and remembering which step was the best."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, final

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from flax_albert.data.batches import Batch
from flax_albert.pretrained import ParameterTree
from flax_albert.training.evaluator import Evaluation, Evaluator
from flax_albert.training.events import Evaluated
from flax_albert.training.feeding import on_devices, own_rows


@final
class Evaluations:
    """What the evaluators of a run found so far.

    The first evaluator says which step is the best.

    Args:
        evaluators: What is measured.
        rows: How rows are spread over the devices.
        best: The best figure of each evaluator so far, from :attr:`best` of an earlier part of the run.
    """

    def __init__(
        self, evaluators: Sequence[Evaluator], rows: NamedSharding, best: Mapping[str, float] | None = None
    ) -> None:
        self._evaluators = evaluators
        self._rows = rows
        self.best: dict[str, float] = dict(best or {})
        self.last: dict[str, Evaluation] = {}
        whole = NamedSharding(rows.mesh, PartitionSpec())
        self._compiled: list[Callable[..., Mapping[str, Any]]] = [
            jax.jit(evaluator.outputs, out_shardings=whole) for evaluator in evaluators
        ]

    def run(self, params: ParameterTree, step: int) -> Iterator[Evaluated]:
        """Measures.

        Args:
            params: Parameters, on the devices.
            step: Steps done.

        Yields:
            What each evaluator found.
        """
        for evaluator, outputs in zip(self._evaluators, self._compiled, strict=True):
            began = time.monotonic()
            evaluation = evaluator.evaluate(self._computed(evaluator, outputs, params))
            better = self._is_better(evaluator, evaluation.metrics[evaluator.decisive])
            if better:
                self.best[evaluator.name] = float(evaluation.metrics[evaluator.decisive])
            self.last[evaluator.name] = evaluation
            yield Evaluated(step, evaluator.name, evaluation, time.monotonic() - began, better)

    def _computed(
        self, evaluator: Evaluator, outputs: Callable[..., Mapping[str, Any]], params: ParameterTree
    ) -> Iterator[tuple[Batch, Mapping[str, np.ndarray]]]:
        batches = evaluator.batches
        waiting: tuple[Batch, Mapping[str, Any]] | None = None
        for number in range(batches.per_epoch):
            batch = batches.batch(number)
            own = own_rows(batches.size)
            computed = outputs(params, on_devices({name: rows[own] for name, rows in batch.items()}, self._rows))
            if waiting is not None:  # the devices compute one batch while the host looks at the one before
                yield waiting[0], jax.device_get(waiting[1])
            waiting = batch, computed
        if waiting is not None:
            yield waiting[0], jax.device_get(waiting[1])

    def _is_better(self, evaluator: Evaluator, figure: float) -> bool:
        if not np.isfinite(figure):
            return False
        earlier = self.best.get(evaluator.name)
        return earlier is None or (figure > earlier if evaluator.larger_is_better else figure < earlier)
