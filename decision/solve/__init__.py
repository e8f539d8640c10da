"""Solving: from numbers to the best policy and what follows from it.

`solve(model, given={"drill": "yes"}) -> Solution` is the door (`solution.py`). A
`Solution` answers in labels:

- ``expected_value``, ``certain_equivalent``, ``policy``, ``strategy``,
  ``strategy_rows(requisite=False)``, ``branches(by=None)``, ``expected_value_of(policy)``
- ``probabilities(names, observed={}) -> ndarray``: joint table over `names` (axes in that
  order) under the optimal policy, given observed states of chance nodes
- ``expectation(value=None, observed={}) -> float``: of a value node in its unit, of the
  total by default; a condition of probability 0 is a ModelError

Behind it: `plan.py` (structure → steps), `run.py` (steps × arrays → numbers),
`enumeration.py` (the same answers by brute force).
"""
