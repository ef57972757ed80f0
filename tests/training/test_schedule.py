"""The learning rate over a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.training.schedule import learning_rate
from translator.training.settings import Optimisation


def settings(**values: object) -> Optimisation:
    return Optimisation(**{"learning_rate": 1e-3, "warmup_steps": 100, "cooldown": 0.2, "max_steps": 1000, **values})  # type: ignore[arg-type]


def test_it_rises_in_a_line_and_stays_and_falls_in_a_line() -> None:
    constant = settings()
    found = [learning_rate(constant, step, step / 1000) for step in (0, 49, 99, 500, 800, 900, 1000)]
    assert found == pytest.approx([1e-5, 5e-4, 1e-3, 1e-3, 1e-3, 5e-4, 0.0])


def test_inverse_square_root_halves_at_four_times_the_steps() -> None:
    root = settings(schedule="inverse-sqrt", cooldown=0.0)
    assert learning_rate(root, 99, 0.1) == pytest.approx(1e-3)
    assert learning_rate(root, 399, 0.4) == pytest.approx(5e-4)


def test_cosine_is_half_in_the_middle_and_nothing_at_the_end() -> None:
    cosine = settings(schedule="cosine")
    assert [learning_rate(cosine, 500, p) for p in (0.5, 1.0)] == pytest.approx([5e-4, 0.0])


@given(st.integers(0, 5000), st.floats(0, 2), st.sampled_from(["constant", "inverse-sqrt", "cosine"]), st.integers(0, 500))
def test_it_is_never_negative_nor_above_what_was_asked_for(step: int, progress: float, schedule: str, warmup: int) -> None:
    assert 0.0 <= learning_rate(settings(schedule=schedule, warmup_steps=warmup), step, progress) <= 1e-3
