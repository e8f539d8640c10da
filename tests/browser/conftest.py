"""The browser of the tests: which one, how it is started, and what counts as offline.

One place decides which Chromium: $CHROMIUM, else one on PATH, else Debian's package,
installed here where that needs nobody's password. Without any the tests fail and say
so: a page that nobody opened is not a page that works.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.jupyterlab import SECONDS, Lab, Server

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Path of the browser; installed first if need and permission be."""
    if named := os.environ.get("CHROMIUM"):
        if not shutil.which(named):
            pytest.fail(f"$CHROMIUM names {named}, which is no program", pytrace=False)
        return named
    if not any(map(shutil.which, NAMES)):
        install("chromium", "need Chromium: install it or set $CHROMIUM to its path")
    return next(path for path in map(shutil.which, NAMES) if path)


def install(package: str, need: str) -> None:
    """Install a Debian package, or fail with what the browser tests need."""
    command = [ROOT / ".ci" / "debian", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the browser tests {need}\n{done.stderr}", pytrace=False)


def ready_driver() -> None:
    """See to the library that Playwright's own Node.js needs and a bare Debian lacks."""
    node = compute_driver_executable()[0]
    if subprocess.run([node, "--version"], capture_output=True, check=False).returncode:
        install("libatomic1", "need libatomic.so.1, for Playwright")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start a Chromium that asks the network nothing on its own."""
    ready_driver()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@dataclass
class Heard:
    """What a page asked for and complained of while it was open."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        def note(message: object) -> None:
            self.complaints.append(str(message))

        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", note)
        page.on("crash", lambda _: note("the page crashed"))
        page.on(
            "console",
            lambda said: note(said.text) if said.type in ("error", "warning") else None,
        )


@dataclass
class Opened:
    """A page open without network, and what was heard of it."""

    page: Page
    heard: Heard

    def asked(self) -> list[str]:
        """Requests beyond the file itself and data within it."""
        inside = ("data:", "blob:", self.page.url.split("#")[0])
        return [url for url in self.heard.requests if not url.startswith(inside)]


@pytest.fixture
def open_offline(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Give a function that opens an HTML file with the network off."""
    contexts: list[BrowserContext] = []

    def opened(file: Path, **options: object) -> Opened:
        context = browser.new_context(offline=True, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page, heard = context.new_page(), Heard()
        heard.listen(page)
        page.goto(file.as_uri(), wait_until="load")
        return Opened(page, heard)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_in_lab(server: Server, browser: Browser) -> Iterator[Callable[..., Lab]]:
    """Give a function that opens a notebook in the JupyterLab of the module's `server`."""
    contexts: list[BrowserContext] = []

    def opened(notebook: str = "", address: str = "", heard: Heard | None = None) -> Lab:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        if heard:
            heard.listen(page)
        page.goto(address or server.address(notebook))
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
