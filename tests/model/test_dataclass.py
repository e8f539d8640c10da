"""Our data classes against those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from decision.model import dataclass as ours

CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 2.0), {}),
    ((1, 2.0, ["x"]), {}),
    ((1,), {"c": ["y"]}),
    ((), {"a": 3, "b": 0.5}),
    ((), {}),
    ((), {"b": 1.0}),
    ((1, 2.0, [], 4), {}),
    ((1,), {"a": 1}),
    ((1,), {"z": 1}),
    ((1,), {"later": 1}),
]
SORTS = [{}, {"frozen": True}, {"frozen": True, "eq": False}, {"eq": False, "repr": False}]


def made(decorate: Callable[..., Any], **sort: bool) -> type[Any]:
    @decorate(**sort)
    class Base:
        """What both have."""

        a: int

    @decorate(**sort)
    class Record(Base):
        """One of each sort of field."""

        b: float = 1.5
        c: list[str] = dataclasses.field(default_factory=list)
        hidden: int = dataclasses.field(default=7, repr=False, compare=False)
        later: str = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "later", f"{self.a} then {self.b}")

    Record.__qualname__ = "Record"
    return Record


def told(cls: type[Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What comes of a call: the fields, or that it is refused."""
    try:
        record = cls(*args, **named)
    except TypeError:
        return "refused"
    return dataclasses.asdict(record), list(vars(record))


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize(("args", "named"), CALLS)
def test_a_call_gives_the_same_fields_or_is_refused(
    sort: dict[str, bool], args: tuple[Any, ...], named: dict[str, Any]
) -> None:
    mine, peer = made(ours.dataclass, **sort), made(dataclasses.dataclass, **sort)
    assert told(mine, args, named) == told(peer, args, named)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_after_many_instances_a_call_still_gives_the_same(sort: dict[str, bool]) -> None:
    mine, peer = made(ours.dataclass, **sort), made(dataclasses.dataclass, **sort)
    first = mine.__init__
    for number in range(2 * ours.MANY):
        assert mine(number, c=[]).later == f"{number} then 1.5"
    assert mine.__init__ is not first
    for args, named in CALLS:
        assert told(mine, args, named) == told(peer, args, named)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_records_are_compared_hashed_and_shown_the_same(sort: dict[str, bool]) -> None:
    for cls in (made(ours.dataclass, **sort), made(dataclasses.dataclass, **sort)):
        one, same, other = cls(1, c=("x",)), cls(1, c=("x",), hidden=9), cls(2)
        by_value = sort.get("eq", True)
        assert (one == same) is by_value
        assert one != other
        assert one != (1, 1.5, ("x",))
        shown = "Record(a=1, b=1.5, c=('x',), later='1 then 1.5')"
        assert (repr(one) == shown) is sort.get("repr", True)
        if not by_value:
            assert len({one, same}) == 2
        elif sort.get("frozen"):
            assert len({one, same}) == 1
        else:
            with pytest.raises(TypeError, match="unhashable"):
                hash(one)


def test_a_frozen_record_is_not_changed_but_replaced() -> None:
    record = made(ours.dataclass, frozen=True)(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="'a'"):
        record.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="'b'"):
        del record.b
    other = ours.replace(record, a=2)
    assert (record.a, other.a, other.later) == (1, 2, "2 then 1.5")
    with pytest.raises((TypeError, ValueError), match="later"):  # which, is up to Python
        ours.replace(record, later="never")
    loose = made(ours.dataclass)(1)
    loose.a = 5
    assert loose.a == 5


def test_no_default_is_shared() -> None:
    cls = made(ours.dataclass)
    cls(1).c.append("x")
    assert cls(1).c == []


def test_what_a_class_says_itself_stays() -> None:
    @ours.dataclass(frozen=True)
    class Named:
        """Has its own ways."""

        name: str

        def __repr__(self) -> str:
            return self.name

        def __hash__(self) -> int:
            return 3

    assert repr(Named("x")) == "x"
    assert hash(Named("x")) == 3
    assert Named("x") == Named("x")


def test_the_signature_says_what_to_write() -> None:
    mine, peer = made(ours.dataclass), made(dataclasses.dataclass)
    wanted = list(inspect.signature(peer).parameters.values())
    got = list(inspect.signature(mine).parameters.values())
    assert [(p.name, p.kind, p.annotation) for p in got] == [
        (p.name, p.kind, p.annotation) for p in wanted
    ]
    assert [p.default for p in got] == [inspect.Parameter.empty, 1.5, [], 7]


@ours.dataclass(frozen=True)
class Kept:
    """Stands in a module, so that it can be pickled."""

    a: int
    b: tuple[int, ...] = ()


@ours.dataclass(frozen=True, slots=True)
class Slotted:
    """The same, in slots."""

    a: int
    b: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """The first of b."""
        return self.b[0]


def test_slots_hold_the_fields_and_nothing_else() -> None:
    record = Slotted(1, (2,))
    assert not hasattr(record, "__dict__")
    assert record.first == 2
    assert repr(ours.replace(record, a=3)) == "Slotted(a=3, b=(2,))"
    assert record == Slotted(1, (2,))
    assert len({record, Slotted(1, (2,)), Slotted(1)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="'a'"):
        record.a = 2  # type: ignore[misc]


@pytest.mark.parametrize("cls", [Kept, Slotted])
def test_records_are_copied_and_pickled(cls: type[Kept]) -> None:
    kept = cls(1, (2, 3))
    assert pickle.loads(pickle.dumps(kept)) == copy.deepcopy(kept) == copy.copy(kept) == kept


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("sort", SORTS)
def test_of_many_instances_the_later_are_as_the_first(sort, call) -> None:
    """After so many instances a class has an `__init__` that is compiled."""
    record = made(ours.dataclass, **sort)
    first = record.__init__
    for _ in range(ours.MANY):
        record(1)
    assert record.__init__ is not first
    assert told(record, *call) == told(made(dataclasses.dataclass, **sort), *call)
    assert record(1).c is not record(1).c
