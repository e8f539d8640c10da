"""A reader's hour in a real JupyterLab: open, run, change a number, run again, export."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import nbformat.v4 as new
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Heard
from tests.browser.jupyterlab import ROOT, SECONDS, Lab, Server, lab_on_a_copy

SMALL = """
from IPython.display import HTML
HTML(f'<output id="answer">{sum(changes)}</output>'
     '<script>document.getElementById("answer").dataset.live = "yes"</script>')
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab on a copy of the notebooks, and a small one beside them."""
    with lab_on_a_copy(tmp_path_factory.mktemp("lab")) as started:
        small = new.new_notebook(
            cells=[
                new.new_markdown_cell("# Small\n\nA formula: $a < b$."),
                new.new_code_cell("changes = [1, 2]", metadata={"tags": ["parameters"]}),
                new.new_code_cell(SMALL.strip()),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(small, started.folder / "notebooks" / "small.ipynb")
        yield started


def test_a_notebook_is_changed_rerun_and_exported_alive(
    open_in_lab: Callable[..., Lab], open_offline: Callable[..., Any], tmp_path: Path
) -> None:
    lab = open_in_lab("small.ipynb")
    lab.run_all()
    assert lab.shown() == "3"
    lab.edit_parameters("changes =", "changes = [1, 2, 39]")
    lab.run_all()
    assert lab.shown() == "42"
    exported = lab.export(tmp_path)
    assert exported.name == "small.html"
    opened = open_offline(exported)
    assert opened.page.locator("#answer").text_content() == "42"
    assert opened.page.locator("#answer").get_attribute("data-live") == "yes"
    assert opened.page.locator("math").count() == 1
    assert opened.asked() == []
    assert opened.heard.complaints == []


START = "00_start_here.ipynb"
CHANGE = "P(intent=wedge_driving) = 0.7"
NUMBER = "da.solve(korea).expected_value"


def solved(*options: str) -> str:
    """The expected value that the command line prints, digit for digit."""
    command = [sys.executable, "-m", "decision", "solve", "korea_2018", "--format", "json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    return repr(json.loads(done.stdout)["expected_value"])


def test_a_reader_changes_a_probability_and_sees_what_the_command_line_prints(
    open_in_lab: Callable[..., Lab], open_offline: Callable[..., Any], tmp_path: Path
) -> None:
    lab = open_in_lab("11_your_numbers.ipynb")
    lab.run_all()
    assert lab.shown(NUMBER) == solved()
    assert lab.shown("import decision") == ""  # the base has no mark
    lab.edit_parameters("changes =", f'changes = ["{CHANGE}"]')
    lab.run_all()
    number = lab.shown(NUMBER)
    assert number == solved("--set", CHANGE)
    assert number != solved()
    mark = lab.shown("import decision")
    assert mark.startswith(f"Not the base: {CHANGE} (base 0.4).")
    exported = lab.export(tmp_path)
    assert exported.name == "11_your_numbers.html"
    opened = open_offline(exported)
    assert number in opened.page.locator("main").inner_text()
    assert CHANGE in opened.page.locator(".celltag_parameters").inner_text()
    first = opened.page.locator("main > :first-child")
    assert first.inner_text().startswith(f"Not the base: {CHANGE} (base 0.4).")
    assert opened.page.locator("aside").count() == 1
    assert opened.asked() == []
    assert opened.heard.complaints == []


def in_front(page: Page, notebook: str) -> None:
    """Wait until a notebook is the one that is looked at."""
    page.wait_for_function(
        "path => jupyterapp.shell.currentWidget?.context?.path === path",
        arg=f"notebooks/{notebook}",
        timeout=30 * SECONDS,
    )


def test_it_opens_at_the_start_and_calls_nobody(
    server: Server, open_in_lab: Callable[..., Lab], open_offline: Callable[..., Any]
) -> None:
    heard = Heard()
    page = open_in_lab(address=server.start(), heard=heard).page
    in_front(page, START)  # also before what was open the last time
    page.get_by_role("heading", name="Ways through").scroll_into_view_if_needed()
    page.wait_for_timeout(3 * SECONDS)  # for whoever would ask now whether to ask the network
    assert page.locator(".Toastify__toast").count() == 0
    way = page.get_by_role("row", name="teaches it").get_by_role("link")
    leads_to = "04_the_tree.ipynb"
    way.nth(1).click()
    in_front(page, leads_to)
    page.locator(".jp-Notebook:visible h1").first.wait_for(timeout=30 * SECONDS)
    assert heard.complaints == []
    outside = [url for url in heard.requests if not url.startswith((server.url, "data:", "blob:"))]
    assert outside == []
    called = set(server.called.read_text().split("\n")) - {""}
    assert called, "nobody was watched"
    assert {who for who in called if "127.0.0.1" not in who and "localhost" not in who} == set()
    assert "without encryption" not in server.log.read_text()


def test_make_lab_is_set_by_the_project_and_leaves_the_reader_s_layout_alone(
    tmp_path: Path,
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tmp_path / ".runs").touch()
    jupyter = tools / "jupyter"
    jupyter.write_text('#!/bin/sh\necho "$@"\nenv | grep ^JUPYTER\n')
    jupyter.chmod(0o755)
    done = subprocess.run(
        ["make", "lab", "ARGS=--port 9999", f"VENV={tmp_path}", f"BIN={tools}", "UV=Makefile"],
        cwd=ROOT,
        env=os.environ | {"JUPYTER_CONFIG_PATH": "/mine"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    assert any(line.startswith("lab ") and line.endswith("--port 9999") for line in said)
    assert f"JUPYTER_CONFIG_PATH={ROOT}/.jupyter:/mine" in said
    [layout] = [line for line in said if line.startswith("JUPYTERLAB_WORKSPACES_DIR=")]
    assert layout.split("=")[1].startswith(f"{ROOT}/")
