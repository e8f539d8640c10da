"""Steps: what a plan is made of, each assigning one new table from earlier ones.

A `Draft` collects steps while a plan is worked out. Asking twice for the same step
gives the same table, so work that several values or decisions share is done once.
Tables are numbered; the axes of each stand in a fixed order, latest variable first,
so that what is summed or maxed out mostly stands in front. Sets of variables are
integers, one bit a variable, bit i for the i-th in time order.

Operations
----------
product   multiply the inputs (in a logarithmic plan: add), then sum axes out
ratio     first input by second, 0 where the second is 0; logarithmic: −t (a − b)
back      logarithmic only: −a/t, a certain equivalent turned into a factor again
total     add the inputs up
allowed   1 where the first input is open and all others are 0
stuck     1 where no option of the first axis is allowed
best      the largest over the first axis, of what is allowed; 0 where nothing is
choice    the number of the first option that ties with the best
first     the number of the first option that is allowed
near      1 where two options of the first axis differ by next to nothing somewhere
avoiding  like allowed, where every option is open
one       the number 1
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from decision.model.dataclass import dataclass

__all__ = ["OVERHEAD", "Draft", "Step", "Table"]

OVERHEAD = 1000
"""What starting a step costs, in operations: measured, about three microseconds."""

COPIES = {"choice": 2, "ratio": 2, "total": 2, "best": 2, "allowed": 2, "avoiding": 2, "near": 2}
"""How many tables of the size of all its axes an operation holds at once; others one."""
LOGARITHMIC_COPIES = 4

Key = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """A table's place in a plan: its number and its axes."""

    number: int
    scope: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One operation of a plan.

    Parameters
    ----------
    kind : str
        See the module's list.
    inputs : tuple of int
        Numbers of the tables that go in.
    output : int
    scope : tuple of str
        Axes of the output, before the batch axis.
    summed : tuple of str
        Axes that are summed or maxed out.
    logarithmic : bool
    operations, cells : int
        Of one row of a batch: operations, and cells alive while the step runs.
    """

    kind: str
    inputs: tuple[int, ...]
    output: int
    scope: tuple[str, ...]
    summed: tuple[str, ...] = ()
    logarithmic: bool = False
    operations: int = 0
    cells: int = 0


class Draft:
    """Steps in the making.

    Parameters
    ----------
    order : sequence of str
        Variables in time order.
    card : mapping of name to number of states
    """

    def __init__(self, order: Sequence[str], card: dict[str, int]) -> None:
        self.order = tuple(order)
        self.bit = {name: i for i, name in enumerate(order)}
        self.cards = [card[name] for name in order]
        self.masks: list[int] = []
        self.scopes: list[tuple[str, ...]] = []
        self.amounts: list[bool] = []
        self.inputs: dict[Key, int] = {}
        self.steps: list[Step] = []
        self._index: dict[tuple[object, ...], int] = {}
        self._keys: list[tuple[object, ...]] = []
        self._spent = 0

    # -- tables ---------------------------------------------------------------

    def mask(self, names: Iterable[str]) -> int:
        """Return a set of variables."""
        mask = 0
        for name in names:
            mask |= 1 << self.bit[name]
        return mask

    def names(self, mask: int) -> tuple[str, ...]:
        """Return a set's variables, latest first."""
        return tuple(self.order[i] for i in reversed(bits(mask)))

    def size(self, mask: int) -> int:
        """Return the cells of a table over a set of variables."""
        return prod(self.cards[i] for i in bits(mask))

    def input(self, kind: str, name: str, scope: tuple[str, ...], amount: bool = False) -> int:
        """Return the number of a table that is given, its axes as they come."""
        key = (kind, name)
        if key not in self.inputs:
            self.inputs[key] = self._table(scope, self.mask(scope), amount)
        return self.inputs[key]

    def _table(self, scope: tuple[str, ...], mask: int, amount: bool) -> int:
        self.scopes.append(scope)
        self.masks.append(mask)
        self.amounts.append(amount)
        return len(self.masks) - 1

    # -- trying and taking back -----------------------------------------------

    @property
    def spent(self) -> int:
        """What the steps so far cost, in operations."""
        return self._spent

    def mark(self) -> tuple[int, int, int]:
        """Return where the draft stands, to take later steps back to."""
        return len(self.steps), len(self.masks), self._spent

    def rollback(self, mark: tuple[int, int, int]) -> None:
        """Take back every step since a mark; inputs must have been asked for before."""
        steps, tables, self._spent = mark
        for key in self._keys[steps:]:
            del self._index[key]
        del self._keys[steps:], self.steps[steps:]
        del self.masks[tables:], self.scopes[tables:], self.amounts[tables:]

    # -- operations -----------------------------------------------------------

    def add(
        self,
        kind: str,
        inputs: Sequence[int],
        mask: int,
        summed: int = 0,
        logarithmic: bool = False,
        work: tuple[int, int] | None = None,
    ) -> int:
        """Return the table that a step makes; the same step is not added twice."""
        key = (kind, tuple(inputs), summed, logarithmic)
        if key in self._index:
            return self._index[key]
        whole = self.size(mask | summed)
        operations, cells = work or (len(inputs) * whole, COPIES.get(kind, 1) * whole)
        if logarithmic:
            cells = max(cells, LOGARITHMIC_COPIES * whole)
        output = self._table(self.names(mask), mask, any(self.amounts[i] for i in inputs))
        step = Step(
            kind, tuple(inputs), output, self.names(mask), self.names(summed),
            logarithmic, operations, cells + self.size(mask),
        )  # fmt: skip
        self.steps.append(step)
        self._index[key] = output
        self._keys.append(key)
        self._spent += operations + OVERHEAD
        return output

    def product(self, inputs: Iterable[int], summed: int = 0, logarithmic: bool = False) -> int:
        """Return the product of tables with a set of variables summed out.

        Tables of probability are multiplied before an amount joins them, and variables
        that the amount lacks are summed out of them first: other amounts can share that.
        """
        tables = sorted(set(inputs))
        chances = [i for i in tables if not self.amounts[i]]
        if len(chances) > 1 and len(chances) < len(tables):
            amounts = [i for i in tables if self.amounts[i]]
            inner = summed & ~self.union(amounts)
            shared = self.product(chances, inner, logarithmic)
            return self.product([shared, *amounts], summed & ~inner, logarithmic)
        if len(tables) == 1 and not summed:
            return tables[0]
        whole = self._index.get(("product", tuple(self._pairing(tables, 0)[0]), 0, logarithmic))
        if summed and whole is not None:
            tables = [whole]
        ordered, work = self._pairing(tables, summed)
        mask = self.union(tables) & ~summed
        return self.add("product", ordered, mask, summed, logarithmic, work)

    def union(self, tables: Iterable[int]) -> int:
        """Return the variables of several tables."""
        mask = 0
        for table in tables:
            mask |= self.masks[table]
        return mask

    def _pairing(self, tables: list[int], summed: int) -> tuple[list[int], tuple[int, int]]:
        """Return an order of multiplication that keeps what is made on the way small."""
        rest = list(tables)
        ordered = [rest.pop(0)]
        if len(rest) > 1:
            pairs = [(a, b) for i, a in enumerate(tables) for b in tables[i + 1 :]]
            first, second = min(pairs, key=lambda p: self.size(self.union(p)))
            rest = [i for i in tables if i not in (first, second)]
            ordered = [first, second]
        while rest:
            mask = self.union(ordered)
            nearest = min(rest, key=lambda i: self.size(mask | self.masks[i]))
            rest.remove(nearest)
            ordered.append(nearest)
        made, mask = [0], self.masks[ordered[0]]
        for table in ordered[1:]:
            mask |= self.masks[table]
            made.append(self.size(mask))
        operations = sum(made) + (self.size(mask) if summed else 0)
        cells = max(a + b for a, b in zip(made, (*made[1:], 0), strict=True))
        if len(ordered) == 1:
            cells = self.size(mask)  # an axis moved to the front is a copy
        return ordered, (operations, cells)


def bits(mask: int) -> list[int]:
    """Return the places of the bits that are set, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
