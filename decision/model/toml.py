"""Reading model.toml: the structure and the settings, with the line of each for messages."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from decision.model.dataclass import dataclass
from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import Faults, Place, nearest, shorten

if TYPE_CHECKING:
    from decision.model.positions import Path

__all__ = ["Settings", "read_structure"]

FILE = "model.toml"
KEYS: dict[str, dict[str, str]] = {
    "": {
        "title": "text",
        "question": "text",
        "memory": "text",
        "weights": "text",
        "provenance": "text",
        "information_date": "date",
        "horizon": "date",
        "decision": "tables",
        "chance": "tables",
        "value": "tables",
        "risk": "table",
    },
    "decision": {
        "label": "text",
        "definition": "text",
        "options": "names",
        "observes": "names",
        "only_when": "guards",
    },
    "chance": {"label": "text", "definition": "text", "states": "names", "given": "names"},
    "value": {
        "label": "text",
        "definition": "text",
        "given": "names",
        "unit": "text",
        "worst": "number",
        "best": "number",
        "weight": "number",
        "weight_low": "number",
        "weight_high": "number",
    },
    "risk": {"utility": "text", "tolerance": "number"},
}
STRUCTURAL = frozenset({"names", "guards", "tables"})
"""Kinds of key without which the files of numbers cannot be read."""
LONG_KEY = re.compile(r"(?<![\w\-\"'])(?:[\w\-\"']++[ \t]*+\.[ \t]*+){50}")
"""The standard library takes time that grows with the square of a key's parts."""
LONG_NUMBER = re.compile(r"[0-9_]{4300}")


@dataclass
class Settings:
    """What model.toml says: nodes, settings of the whole, and where each key stands."""

    text: str
    decisions: list[Decision]
    chances: list[Chance]
    values: list[Value]
    whole: dict[str, Any]
    structural: bool = True
    """Whether all that lists names could be read."""

    @cached_property
    def lines(self) -> dict[Path, int]:
        """Line of each table, key and text."""
        from decision.model.positions import positions  # only a message needs them

        return positions(self.text)

    def locate(self, *path: str) -> Place:
        """Return the place of the longest part of a path that is there, else of the file."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(path[:length])
            if line:
                return FILE, line
        return FILE, 1


def read_structure(text: str, faults: Faults) -> Settings | None:
    """Return what model.toml says; what is wrong with it is noted."""
    try:
        long = LONG_KEY.search(text)
        if long:
            line = text.count("\n", 0, long.start()) + 1
            faults.wrong(line, "a key has 50 parts or more", "write [kind.name] and plain keys")
            return None
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        faults.wrong(*_not_toml(error, text))
        return None
    settings = Settings(text, [], [], [], {})
    reader = _Reader(faults, settings)
    settings.whole = reader.keys("", content, ())
    builders: list[tuple[str, type, list[Any]]] = [
        ("decision", Decision, settings.decisions),
        ("chance", Chance, settings.chances),
        ("value", Value, settings.values),
    ]
    for kind, build, nodes in builders:
        for name, entry in settings.whole.pop(kind, {}).items():
            if isinstance(entry, dict):
                nodes.append(build(name, **reader.keys(kind, entry, (kind, name))))
            else:
                what = f"{kind}.{shorten(name)} is no table"
                reader.wrong((kind, name), what, f"write [{kind}.{shorten(name)}]")
                settings.structural = False
    if "risk" in settings.whole:
        settings.whole["risk"] = reader.risk(settings.whole["risk"])
    return settings


def _not_toml(error: Exception, text: str) -> tuple[int, str, str]:
    what = str(error)
    if isinstance(error, RecursionError):
        what = "it is nested too deep"
    where = re.search(r"\(at line (\d+), column \d+\)$", what)
    line = int(where[1]) if where else text.rstrip().count("\n") + 1
    if not where and (long := LONG_NUMBER.search(text)):
        line, what = text.count("\n", 0, long.start()) + 1, "a number has thousands of digits"
    elif isinstance(error, RecursionError):
        line = 1
    what = re.sub(r"\s*\(at [^()]*\)$", "", what)
    return line, f"this is no TOML: {shorten(what, 200)}", "mend the line; see toml.io"


class _Reader:
    def __init__(self, faults: Faults, settings: Settings) -> None:
        self.faults = faults
        self.settings = settings

    def wrong(self, path: Path, what: str, do: str) -> None:
        self.faults.wrong(self.settings.locate(*path)[1], what, do)

    def keys(self, kind: str, entry: dict[str, Any], path: Path) -> dict[str, Any]:
        """Return the sound keys of a table."""
        known = KEYS[kind]
        sound = {}
        owner = ".".join(map(shorten, path)) or "the model"
        for key, value in entry.items():
            if key not in known:
                what = f"{owner} has the unknown key '{shorten(key)}'"
                self.wrong((*path, key), what, nearest(key, known))
                continue
            sort = known[key]
            read = _CHECKS[sort](value)
            if read is None:
                what = f"{key} of {owner} is {_kind_of(value)}"
                if sort == "guards" and isinstance(value, dict):
                    what = f"{key} of {owner} holds what is no condition"
                self.wrong((*path, key), what, f"write {_WANTED[sort]}")
                self.settings.structural &= sort not in STRUCTURAL
            else:
                sound[key] = read
        return sound

    def risk(self, entry: dict[str, Any]) -> float | None:
        sound = self.keys("risk", entry, ("risk",))
        for key in KEYS["risk"]:
            if key not in entry:
                self.wrong(("risk",), f"risk has no {key}", "add it")
        if sound.get("utility", "exponential") != "exponential":
            what = f"utility of risk is '{shorten(sound['utility'])}'"
            self.wrong(("risk", "utility"), what, 'use "exponential"')
        tolerance: float | None = sound.get("tolerance")
        return tolerance


def _kind_of(value: Any) -> str:
    if isinstance(value, str):
        return f"the text '{shorten(value, 30)}'"
    if isinstance(value, int) and value.bit_length() > 1000:
        return "a number too large"
    if isinstance(value, list):
        odd = next((item for item in value if not isinstance(item, str)), None)
        return "a list" if odd is None else f"a list that holds {_kind_of(odd)}"
    if isinstance(value, bool):
        return str(value).lower()
    return "a table" if isinstance(value, dict) else shorten(value, 30)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _names(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _date(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            return None
    return None


def _guards(value: Any) -> dict[str, dict[str, tuple[str, ...]]] | None:
    guards: dict[str, dict[str, tuple[str, ...]]] = {}
    for option, needs in value.items() if isinstance(value, dict) else ():
        if not isinstance(needs, dict):
            return None
        guards[option] = {}
        for name, states in needs.items():
            listed = _names([states] if isinstance(states, str) else states)
            if listed is None:
                return None
            guards[option][name] = listed
    return guards if isinstance(value, dict) else None


def _table(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "names": _names,
    "number": _number,
    "date": _date,
    "guards": _guards,
    "tables": _table,
    "table": _table,
}
_WANTED = {
    "text": 'text in "double quotes"',
    "names": 'a list of names, ["a", "b"]',
    "number": "a number",
    "date": "a date, 2018-01-04",
    "guards": 'option = { variable = ["state"] }',
    "tables": "its nodes as tables, [chance.oil]",
    "table": "a table",
}
