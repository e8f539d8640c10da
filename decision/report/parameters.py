"""A notebook's cell tagged `parameters`: what it sets, and the same cell set otherwise.

The cell holds plain assignments of literals (``model = "korea_2018"``). A rerun replaces
the literals and leaves names, order and comments as they are, so that the page shows
what it was computed with. papermill, the usual tool, adds a second cell and only warns
of a name that the notebook never reads; here such a name is refused, with the nearest.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode

from decision.model.problems import ModelError, Problem, nearest

__all__ = ["put_parameters", "read_parameters"]

TAG = "parameters"


def read_parameters(notebook: NotebookNode, name: str = "notebook") -> dict[str, Any]:
    """Return what the notebook's parameters cell assigns, in its order.

    Parameters
    ----------
    notebook : NotebookNode
        Without a cell tagged ``parameters`` it has no parameters.
    name : str
        The notebook's file name, for messages.

    Raises
    ------
    ModelError
        There are two such cells, or the cell holds something other than assignments of
        literals.
    """
    cell = _cell(notebook, name)
    if cell is None:
        return {}
    return {key: ast.literal_eval(value) for key, value in _assignments(cell.source, name)}


def put_parameters(
    notebook: NotebookNode, values: Mapping[str, Any], name: str = "notebook"
) -> NotebookNode:
    """Return a copy of the notebook whose parameters cell assigns these values.

    Parameters
    ----------
    notebook : NotebookNode
        Left as it is.
    values : mapping
        Parameter to literal; those not named keep what the cell has.
    name : str
        The notebook's file name, for messages.

    Raises
    ------
    ModelError
        A name is none of the cell's; the message lists those and suggests the nearest.

    Examples
    --------
    >>> import nbformat.v4 as new
    >>> cell = new.new_code_cell("rate = 0.3  # a year", metadata={"tags": ["parameters"]})
    >>> notebook = new.new_notebook(cells=[cell])
    >>> put_parameters(notebook, {"rate": 0.5}).cells[0].source
    'rate = 0.5  # a year'
    >>> put_parameters(notebook, {"rates": 0.5}, "01.ipynb")
    Traceback (most recent call last):
    decision.model.problems.ModelError: command line:1: 01.ipynb has no parameter 'rates' ...
    """
    changed = copy.deepcopy(notebook)
    cell = _cell(changed, name)
    known = dict(_assignments(cell.source, name)) if cell is not None else {}
    unknown = [key for key in values if key not in known]
    if unknown:
        listed = f"its parameters cell sets {', '.join(known)}" if known else "it sets none"
        raise ModelError(
            Problem(
                "command line",
                1,
                f"{name} has no parameter '{key}' ({listed})",
                nearest(key, known) if known else f"tag a cell that sets it '{TAG}'",
            )
            for key in unknown
        )
    if cell is not None:
        spans = {key: known[key] for key in values}
        cell.source = _replaced(cell.source, spans, values)
    return changed


def _cell(notebook: NotebookNode, name: str) -> NotebookNode | None:
    numbered = [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", [])
    ]
    if len(numbered) > 1:
        cells = " and ".join(str(number) for number, _ in numbered)
        what = f"cells {cells} are both tagged '{TAG}'"
        raise ModelError([Problem(name, numbered[1][0], what, "keep the tag on one")])
    return numbered[0][1] if numbered else None


def _assignments(source: str, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Name and literal of each assignment in the cell."""
    do = "write NAME = LITERAL, one a line; other code belongs in another cell"
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        what = f"the parameters cell is no Python: {error.msg}"
        raise ModelError([Problem(name, error.lineno or 1, what, do)]) from None
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=key)], value=value) if _is_literal(value):
                yield key, value
            case ast.AnnAssign(target=ast.Name(id=key), value=ast.expr() as value) if _is_literal(
                value
            ):
                yield key, value
            case _:
                line = (ast.get_source_segment(source, statement) or "").splitlines()[0]
                what = f"the parameters cell has '{line}', which sets no literal"
                raise ModelError([Problem(name, statement.lineno, what, do)])


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True


def _replaced(source: str, spans: Mapping[str, ast.expr], values: Mapping[str, Any]) -> str:
    """Put literals in place of those at the spans; the last first, so that spans hold."""
    lines = source.encode().splitlines(keepends=True)  # ast counts columns in bytes
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    text = b"".join(lines)
    for key, node in sorted(spans.items(), key=lambda item: -item[1].lineno):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        text = text[:begin] + _literal(values[key]).encode() + text[end:]
    return text.decode()


def _literal(value: Any) -> str:
    """Python for a value as a person would write it: double quotes, long lists in lines."""
    if isinstance(value, str):
        # JSON's string is Python's as long as nothing in it needs an escape of its own.
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, (list, tuple)):
        items = [_literal(item) for item in value]
        if sum(map(len, items)) <= 80:
            return f"[{', '.join(items)}]"
        return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    return repr(value)
