"""The learning rate over a run."""

import math

from translator.training.settings import Optimisation


def learning_rate(optimisation: Optimisation, step: int, progress: float) -> float:
    """The rate for a step (from 0), `progress` of the run (0 to 1) being done.

    A linear warm-up over steps; then constant, falling with the inverse square root of the step, or a half cosine over the run;
    over the last `cooldown` share of the run, times a line to zero (cosine ends at zero by itself).
    """
    warm = min(1.0, (step + 1) / optimisation.warmup_steps) if optimisation.warmup_steps else 1.0
    rate = optimisation.learning_rate * warm
    if optimisation.schedule == "cosine":
        return rate * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    if optimisation.schedule == "inverse-sqrt":
        rate *= math.sqrt(max(1, optimisation.warmup_steps) / max(step + 1, optimisation.warmup_steps, 1))
    left = 1.0 - min(1.0, progress)
    return rate * (min(1.0, left / optimisation.cooldown) if optimisation.cooldown else 1.0)
