"""Pages with an explorer for the tests: whole files with the strictest policy there is."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from decision.analysis.outcomes import outcomes
from decision.model.diagram import InfluenceDiagram
from decision.model.shipped import open_model
from decision.report.explorer import Section, explorer_html

HOUSE = Path(__file__).parents[2] / "decision/report/templates/decision/static/decision.css"


def hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def whole(section: Section) -> str:
    """A page that allows this very script and style and nothing else."""
    style = HOUSE.read_text(encoding="utf-8") + section.style
    policy = (
        f"default-src 'none'; script-src {hashed(section.script)}; style-src {hashed(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<link rel="icon" href="data:,"><title>Explorer</title>'
        f"<style>{style}</style></head><body><main>{section.html}</main>"
        f"<script>{section.script}</script></body></html>"
    )


def written(model: InfluenceDiagram, folder: Path, name: str = "page", **options: object) -> Path:
    """Write the page of a model's explorer; ranges are left out where no test needs them."""
    options.setdefault("found", [])
    file = folder / f"{name}.html"
    file.write_text(whole(explorer_html(model, **options)), encoding="utf-8")  # type: ignore[arg-type]
    return file


# -- what a reader does on the oil wildcatter's page ---------------------------------


@pytest.fixture
def oil(tmp_path: Path, open_offline: Callable[..., Any]) -> Any:
    model = open_model("oil_wildcatter")
    return open_offline(written(model, tmp_path, found=None))


def search(page: Page, text: str) -> None:
    field = page.get_by_label("Change a number", exact=True)
    field.fill(text)
    field.press("Enter")


def total(page: Page, option: str) -> float:
    shown = page.locator(f"[data-cell='worth {option}']").get_attribute("data-value")
    return float(str(shown))


def value_of(*changes: str) -> float:
    return float(outcomes(open_model("oil_wildcatter", changes))["E(total)"]["yes"])


# -- random changes ----------------------------------------------------------------


class Changes:
    """Random changes of a model, most of them legal."""

    def __init__(self, model: InfluenceDiagram, rng: np.random.Generator) -> None:
        self.model, self.rng = model, rng
        self.chances = [c for c in model.chances if len(c.states) > 1]

    def some(self) -> list[str]:
        return [self.one() for _ in range(self.rng.integers(1, 5))]

    def one(self) -> str:
        kinds = [self.probability, self.probability, self.odds, self.value, self.weight]
        if self.rng.random() < 0.08:
            return self.wrong()
        if not self.chances:
            kinds = kinds[-2:]
        return kinds[self.rng.integers(len(kinds))]()

    def pick(self, things: Sequence[str]) -> str:
        return things[self.rng.integers(len(things))]

    def number(self, low: float, high: float) -> str:
        number = round(float(self.rng.uniform(low, high)), int(self.rng.integers(1, 6)))
        return self.pick([f"{number:g}", repr(number), f"{number:.3e}"])

    def where(self, given: Sequence[str]) -> str:
        """Conditions on some parents, alternatives among them."""
        parts = []
        for name in given:
            if self.rng.random() < 0.6:
                states = self.model.states(name)
                chosen = self.rng.permutation(len(states))[: self.rng.integers(1, 3)]
                parts.append(f"{name}={'|'.join(states[i] for i in chosen)}")
        return f" | {', '.join(parts)}" if parts else ""

    def target(self) -> str:
        node = self.chances[self.rng.integers(len(self.chances))]
        return f"({node.name}={self.pick(node.states)}{self.where(node.given)})"

    def probability(self) -> str:
        operator = self.pick(["=", "=", "=", "*=", "+=", "-="])
        low, high = {"=": (0, 1), "*=": (0.1, 1.3)}.get(operator, (0, 0.3))
        number = self.pick(["1/3", "0", "1"]) if self.rng.random() < 0.1 else ""
        return f"P{self.target()} {operator} {number or self.number(low, high)}"

    def odds(self) -> str:
        return f"odds{self.target()} *= {self.number(0.05, 8)}"

    def value(self) -> str:
        node = self.model.values[self.rng.integers(len(self.model.values))]
        low, high = float(node.table.min()), float(node.table.max())
        operator = self.pick(["=", "*=", "+=", "-="])
        number = self.number(0.3, 2) if operator == "*=" else self.number(low, high + 1)
        return f"V({node.name}{self.where(node.given)}) {operator} {number}"

    def weight(self) -> str:
        node = self.model.values[self.rng.integers(len(self.model.values))]
        operator = self.pick(["=", "*=", "+=", "-="])
        return f"weight({node.name}) {operator} {self.number(0, 2)}"

    def wrong(self) -> str:
        """What Python refuses."""
        node = self.model.nodes[self.model.time_order[-1]]
        value, state = self.model.values[0].name, self.model.states(node.name)[0]
        return self.pick(
            [
                f"P({node.name}={state}) = 1.5",
                f"P({node.name}=no_such_state) = 0.5",
                f"P(no_such_node={state}) = 0.5",
                f"P({node.name}={state} | no_such_parent=yes) = 0.5",
                f"odds({node.name}={state}) = 2",
                f"odds({node.name}={state}) *= 0",
                f"weight({value}) = -1",
                f"V({value}) = 1e400",
                f"V({value}) *= 1e305",
                f"P({node.name}={state}|{state}) = 0.5",
                f"P({node.name}={state}|a=b) = 0.5",
                f"P({node.name}={state}) == 0.5",
                f"P({node.name}={state}) = 0.5 0.5",
                f"P({node.name}={state}) = .5",
                f"V({value}) = 1/0",
                f"E({value}) = 1",
                "constructor",
                "P(constructor=yes) = 0.5",
                "",
            ]
        )
