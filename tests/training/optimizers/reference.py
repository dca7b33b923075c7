"""Google's optimizers once more, in float64 NumPy, one variable after the other, by the names of its checkpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

Variables = dict[str, np.ndarray]

_EXCLUDED = re.compile("LayerNorm|layer_norm|bias")


@dataclass
class Google:
    """A program's optimizer and what it remembers."""

    lamb: bool
    largest_rate: float
    steps: int
    warmup: int
    weight_decay: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-6
    clip: float | None = 1.0
    number: int = 0
    adam_m: Variables = field(default_factory=dict)
    adam_v: Variables = field(default_factory=dict)

    def rate(self) -> float:
        if self.number < self.warmup:
            return self.largest_rate * self.number / self.warmup
        return self.largest_rate * (1 - min(self.number, self.steps) / self.steps)

    def apply(self, variables: Variables, gradients: Variables) -> Variables:
        """The variables after an update; only those that have a gradient change."""
        norm = np.sqrt(sum(np.sum(np.square(gradient)) for gradient in gradients.values()))
        shrink = 1.0 if self.clip is None else self.clip / max(norm, self.clip)
        after, rate = dict(variables), self.rate()
        for name, gradient in gradients.items():
            clipped, variable = gradient * shrink, variables[name]
            m = self.beta1 * self.adam_m.get(name, 0.0) + (1 - self.beta1) * clipped
            v = self.beta2 * self.adam_v.get(name, 0.0) + (1 - self.beta2) * np.square(clipped)
            self.adam_m[name], self.adam_v[name] = m, v
            update = m / (np.sqrt(v) + self.epsilon)
            ratio = 1.0
            if not _EXCLUDED.search(name):
                update = update + self.weight_decay * variable
                if self.lamb:
                    norms = np.linalg.norm(variable), np.linalg.norm(update)
                    ratio = norms[0] / norms[1] if min(norms) > 0 else 1.0
            after[name] = variable - rate * ratio * update
        self.number += 1
        return after
