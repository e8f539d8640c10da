"""The line of each key and text of a TOML file."""

import re
import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from decision.model.positions import positions
from tests.model.strategies import seeded

KEYS = st.text(st.sampled_from("ab-_ .\"'[]#=é\n"), min_size=1, max_size=4)
TEXTS = st.text(st.sampled_from("ab ,.\"'[]{}#=\\é\n\t"), max_size=5)
LEAVES = st.one_of(
    TEXTS, st.integers(), st.booleans(), st.floats(), st.lists(TEXTS, max_size=3), st.datetimes()
)
TREES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=12)


def paths(entry, path=()):
    """Every key, and every text of a list or by itself, of a TOML document."""
    found = set()
    if isinstance(entry, dict):
        for key, value in entry.items():
            found |= {(*path, key)} | paths(value, (*path, key))
    elif isinstance(entry, str):
        found.add((*path, entry))
    elif isinstance(entry, list):
        for item in entry:
            found |= paths(item, path)
    return found


@seeded(300)
@given(st.dictionaries(KEYS, TREES, max_size=4), st.booleans())
def test_every_key_and_text_has_a_line_that_shows_it(content, multiline):
    text = tomli_w.dumps(content, multiline_strings=multiline)
    found = positions(text)
    if not multiline:
        assert set(found) == paths(tomllib.loads(text))
    lines = text.split("\n")
    for path, line in found.items():
        words = re.findall(r"[ab]+", path[-1])
        assert multiline or all(word in lines[line - 1] for word in words)


DOCUMENT = '''# "a" = 1
title = "x" # options = 3
[ decision . act ]
options = [ # "no"
  "yes",
  'no', """long
text""" ]
only_when.yes = { sign = ["red",
  "green"], "other.one" = "x" }
[[list]]
a = 1
[[list]]
b.c = [1979-05-27T07:32:00Z, [["deep"]]]
[decision.act.more]
'quoted "key"' = """
"""
after = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("title", 2),
        ("title/x", 2),
        ("decision", 3),
        ("decision/act", 3),
        ("decision/act/options", 4),
        ("decision/act/options/yes", 5),
        ("decision/act/options/no", 6),
        ("decision/act/options/long\ntext", 6),
        ("decision/act/only_when", 8),
        ("decision/act/only_when/yes", 8),
        ("decision/act/only_when/yes/sign", 8),
        ("decision/act/only_when/yes/sign/red", 8),
        ("decision/act/only_when/yes/sign/green", 9),
        ("decision/act/only_when/yes/other.one/x", 9),
        ("list", 12),
        ("list/a", 11),
        ("list/b/c", 13),
        ("list/b/c/deep", 13),
        ("decision/act/more", 14),
        ('decision/act/more/quoted "key"', 15),
        ("decision/act/more/after", 17),
    ],
)
def test_the_lines_of_a_document(path, line):
    tomllib.loads(DOCUMENT)
    assert positions(DOCUMENT)[tuple(path.split("/"))] == line


def test_a_header_wins_over_one_that_only_leads_through_it():
    text = "[decision.act.only_when]\nx = { y = 'z' }\n\n[decision.act]\n"
    assert positions(text)["decision", "act"] == 4


def test_escapes_are_read():
    text = '"a\\tb\\u00e9\\U0001F3B2\\"" = ["\\\\", \'\\\\\']\n'
    key = next(iter(tomllib.loads(text)))
    assert positions(text) == {(key,): 1, (key, "\\"): 1, (key, "\\\\"): 1}
