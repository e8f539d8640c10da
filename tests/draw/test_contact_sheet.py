"""The contact sheet shows every figure that lies beside it, each with its alternative text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

FIGURES = Path(__file__).parents[2] / "docs" / "figures"


def test_every_figure_is_on_the_sheet_and_there_twice():
    shown = set(re.findall(r"\]\((\w+)\.svg\)", (FIGURES / "README.md").read_text("utf-8")))
    assert shown == {path.stem for path in FIGURES.glob("*.svg")}
    assert shown == {path.stem for path in FIGURES.glob("*.png")}
    assert shown == set(
        re.findall(r'^        "(\w+)": draw', (FIGURES / "draw_all.py").read_text("utf-8"), re.M)
    )


def test_every_figure_has_its_words():
    for path in FIGURES.glob("*.svg"):
        root = ET.parse(path).getroot()
        assert root.get("role") == "img"
        assert len(root.get("aria-label", "")) > 80
