"""Every broken model of data/broken is refused with exactly the messages at its head."""

from pathlib import Path

import pytest

from decision.model import ModelError, read_model

BROKEN = Path(__file__).parents[2] / "data" / "broken"
CASES = sorted(folder.name for folder in BROKEN.iterdir() if folder.is_dir())


def expected(folder: Path) -> list[str]:
    """The comment lines at the head of model.toml, or expected.txt."""
    if (folder / "expected.txt").exists():
        return (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    head = []
    for line in (folder / "model.toml").read_bytes().splitlines():
        if not line.startswith(b"# "):
            break
        head.append(line.removeprefix(b"# ").decode("utf-8"))
    return head


def test_there_is_a_broken_model_for_every_kind_of_fault():
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", CASES)
def test_a_broken_model_is_refused_word_by_word(case):
    with pytest.raises(ModelError) as error:
        read_model(BROKEN / case)
    assert str(error.value).split("\n") == expected(BROKEN / case)


@pytest.mark.parametrize("case", CASES)
def test_a_message_is_one_printable_line_that_says_where_what_and_what_to_do(case):
    with pytest.raises(ModelError) as error:
        read_model(BROKEN / case)
    for problem in error.value.problems:
        text = str(problem)
        assert text.isprintable()
        place, _, rest = text.partition(": ")
        file, _, line = place.rpartition(":")
        assert (BROKEN / case / file).exists() or "there is no such file" in text
        assert int(line) >= 1
        assert "; " in rest
        assert problem.what
        assert problem.do


def test_the_line_named_is_there():
    """Every message names a line that the file has (an empty file has its first)."""
    for case in CASES:
        with pytest.raises(ModelError) as error:
            read_model(BROKEN / case)
        for problem in error.value.problems:
            path = BROKEN / case / problem.file
            if path.is_file():
                assert problem.line <= len(path.read_bytes().splitlines()) + 1
