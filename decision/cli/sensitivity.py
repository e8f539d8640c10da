"""The verb `sensitivity`: every input over its range, or two of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decision.analysis.sensitivity import bars, findings, sensitivity_json
from decision.cli.printing import as_csv, as_json, number
from decision.cli.verbs import open_model, print_rows, progress
from decision.model.problems import COMMAND_LINE, ModelError, Problem

if TYPE_CHECKING:
    import argparse

    from decision.analysis.pairs import Regions
    from decision.model.diagram import InfluenceDiagram

__all__ = ["sensitivity"]

STEPS = 21
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def sensitivity(options: argparse.Namespace) -> None:
    """Print every input over its range, or the best branch all over the ranges of two."""
    _refuse_what_does_not_go_together(options)
    model = open_model(options)
    if options.pairs:
        _print_pair(options, model)
        return
    found = findings(model, options.by, progress("inputs"), options.inputs)
    if options.format == "table":
        found = bars(model, found)
    content = sensitivity_json(found)
    rows = [
        {**row, "lowest": f.lowest, "distance": f.distance}
        for row, f in zip(content["inputs"], found, strict=True)
    ]
    print_rows(options, content, rows)


def _refuse_what_does_not_go_together(options: argparse.Namespace) -> None:
    if len(options.pairs) > 1:
        raise _refused("--pair stands more than once", "ask for one pair at a time")
    if options.pairs and options.inputs:
        raise _refused("--change and --pair stand together", "write the change as one of the pair")
    if options.steps is not None and not options.pairs:
        raise _refused("--steps stands without --pair", "name two inputs, or leave it out")


def _refused(what: str, do: str) -> ModelError:
    return ModelError([Problem(*COMMAND_LINE, what, do)])


def _print_pair(options: argparse.Namespace, model: InfluenceDiagram) -> None:
    from decision.analysis.pairs import pair_json, two_way

    x, y = options.pairs[0]
    steps = STEPS if options.steps is None else options.steps
    found = two_way(model, x, y, steps, options.by, progress("lines"), options.format == "table")
    content = pair_json(found)
    if options.format == "json":
        print(as_json(content))
    elif options.format == "csv":
        print(as_csv(_cells(content)))
    else:
        print(f"{model.title}: best {found.by}", end="\n\n")
        print("\n".join(_map(found)))


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    names = [content[letter]["input"] for letter in ("x", "y")]
    return [
        {f"x: {names[0]}": x, f"y: {names[1]}": y, "preferred": preferred}
        for y, row in zip(content["y"]["values"], content["grid"], strict=True)
        for x, preferred in zip(content["x"]["values"], row, strict=True)
    ]


def _map(found: Regions) -> list[str]:
    """Return the grid as letters, y upwards, with what they stand for."""
    letters = [LETTERS[i % len(LETTERS)] for i in range(len(found.options))]
    marks = [*letters, "·"]
    numbers = [number(y) for y in found.ys.tolist()]
    wide = max(map(len, numbers))
    lines = [f"y: {_plain(found.y)}"]
    for y, row in reversed(list(zip(numbers, found.best.tolist(), strict=True))):
        lines.append(f"{y:>{wide}}  {' '.join(marks[i] for i in row)}")
    first, last = number(float(found.xs[0])), number(float(found.xs[-1]))
    across = max(2 * len(found.xs) - 1, len(first) + len(last) + 1)
    lines.append(f"{'':>{wide}}  {first}{last:>{across - len(first)}}")
    lines += [f"{'':>{wide}}  x: {_plain(found.x)}", ""]
    present = sorted({i for row in found.best.tolist() for i in row} - {-1})
    lines += [f"{letters[i]}  {found.options[i]}" for i in present]
    lines += ["·  no option can be had"] if (found.best < 0).any() else []
    return [*lines, *_told(found)]


def _told(found: Regions) -> list[str]:
    """Return where the model stands, and what is known of the borders."""
    x, y = (number(value) for value in found.base)
    told = ["", f"base: x = {x}, y = {y}"] if "nan" not in (x, y) else []
    hows = {border.how for border in found.crossings}
    if hows:
        kinds = "exact" if hows == {"exact"} else "searched" if hows == {"searched"} else "mixed"
        told.append(f"borders along rows and columns: {len(found.crossings)} points, {kinds}")
    return told


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in text)
