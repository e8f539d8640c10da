"""A reader's hour in a real JupyterLab: open, run, change a number, run again, export."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import nbformat.v4 as new
import pytest
from playwright.sync_api import Browser, Download, Page

ROOT = Path(__file__).parents[2]
SECONDS = 1000
SMALL = """
from IPython.display import HTML
HTML(f'<output id="answer">{sum(changes)}</output>'
     '<script>document.getElementById("answer").dataset.live = "yes"</script>')
"""


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its folder, its address, its token."""

    folder: Path
    url: str
    token: str

    def address(self, notebook: str) -> str:
        return f"{self.url}lab/tree/{notebook}?token={self.token}&reset"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start JupyterLab on a copy of the notebooks, with settings of its own."""
    place = tmp_path_factory.mktemp("lab")
    folder = place / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    small = new.new_notebook(
        cells=[
            new.new_markdown_cell("# Small\n\nA formula: $a < b$."),
            new.new_code_cell("changes = [1, 2]", metadata={"tags": ["parameters"]}),
            new.new_code_cell(SMALL.strip()),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(small, folder / "small.ipynb")
    settings = place / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    # Sockets of kernels are files here, and their paths have to be short.
    runtime = Path(tempfile.mkdtemp(prefix="lab-"))
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(place / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(place / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
    }
    log = place / "lab.log"
    with log.open("w") as lines:
        options = {
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port_retries": 99,
            "ServerApp.root_dir": folder,
            "LabApp.expose_app_in_browser": True,
            "KernelManager.transport": "ipc",
        }
        lab = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab"]
            + [f"--{option}={value}" for option, value in options.items()],
            env=environment,
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _when_up(lab, runtime, folder, log)
    finally:
        lab.terminate()
        lab.wait(30)
        shutil.rmtree(runtime)


def _when_up(lab: subprocess.Popen[bytes], runtime: Path, folder: Path, log: Path) -> Server:
    until = time.monotonic() + 60
    while time.monotonic() < until and lab.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                said = json.loads(file.read_text())
            except json.JSONDecodeError:
                continue  # still being written
            return Server(folder, said["url"], said["token"])
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


@dataclass
class Lab:
    """A notebook open in JupyterLab, driven as a reader would."""

    page: Page

    def run_all(self) -> None:
        """Run, Run All Cells; then wait until every code cell has been run to its end."""
        self.page.evaluate(
            """() => { for (const cell of jupyterapp.shell.currentWidget.content.widgets)
                if (cell.model.type === 'code') cell.model.executionCount = null; }"""
        )
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(
            """() => {
                const panel = jupyterapp.shell.currentWidget;
                const session = panel.sessionContext.session;
                return session?.kernel?.status === 'idle' && panel.content.widgets.every(
                    cell => cell.model.type !== 'code' || cell.model.executionCount
                        || !cell.model.sharedModel.source.trim());
            }""",
            timeout=120 * SECONDS,
        )

    def edit_parameters(self, old: str, text: str) -> None:
        """Type a line over one of the parameters cell's lines."""
        number = self.page.evaluate(
            """() => {
                const content = jupyterapp.shell.currentWidget.content;
                const at = content.widgets.findIndex(
                    cell => (cell.model.getMetadata('tags') ?? []).includes('parameters'));
                content.activeCellIndex = at;
                content.scrollToItem(at, 'center');
                return at;
            }"""
        )
        cell = self.page.locator(f".jp-Notebook-cell[data-windowed-list-index='{number}']")
        line = cell.locator(".cm-line", has_text=old).first
        line.click()
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Shift+End")
        self.page.keyboard.insert_text(text)
        assert text in self.page.evaluate(
            f"() => jupyterapp.shell.currentWidget.content.widgets[{number}]"
            ".model.sharedModel.source"
        )

    def shown(self, source: str = "") -> str:
        """What the cells whose code begins so show, as text (those off screen too)."""
        return str(
            self.page.evaluate(
                """source => jupyterapp.shell.currentWidget.content.widgets
                    .filter(cell => cell.model.type === 'code'
                        && cell.model.sharedModel.source.startsWith(source))
                    .flatMap(cell => {
                        const shown = cell.outputArea.node.cloneNode(true);
                        shown.querySelectorAll('script, style').forEach(part => part.remove());
                        return [...shown.querySelectorAll('.jp-OutputArea-output')]
                            .map(output => output.textContent.trim());
                    }).join('\\n')""",
                source,
            )
        )

    def export(self, to: Path) -> Path:
        """File, Save and Export Notebook As, Decision; return the file downloaded."""
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
        self.page.get_by_role("menuitem", name="File", exact=True).click()
        self.page.locator(".lm-Menu-item", has_text="Save and Export Notebook As").hover()
        # The download begins in a window that opens for it and closes at once.
        downloads: list[Download] = []

        def keep(download: Download) -> None:
            downloads.append(download)

        self.page.context.on("page", lambda page: page.on("download", keep))
        self.page.on("download", keep)
        self.page.get_by_role("menuitem", name="Decision", exact=True).click()
        until = time.monotonic() + 60
        while not downloads and time.monotonic() < until:
            self.page.wait_for_timeout(50)
        assert downloads, "the menu's entry led to no download"
        file = to / downloads[0].suggested_filename
        downloads[0].save_as(file)
        return file


@pytest.fixture
def open_in_lab(server: Server, browser: Browser) -> Iterator[Callable[[str], Lab]]:
    contexts = []

    def opened(notebook: str) -> Lab:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.goto(server.address(notebook))
        page.wait_for_function(
            """() => {
                const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
                return session?.isReady && session.session?.kernel?.status === 'idle';
            }""",
            timeout=90 * SECONDS,
        )
        return Lab(page)

    yield opened
    for context in contexts:
        context.close()


def test_a_notebook_is_changed_rerun_and_exported_alive(
    open_in_lab: Callable[[str], Lab], open_offline: Callable[..., Any], tmp_path: Path
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


CHANGE = "P(intent=wedge_driving) = 0.7"
NUMBER = "da.solve(korea).expected_value"


def solved(*options: str) -> str:
    """The expected value that the command line prints, digit for digit."""
    command = [sys.executable, "-m", "decision", "solve", "korea_2018", "--format", "json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    return repr(json.loads(done.stdout)["expected_value"])


def test_a_reader_changes_a_probability_and_sees_what_the_command_line_prints(
    open_in_lab: Callable[[str], Lab], open_offline: Callable[..., Any], tmp_path: Path
) -> None:
    lab = open_in_lab("11_your_numbers.ipynb")
    lab.run_all()
    assert lab.shown(NUMBER) == solved()
    lab.edit_parameters("changes =", f'changes = ["{CHANGE}"]')
    lab.run_all()
    number = lab.shown(NUMBER)
    assert number == solved("--set", CHANGE)
    assert number != solved()
    exported = lab.export(tmp_path)
    assert exported.name == "11_your_numbers.html"
    opened = open_offline(exported)
    assert number in opened.page.locator("main").inner_text()
    assert CHANGE in opened.page.locator(".celltag_parameters").inner_text()
    assert opened.asked() == []
    assert opened.heard.complaints == []
