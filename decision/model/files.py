"""Reading and writing text files: refused kindly, written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from decision.model.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["no_utf8", "read_text", "replace_file", "replace_files", "unopened", "unreadable"]

LARGEST = 2**20
"""Bytes of a text that is read whole; a hundred times the largest model.toml we know."""


def unreadable(path: str | Path, shown: str, largest: int) -> Problem | None:
    """Return what keeps a file from being read, before it is opened."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        if not os.path.islink(path):
            return Problem(shown, 1, "there is no such file", "add it")
        return Problem(shown, 1, "it is a link to a file that is not there", "mend the link")
    except OSError as error:
        return unopened(shown, error)
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        return Problem(shown, 1, f"it is {kind}, not a file", "put a file in its place")
    if status.st_size > largest:
        what = f"the file has {status.st_size / 2**20:.0f} MB, above {largest // 2**20} MB"
        return Problem(shown, 1, what, "keep data that is not the model's out of it")
    return None


def unopened(shown: str, error: OSError) -> Problem:
    """Return the problem of a file or folder that the system does not open."""
    what = f"it cannot be read ({error.strerror or error})"
    return Problem(shown, 1, what, "check the path and who may read it")


def read_text(path: str | Path, shown: str) -> str | Problem:
    """Return a file's text without byte-order mark, or what keeps us from reading it."""
    refused = unreadable(path, shown, LARGEST)
    if refused:
        return refused
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except OSError as error:
        return unopened(shown, error)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return no_utf8(raw, shown)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Problem(shown, line, "there is a NUL byte", "save the file as plain text")
    return text


def no_utf8(raw: bytes, shown: str) -> Problem:
    """Return the problem of the first byte that is no UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        what = f"byte 0x{raw[error.start]:02x} is no UTF-8"
        return Problem(shown, before.count(b"\n") + 1, what, "save the file as UTF-8")
    raise AssertionError("the text is UTF-8")


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside it first, then in its place.

    Raises
    ------
    OSError
        Where it cannot be written; an old file is then as it was.
    """
    replace_files({path: content})


def replace_files(contents: Mapping[Path, str | bytes]) -> None:
    """Write files, all of them beside their places before the first takes its place.

    Raises
    ------
    OSError
        Where one cannot be written; while they are written beside, every old file stays.
    """
    import tempfile  # reading, which is more common, does without

    ready: list[tuple[str, Path]] = []
    umask = os.umask(0)
    os.umask(umask)
    try:
        for path, content in contents.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            handle, name = tempfile.mkstemp(
                prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent
            )
            ready.append((name, path))
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o666 & ~umask)
        while ready:
            os.replace(*ready[0])
            del ready[0]
    except BaseException:
        for name, _ in ready:
            with suppress(FileNotFoundError):
                os.unlink(name)
        raise
