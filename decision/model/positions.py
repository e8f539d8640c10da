"""Where things stand in a TOML file: the line of each table, key and text.

The standard library reads TOML without lines. This walks over a text that it has
already accepted, so that a message can name the line to change: also that of one name
in a list that goes over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["Path", "positions"]

Path = tuple[str, ...]

# No group is possessive here: before Python 3.11.5 (Debian 12 has 3.11.2) a possessive
# group that holds alternatives matches wrongly. Its parts exclude each other anyway.
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<text>"{3}[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*"{3,5}
             |'{3}[^']*+(?:'(?!'')[^']*+)*'{3,5}
             |"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"|'[^'\n]*')
    |(?P<mark>[\[\]{}=,.])
    |(?P<bare>[^\s\[\]{}=,."'\#]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}

Token = tuple[str, str, int]


def positions(text: str) -> dict[Path, int]:
    r"""Return the line of each table and key, and of each text in its value.

    Parameters
    ----------
    text : str
        Sound TOML.

    Returns
    -------
    dict of path to line
        ``("chance", "oil", "states")`` is a key, ``("chance", "oil", "states", "dry")``
        a text in its value (where it stands last).

    Examples
    --------
    >>> positions('[chance.oil]\nstates = [\n "dry",\n "wet"]')["chance", "oil", "states", "wet"]
    4
    """
    lines: dict[Path, int] = {}
    table: Path = ()
    tokens = _tokens(text)
    for kind, content, _ in tokens:
        if kind == "newline":
            continue
        if content == "[" and kind == "mark":
            table = _key(tokens, None, (), lines, "]")
        else:
            path = _key(tokens, (kind, content, _), table, lines, "=")
            _value(tokens, path, lines)
    return lines


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        kind, content = found.lastgroup or "", found[0]
        if kind != "blank":
            yield kind, _unquoted(content) if kind == "text" else content, line
        line += content.count("\n")


def _unquoted(text: str) -> str:
    width = 3 if text[:3] in ('"""', "'''") and len(text) >= 6 else 1
    inner = text[width:-width]
    return inner if text[0] == "'" or "\\" not in inner else _ESCAPE.sub(_escaped, inner)


def _escaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" and len(code) > 1 else _SHORT.get(code, code)


def _key(
    tokens: Iterator[Token], first: Token | None, table: Path, lines: dict[Path, int], end: str
) -> Path:
    """Return the path of a key up to its end mark, noting the line of each part."""
    path, at = table, 0
    token = first or next(tokens, None)
    while token is not None:
        kind, content, line = token
        if kind == "mark" and content == end:
            break
        if kind in ("bare", "text"):
            if len(path) > len(table):
                lines.setdefault(path, at)
            path, at = (*path, content), line
        token = next(tokens, None)
    lines[path] = at
    return path


def _value(tokens: Iterator[Token], path: Path, lines: dict[Path, int]) -> None:
    """Walk over a value to the end of its statement, noting the line of each text."""
    paths = [path]
    marks = [""]
    wants_key = False
    for kind, content, line in tokens:
        if kind == "newline":
            if len(marks) == 1:
                return
        elif kind == "mark":
            if content in "[{":
                marks.append(content)
                paths.append(paths[-1])
                wants_key = content == "{"
            elif content in "]}":
                marks.pop()
                paths.pop()
                wants_key = False
            elif content == "," and marks[-1] == "{":
                wants_key = True
        elif wants_key:
            paths[-1] = _key(tokens, (kind, content, line), paths[-2], lines, "=")
            wants_key = False
        elif kind == "text":
            lines[(*paths[-1], content)] = line
