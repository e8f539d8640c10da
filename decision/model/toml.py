"""Reading model.toml: the structure, with the line of each key for messages."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from decision.model.nodes import Chance, Decision, Value
from decision.model.problems import Place, Problem, nearest, shorten

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
NEEDED = {"decision": ("options",), "chance": ("states",), "risk": ("utility", "tolerance")}


@dataclass
class Settings:
    """What model.toml says: nodes, settings of the whole, and where each key stands."""

    decisions: list[Decision]
    chances: list[Chance]
    values: list[Value]
    whole: dict[str, Any]
    lines: Mapping[tuple[str, str], int]
    """Line of (node, key); of (node, "") its header; of ("", key) a setting."""

    def locate(self, node: str, key: str) -> Place:
        """Return the place of a node's key, or of the node, or of the file."""
        line = self.lines.get((node, key)) or self.lines.get((node, "")) or 1
        return FILE, line


def read_structure(text: str, found: list[Problem]) -> Settings | None:
    """Return what model.toml says; what is wrong with it is added to `found`."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        found.append(_not_toml(error))
        return None
    reader = _Reader(found, _lines(text))
    reader.keys("", content, "")
    settings = Settings([], [], [], {}, reader.lines)
    builders: list[tuple[str, type, list[Any]]] = [
        ("decision", Decision, settings.decisions),
        ("chance", Chance, settings.chances),
        ("value", Value, settings.values),
    ]
    for kind, build, nodes in builders:
        tables = content.get(kind, {})
        for name, entry in tables.items() if isinstance(tables, dict) else ():
            if not isinstance(entry, dict):
                reader.wrong(("", kind), f"{kind}.{name} is no table", f"write [{kind}.{name}]")
                continue
            nodes.append(build(name, **reader.keys(kind, entry, name)))
    settings.whole = {
        key: content[key]
        for key in ("title", "question", "memory", "weights", "provenance")
        if isinstance(content.get(key), str)
    }
    for key in ("information_date", "horizon"):
        if key in content:
            settings.whole[key] = _date(content[key])
    settings.whole["risk"] = reader.risk(content.get("risk"))
    return settings


def _not_toml(error: Exception) -> Problem:
    where = re.search(r"\(at line (\d+), column \d+\)", str(error))
    what = re.sub(r"\s*\(at .*\)$", "", str(error)) or "it is nested too deep"
    line = int(where[1]) if where else 1
    return Problem(FILE, line, f"this is no TOML: {what}", "mend the line; see toml.io")


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Return the line of each header and key, as far as a plain reading finds them."""
    lines: dict[tuple[str, str], int] = {}
    node, kind = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        key = re.match(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=", line)
        if header:
            parts = [part.strip().strip("\"'") for part in header[1].split(".")]
            kind = parts[0]
            node = parts[1] if len(parts) > 1 else ("" if kind == "risk" else kind)
            lines.setdefault((node, parts[2] if len(parts) > 2 else ""), number)
            if kind == "risk":
                lines.setdefault(("", "risk"), number)
        elif key:
            lines.setdefault((node, key[1]), number)
    lines.pop(("", ""), None)
    return lines


class _Reader:
    def __init__(self, found: list[Problem], lines: dict[tuple[str, str], int]) -> None:
        self.found = found
        self.lines = lines

    def wrong(self, where: tuple[str, str], what: str, do: str) -> None:
        line = self.lines.get(where) or self.lines.get((where[0], "")) or 1
        self.found.append(Problem(FILE, line, what, do))

    def keys(self, kind: str, entry: dict[str, Any], name: str) -> dict[str, Any]:
        """Return the sound keys of a table."""
        known = KEYS[kind]
        sound = {}
        owner = f"{kind}.{name}" if name else kind or "the model"
        for key, value in entry.items():
            if key not in known:
                what = f"{owner} has the unknown key '{shorten(key)}'"
                self.wrong((name, key), what, nearest(key, known))
                continue
            check: Callable[[Any], Any] = _CHECKS[known[key]]
            read = check(value)
            if read is None:
                what = f"{key} of {owner} is {_kind_of(value)}"
                self.wrong((name, key), what, f"write {_WANTED[known[key]]}")
            else:
                sound[key] = read
        for key in NEEDED.get(kind, ()):
            if key not in entry:
                self.wrong((name, ""), f"{owner} has no {key}", "add it")
        return sound

    def risk(self, entry: Any) -> float | None:
        if not isinstance(entry, dict):
            return None
        sound = self.keys("risk", entry, "")
        if sound.get("utility", "exponential") != "exponential":
            what = f"utility of risk is '{shorten(sound['utility'])}'"
            self.wrong(("", "utility"), what, 'use "exponential"')
        tolerance: float | None = sound.get("tolerance")
        return tolerance


def _kind_of(value: Any) -> str:
    if isinstance(value, str):
        return f"the text '{shorten(value, 30)}'"
    return {bool: "true or false", list: "a list", dict: "a table"}.get(
        type(value), f"{shorten(value, 30)}"
    )


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
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
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
