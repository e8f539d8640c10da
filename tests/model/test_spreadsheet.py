"""CSV files: cells as they are, each row with its line, whatever wrote the file."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decision.model.problems import Faults
from decision.model.spreadsheet import csv_text, read_rows
from tests.model.strategies import seeded

COLUMNS = ("node", "given")
CELLS = st.text(st.sampled_from("ab1 ,;\"'\n\r\t|=é🎲\ufeff\u2028\x85\x1c"), max_size=6).map(
    str.strip
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("csv") / "file.csv"


def read(path, content, columns=COLUMNS, optional=("p",), most=100):
    """Rows as (line, cells in the order of the columns), and messages."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    faults = Faults("f.csv")
    rows = [
        (row.line, tuple(row.cells.get(c, "") for c in (*columns, *optional)))
        for row in read_rows(path, columns, optional, faults, most)
        if row.whole
    ]
    return rows, [str(problem) for problem in faults.problems]


@seeded(400)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5))
@example([("", "", "")])
@example([('"', "a\r\nb", ",")])
def test_what_is_written_is_read(path, rows):
    found, messages = read(path, csv_text((*COLUMNS, "p"), rows))
    assert [cells for _, cells in found] == [row for row in rows if any(row)]
    assert messages == []


@seeded(300)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_what_others_write_is_read(path, rows, end, quoting, bom):
    # Python's own writer leaves a carriage return without quotes where it may.
    rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]
    out = io.StringIO()
    csv.writer(out, lineterminator=end, quoting=quoting).writerows([(*COLUMNS, "p"), *rows])
    found, messages = read(path, out.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    assert [cells for _, cells in found] == [row for row in rows if any(row)]
    assert messages == []


HEADER = "node,given,p\n"
PLAIN = [(2, ("oil", "test=yes", "0.5")), (3, ("oil", "test=no", "0.25"))]


@pytest.mark.parametrize(
    "content",
    [
        HEADER + "oil,test=yes,0.5\noil,test=no,0.25\n",
        HEADER + "oil,test=yes,0.5\noil,test=no,0.25",
        HEADER + '"oil","test=yes","0.5"\n"oil","test=no","0.25"\n',
        HEADER + " oil ,\ttest=yes,  0.5\noil\u00a0,test=no , 0.25 \n",
        HEADER + ' "oil" , "test=yes"\t, "0.5" \n"oil ",test=no, "0.25"  \n',
        (HEADER + "oil,test=yes,0.5\noil,test=no,0.25\n").replace("\n", "\r\n"),
        (HEADER + "oil,test=yes,0.5\noil,test=no,0.25\n").replace("\n", "\r"),
        (HEADER + "oil,test=yes,0.5\noil,test=no,0.25\n").encode("utf-8-sig"),
        " node , given ,p \noil,test=yes,0.5\noil,test=no,0.25\n",
        "p,node,given\n0.5,oil,test=yes\n0.25,oil,test=no\n",
        HEADER + "oil,test=yes,0.5\noil,test=no,0.25\n\n  \n,,\n , ,\t\n",
    ],
)
def test_files_that_say_the_same(path, content):
    assert read(path, content) == (PLAIN, [])


def test_a_row_has_the_line_where_it_begins(path):
    content = "\n\n" + HEADER + '\n"a\nb","c\r\nd",\n,,\n"x","y\n","\n\n1"\nlast,,\n'
    rows, messages = read(path, content)
    assert rows == [
        (5, ("a\nb", "c\r\nd", "")),
        (9, ("x", "y", "1")),
        (13, ("last", "", "")),
    ]
    assert messages == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "1: the file is empty; begin with the columns node,given"),
        ("\n \n,\n", "3: there is no column '' in this file; use one of node, given, p"),
        (HEADER + "oil\n", "2: the row has 1 cells, the header 3; put cells that hold a comma"),
        (HEADER + "\n,\n", "3: the row has 2 cells, the header 3; put cells that hold a comma"),
        (HEADER + "oil,a,1,\n", "2: the row has 4 cells, the header 3; "),
        (HEADER + 'oil,"a"b,1\n', "2: 'b' stands after a closing quote; "),
        (HEADER + 'oil,"a\nb" x,1\n', "3: 'x' stands after a closing quote; "),
        (HEADER + 'oil,a,1\noil,"a\nb,1\n\n', "3: the quote before 'a\\nb,1' is not closed; "),
        (HEADER + 'oil,"a\nb","c\n', "3: the quote before 'c' is not closed; close every"),
        (HEADER + 'oil,",1\n', "2: the quote before ',1' is not closed; "),
        (HEADER + "oil,\0,1\n", "2: there is a NUL byte; save the file as plain text"),
        (HEADER + 'oil,"\n\0",1\n', "3: there is a NUL byte; save the file as plain text"),
        ((HEADER + "oil,").encode() + b"\xff,1\n", "2: byte 0xff is no UTF-8; save the file as"),
        ((HEADER + "\r\r\n").encode() + b"\xe9", "4: byte 0xe9 is no UTF-8; "),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\xc3", "2: byte 0xc3 is no UTF-8; "),
        (HEADER.encode("utf-16"), "1: byte 0xff is no UTF-8; save the file as UTF-8"),
        ("node;given;p\n", "1: there is no column 'node;given;p' in this file; use one of node"),
        ("node,given,P\n", "1: there is no column 'P' in this file; use one of node, given, p"),
        ("node,p\n", "1: the column 'given' is missing; add it"),
        ("node,given,p,node\n", "1: the column 'node' comes twice; remove one"),
        ("x," * 100_000 + "\n", "1: there are 100001 columns; use the columns node,given,p"),
    ],
)
def test_what_is_no_table(path, content, message):
    _, messages = read(path, content)
    assert messages[0].startswith(f"f.csv:{message}")


def test_a_quote_inside_a_plain_cell_is_a_quote(path):
    rows, messages = read(path, HEADER + 'say "yes",5" gun,\n')
    assert (rows, messages) == ([(2, ('say "yes"', '5" gun', ""))], [])


def test_more_rows_than_are_read_are_refused(path):
    content = HEADER + "a,b,1\n" * 5
    assert read(path, content, most=5)[1] == []
    rows, messages = read(path, content, most=4)
    assert (len(rows), messages) == (4, ["f.csv:6: there are more than 4 rows; cut the file"])


def test_a_file_of_nothing_but_faults_is_not_read_to_its_end(path):
    rows, messages = read(path, HEADER + "a,b\n" * 5000, most=10_000)
    assert rows == []
    assert len(messages) == 1001
    assert messages[-1] == "f.csv:1002: there are more than 1000 problems; mend these first"
