"""A small commented model to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from decision.model.problems import ModelError, Problem, shorten
from decision.model.writing import write_files

__all__ = ["write_starter"]


def write_starter(path: str | Path) -> None:
    """Write the starter model to a new folder.

    Raises
    ------
    ModelError
        Where the folder exists or cannot be written.
    """
    folder = Path(path)
    if folder.exists():
        what = "it exists already"
        raise ModelError([Problem(shorten(folder, 200), 1, what, "name a new folder")])
    source = files("decision.model") / "starter_files"
    content = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in sorted(source.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith((".toml", ".csv"))
    }
    write_files(content, folder)
