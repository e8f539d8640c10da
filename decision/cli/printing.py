"""Printing rows: a table for people, JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["as_csv", "as_json", "as_table", "number"]

Row = Mapping[str, Any]


def as_json(content: Any) -> str:
    """Return JSON with full-precision numbers."""
    import json  # loaded, as what follows, by those who ask for it

    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)


def as_csv(rows: Sequence[Row]) -> str:
    """Return CSV in which no text cell is run by a spreadsheet."""
    import csv
    import io

    out = io.StringIO()
    columns = _columns(rows)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(column) for column in columns])
    writer.writerows([_safe(row.get(column)) for column in columns] for row in rows)
    return out.getvalue().rstrip("\n")


def _safe(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return repr(cell)
    text = _plain(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def as_table(rows: Sequence[Row]) -> str:
    """Return an aligned table, numbers to the right."""
    if not rows:
        return "(no rows)"
    columns = _columns(rows)
    right = {c: all(isinstance(r.get(c), int | float | None) for r in rows) for c in columns}
    cells = [[_shown(row.get(column)) for column in columns] for row in rows]
    widths = [
        max(_width(column), *(_width(line[i]) for line in cells))
        for i, column in enumerate(columns)
    ]
    lines = []
    for line in [columns, *cells]:
        parts = [
            " " * (width - _width(cell)) + cell
            if right[column]
            else cell + " " * (width - _width(cell))
            for cell, width, column in zip(line, widths, columns, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return number(cell)
    return "".join(c if c.isprintable() else "·" for c in _plain(cell))


def _plain(cell: Any) -> str:
    if isinstance(cell, Mapping):
        return ", ".join(f"{key}={value}" for key, value in cell.items())
    if isinstance(cell, list | tuple):
        return ", ".join(map(str, cell))
    return str(cell)


def number(value: float) -> str:
    """Return a number as people read it, six digits at most.

    Examples
    --------
    >>> number(94.1917918694), number(6691.107349), number(0.0), number(0.000123456)
    ('94.1918', '6691.11', '0', '0.000123456')
    """
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    return f"{value:.6g}"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
