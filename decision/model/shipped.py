"""Opening a model by path or by the name of a shipped one, with its settings made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from decision.model.diagram import InfluenceDiagram
from decision.model.problems import ModelError, Problem, nearest, shorten

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["model_folder", "open_model", "shipped_models", "varied"]

Setting = tuple[str, str]
"""("perspective", name) or ("scenario", name)."""


def data_folder() -> str:
    """Return the folder of shipped models: the repository's, or the installed copy."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(os.path.dirname(package), "data")
    there = os.path.isdir(os.path.join(beside, "examples"))
    return beside if there else os.path.join(package, "data")


def shipped_models() -> dict[str, Path]:
    """Return the folders of the shipped models by name."""
    from pathlib import Path  # slow to load, and most models are named by their path

    data = Path(data_folder())
    folders = [p for p in (*data.glob("*"), *data.glob("examples/*")) if _is_model(p)]
    return {folder.name: folder for folder in sorted(folders, key=lambda p: p.name)}


def _is_model(folder: Path) -> bool:
    return (folder / "model.toml").is_file()


def model_folder(name: str | Path) -> str | Path:
    """Return the folder that a name means.

    Parameters
    ----------
    name : str or Path
        A path, absolute or relative to the working folder or the repository's root, or
        the name of a shipped model.

    Raises
    ------
    ModelError
        Where there is no such folder; names the nearest shipped model.
    """
    root = os.path.dirname(data_folder())
    for folder in (os.fspath(name) or os.curdir, os.path.join(root, name)):
        if os.path.exists(folder):
            return folder
    shipped = shipped_models()
    if str(name) in shipped:
        return shipped[str(name)]
    what = "there is no such folder, and no shipped model of that name"
    raise ModelError([Problem(shorten(name, 200), 1, what, nearest(str(name), shipped))])


def open_model(
    model: str | Path,
    changes: Iterable[str] = (),
    perspective: str | None = None,
    scenario: str | None = None,
) -> InfluenceDiagram:
    """Read a model and make its settings: perspective, scenario, then changes in order.

    Parameters
    ----------
    model : str or Path
        A path or the name of a shipped model.
    changes : iterable of str
        In the small language.
    perspective, scenario : str, optional
        Names of files in the model's folders.

    Raises
    ------
    ModelError
        With every problem of the model, or of the settings.

    Examples
    --------
    >>> from decision import open_model
    >>> open_model("oil_wildcatter", ["P(oil=dry) = 0.4"]).title
    'Oil wildcatter'
    """
    from decision.model.folder import read_model

    settings = [("perspective", perspective), ("scenario", scenario)]
    return varied(
        read_model(model_folder(model)),
        [(kind, name) for kind, name in settings if name],
        list(changes),
    )


def varied(
    model: InfluenceDiagram, settings: Sequence[Setting] = (), changes: Sequence[str] = ()
) -> InfluenceDiagram:
    """Return the model with perspectives and scenarios, in order, and then changes made."""
    for kind, name in settings:
        model = model.perspective(name) if kind == "perspective" else model.scenario(name)
    return model.changed(*changes) if changes else model
