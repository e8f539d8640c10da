"""Thousands of models with something wrong in them: a message or a sound model, nothing else.

Every mutated folder is either refused with printable messages, or read as the plain reading
reads it: then each combination has each state once and sums to 1. The seed is fixed, so that
a failure can be run again.
"""

import math
import os
import random
import shutil
from pathlib import Path

import pytest

from decision.model import ModelError, read_model
from decision.model.writing import write_model
from tests.model.plain import agree

DATA = Path(__file__).parents[2] / "data"
MUTANTS = 3000
CHUNKS = 8

FULL = {
    "model.toml": """title = "Everything"
question = "What may be written?"
memory = "perfect"
weights = "normalised"
information_date = 2018-01-04
horizon = "2018-12-31"

[decision.talk]
label = "Talk <now>?"
options = ["yes", "no"]

[decision.drills]
options = ["hold", "postpone", "cancel"]
observes = ["talks", "talk"]
definition = "What is held in \\"April\\"."

[decision.drills.only_when]
postpone = { talks = ["held", "failed"] }
cancel = { talks = "held", talk = "yes" }

[chance.mood]
states = ["calm", "tense"]

[chance.talks]
states = ["held", "failed", "none"]
given = ["talk", "mood"]

[chance.year]
states = ["2018"]

[value.peace]
given = ["drills", "talks"]
unit = "points"
worst = -10
best = 10.5
weight = 60
weight_low = 20
weight_high = 80

[value.cost]
worst = 100
best = 0

[risk]
utility = "exponential"
tolerance = 50.0
""",
    "probabilities.csv": """node,given,state,p,low,high,source,rationale
mood,,calm,1/3,0.2,0.5,survey,"Asked, twice"
mood,,tense,rest,,,,
talks,talk=yes; mood=calm,held,0.6,0.4,0.8,survey;book,A guess
talks,talk=yes; mood=calm,failed,0.3,0.1,,book,
talks,talk=yes; mood=calm,none,rest,,,,
talks,mood=tense; talk=yes,held,2e-1,0.1,0.3,book,
talks,mood=tense; talk=yes,failed,0.5,,,,
talks,mood=tense; talk=yes,none,0.3,,,,
talks,talk=no,none,1,,,definition,
talks,talk=no,held,0,,,definition,
talks,talk=no; mood=calm|tense,failed,0,,,definition,
year,,2018,1,,,definition,
""",
    "values.csv": """node,given,value,low,high,source,rationale
peace,drills=hold,-5,-8,-2,book,
peace,drills=postpone|cancel; talks=held,10,,,,
peace,drills=postpone; talks=failed|none,0,,,,
peace,drills=cancel; talks=failed|none,-1.5e0,,,,
cost,,42,,,,
""",
    "sources.csv": """id,kind,citation,date,note
survey,data,A survey,2017-03,
book,literature,"A book, printed",2016,"said ""so"" once"
""",
    "claims.csv": """id,paragraph,claim,kind,test,asked_of
c1,1,ours,fact,"for all talk: P(talks=held | talk, mood=calm) >= 0 and E(total) > -1",base
c2,2,theirs,fact,V(cost) + 2*weight(peace) < 1e6,every perspective
c3,,open,,,
""",
    "perspectives/doubter.csv": """change,rationale
"P(talks=held | talk=yes, mood=calm|tense) = 0.1",doubts
odds(mood=calm) *= 1/2,
weight(peace) -= 10,less
""",
    "scenarios/calm.csv": "change\nP(mood=calm) += 0.25\nV(cost) *= 2\n",
}
TOKENS = [
    "0",
    "1",
    "-1",
    "0.5",
    "1.001",
    "1/3",
    "1/0",
    "rest",
    "nan",
    "inf",
    "1e400",
    "0,5",
    "50%",
    "1_0",
    "",
    " ",
    ";",
    "|",
    "=",
    ",",
    '"',
    "'",
    "\n",
    "\r",
    "\0",
    "\ufeff",
    "\u202e",
    "🎲",
    "[",
    "]",
    "{",
    "}",
    "#",
    ".",
    "talk",
    "mood",
    "talks",
    "held",
    "calm",
    "2018",
    "definition",
    "total",
    "do",
    "P(",
    "E(",
    " | ",
    "*=",
    "*",
    "x" * 5000,
    "9" * 400,
    "[value.x]",
    "given",
    "states",
    "true",
    "1979-05-27",
    "\\",
    "\\u0000",
    "--",
    "0x1",
    "+1",
    ".5",
    "\t",
    "\x85",
    "\u2028",
    "NaN",
    "$",
]


def cells_mutated(text: str, rng: random.Random) -> str:
    """Change, swap, repeat or remove cells, rows and columns."""
    rows = [line.split(",") for line in text.split("\n")]
    row = rng.choice(rows)
    kind = rng.randrange(8)
    if kind == 0:
        row[rng.randrange(len(row))] = rng.choice(TOKENS)
    elif kind == 1:
        rows.insert(rng.randrange(len(rows)), list(row))
    elif kind == 2:
        rows.remove(row)
    elif kind == 3:
        i, j = (rng.randrange(len(row)) for _ in "ab")
        row[i], row[j] = row[j], row[i]
    elif kind == 4:
        other = rng.choice(rows)
        row[rng.randrange(len(row))] = other[rng.randrange(len(other))]
    elif kind == 5:
        (row.append if rng.random() < 0.5 else row.remove)(rng.choice(row))
    elif kind == 6:
        column = rng.randrange(len(rows[0]))
        for each in rows:
            del each[column : column + 1]
    else:
        rng.shuffle(rows)
    return "\n".join(map(",".join, rows))


def numbers_mutated(text: str, rng: random.Random) -> str:
    """Change one number a little, or by much."""
    places = [i for i, c in enumerate(text) if c.isdigit()]
    at = rng.choice(places)
    new = rng.choice(["0", "1", "5", "9", "-", "1.", "e", "e9", "/", "e-3", "00", "_", "٣"])
    return text[:at] + new + text[at + rng.randrange(2) :]


def lines_mutated(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    kind = rng.randrange(4)
    i = rng.randrange(len(lines))
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines.insert(rng.randrange(len(lines)), lines[i])
    elif kind == 2:
        j = rng.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines[i] = lines[i][: rng.randrange(len(lines[i]) + 1)]
    return "\n".join(lines)


def words_mutated(text: str, rng: random.Random) -> str:
    """Put one word of the file in the place of another, or misspell it."""
    words = sorted({*text.replace(",", " ").split(), "the"})
    word = rng.choice(words)
    other = rng.choice([rng.choice(words), rng.choice(TOKENS), word[1:], word[::-1], word.upper()])
    return text.replace(word, other, rng.choice([1, -1]))


def bytes_mutated(text: str, rng: random.Random) -> bytes:
    raw = bytearray(text.encode())
    for _ in range(rng.choice([1, 1, 1, 5, 50])):
        at = rng.randrange(len(raw) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            raw[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            raw[at:at] = rng.choice(TOKENS).encode()
        else:
            del raw[at : at + rng.randrange(1, 40)]
    return bytes(raw)


def mutated(files: dict[str, str], rng: random.Random) -> dict[str, str | bytes]:
    """The files with one or a few mutations, most of them in one file."""
    mutant: dict[str, str | bytes] = dict(files)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        name = rng.choice([*files, "probabilities.csv", "model.toml"])
        content = mutant[name]
        if not isinstance(content, str) or not content.strip():
            continue
        tools = [lines_mutated, words_mutated, bytes_mutated]
        tools += [cells_mutated] * 3 if name.endswith(".csv") else []
        tools += [numbers_mutated] if any(c.isdigit() for c in content) else []
        mutant[name] = rng.choice(tools)(content, rng)
    return mutant


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutated_model_is_refused_or_sound(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    oil = DATA / "examples" / "oil_wildcatter"
    names = [str(path.relative_to(oil)) for path in oil.rglob("*.*") if path.is_file()]
    bases = [FULL, {name: (oil / name).read_text() for name in names if name != "published.csv"}]
    place = tmp_path / "model"
    counts = {"refused": 0, "accepted": 0}
    for number in range(chunk, MUTANTS, CHUNKS):
        rng = random.Random(number)
        files = mutated(bases[number % 4 == 0], rng)
        for name, content in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            model = read_model(place)
        except ModelError as error:
            counts["refused"] += 1
            problems = error.problems
        else:
            counts["accepted"] += 1
            problems = ()
            look_at(model, place, number, tmp_path / "again")
        for problem in problems:
            text = str(problem)
            assert text.isprintable(), (number, ascii(text))
            assert len(text) < 2500, (number, text[:100])
            assert problem.line >= 1, number
            assert (place / problem.file).exists(), (number, text)
        shutil.rmtree(place)
    assert counts["refused"] > 100
    assert counts["accepted"] > 20


def look_at(model, place: Path, number: int, again: Path) -> None:
    """An accepted mutant is read as the plain reading reads it, and survives being written."""
    for chance in model.chances:
        assert abs(chance.table.sum(axis=-1) - 1).max() <= 1.001e-9, number
        assert ((chance.table >= 0) & (chance.table <= 1)).all(), number
    for value in model.values:
        assert all(map(math.isfinite, value.table.ravel().tolist())), number
        assert all(map(math.isfinite, model.utility(value.name).ravel().tolist())), number
    try:
        agree(place, model)
    except (KeyError, UnicodeError) as error:
        raise AssertionError(number) from error
    write_model(model, again)
    assert read_model(again) == model, number
    shutil.rmtree(again)


def test_what_the_mutants_are_made_of_is_sound(tmp_path):
    for name, content in FULL.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    model = read_model(tmp_path)
    agree(tmp_path, model)
    assert len(model.claim_rows) == 3
    assert model.perspective("doubter") != model
