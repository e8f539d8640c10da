"""Draw every figure of the contact sheet anew: ``python docs/figures/draw_all.py``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import decision as da
from decision import Chance, Decision, InfluenceDiagram, Value, draw

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "data"
WORDS = "P(tone=restrained | strategy=restrained_rhetoric|off_ramp_and_restraint) = x in 0..1"
OFFERS = "P(offer=credible | strategy=off_ramp|off_ramp_and_restraint) = y in 0..1"


def sixty_nodes() -> InfluenceDiagram:
    """A made-up diagram of 60 nodes, each with parents among the dozen before it."""
    rng = np.random.default_rng(4)
    words = ["Talks", "Trade", "Public opinion", "Credible offer", "Sanctions", "Crisis", "Budget"]
    names: list[str] = []
    decisions, chances, values = [], [], []
    for i in range(48):
        label = f"{words[int(rng.integers(len(words)))]} {i + 1}"
        parents = [str(n) for n in rng.permutation(names[-12:])[: int(rng.integers(0, 4))]]
        if i % 12 == 9:
            decisions.append(Decision(f"d{i}", ["yes", "no"], parents, label=f"Choice {i + 1}"))
        else:
            table = np.full((2,) * (len(parents) + 1), 0.5)
            chances.append(Chance(f"c{i}", ["yes", "no"], parents, table, label=label))
        names.append(f"d{i}" if i % 12 == 9 else f"c{i}")
    for i in range(12):
        parents = [str(n) for n in rng.permutation(names[12:])[:3]]
        values.append(Value(f"v{i}", parents, np.zeros((2, 2, 2)), label=f"Value {i + 1}"))
    return InfluenceDiagram(decisions=decisions, chances=chances, values=values)


def many_sites() -> InfluenceDiagram:
    """A made-up choice among 500 sites, each to be tested (25 results) before it is built on."""
    rng = np.random.default_rng(5)
    sites, results = [f"site_{i}" for i in range(500)], [f"result_{i}" for i in range(25)]
    gains = rng.normal(50, 20, (500, 25, 2)).round(1)
    return InfluenceDiagram(
        decisions=[Decision("site", sites), Decision("build", ["yes", "no"], ["test"])],
        chances=[Chance("test", results, ["site"], rng.dirichlet([0.5] * 25, 500))],
        values=[Value("gain", ["site", "test", "build"], gains, unit="million euros")],
        title="Many sites",
    )


def long_names() -> InfluenceDiagram:
    """A made-up choice among six options whose names are much too long."""
    options = [
        "continue_the_present_policy_without_any_change",
        "maximum_pressure_with_secondary_sanctions",
        "freeze_for_freeze_under_inspection",
        "quiet_back_channel_talks_through_a_third_party",
        "withdraw",
        "grand_bargain_including_normalisation_of_relations",
    ]
    safety = [[75, 45], [40, 41], [60, 44], [78, 47], [55, 40], [81, 22]]
    odds = [[p, 1 - p] for p in (0.5, 0.2, 0.45, 0.55, 0.3, 0.6)]
    return InfluenceDiagram(
        decisions=[Decision("course", options)],
        chances=[Chance("reaction", ["open", "hostile"], ["course"], odds)],
        values=[Value("safety", ["course", "reaction"], safety, unit="points")],
        title="Long names",
    )


def main() -> None:
    korea = da.read_model(DATA / "korea_2018")
    oil = da.read_model(DATA / "examples" / "oil_wildcatter")
    party = da.read_model(DATA / "examples" / "party_problem")
    reactor = da.read_model(DATA / "examples" / "reactor")
    branches = da.outcomes(korea)
    folded = da.unroll(korea, fold=True)
    drawn = [da.uncertainty(korea, seed=1, draw=kind) for kind in ("independent", "linked")]
    web, sites = sixty_nodes(), da.unroll(many_sites())
    war = (2.1, "percentage points of the chance of major war")
    strategy = da.unroll(korea, strategy_only=True, fold=True)
    robust = da.robustness(korea)
    offers = {
        "Knowing what will happen": da.value_of_information(korea),
        "Knowing the numbers": da.value_of_knowing_inputs(korea, seed=1, draw="linked"),
        "Doubling the odds": da.value_of_better_odds(korea),
        "Choosing what happens": da.value_of_control(korea),
    }
    pictures = {
        "korea_graph": draw.influence_graph(korea),
        "korea_graph_escalation": draw.influence_graph(korea, highlight="escalation"),
        "korea_tree": draw.tree(da.unroll(korea, depth=5)),
        "korea_tree_likely": draw.tree(folded, leaves=20, likely=True),
        "korea_small_trees": draw.small_trees(folded),
        "korea_strategy": draw.tree(strategy, depth=6),
        "korea_differences": draw.outcomes(branches, equivalent=war),
        "korea_values": draw.outcome_panels(branches, korea),
        "korea_escalation": draw.outcome_panels(branches, korea, ["escalation", "tone"]),
        "korea_risk": draw.risk_profile(da.risk_profile(korea)),
        "korea_lives": draw.risk_profile(da.risk_profile(korea, "lives")),
        "korea_waterfall": draw.waterfall(da.explain(korea)),
        "korea_tornado": draw.tornado(da.sensitivity(korea)),
        "korea_words_and_offers": draw.regions(da.two_way(korea, WORDS, OFFERS)),
        "korea_rainbow": draw.rainbow(da.rainbow(korea, WORDS)),
        "korea_ledger": draw.ledger(da.ledger(korea)),
        "korea_uncertainty": draw.uncertainty(drawn[1]),
        "korea_gaps": draw.differences_drawn(*drawn),
        "korea_sobol": draw.sobol(da.sobol(korea, seed=1, draw="linked")),
        "korea_corners": draw.discovery(da.discover(korea, seed=1)),
        "korea_disagreement": draw.disagreement(da.disagreement(korea)),
        "korea_regret": draw.robustness(robust),
        "korea_intervals": draw.intervals(robust),
        "korea_worth": draw.worth(korea, offers, rows=4),
        "oil_graph": draw.influence_graph(oil),
        "oil_tree": draw.tree(da.unroll(oil)),
        "reactor_tree": draw.tree(da.unroll(reactor)),
        "sixty_nodes": draw.influence_graph(web),
        "sixty_nodes_talks": draw.influence_graph(web, highlight="c19"),
        "sites_tree": draw.tree(sites, leaves=25),
        "sites_tree_likely": draw.tree(sites, leaves=40, likely=True),
        "party_tornado": draw.tornado(da.sensitivity(party), unit="dollars"),
        "long_names": draw.outcomes(da.outcomes(long_names())),
    }
    for name, picture in pictures.items():
        draw.save(picture, HERE / f"{name}.svg")
        draw.save(picture, HERE / f"{name}.png", resolution=110)
        print(f"{name}: {draw.alt_text(picture)[:70]}…")


if __name__ == "__main__":
    main()
