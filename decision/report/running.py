"""Kernels: notebooks run side by side, and what is said of one that stops.

Each notebook has a kernel of its own, started in the notebook's folder (nbclient), and
becomes a page as soon as it is done. The loop that talks to the kernels lives in a thread
of its own, because nbclient takes over the signals of a loop in the main thread and
would turn Ctrl-C into a dead kernel. Whatever ends a run, no kernel outlives it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision.model.problems import ModelError, Problem
from decision.report.pages import Page

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["NotebookError", "Work", "run_all"]

Progress = Callable[[str], None]


class NotebookError(ModelError):
    """A cell stopped with an error; the problem names the notebook, the cell and it."""


@dataclass(frozen=True)
class Work:
    """A notebook to run, its parameters put in."""

    file: Path
    notebook: NotebookNode
    parameters: Mapping[str, Any]

    @property
    def href(self) -> str:
        """The name of its page."""
        return f"{self.file.stem}.html"


def run_all(
    works: Sequence[Work], folder: Path, jobs: int, say: Progress, changed: Sequence[str]
) -> list[Page]:
    """Run the notebooks and write their pages; the first error or Ctrl-C ends them all.

    Parameters
    ----------
    works : sequence of Work
        Their notebooks get the outputs.
    folder : Path
        Where the pages are written.
    jobs : int
        Notebooks at a time.
    say : callable
        Is told a line as each is done.
    changed : sequence of str
        What the run was asked to change, for a note on each page.

    Raises
    ------
    NotebookError
        For the first cell that stopped with an error.
    """
    begun = threading.Event()
    stop: list[Callable[[], object]] = []

    async def whole() -> list[Page]:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        begun.set()
        return await _all(works, folder, jobs, say, changed)

    with ThreadPoolExecutor(1, thread_name_prefix="notebooks") as thread:
        pages = thread.submit(asyncio.run, whole())
        try:
            return pages.result()
        except BaseException:
            if not pages.done() and begun.wait(5):
                stop[0]()
            raise


async def _all(
    works: Sequence[Work], folder: Path, jobs: int, say: Progress, changed: Sequence[str]
) -> list[Page]:
    places = asyncio.Semaphore(jobs)
    done = 0
    titles = [Page(work.href, _title(work)) for work in works]

    async def one(number: int, work: Work) -> Page:
        nonlocal done
        async with places:
            begun = time.monotonic()
            await _execute(work)
        around = {
            "before": titles[number - 1] if number else None,
            "after": titles[number + 1] if number + 1 < len(titles) else None,
            "changed": changed,
        }
        page = await asyncio.to_thread(_export, work, folder, around)
        done += 1
        say(f"{done} of {len(works)}: {work.file.name} ({time.monotonic() - begun:.1f} s)")
        return page

    tasks = [asyncio.create_task(one(number, work)) for number, work in enumerate(works)]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _execute(work: Work) -> None:
    """Run one notebook in place, in its own folder, and end its kernel whatever happens."""
    from jupyter_core.utils import ensure_async
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    place = {"metadata": {"path": str(work.file.parent.resolve())}}
    client = NotebookClient(
        work.notebook,
        kernel_name="python3",
        resources=place,
        record_timing=False,
        extra_arguments=["--log-level=CRITICAL"],
    )
    kernel = client.create_kernel_manager()
    try:
        with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
            if os.name == "posix":
                # Over TCP a kernel's ports are chosen before it binds them, and another
                # that starts at the same moment now and then takes one of them.
                kernel.transport, kernel.connection_file = "ipc", f"{sockets}/k.json"
            await client.async_execute()
    except CellExecutionError as error:
        raise NotebookError([_stopped(work, f"{error.ename}: {error.evalue}")]) from None
    except DeadKernelError:
        raise NotebookError([_stopped(work, "the kernel died (out of memory?)")]) from None
    except RuntimeError as error:
        raise NotebookError([_stopped(work, str(error))]) from None
    finally:
        if kernel.has_kernel:
            await ensure_async(kernel.shutdown_kernel(now=True))


def _stopped(work: Work, error: str) -> Problem:
    """Name the cell that stopped: the last one that has begun."""
    begun = [
        number
        for number, cell in enumerate(work.notebook.cells, start=1)
        if cell.cell_type == "code" and cell.get("execution_count") is not None
    ]
    failed = [
        number
        for number, cell in enumerate(work.notebook.cells, start=1)
        if any(output.output_type == "error" for output in cell.get("outputs", []))
    ]
    number = (failed or begun or [1])[-1]
    line = (work.notebook.cells[number - 1].source.strip().splitlines() or [""])[0]
    last = (error.strip().splitlines() or [""])[-1]
    what = f"cell {number} ({line[:60]}) stopped: {last}"
    return Problem(str(work.file), number, what, "run it in JupyterLab to see where")


def _title(work: Work) -> str:
    from decision.report.exporter import title_of

    return title_of(work.notebook, work.file.stem)


def _export(work: Work, folder: Path, around: Mapping[str, Any]) -> Page:
    from decision.report.exporter import export, first_words_of, minutes_of

    metadata = {"name": work.file.stem, "path": str(work.file.parent.resolve())}
    html = export(work.notebook, {"metadata": metadata, "report": around})
    (folder / work.href).write_text(html, encoding="utf-8")
    about, minutes = first_words_of(work.notebook), minutes_of(work.notebook)
    return Page(work.href, _title(work), about, minutes)
