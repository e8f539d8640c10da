"""The exporter: found by Jupyter, whole in itself, faithful to the notebook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as new
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import get_exporter
from nbformat import NotebookNode

from decision.report import words
from decision.report.exporter import DecisionExporter, export, first_words_of, minutes_of, title_of
from decision.report.formulas import mathml


def page_of(*cells: NotebookNode, path: str = "", **metadata: str) -> BeautifulSoup:
    notebook = new.new_notebook(cells=list(cells), metadata=metadata)
    html = export(notebook, {"metadata": {"name": "n", "path": path}})
    return BeautifulSoup(html, "html.parser")


def output(source: str = "x", **data: str) -> NotebookNode:
    mime = {key.replace("_", "/"): value for key, value in data.items()}
    return new.new_code_cell(source, outputs=[new.new_output("display_data", data=mime)])


def test_jupyter_knows_it_by_name() -> None:
    assert get_exporter("decision") is DecisionExporter


def test_nbconvert_writes_it_from_the_command_line(tmp_path: Path) -> None:
    nbformat.write(new.new_notebook(cells=[new.new_markdown_cell("# Hello")]), tmp_path / "a.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "decision", "a.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert "<title>Hello</title>" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_nothing_in_the_page_names_another_place() -> None:
    page = page_of(new.new_markdown_cell("# T\n\n$x$ and $$y$$"), output(text_html="<b>1</b>"))
    assert page.find_all(["script", "iframe", "object", "embed"]) == []
    assert [link["href"] for link in page.find_all("link")] == ["data:,"]
    assert [tag for tag in page.find_all(src=True) if not tag["src"].startswith("data:")] == []
    assert not any("url(" in style.text or "@import" in style.text for style in page("style"))


def test_the_policy_in_the_page_lets_nothing_in() -> None:
    policy = page_of().find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy.replace("https", "http").split("default-src")[1]


def test_formulas_become_mathml_wherever_they_stand() -> None:
    page = page_of(
        new.new_markdown_cell("In $a<b$ line\n\n$$c$$\n\n\\begin{align} d &= e \\end{align}"),
        output(text_latex="$f$"),
        output(text_markdown="It is $g$."),
    )
    assert [math["alttext"] for math in page.find_all("math")] == [
        "a<b",
        "c",
        "\\begin{align} d &= e \\end{align}",
        "f",
        "g",
    ]
    assert "$" not in page.main.text


def test_dollars_in_html_outputs_are_money() -> None:
    assert "$5 and $6" in page_of(output(text_html="<p>$5 and $6</p>")).main.text


def test_a_script_in_an_output_stays() -> None:
    page = page_of(output(text_html="<script>let a = 1 < 2 && true</script>"))
    assert page.main.script.string == "let a = 1 < 2 && true"


def test_links_to_notebooks_lead_to_pages_and_others_stay() -> None:
    page = page_of(
        new.new_markdown_cell(
            "[a](b.ipynb) [c](../d/e.ipynb#f) [g](https://example.org/h.ipynb) [i](j.csv)"
        )
    )
    assert [link["href"] for link in page.main.find_all("a")] == [
        "b.html",
        "../d/e.html#f",
        "https://example.org/h.ipynb",
        "j.csv",
    ]


def test_local_pictures_are_put_in_the_page_and_only_pictures(tmp_path: Path) -> None:
    (tmp_path / "a b.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("secret")
    cell = new.new_markdown_cell("![one](<a b.svg>) ![two](secret.txt) ![three](none.png)")
    sources = {image["alt"]: image["src"] for image in page_of(cell, path=str(tmp_path))("img")}
    assert sources["one"].startswith("data:image/svg+xml;base64,")
    assert sources["two"] == "secret.txt"
    assert sources["three"] == "none.png"


def test_figures_keep_their_alternative_text() -> None:
    figure = new.new_output(
        "display_data", data={"image/png": "AA=="}, metadata={"image/png": {"alt": 'A "<b>" & c'}}
    )
    page = page_of(new.new_code_cell("plot", outputs=[figure]))
    assert page.img["alt"] == 'A "<b>" & c'


def test_long_code_is_folded_and_parameters_never() -> None:
    lines = "\n".join(f"a{number} = {number}" for number in range(9))
    page = page_of(
        new.new_code_cell("1"),
        new.new_code_cell(lines),
        new.new_code_cell(lines, metadata={"tags": ["parameters"]}),
    )
    assert [part.name for part in page.find_all(class_="code")] == ["div", "details", "div"]
    assert page.details.summary.text == "Code, 9 lines"


def test_the_notebook_is_left_as_it_was() -> None:
    notebook = new.new_notebook(cells=[output(text_latex="$f$")])
    before = nbformat.writes(notebook)
    export(notebook, {"metadata": {"name": "n", "path": ""}})
    assert nbformat.writes(notebook) == before


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        ([new.new_markdown_cell("Text\n\n# A *b* `c` #\n")], "A b c"),
        ([new.new_markdown_cell("## Only a section")], "otherwise"),
        ([new.new_code_cell("# a comment")], "otherwise"),
    ],
)
def test_the_title_is_the_first_heading(cells: list[NotebookNode], title: str) -> None:
    assert title_of(new.new_notebook(cells=cells), "otherwise") == title


def test_the_first_words_are_the_computed_answer() -> None:
    text = new.new_markdown_cell("# Title\n\nA [link](x.html) in **bold**.\n\nMore.")
    answer = output(text_markdown="It is **94.19**, by `snake_case` 2 * 3.")
    assert first_words_of(new.new_notebook(cells=[text])) == "A link in bold."
    assert first_words_of(new.new_notebook(cells=[text, answer])) == (
        "It is 94.19, by snake_case 2 * 3."
    )
    assert first_words_of(new.new_notebook(cells=[])) == ""


@pytest.mark.parametrize(
    "latex", [r"\text{<script>alert(1)</script>} x", r"a < b \& \text{&lt;b>}", "<img src=x>"]
)
def test_a_formula_brings_no_tag_of_its_own(latex: str) -> None:
    made = BeautifulSoup(mathml(latex), "html.parser")
    assert made.find(["script", "img", "b"]) is None


def test_what_is_no_formula_is_shown_as_its_source() -> None:
    assert mathml("x_{") == "<code>x_{</code>"
    assert mathml("\\nosuch <b>", "block") == "<pre><code>\\nosuch &lt;b&gt;</code></pre>"


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"\arg\max_{d} u(d)", ["arg", "max"]),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", ["=", "="]),
        (r"\begin{equation} a = b \end{equation}", ["="]),
    ],
)
def test_habits_of_writers_are_met(latex: str, parts: list[str]) -> None:
    made = BeautifulSoup(mathml(latex), "html.parser")
    assert [part.text.strip() for part in made.find_all("mo") if part.text in parts] == parts
    assert "\\" not in made.text


def test_what_is_not_the_base_stands_on_top_and_once() -> None:
    change = "V(test_cost | test=yes) = -14"
    mark = words.changed_here("oil_wildcatter", [change])
    assert mark is not None
    answer = output(text_markdown="► **Model result.** 42.")
    cells = [
        new.new_markdown_cell("# T"),
        output(text_html=mark._repr_html_(), text_plain=repr(mark)),
        answer,
    ]
    notebook = new.new_notebook(cells=cells)
    report = {"before": None, "after": None, "changed": [change]}
    for resources in ({}, {"report": report}):  # by JupyterLab's menu; by a rerun
        page = BeautifulSoup(export(notebook, resources), "html.parser")
        assert [aside.text for aside in page("aside")] == [
            BeautifulSoup(mark._repr_html_(), "html.parser").text
        ]
        assert page.main.find(True) == page.aside
        assert page.main.text.count(change) == 1
    assert len(notebook.cells[1].outputs) == 1  # what was given is left as it was
    assert first_words_of(notebook) == "42."


def test_a_notebook_that_has_no_mark_says_what_was_typed() -> None:
    report = {"before": None, "after": None, "changed": ["P(a=b) = 1", "scenario <x>"]}
    notebook = new.new_notebook(cells=[new.new_markdown_cell("# T")])
    page = BeautifulSoup(export(notebook, {"report": report}), "html.parser")
    assert [code.text for code in page.aside("code")] == ["P(a=b) = 1", "scenario <x>"]


def test_the_time_to_read_counts_words_and_figures_and_neither_code_nor_addresses() -> None:
    link = new.new_markdown_cell("[four words in brackets](" + "and/no/address" * 100 + ")")
    table = output(
        "x = 1\n" * 99,
        text_html="<style>a b</style><script>d e</script><p>five</p><details>f</details><b>6</b>",
        text_plain="the same again in plain",
    )
    figure = output(text_html="<figure><svg><text>not counted</text></svg><p>seven</p></figure>")
    assert minutes_of(new.new_notebook(cells=[link, table, figure])) == 7 / 238 + 1 / 2
