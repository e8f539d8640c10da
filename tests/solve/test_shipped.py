"""Every shipped model, solved by brute force as well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from decision.model.folder import read_model
from decision.solve.enumeration import enumerate_policy, enumerate_solve
from decision.solve.solution import solve
from tests.solve.test_agreement import assert_agree, assert_same_outcomes, assert_same_rows, close
from tests.solve.test_limited import assert_best, combinations, full

DATA = Path(__file__).parents[2] / "data"
EXAMPLES = sorted(path.parent for path in DATA.glob("examples/*/model.toml"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_examples(folder):
    model = read_model(folder)
    if np.prod([float(len(model.states(n))) for n in model.time_order]) > 1e6:
        pytest.fail(f"{folder.name} is too large for brute force: give it a test of its own")
    if model.memory == "perfect":
        assert_agree(model)
        return
    solution = solve(model)
    if combinations(model) <= 5000:
        assert_best(solution, enumerate_solve(model))
    else:  # the rules lead where they say; that none are better, other tests show
        brute = enumerate_policy(model, full(solution))
        assert close(solution.expected_value, brute.expected_value, model)
        assert_same_rows(model, solution.strategy_rows(), brute.strategy)


def test_korea():
    model = read_model(DATA / "korea_2018")
    solution, brute = solve(model), enumerate_solve(model)
    assert close(solution.expected_value, brute.expected_value, model)
    assert_same_rows(model, solution.strategy_rows(), brute.strategy)
    assert_same_outcomes(solution, brute)
