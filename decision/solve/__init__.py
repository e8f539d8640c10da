"""Solving: from numbers to the best policy and what follows from it.

`solve(model, given={"drill": "yes"}) -> Solution` is the door (`solution.py`). A
`Solution` answers in labels:

- ``expected_value``, ``certain_equivalent``, ``worth`` (what a preference goes by),
  ``policy``, ``strategy``, ``strategy_rows(requisite=False)``, ``optimality``,
  ``upper_bound``
- ``branches(by=None)``, ``branch_solutions(by=None)``, ``preferred(by=None)``
- ``expected_value_of(policy)``: the plan of another model in this model's world
- ``probabilities(names, observed={}) -> ndarray``: joint table over `names` (axes in that
  order) under the policy, given observed states of chance nodes
- ``expectation(value=None, observed={}) -> float``: of a value node in its unit, of the
  total by default; a condition of probability 0 is a ModelError

Behind it, numbers only: `plan.py` and `queries.py` (structure → steps, by `relevance.py`
and `elimination.py`), `run.py` (steps × arrays → numbers), `perfect.py` and `limited.py`
(memory), `openness.py` (situations without an open option), `strategy.py` (rows).
`enumeration.py` gives the same answers by brute force and shares nothing with them.
"""
