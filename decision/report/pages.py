"""A folder of pages: made beside the old ones, listed in an index, put in place at the end.

A page is written in a hidden folder inside the one asked for, hence on the same file
system, and moved when all of them are whole: a reader never sees half a report, and an
error, a full disk or an interruption leaves the old one as it was. Only pages that the
old index lists are ever removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from decision.model.problems import ModelError, Problem

__all__ = ["Page", "folder_beside", "write_index"]


@dataclass(frozen=True)
class Page:
    """One page of a report: its file's name, its title, what it says first, how long it takes."""

    href: str
    title: str
    about: str = ""
    minutes: float = 0.0


@contextlib.contextmanager
def folder_beside(out: Path) -> Iterator[Path]:
    """Give a folder to write pages in; on success they replace those in `out`.

    Raises
    ------
    ModelError
        `out` can't be made or written.
    """
    was_there = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=out, prefix=".new-"))
    except OSError as error:
        raise _cannot_write(out, error) from None
    try:
        yield made
        _put_in_place(made, out)
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if not was_there:
            with contextlib.suppress(OSError):  # it holds the new pages
                out.rmdir()


def write_index(
    folder: Path,
    *,
    title: str,
    models: Sequence[Page],
    notebooks: Sequence[Page],
    changed: Sequence[str],
) -> None:
    """Write index.html: what the run changed, the models' pages, the notebooks in order."""
    from decision.report.exporter import contents_page

    html = contents_page(title=title, models=models, notebooks=notebooks, changed=changed)
    (folder / "index.html").write_text(html, encoding="utf-8")


def _cannot_write(out: Path, error: OSError) -> ModelError:
    what = f"cannot write to {out}: {error.strerror or error}"
    return ModelError([Problem("command line", 1, what, "name a folder that can be written")])


def _put_in_place(made: Path, out: Path) -> None:
    """Move the pages, the index last, and drop those that only the old index lists."""
    pages = sorted(made.iterdir(), key=lambda page: page.name == "index.html")
    dropped = _listed(out / "index.html") - {page.name for page in pages}
    with _no_interrupt():
        try:
            for page in pages:
                os.replace(page, out / page.name)
            for name in dropped:
                (out / name).unlink(missing_ok=True)
        except OSError as error:
            raise _cannot_write(out, error) from None


def _listed(index: Path) -> set[str]:
    """The pages that an index of ours lists."""
    try:
        text = index.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    return set(re.findall(r'data-page="([\w.-]+\.html)"', text))


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold off Ctrl-C for the moment of moving files (signals are the main thread's)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
