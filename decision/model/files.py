"""Reading and writing text files: refused kindly, written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from decision.model.problems import Problem, nearest, shorten

__all__ = ["Row", "read_table", "read_text", "replace_file"]

LARGEST = 32 * 2**20
"""Bytes; a hundred times the largest model we know."""


@dataclass(frozen=True)
class Row:
    """A row of a CSV file: its cells by column, and the line where it begins."""

    line: int
    cells: dict[str, str]


def read_text(path: Path, shown: str) -> str | Problem:
    """Return a file's text without byte-order mark, or what keeps us from reading it."""
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "there is no such file"
            return Problem(shown, 1, what, "add it")
        size = path.stat().st_size
        if size > LARGEST:
            what = f"the file has {size / 2**20:.0f} MB, above {LARGEST // 2**20} MB"
            return Problem(shown, 1, what, "keep data that is not the model's out of it")
        raw = path.read_bytes()
    except OSError as error:
        return Problem(shown, 1, f"it cannot be read ({error.strerror})", "check the path")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{raw[error.start]:02x} is no UTF-8"
        return Problem(shown, line, what, "save the file as UTF-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Problem(shown, line, "there is a NUL byte", "save the file as plain text")
    return text


def read_table(
    path: Path, shown: str, required: Sequence[str], optional: Sequence[str], found: list[Problem]
) -> list[Row]:
    """Return the rows of a CSV file; what is wrong is added to `found`.

    Parameters
    ----------
    path, shown : Path, str
        Where it is and how messages call it.
    required, optional : sequence of str
        Its columns, in any order.
    found : list of Problem
        Added to.
    """
    text = read_text(path, shown)
    if isinstance(text, Problem):
        found.append(text)
        return []
    rows: list[Row] = []
    header: list[str] | None = None
    for line, cells in _cells(text, shown, found):
        if not any(cells):
            continue
        if header is None:
            header = cells
            if not _sound_header(header, shown, line, required, optional, found):
                return []
        elif len(cells) != len(header):
            what = f"the row has {len(cells)} cells, the header {len(header)}"
            do = 'put cells that hold a comma in "double quotes", and keep the empty ones'
            found.append(Problem(shown, line, what, do))
        else:
            rows.append(Row(line, dict(zip(header, cells, strict=True))))
    if header is None:
        columns = ",".join(required)
        found.append(Problem(shown, 1, "the file is empty", f"begin with the columns {columns}"))
    return rows


def _cells(text: str, shown: str, found: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"it is no CSV from here on ({error})"
        found.append(Problem(shown, line, what, 'close every "; write "" for one inside a cell'))


def _sound_header(
    header: list[str],
    shown: str,
    line: int,
    required: Sequence[str],
    optional: Sequence[str],
    found: list[Problem],
) -> bool:
    known = [*required, *optional]
    before = len(found)
    for i, column in enumerate(header):
        if column not in known:
            what = f"there is no column '{shorten(column)}' in this file"
            found.append(Problem(shown, line, what, nearest(column, known)))
        elif column in header[:i]:
            found.append(Problem(shown, line, f"the column '{column}' comes twice", "remove one"))
    for column in required:
        if column not in header:
            what = f"the column '{column}' is missing"
            found.append(Problem(shown, line, what, "add it"))
    return len(found) == before


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside it first, then in its place.

    Raises
    ------
    OSError
        Where it cannot be written; an old file is then as it was.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
