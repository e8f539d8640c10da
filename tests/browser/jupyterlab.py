"""A running JupyterLab for the tests, set as `make lab` sets it, and a notebook open in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Download, Page

ROOT = Path(__file__).parents[2]
SECONDS = 1000
WATCH = """
import os, sys

def told(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect"):
        where = arguments[-1] if event == "socket.connect" else arguments[0]
        with open(os.environ["CALLED"], "a") as lines:
            print(repr(where), file=lines)

sys.addaudithook(told)
"""
"""What every Python of the server runs first: it notes whom anybody calls."""


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its folder, its address, its token, what it said and called."""

    folder: Path
    url: str
    token: str
    log: Path
    called: Path

    def address(self, notebook: str) -> str:
        return f"{self.url}lab/tree/notebooks/{notebook}?token={self.token}&reset"

    def start(self) -> str:
        """Where a reader gets who follows the address that the server prints."""
        return f"{self.url}?token={self.token}"


@contextlib.contextmanager
def lab_on_a_copy(place: Path) -> Iterator[Server]:
    """Start JupyterLab on a copy of the notebooks, with nobody's settings but the project's."""
    folder = place / "project"
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    watch = place / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(WATCH)
    # Sockets of kernels are files here, and their paths have to be short.
    runtime = Path(tempfile.mkdtemp(prefix="lab-"))
    called = place / "called"
    called.touch()
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"),
        "JUPYTERLAB_SETTINGS_DIR": str(place / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(place / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(watch),
        "CALLED": str(called),
    }
    options = {
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port_retries": 99,
        "ServerApp.root_dir": folder,
        "LabApp.expose_app_in_browser": True,
    }
    log = place / "lab.log"
    with log.open("w") as lines:
        lab = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab"]
            + [f"--{option}={value}" for option, value in options.items()],
            env=environment,
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
    try:
        url, token = _when_up(lab, runtime, log)
        yield Server(folder, url, token, log, called)
    finally:
        lab.terminate()
        try:
            lab.wait(30)
        except subprocess.TimeoutExpired:  # a busy machine; it is only a copy
            lab.kill()
            lab.wait()
        shutil.rmtree(runtime)


def _when_up(lab: subprocess.Popen[bytes], runtime: Path, log: Path) -> tuple[str, str]:
    until = time.monotonic() + 60
    while time.monotonic() < until and lab.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                said = json.loads(file.read_text())
            except json.JSONDecodeError:
                continue  # still being written
            return said["url"], said["token"]
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
        cell = self.page.locator(
            ".jp-NotebookPanel:not(.lm-mod-hidden) "
            f".jp-Notebook-cell[data-windowed-list-index='{number}']"
        )
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
        # Not by Ctrl-S: in a part of the page that takes keys for itself it goes elsewhere.
        self.page.get_by_role("menuitem", name="File", exact=True).click()
        self.page.locator(".lm-Menu-item[data-command='docmanager:save']").click()
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
