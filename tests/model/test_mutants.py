"""The tests of the model room are sharp: each of these mutants fails one of them."""

import importlib
import inspect
import sys
import textwrap
import types
from collections.abc import Callable

import pytest

from decision.model import ModelError
from tests.model import (
    test_broken,
    test_changes,
    test_ledger,
    test_reach,
    test_reading,
    test_spreadsheet,
    test_structure,
    test_tables,
    test_writing,
)


def refuses(case: str) -> Callable:
    """The test of one broken model."""
    return lambda tmp_path: test_broken.test_a_broken_model_is_refused_word_by_word(case)


def ledger(test: Callable) -> Callable:
    """A test of the ledger that takes a model."""
    return lambda tmp_path: test(test_ledger.read_model(test_ledger.folder(tmp_path)))


def required(tmp_path) -> None:
    model = test_ledger.read_model(test_ledger.folder(tmp_path, "required"))
    test_ledger.test_what_was_true_by_definition_is_a_number_after_a_change(model, tmp_path)


def csv(test: Callable) -> Callable:
    return lambda tmp_path: test(tmp_path / "file.csv")


def plain(test: Callable, *arguments) -> Callable:
    return lambda tmp_path: test(*arguments)


def in_folder(test: Callable, *arguments) -> Callable:
    return lambda tmp_path: test(tmp_path, *arguments)


PROPORTIONS = plain(test_changes.test_the_other_states_keep_their_proportions)
ZEROS = plain(
    test_changes.test_others_that_were_all_0_share_the_rest_equally,
    "P(talks=none | act=no, mood=calm) = 0.4",
    [0.3, 0.3, 0.4],
)


def amount(change: str, amounts: list) -> Callable:
    return plain(test_changes.test_every_operator_on_an_amount, change, amounts)


def probability(change: str, expected: float) -> Callable:
    return plain(test_changes.test_every_operator_on_a_probability, change, expected)


MUTANTS: dict[str, tuple[str, str, str, Callable]] = {
    "covariation is left out": (
        "covariation._covaried",
        "number / total * rest for",
        "number for",
        PROPORTIONS,
    ),
    "covariation of many rows is left out": (
        "covariation.covary",
        "others *= 1.0 - (after if isinstance(after, float) else after[..., None])",
        "others[...] = rows",
        plain(test_changes.test_one_row_and_many_are_moved_alike, 3),
    ),
    "the others share equally": (
        "covariation._covaried",
        "number / total * rest for",
        "1 / (len(others) - 1) * rest for",
        PROPORTIONS,
    ),
    "others that were all 0 stay 0": (
        "covariation._covaried",
        "if not total:",
        "total = total or 1.0\n    if False:",
        ZEROS,
    ),
    "others of many rows that were all 0 stay 0": (
        "covariation.covary",
        "total = others.sum(axis=-1, keepdims=True)",
        "others *= total > 0; total[total == 0] = 1.0",
        plain(test_changes.test_one_row_and_many_are_moved_alike, 3),
    ),
    "odds are taken for probabilities": (
        "covariation.operate",
        "before * number / (1 - before + before * number)",
        "before * number",
        probability("odds(mood=calm) *= 3", 2 / 3),
    ),
    "minus is plus": (
        "covariation.operate",
        "after = before - number",
        "after = before + number",
        amount("V(gain) -= 1", [[0, 1, 2], [3, 4, 5]]),
    ),
    "of two alternatives only the first is changed": (
        "selection.selection",
        "states.index, condition.states)",
        "states.index, condition.states[:1])",
        amount("V(gain | talks=good|none) *= 10", [[10, 2, 30], [40, 5, 60]]),
    ),
    "a condition is ignored": (
        "selection.selection",
        "wanted.get(parent) for",
        "None for",
        amount("V(gain | act=no) += 1/2", [[1, 2, 3], [4.5, 5.5, 6.5]]),
    ),
    "a failing change is passed over": (
        "changes._Work.apply",
        "found += error.problems",
        "pass",
        plain(test_changes.test_a_failing_change_leaves_the_model_and_tells_every_failure),
    ),
    "nothing is clipped": (
        "changes._Work._probability",
        "lowest < 0.0 or highest > 1.0",
        "False",
        plain(test_changes.test_a_tiny_step_outside_is_clipped_and_a_larger_one_refused),
    ),
    "whatever leaves [0, 1] is clipped": (
        "changes._Work._probability",
        "if not (lowest >= -CLIP and highest <= 1 + CLIP):",
        "if False:",
        plain(
            test_changes.test_what_cannot_be_changed_is_refused_with_the_nearest_name,
            "P(talks=poor) += 0.5",
            "'P(talks=poor) += 0.5' makes P(talks=poor given act=yes; mood=tense) 1.1, outside ",
        ),
    ),
    "normalised weights are not divided": (
        "view.View.weight",
        'self.weights == "normalised"',
        "False",
        plain(test_changes.test_weights_of_a_normalised_model_are_divided_by_their_sum),
    ),
    "worst and best are ignored": (
        "view.View.utility",
        "value.worst is not None",
        "False",
        plain(test_structure.test_utility_is_clipped_nowhere),
    ),
    "the range stays where it was": (
        "ledger._Split._moved",
        "shift = log_odds(now) - log_odds(was)",
        "shift = 0.0",
        ledger(test_ledger.test_the_range_of_a_probability_moves_in_log_odds),
    ),
    "the range of a probability moves by a difference": (
        "ledger._Split._moved",
        "min(from_log_odds(log_odds(low) + shift), now)",
        "min(low + now - was, now)",
        ledger(test_ledger.test_the_range_of_a_probability_moves_in_log_odds),
    ),
    "a range comes back from 0": (
        "changes._Work._probability",
        "(covaried != rows) & certain",
        "False",
        ledger(
            lambda model: test_ledger.test_at_0_or_1_the_range_is_dropped_and_stays_so(model, "0")
        ),
    ),
    "the range of an untouched 0 is dropped": (
        "changes._Work._probability",
        "(covaried != rows) & ",
        "",
        test_ledger.test_an_untouched_0_keeps_its_range,
    ),
    "a weight's range moves by a difference": (
        "covariation.reweighted",
        "min(low * factor, weight)",
        "low + weight - value.weight",
        ledger(
            lambda model: test_ledger.test_the_range_of_a_weight_moves_by_the_same_factor(
                model, "weight(gain) *= 3", (6.0, 3.0, 15.0)
            )
        ),
    ),
    "rest stays rest": (
        "ledger._Split.parts",
        'row.text != "rest" and was == now',
        "was == now",
        ledger(test_ledger.test_rest_that_is_0_becomes_a_number_too_where_the_others_changed),
    ),
    "rows are not split": (
        "ledger._Split.parts",
        "whole = len(keys) == len(cells)",
        "whole = True",
        ledger(test_ledger.test_a_row_whose_combinations_a_change_made_unequal_is_split),
    ),
    "definition is cited for what is none": (
        "ledger._Split._moved",
        '"definition" in row.sources and',
        "False and",
        required,
    ),
    "a rebuilt model forgets what changes did": (
        "diagram.InfluenceDiagram.rebuilt",
        '"rows": self.current_rows(), ',
        "",
        ledger(test_ledger.test_a_rebuilt_model_keeps_the_life_of_its_numbers),
    ),
    "an overlap is not seen": (
        "laying.lay_table",
        "if taken.max() >= 0:",
        "if False:",
        refuses("rows_overlap"),
    ),
    "a missing row is not seen": (
        "laying._note_missing",
        "owner < 0",
        "owner < -1",
        refuses("row_missing"),
    ),
    "sums are let off by a hundredth": (
        "laying._check_sums",
        "> SUM_TOLERANCE",
        "> 0.01",
        refuses("sum_off_by_a_thousandth"),
    ),
    "rounding is a branch": (
        "laying._fill_rest",
        "np.where(left < ROUNDING, 0.0, left)",
        "left",
        in_folder(
            test_reading.test_rest_is_what_the_others_leave_and_never_a_rounding_error,
            ["0.7", "0.2", "0.1"],
            0.0,
        ),
    ),
    "the wrong row of two is blamed": (
        "laying._note_overlap",
        "sheet.wrong(inputs[i].line",
        "sheet.wrong(first.line",
        refuses("rows_overlap"),
    ),
    "python's numbers are taken": (
        "numbers.read_number",
        "if JSON_NUMBER.fullmatch(text):",
        "if text[:1] in '0123456789.+':",
        refuses("number_thousands"),
    ),
    "infinity is a number": (
        "numbers.read_number",
        "number if math.isfinite(number) else None",
        "number",
        refuses("number_infinite"),
    ),
    "what is observed may come later": (
        "order._time_problems",
        "last.get(name, -1) < i",
        "True",
        refuses("observes_its_own_descendant"),
    ),
    "a cycle is not seen": (
        "order.order_problems",
        "found = list(cycles)",
        "found = []",
        refuses("cycle"),
    ),
    "perfect memory forgets": (
        "structure.Structure.information",
        'self.memory == "perfect"',
        "False",
        plain(
            test_structure.test_with_perfect_memory_a_decision_knows_all_that_was_known_or_chosen
        ),
    ),
    "limited memory remembers": (
        "structure.Structure.information",
        'self.memory == "perfect"',
        "True",
        plain(test_structure.test_with_limited_memory_a_decision_knows_what_it_lists),
    ),
    "an option may open on what is not known": (
        "order._guard_problems",
        'memory == "limited"',
        "False",
        plain(test_structure.test_only_when_names_what_is_known),
    ),
    "dead ends on closed options count": (
        "reach.dead_ends",
        "factors.append(opened[name])",
        "pass",
        plain(test_reach.test_a_decision_that_cannot_be_reached_there_is_fine),
    ),
    "dead ends of probability 0 count": (
        "reach.dead_ends",
        "tables[name] > 0",
        "tables[name] >= 0",
        plain(test_reach.test_a_decision_that_cannot_be_reached_there_is_fine),
    ),
    "dead ends are not looked for after a change": (
        "changes._Work._look_for_dead_ends",
        "if self.unread or not self.model.structure.guards:",
        "if True:",
        test_reach.test_it_is_looked_at_again_after_every_change,
    ),
    "only_when is dropped": (
        "reach._openness",
        "column &= ",
        "column | ",
        test_reach.test_a_situation_without_an_open_option_is_an_error_that_names_it,
    ),
    "levels are taken as they come": (
        "frames.pandas_cells",
        "[names.index(axis) for axis in wanted]",
        "range(len(wanted))",
        plain(test_tables.test_a_series_with_its_levels_in_any_order, ["mood", "act", "talks"]),
    ),
    "of two cells the last is taken": (
        "tables.add_cell",
        "if key in cells:",
        "if False:",
        plain(
            test_tables.test_a_table_in_pandas_that_does_not_fit,
            test_tables.pd.concat([test_tables.cells(), test_tables.cells().iloc[:1]]),
            "has two cells for yes, calm, good; remove one",
        ),
    ),
    "a table is the reader's to write to": (
        "tables.read_only",
        "fixed.setflags(write=False)",
        "pass",
        plain(test_changes.test_a_failing_change_leaves_the_model_and_tells_every_failure),
    ),
    "a quote is only a quote": (
        "spreadsheet._quoted",
        "parts.append('\"')",
        "pass",
        csv(test_spreadsheet.test_what_is_written_is_read),
    ),
    "lines inside quotes are not counted": (
        "spreadsheet._Lines.following",
        "self.number += 1",
        "self.number += text.count(',') > 0",
        csv(test_spreadsheet.test_a_row_has_the_line_where_it_begins),
    ),
    "a source may come from the future": (
        "listings._check_date",
        "known > limit",
        "False",
        refuses("source_later_than_the_information_date"),
    ),
    "provenance is never required": (
        "rows._read_row",
        'sheet.required and text != "rest"',
        'False and text != "rest"',
        refuses("provenance_no_rationale"),
    ),
    "anything is true by definition": (
        "rows._check_sources",
        "row.number not in (0.0, 1.0)",
        "False",
        refuses("definition_of_a_judgement"),
    ),
    "ranges are not written": (
        "writing._life",
        "low, high = row.low, row.high",
        "low = high = None",
        in_folder(
            lambda p: test_writing.test_a_shipped_model_is_equal_after_writing(
                test_writing.SHIPPED[0], p
            )
        ),
    ),
    "conditions are not written": (
        "writing._given",
        'return "; ".join(',
        'return "" and "; ".join(',
        in_folder(
            lambda p: test_writing.test_a_shipped_model_is_equal_after_writing(
                test_writing.SHIPPED[0], p
            )
        ),
    ),
    "weights are not written": (
        "writing._node",
        '"weight", "weight_low"',
        '"weight_low"',
        test_writing.test_numpy_numbers_can_be_written,
    ),
    "what is stale stays": (
        "writing._write_into",
        "(folder / name).unlink(missing_ok=True)",
        "pass",
        test_writing.test_with_force_the_model_is_replaced_and_other_files_are_left_alone,
    ),
    "a model may be written anywhere": (
        "writing._unwritable",
        "if not is_set_name(name)",
        "if False",
        in_folder(
            test_writing.test_a_name_that_leads_out_of_the_folder_is_refused, "scenarios", "../../x"
        ),
    ),
}


ROOMS = ("decision.model", "tests.model")


def mutate(monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    """Put a function in place that differs in one expression, wherever it is known."""
    module_name, *path = name.split(".")
    module = importlib.import_module(f"decision.model.{module_name}")
    owner = module if len(path) == 1 else getattr(module, path[0])
    original = inspect.getattr_static(owner, path[-1])
    function = getattr(original, "func", original)  # of a cached property
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) >= 1, (name, old)
    namespace: dict = {}
    source = source.replace("@cached_property\n", "")
    code = compile(source.replace(old, new), f"<mutant of {name}>", "exec", annotations_as_text())
    exec(code, module.__dict__, namespace)
    mutant = namespace[path[-1]]
    if function is not original:
        monkeypatch.setattr(original, "func", mutant)
        return
    if len(path) > 1:
        monkeypatch.setattr(owner, path[-1], mutant)
        return
    for other in [m for n, m in sys.modules.items() if n.startswith(ROOMS)]:
        for key, value in vars(other).copy().items():
            if value is original and isinstance(value, types.FunctionType):
                monkeypatch.setattr(other, key, mutant)


def annotations_as_text() -> int:
    """The flag of ``from __future__ import annotations``, under which the room is written."""
    import __future__

    return __future__.annotations.compiler_flag


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name, monkeypatch, tmp_path):
    where, old, new, check = MUTANTS[name]
    mutate(monkeypatch, where, old, new)
    with pytest.raises((AssertionError, ModelError, pytest.fail.Exception)):
        check(tmp_path)


@pytest.mark.parametrize("name", MUTANTS)
def test_the_room_itself_is_not(name, tmp_path):
    MUTANTS[name][3](tmp_path)
