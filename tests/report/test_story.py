"""The shipped notebooks: an answer first, numbers computed, short code, figures that speak."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from statistics import median

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode

import decision as da
from decision.report.exporter import minutes_of
from decision.report.notebooks import rerun

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHANGE = "P(intent=wedge_driving) = 0.7"


def quiet(_: str) -> None:
    """Take no notice."""


@pytest.fixture(params=NOTEBOOKS, ids=lambda file: file.stem, scope="module")
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return nbformat.read(request.param, 4)


def code_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(notebook: NotebookNode, mime: str) -> list[str]:
    """Everything of a kind that the notebook shows."""
    outputs = [output for cell in code_of(notebook) for output in cell.outputs]
    return [output.data[mime] for output in outputs if mime in output.get("data", {})]


def test_the_title_is_a_question_and_the_answer_is_computed_before_anything_else(
    notebook: NotebookNode,
) -> None:
    assert notebook.cells[0].source.splitlines()[0].endswith("?")
    first = next(cell for cell in code_of(notebook) if cell.outputs)
    assert notebook.cells.index(first) <= 4
    answer = first.outputs[0].data["text/markdown"]
    assert re.search(r"\*\*[^*]*\d[^*]*\*\*", answer)  # a number in bold
    _, said = answer.split(".** ", 1)
    assert len(re.split(r"(?<=\.) (?=[A-Z“])", said)) == 2
    assert re.search(r" to \S*\d|±", answer)  # and a range


def test_the_ways_through_take_as_long_as_they_say() -> None:
    start = nbformat.read(NOTEBOOKS[0], 4)
    ways = next(cell.source for cell in start.cells if cell.source.startswith("## Ways through"))
    rows = [row.strip("| ").split(" | ") for row in ways.splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 4
    for _, pages, typed in rows:
        files = [ROOT / "notebooks" / name for name in re.findall(r"\]\((.*?)\)", pages)]
        assert set(files) <= set(NOTEBOOKS)
        files += NOTEBOOKS[:1] if "this page" in pages else []
        files = NOTEBOOKS if "the list" in pages else files
        minutes = sum(minutes_of(nbformat.read(file, 4)) for file in files)
        assert abs(minutes - int(typed)) <= 5


def test_the_list_of_pages_has_them_all_in_order() -> None:
    start = nbformat.read(NOTEBOOKS[0], 4)
    pages = next(cell.source for cell in start.cells if cell.source.startswith("## Where to go"))
    files = re.findall(r"\]\((.*?)\)", pages)
    assert files == [file.name for file in NOTEBOOKS[1:]]
    questions = re.findall(r"\[(.*?)\]", pages)
    assert all(question.endswith("?") for question in questions)


def test_what_is_not_the_base_is_said_first_and_the_base_says_nothing(
    notebook: NotebookNode,
) -> None:
    marks = [cell for cell in code_of(notebook) if "words.changed_here(" in cell.source]
    assert len(marks) == 1
    assert marks[0] is code_of(notebook)[1]  # right behind the parameters
    assert marks[0].outputs == []
    # It is asked about what the page is computed with, be that all four or fewer.
    opened, said = (
        re.search(rf"{name}\((.*)\)", marks[0].source) for name in ("open_model", "changed_here")
    )
    assert opened
    assert said
    assert opened[1] == said[1]


def test_it_ends_with_what_would_change_it(notebook: NotebookNode) -> None:
    headings = re.findall(
        r"^## (.+)$",
        "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"),
        re.MULTILINE,
    )
    assert headings[-1].startswith("What would change")
    assert notebook.cells[-1].cell_type == "code"
    assert notebook.cells[-1].outputs


def test_prose_holds_no_number_that_a_change_could_make_wrong(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$", "", cell.source, flags=re.DOTALL)
            assert re.findall(r"\d+\.\d+|\d\s*%|percentage points? (?:more|less)", prose) == []


def test_code_is_short_and_plain(notebook: NotebookNode) -> None:
    sources = [
        cell.source
        for cell in code_of(notebook)
        if "parameters" not in cell.metadata.get("tags", [])
    ]
    assert median(len(source.strip().splitlines()) for source in sources) <= 3
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    loops = (ast.For, ast.While, ast.FunctionDef, ast.Lambda, ast.ListComp, ast.If)
    assert not any(isinstance(node, loops) for node in nodes)
    assert not any(re.search(r"style|set_option|rcParams|<\w+", source) for source in sources)


def test_tables_fit_a_page(notebook: NotebookNode) -> None:
    for html in shown(notebook, "text/html"):
        page = BeautifulSoup(html, "html.parser")
        for folded in page.select("details:not([open])"):
            folded.decompose()
        for body in page.find_all("tbody"):
            assert 1 <= len(body.find_all("tr")) <= 12


def test_figures_say_what_they_show(notebook: NotebookNode) -> None:
    figures = [
        figure
        for html in shown(notebook, "text/html")
        for figure in BeautifulSoup(html, "html.parser").find_all("figure")
    ]
    for figure in figures:
        assert len(figure.svg["aria-label"]) > 40
        assert figure.figcaption.text.startswith(("► Model result.", "▷ In the model."))
    assert shown(notebook, "image/png") == []


def test_the_three_kinds_of_statement_are_marked(notebook: NotebookNode) -> None:
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    quotes = [line for source in prose for line in source.splitlines() if line.startswith(">")]
    assert all(line.startswith(("> ■ **Fact", "> ◇ **Judgement")) for line in quotes)
    for markdown in shown(notebook, "text/markdown"):
        assert markdown.startswith(("► **Model result.**", "▷ **In the model.**"))


def test_nothing_tells_where_it_was_run(notebook: NotebookNode) -> None:
    outputs = "".join(nbformat.writes(notebook).split('"outputs"')[1:])
    assert str(ROOT) not in outputs
    assert re.findall(r"(?:/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\)\S*", outputs) == []


def test_a_rerun_shows_the_new_numbers_and_no_old_ones(tmp_path: Path) -> None:
    file = ROOT / "notebooks" / "11_your_numbers.ipynb"
    rerun([file], tmp_path / "out", changes=[CHANGE], perspective="moon_government", progress=quiet)
    page = BeautifulSoup((tmp_path / "out" / f"{file.stem}.html").read_text(), "html.parser").text
    model = da.open_model("korea_2018", [CHANGE], "moon_government")
    expected = da.solve(model).expected_value
    assert repr(expected) in page
    assert repr(da.solve(da.open_model("korea_2018")).expected_value) not in page
    branches = dict(da.solve(model).branches())
    best = max(branches, key=lambda option: branches[option] or 0.0)
    assert f"{best.replace('_', ' ')} leads" in page
    views = len(da.open_model("korea_2018").perspectives["moon_government"])
    mark = f"Not the base: perspective moon_government ({views} changes); {CHANGE} (base 0.4)."
    assert page.count(mark) == 1
    assert page.index(mark) < page.index("Change one, run the page again")


def test_a_misspelt_perspective_stops_every_notebook_before_it_runs(tmp_path: Path) -> None:
    with pytest.raises(da.ModelError, match=r"moon_goverment.*moon_government"):
        rerun(NOTEBOOKS, tmp_path / "out", perspective="moon_goverment", progress=quiet)
    assert not (tmp_path / "out").exists()
