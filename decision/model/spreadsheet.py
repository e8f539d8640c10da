"""CSV files: rows read line by line, each refused kindly, and written back.

Reading line by line, even the largest file that is accepted is refused within the memory
that a small one takes. Cells are as RFC 4180 says, but spaces around a cell, also around
its quotes, are ignored, and so are blank lines and rows of empty cells.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from decision.model.dataclass import dataclass
from decision.model.files import no_utf8, unopened, unreadable
from decision.model.problems import Faults, closest, nearest, shorten

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Row", "csv_text", "read_rows"]

LARGEST = 16 * 2**20
"""Bytes; fifty times the largest model we know."""
MOST_COLUMNS = 100
LONGEST = 2**20
"""Characters of a line, and of a cell in quotes."""
_BLANKS = re.compile(r"[ \t]*")


@dataclass(frozen=True)
class Row:
    """A row of a CSV file: its cells by column, and the line where it begins."""

    line: int
    cells: Mapping[str, str]
    whole: bool = True
    """Whether it has as many cells as the header."""


def read_rows(
    path: str | Path, required: Sequence[str], optional: Sequence[str], faults: Faults, most: int
) -> Iterator[Row]:
    """Yield the rows of a CSV file; what is wrong is noted.

    Parameters
    ----------
    path : str or Path
    required, optional : sequence of str
        Its columns, in any order.
    faults : Faults
        Added to; carries the name of the file for messages.
    most : int
        Rows.
    """
    faults.stopped = True
    refused = unreadable(path, faults.file, LARGEST)
    if refused:
        faults.wrong(refused.line, refused.what, refused.do)
        return
    try:
        faults.stopped = not (yield from _rows(path, required, optional, faults, most))
    except _NoCsvError as error:
        faults.wrong(error.line, error.what, error.do)
    except UnicodeDecodeError:
        with open(path, "rb") as file:
            raw = file.read()
        found = no_utf8(raw, faults.file)
        faults.wrong(found.line, found.what, found.do)
    except OSError as error:
        found = unopened(faults.file, error)
        faults.wrong(found.line, found.what, found.do)


def _rows(
    path: str | Path, required: Sequence[str], optional: Sequence[str], faults: Faults, most: int
) -> Generator[Row, None, bool]:
    """Yield the rows; return whether the end was reached."""
    header: list[str] = []
    count = 0
    for line, cells in _all_cells(path):
        if cells == [""] or (len(cells) == len(header) and not any(cells)):
            continue
        if not header:
            header = cells
            if not _sound_header(header, line, required, optional, faults):
                return False
            continue
        whole = len(cells) == len(header)
        if not whole:
            what = f"the row has {len(cells)} cells, the header {len(header)}"
            do = 'put cells that hold a comma in "double quotes", and keep the empty ones'
            faults.wrong(line, what, do)
        count += 1
        if count > most:
            faults.wrong(line, f"there are more than {most} rows", "cut the file")
        if count > most or faults.full:
            return False
        yield Row(line, dict(zip(header, cells, strict=False)), whole)
    if not header:
        faults.wrong(1, "the file is empty", f"begin with the columns {','.join(required)}")
    return bool(header)


class _NoCsvError(Exception):
    def __init__(self, line: int, what: str, do: str = "") -> None:
        super().__init__(what)
        self.line, self.what = line, what
        self.do = do or 'close every "; write "" for one inside a quoted cell'


def _all_cells(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row with its line."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = _Lines(file)
        while text := lines.following():
            line = lines.number
            if text.isspace():
                continue
            if '"' in text:
                yield line, list(_quoted_cells(text, lines))
            else:
                yield line, [cell.strip() for cell in text.split(",")]


class _Lines:
    """The lines of an open file, counted."""

    def __init__(self, file: Iterable[str]) -> None:
        self.lines = iter(file)
        self.number = 0

    def following(self) -> str:
        """Return the next line with its end, or nothing."""
        text = next(self.lines, "")
        self.number += 1
        if len(text) > LONGEST:
            what = f"the line has {len(text)} characters, above {LONGEST}"
            raise _NoCsvError(self.number, what, "cut it")
        if "\0" in text:
            raise _NoCsvError(self.number, "there is a NUL byte", "save the file as plain text")
        return text


def _quoted_cells(text: str, lines: _Lines) -> Iterator[str]:
    """Yield the cells of a row some of which are quoted; it may go on in the next lines."""
    at = 0
    while True:
        start = _BLANKS.match(text, at).end()  # type: ignore[union-attr]
        quoted = text.startswith('"', start)
        if quoted:
            cell, text, at = _quoted(text, start + 1, lines)
            yield cell
        end = text.find(",", at)
        plain = text[at : end if end >= 0 else None].strip()
        if not quoted:
            yield plain
        elif plain:
            what = f"'{shorten(plain, 20)}' stands after a closing quote"
            raise _NoCsvError(lines.number, what)
        if end < 0:
            return
        at = end + 1


def _quoted(text: str, at: int, lines: _Lines) -> tuple[str, str, int]:
    """Return a quoted cell, the line where it ends and the place after its closing quote."""
    begun = lines.number
    parts: list[str] = []
    length = 0
    while length <= LONGEST:
        close = text.find('"', at)
        if close >= 0:
            parts.append(text[at:close])
            at = close + 1
            if not text.startswith('"', at):
                return "".join(parts).strip(), text, at
            parts.append('"')
            at += 1
        else:
            parts.append(text[at:])
            length += len(parts[-1])
            text, at = lines.following(), 0
            if not text:
                break
    shown = shorten("".join(parts).strip(), 20)
    raise _NoCsvError(begun, f"the quote before '{shown}' is not closed")


def _sound_header(
    header: list[str], line: int, required: Sequence[str], optional: Sequence[str], faults: Faults
) -> bool:
    known = [*required, *optional]
    if len(header) > MOST_COLUMNS:
        what = f"there are {len(header)} columns"
        faults.wrong(line, what, f"use the columns {','.join(known)}")
        return False
    for i, column in enumerate(header):
        if column not in known:
            what = f"there is no column '{shorten(column)}' in this file"
            faults.wrong(line, what, nearest(column, known))
        elif column in header[:i]:
            faults.wrong(line, f"the column '{column}' comes twice", "remove one")
    misspelt = {closest(column, known) for column in header if column not in known}
    for column in required:
        if column not in header and column not in misspelt:
            faults.wrong(line, f"the column '{column}' is missing", "add it")
    return not faults.problems


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV file that `read_rows` reads back cell by cell."""
    return "".join(",".join(map(_cell, row)) + "\n" for row in (columns, *rows))


def _cell(text: str) -> str:
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
