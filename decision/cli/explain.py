"""`decision explain`: why the best branch is best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision.cli.verbs import open_model, print_rows, progress

if TYPE_CHECKING:
    import argparse

__all__ = ["explain"]


def explain(options: argparse.Namespace) -> None:
    """Print the explanation, and what each value adds to each difference."""
    import textwrap

    from decision.analysis.explanation import explain as explain_
    from decision.analysis.explanation import explanation_json

    why = explain_(open_model(options), options.by, progress=progress("inputs"))
    content = explanation_json(why)
    rows = [
        {"option": row["option"], "difference": row["difference"], **row["by_value"]}
        for row in content["against"]
    ]
    if options.format == "table" and rows:
        names = list(dict.fromkeys(key for row in rows for key in row))[1:]
        columns = [f"against {row['option']}" for row in rows]
        rows = [
            {"": name, **{c: row[name] for c, row in zip(columns, rows, strict=True)}}
            for name in names
        ]
    head = [textwrap.fill(why.text, 92), ""]
    head += [f'to undo it: --set "{r.input} = {r.at:.6g}"' for r in why.reversals]
    print_rows(options, content, rows, "\n".join(head).rstrip())
