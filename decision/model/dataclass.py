"""Data classes that are quick to declare.

The standard library writes the source of up to six methods for each data class and
compiles it: half a millisecond a class, a fifth of the time in which a small model is
solved from the command line, where every class is declared anew and few are used much.
Here the standard library collects the fields (so that its `fields`, `replace` and
`asdict` work as with any other data class), and the methods are closures over their
names. Instances are equal, hashed and shown as there. A closure takes twice as long to make
one; a class of which many are made gets a compiled `__init__` after all.

Only what the rooms use is there: frozen or not, with or without slots, `eq` and `repr`.
For ordering or keyword-only fields take the decorator of the standard library.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from inspect import Signature

__all__ = ["dataclass", "field", "fields", "replace"]

T = TypeVar("T")
MANY = 200
"""Instances after which a class is worth compiling for."""


@overload
def dataclass(cls: type[T], /) -> type[T]: ...
@overload
def dataclass(
    *, frozen: bool = False, eq: bool = True, repr: bool = True, slots: bool = False
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(field_specifiers=(field,))
def dataclass(
    cls: type[Any] | None = None,
    /,
    *,
    frozen: bool = False,
    eq: bool = True,
    repr: bool = True,
    slots: bool = False,
) -> Any:
    """Make a class a data class, as `dataclasses.dataclass` does.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Point:
    ...     '''A place.'''
    ...     x: float
    ...     y: float = 0.0
    >>> Point(1.0), Point(1.0) == Point(x=1.0, y=0.0), replace(Point(1.0), y=2.0)
    (Point(x=1.0, y=0.0), True, Point(x=1.0, y=2.0))
    """

    def declare(cls: type[Any]) -> type[Any]:
        dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
        cls = _slotted(cls) if slots else cls
        methods: dict[str, Any] = {"__init__": _init(cls), "__signature__": _Signature()}
        if repr:
            methods["__repr__"] = _repr(cls)
        if eq:
            methods["__eq__"], key = _eq(cls)
            methods["__hash__"] = (lambda self: hash(key(self))) if frozen else None
        if frozen:
            methods |= {"__setattr__": _refuse("assign to"), "__delattr__": _refuse("delete")}
        own = frozenset(vars(cls))
        for name, method in methods.items():
            if name not in own:
                setattr(cls, name, method)
        return cls

    return declare if cls is None else declare(cls)


def _slotted(cls: type[Any]) -> type[Any]:
    """Return the class made anew, its fields in slots: many small records take less memory."""
    names = tuple(f.name for f in fields(cls))
    gone = {*names, "__dict__", "__weakref__"}
    body = {name: content for name, content in vars(cls).items() if name not in gone}

    def restore(self: Any, state: tuple[None, dict[str, Any]]) -> None:
        for name, value in state[1].items():  # also where assigning is refused
            object.__setattr__(self, name, value)

    body |= {"__slots__": names, "__setstate__": restore, "__qualname__": cls.__qualname__}
    return type(cls.__name__, cls.__bases__, body)


def _init(cls: type[Any]) -> Callable[..., None]:
    asked = [f for f in fields(cls) if f.init]
    names = tuple(f.name for f in asked)
    defaults = {f.name: f.default for f in asked if f.default is not MISSING}
    makers = {f.name: f.default_factory for f in asked if f.default_factory is not MISSING}
    then = getattr(cls, "__post_init__", None)
    count, known, put = len(names), frozenset(names), object.__setattr__

    def absent(name: str) -> Any:
        if name in defaults:
            return defaults[name]
        if name in makers:
            return makers[name]()
        raise TypeError(f"{cls.__name__}() misses the argument {name!r}")

    def arranged(args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        if len(args) > count:
            raise TypeError(f"{cls.__name__}() takes {count} arguments, not {len(args)}")
        if not named.keys() <= known or any(map(named.__contains__, names[: len(args)])):
            raise TypeError(f"{cls.__name__}() takes {', '.join(names)} once each")
        rest = names[len(args) :]
        return [*args, *[named[name] if name in named else absent(name) for name in rest]]

    made = 0

    def make(self: Any, *args: Any, **named: Any) -> None:
        nonlocal made
        made += 1
        if made == MANY and cls.__init__ is make:
            cls.__init__ = _compiled(cls)
        values = arranged(args, named) if named or len(args) != count else args
        for name, value in zip(names, values, strict=True):
            put(self, name, value)
        if then is not None:
            self.__post_init__()

    make.__name__, make.__qualname__ = "__init__", f"{cls.__qualname__}.__init__"
    return make


def _compiled(cls: type[Any]) -> Any:
    """Return the `__init__` that the standard library would have compiled at once."""
    copied = [
        (f.name, f.type, field(default=f.default, default_factory=f.default_factory, init=f.init))
        for f in fields(cls)
    ]
    then = {"__post_init__": cls.__post_init__} if hasattr(cls, "__post_init__") else {}
    double: Any = dataclasses.make_dataclass(
        cls.__name__, copied, namespace=then, frozen=True, eq=False, repr=False
    )
    return double.__init__


def _repr(cls: type[Any]) -> Callable[[Any], str]:
    names = tuple(f.name for f in fields(cls) if f.repr)

    def shown(self: Any) -> str:
        listed = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({listed})"

    return shown


def _eq(cls: type[Any]) -> tuple[Callable[[Any, object], bool], Callable[[Any], Any]]:
    """Return the comparison, and what is compared."""
    names = tuple(f.name for f in fields(cls) if f.compare)

    def key(self: Any) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in names])

    def equal(self: Any, other: object) -> bool:
        return key(self) == key(other) if type(self) is type(other) else NotImplemented

    return equal, key


def _refuse(what: str) -> Callable[..., None]:
    def refuse(self: Any, name: str, value: Any = None) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")

    return refuse


class _Signature:
    """What `help` says of the arguments; worked out when it is asked for."""

    def __get__(self, instance: object, owner: type[Any]) -> Signature:
        from inspect import Parameter, Signature

        if instance is not None:
            raise AttributeError("__signature__")
        kind = Parameter.POSITIONAL_OR_KEYWORD
        made = []
        for f in (f for f in fields(owner) if f.init):
            default = f.default if f.default_factory is MISSING else f.default_factory()
            default = Parameter.empty if default is MISSING else default
            made.append(Parameter(f.name, kind, default=default, annotation=f.type))
        return Signature(made)
