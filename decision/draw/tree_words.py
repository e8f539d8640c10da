"""What is said below a tree and instead of it: its key, and its account in words."""

from __future__ import annotations

from decision.draw.alt import listed
from decision.draw.layout.sheet import NODE, SPACE, TYPE, Sheet
from decision.draw.numbers import probability
from decision.draw.style import measure

__all__ = ["account", "key_lines", "key_width"]

SYMBOL, APART = 10.0, 18.0
NARROWEST = 400.0
"""Below that a key is not broken into lines."""


def key_lines(sheet: Sheet) -> list[list[tuple[str, str]]]:
    """Return the key's entries, symbol and text, in lines no wider than the tree."""
    lines: list[list[tuple[str, str]]] = [[]]
    room = max(sheet.width - 2 * SPACE, NARROWEST)
    for entry in _entries(sheet):
        if lines[-1] and key_width([*lines[-1], entry]) > room:
            lines.append([])
        lines[-1].append(entry)
    return lines


def key_width(line: list[tuple[str, str]]) -> float:
    """Return how wide a line of the key is, in points."""
    return sum(2 * NODE + SYMBOL + 5 + measure(text, TYPE) + APART for _, text in line) - APART


def _entries(sheet: Sheet) -> list[tuple[str, str]]:
    kinds = {fork.node.kind for fork in sheet.forks if fork.children}
    entries: list[tuple[str, str]] = [
        (kind, kind) for kind in ("decision", "chance") if kind in kinds
    ]
    if any(fork.folded for fork in sheet.forks):
        text = f"folded subtree, with its {sheet.measure.lower()}{_held(sheet)}"
        entries.append(("folded", text))
    if any(fork.node.kind == "end" and not fork.folded for fork in sheet.forks):
        entries.append(("end", "outcome"))
    if "decision" in kinds:
        entries.append(("chosen", "best choice"))
    if "chance" in kinds:
        entries.append(("width", "wider: more probable"))
    return entries


def _held(sheet: Sheet) -> str:
    """Return how many branches folded subtrees hold, as far as they were unrolled."""
    held = sorted(fork.holds for fork in sheet.forks if fork.folded and fork.holds > 1)
    if not held:
        return ""
    if held[0] == held[-1]:
        return f" ({held[0]:,} branches each)" if len(held) > 1 else f" ({held[0]:,} branches)"
    return f" ({held[0]:,} to {held[-1]:,} branches)"


def account(sheet: Sheet) -> str:
    """Return the tree in words: its size, the first fork, and the most probable best course."""
    model, root = sheet.model, sheet.root
    leaves = [fork for fork in sheet.forks if not fork.children]
    folded = sum(fork.folded for fork in leaves)
    caption = {name: model.nodes[name].caption for name in sheet.names}
    words = [
        f"Decision tree of {model.title or 'a model'}: "
        f"{listed(caption.values(), 'and then')}; "
        f"{len(leaves)} row{'' if len(leaves) == 1 else 's'}"
        + (f", {folded} of them folded subtrees{_held(sheet)}" if folded else "")
        + f". {sheet.measure} {sheet.of(root).value} ({sheet.unit})."
    ]
    first = root.node.name
    told = []
    for child in root.children:
        its = sheet.of(child)
        extra = [f"probability {its.odds}"] if its.odds else []
        extra += ["the best choice"] if child.chosen else []
        extra += [f"{its.behind.strip('()')} from the best"] if its.behind else []
        told.append(f"{its.state} {its.value}" + (f" ({', '.join(extra)})" if extra else ""))
    if told:
        words.append(f"{caption[first]}: {'; '.join(told)}.")
    course, odds, fork = [], 1.0, root
    while fork.children:
        on = [child for child in fork.children if child.best]
        name, fork = fork.node.name, max(on, key=lambda child: child.odds or 0.0)
        odds *= 1.0 if fork.odds is None else fork.odds
        course.append(f"{caption[name]} {sheet.of(fork).state}")
    if len(course) > 1:
        words.append(
            f"Taking the best choice and the likeliest branch each time: {', '.join(course)} "
            f"(probability {probability(odds)}, {sheet.measure.lower()} {sheet.of(fork).value})."
        )
    return " ".join(words)
