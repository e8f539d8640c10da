"""The tree as indented text, for a terminal."""

from __future__ import annotations

from decision.tree.nodes import Tree

__all__ = ["outline"]

MOST_LINES = 400


def outline(tree: Tree, most: int = MOST_LINES) -> str:
    """Return the tree as lines of text; a subtree shown before is named, not repeated.

    Parameters
    ----------
    tree : Tree
    most : int
        Lines at which to stop, with a word on what was left out.
    """
    lines = [f"expected value {tree.expected_value:.6g}; ► marks what is chosen"]
    shown: set[int] = set()
    stack: list[tuple[int, int, str]] = [(tree.root, 0, "")]
    while stack and len(lines) < most:
        identity, level, branch = stack.pop()
        node = tree.nodes[identity]
        again = identity in shown and node.kind != "end"
        shown.add(identity)
        what = f"[{node.name}]" if node.kind == "decision" else f"({node.name})"
        end = "" if node.kind == "end" else f"  {what}" + (" as above" if again else "")
        lines.append(f"{'  ' * level}{branch}{node.expected_value:.6g}{end}".rstrip())
        if again:
            continue
        for edge in reversed(node.branches):
            mark = "► " if edge.chosen else "  "
            odds = "" if edge.probability is None else f" {edge.probability:.3g}"
            stack.append((edge.to, level + 1, f"{mark}{edge.label}{odds}: "))
    if stack:
        lines.append(
            f"… and more: {len(tree.nodes)} different nodes; see --depth and --format json"
        )
    return "\n".join(lines)
