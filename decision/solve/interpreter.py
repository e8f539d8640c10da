"""A code run by machine instructions: numba compiles these loops once, for every plan.

Terms are multiplied and added in the order of `run`, never fused or reassociated, so that
the numbers are the same to the last bit. Of a batch, a cell of a table is a stretch of
neighbouring numbers, one for each row; loops over rows are the innermost.

The way back (reverse accumulation; Griewank and Walther 2008, "Evaluating derivatives",
2nd edition, SIAM, ch. 3) adds up, for every cell of every table, how the last table moves
with it. Where an option is not chosen nothing moves, and what leads there is passed over.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from decision.solve.code import KINDS
from decision.solve.ties import FLOOR, TIE

__all__ = ["back", "back_rows", "run", "run_rows"]

PRODUCT, SUM, RATIO, TOTAL = (KINDS[k] for k in ("product", "sum", "ratio", "total"))
OPENED, CLOSED, AND_CLOSED = (KINDS[k] for k in ("opened", "closed", "and closed"))
BEST, OPEN_BEST = KINDS["best"], KINDS["open best"]
CHOICE, OPEN_CHOICE = KINDS["choice"], KINDS["open choice"]
STUCK, FIRST, NEAR = (KINDS[k] for k in ("stuck", "first", "near"))

jit = njit(cache=True, nogil=True, boundscheck=False)


@jit
def _product(step, operands, table):  # type: ignore[no-untyped-def]
    cells, terms = step[2], step[3]
    out = table[step[1] : step[1] + cells]
    p = operands[step[4] : step[4] + cells * terms]
    q = operands[step[5] : step[5] + cells * terms]
    if terms == 1:
        for i in range(cells):
            out[i] = table[p[i]] * table[q[i]]
    elif terms == 2:
        for i in range(cells):
            j = 2 * i
            number = table[p[j]] * table[q[j]]
            out[i] = number + table[p[j + 1]] * table[q[j + 1]]
    elif terms == 3:
        for i in range(cells):
            j = 3 * i
            number = table[p[j]] * table[q[j]] + table[p[j + 1]] * table[q[j + 1]]
            out[i] = number + table[p[j + 2]] * table[q[j + 2]]
    else:
        for i in range(cells):
            number = table[p[i * terms]] * table[q[i * terms]]
            for j in range(i * terms + 1, (i + 1) * terms):
                number += table[p[j]] * table[q[j]]
            out[i] = number


@jit
def _gathered(step, operands, table):  # type: ignore[no-untyped-def]
    """Run a step of two operands at most, other than a product."""
    kind, cells, terms = step[0], step[2], step[3]
    out = table[step[1] : step[1] + cells]
    p = operands[step[4] : step[4] + cells * terms]
    q = operands[step[5] : step[5] + cells]
    if kind == SUM:
        for i in range(cells):
            number = table[p[i * terms]]
            for j in range(i * terms + 1, (i + 1) * terms):
                number += table[p[j]]
            out[i] = number
    elif kind == TOTAL:
        for i in range(cells):
            out[i] = table[p[i]] + table[q[i]]
    elif kind == RATIO:
        for i in range(cells):
            below = table[q[i]]
            out[i] = table[p[i]] / below if below != 0.0 else 0.0
    elif kind == OPENED:
        for i in range(cells):
            out[i] = 1.0 if table[p[i]] > 0.0 else 0.0
    elif kind == CLOSED:
        for i in range(cells):
            out[i] = 1.0 if table[p[i]] == 0.0 else 0.0
    else:
        for i in range(cells):
            out[i] = 1.0 if table[p[i]] != 0.0 and table[q[i]] == 0.0 else 0.0


@jit
def _best(out, worths, opened, masked):  # type: ignore[no-untyped-def]
    """Set out[situation, row] to the best of worths[option, situation, row]."""
    for s in range(out.shape[0]):
        for row in range(out.shape[1]):
            if masked:
                out[s, row] = worths[0, s, row] if opened[0, s, row] > 0.0 else -np.inf
            else:
                out[s, row] = worths[0, s, row]
    for option in range(1, worths.shape[0]):
        for s in range(out.shape[0]):
            for row in range(out.shape[1]):
                if not masked or opened[option, s, row] > 0.0:
                    out[s, row] = max(out[s, row], worths[option, s, row])
    if masked:
        for s in range(out.shape[0]):
            for row in range(out.shape[1]):
                out[s, row] = out[s, row] if np.isfinite(out[s, row]) else 0.0


@jit
def _choice(out, worths, best, floor, opened, masked):  # type: ignore[no-untyped-def]
    """Set out[situation, row] to the first option that ties with the best."""
    width = out.shape[1]
    bound = np.empty(width)
    for s in range(out.shape[0]):
        chosen, top = out[s], best[s]
        for row in range(width):
            bound[row] = TIE * max(abs(top[row]), floor[row])
            chosen[row] = 0.0
        for option in range(worths.shape[0] - 1, -1, -1):
            worth = worths[option, s]
            if masked:
                there = opened[option, s]
                for row in range(width):
                    tied = (top[row] - worth[row] <= bound[row]) & (there[row] > 0.0)
                    chosen[row] = option if tied else chosen[row]
            else:
                for row in range(width):
                    tied = top[row] - worth[row] <= bound[row]
                    chosen[row] = option if tied else chosen[row]


@jit
def _near(worths, bound):  # type: ignore[no-untyped-def]
    """Return 1, for each row, if two options differ by next to nothing in some situation."""
    width = worths.shape[2]
    near = np.zeros(width)
    for option in range(worths.shape[0]):
        for other in range(option + 1, worths.shape[0]):
            for s in range(worths.shape[1]):
                x, y = worths[option, s], worths[other, s]
                for row in range(width):
                    near[row] = 1.0 if abs(x[row] - y[row]) <= bound[row] else near[row]
    return near


@jit
def _firsts(kind, out, opened):  # type: ignore[no-untyped-def]
    """Set out[situation, row] to the first option that is open, or to 1 where none is."""
    for s in range(out.shape[0]):
        for row in range(out.shape[1]):
            most, first = opened[0, s, row], 0.0
            for option in range(opened.shape[0] - 1, -1, -1):
                most = max(most, opened[option, s, row])
                if opened[option, s, row] > 0.0:
                    first = option
            out[s, row] = first if kind == FIRST else 1.0 - most


@jit
def _planar(step, rows):  # type: ignore[no-untyped-def]
    """Run a step that reads tables as they stand; rows[cell, row of the batch]."""
    kind, cells, terms, width = step[0], step[2], step[3], rows.shape[1]
    planes = (terms, cells, width)
    out = rows[step[1] : step[1] + cells]
    worths = rows[step[4] : step[4] + cells * terms].reshape(planes)
    if kind == NEAR:
        rows[step[1], :] = _near(worths, TIE * rows[step[5]])
    elif kind == BEST:
        _best(out, worths, worths, False)
    elif kind == OPEN_BEST:
        _best(out, worths, rows[step[5] : step[5] + cells * terms].reshape(planes), True)
    elif kind in (CHOICE, OPEN_CHOICE):
        best = rows[step[5] : step[5] + cells]
        opened = worths
        if kind == OPEN_CHOICE:
            opened = rows[step[7] : step[7] + cells * terms].reshape(planes)
        _choice(out, worths, best, FLOOR * rows[step[6]], opened, kind == OPEN_CHOICE)
    elif kind in (STUCK, FIRST):
        _firsts(kind, out, worths)
    else:
        out[:] = 1.0


@jit
def _options(step, table):  # type: ignore[no-untyped-def]
    """Run a step that compares options, without a batch."""
    kind, cells, terms = step[0], step[2], step[3]
    worths = table[step[4] : step[4] + cells * terms].reshape((terms, cells))
    out = table[step[1] : step[1] + cells]
    if kind == BEST:
        for i in range(cells):
            number = worths[0, i]
            for option in range(1, terms):
                number = max(number, worths[option, i])
            out[i] = number
    elif kind == CHOICE:
        bests = table[step[5] : step[5] + cells]
        floor = FLOOR * table[step[6]]
        for i in range(cells):
            best = bests[i]
            bound = TIE * max(abs(best), floor)
            chosen = 0
            for option in range(terms - 1, -1, -1):
                chosen = option if best - worths[option, i] <= bound else chosen
            out[i] = chosen
    else:
        bound, near = TIE * table[step[5]], 0.0
        for option in range(terms):
            for other in range(option + 1, terms):
                for i in range(cells):
                    near = 1.0 if abs(worths[option, i] - worths[other, i]) <= bound else near
        table[step[1]] = near


@jit
def run(steps, operands, sequence, table):  # type: ignore[no-untyped-def]
    """Run some steps of a code on a table without a batch."""
    column = table.reshape((table.size, 1))
    for place in sequence:
        step = steps[place]
        if step[0] == PRODUCT:
            _product(step, operands, table)
        elif step[0] <= AND_CLOSED:
            _gathered(step, operands, table)
        elif step[0] == BEST or step[0] == CHOICE or step[0] == NEAR:
            _options(step, table)
        else:
            _planar(step, column)


# -- a batch --------------------------------------------------------------------


@jit
def _products(step, operands, rows):  # type: ignore[no-untyped-def]
    """Add up products, up to three terms in one pass over the rows of a cell."""
    width, terms = rows.shape[1], step[3]
    for cell in range(step[2]):
        out = step[1] + cell
        p, q = step[4] + cell * terms, step[5] + cell * terms
        t = 0
        while t < terms:
            x, y = operands[p + t], operands[q + t]
            left = terms - t
            if left == 1:
                if t == 0:
                    for i in range(width):
                        rows[out, i] = rows[x, i] * rows[y, i]
                else:
                    for i in range(width):
                        rows[out, i] = rows[out, i] + rows[x, i] * rows[y, i]
                break
            x2, y2 = operands[p + t + 1], operands[q + t + 1]
            if left == 3:
                x3, y3 = operands[p + t + 2], operands[q + t + 2]
                if t == 0:
                    for i in range(width):
                        number = rows[x, i] * rows[y, i] + rows[x2, i] * rows[y2, i]
                        rows[out, i] = number + rows[x3, i] * rows[y3, i]
                else:
                    for i in range(width):
                        number = rows[out, i] + rows[x, i] * rows[y, i]
                        number = number + rows[x2, i] * rows[y2, i]
                        rows[out, i] = number + rows[x3, i] * rows[y3, i]
                break
            if t == 0:
                for i in range(width):
                    rows[out, i] = rows[x, i] * rows[y, i] + rows[x2, i] * rows[y2, i]
            else:
                for i in range(width):
                    number = rows[out, i] + rows[x, i] * rows[y, i]
                    rows[out, i] = number + rows[x2, i] * rows[y2, i]
            t += 2


@jit
def _sums(step, operands, rows):  # type: ignore[no-untyped-def]
    width, terms = rows.shape[1], step[3]
    for cell in range(step[2]):
        out, p = step[1] + cell, step[4] + cell * terms
        x = operands[p]
        for i in range(width):
            rows[out, i] = rows[x, i]
        for t in range(1, terms):
            x = operands[p + t]
            for i in range(width):
                rows[out, i] = rows[out, i] + rows[x, i]


@jit
def _totals(step, operands, rows):  # type: ignore[no-untyped-def]
    width = rows.shape[1]
    for cell in range(step[2]):
        out, x, y = step[1] + cell, operands[step[4] + cell], operands[step[5] + cell]
        for i in range(width):
            rows[out, i] = rows[x, i] + rows[y, i]


@jit
def _pairs(step, operands, rows):  # type: ignore[no-untyped-def]
    kind, width = step[0], rows.shape[1]
    for cell in range(step[2]):
        out, x, y = rows[step[1] + cell], rows[operands[step[4] + cell]], rows[step[1]]
        if kind in (RATIO, AND_CLOSED):
            y = rows[operands[step[5] + cell]]
        if kind == RATIO:
            for i in range(width):
                out[i] = x[i] / y[i] if y[i] != 0.0 else 0.0
        elif kind == OPENED:
            for i in range(width):
                out[i] = 1.0 if x[i] > 0.0 else 0.0
        elif kind == CLOSED:
            for i in range(width):
                out[i] = 1.0 if x[i] == 0.0 else 0.0
        else:
            for i in range(width):
                out[i] = 1.0 if x[i] != 0.0 and y[i] == 0.0 else 0.0


@jit
def run_rows(steps, operands, first, last, rows):  # type: ignore[no-untyped-def]
    """Run the steps from first to last on tables with a batch: rows[cell, row of the batch]."""
    for place in range(first, last):
        step = steps[place]
        kind = step[0]
        if kind == PRODUCT:
            _products(step, operands, rows)
        elif kind == SUM:
            _sums(step, operands, rows)
        elif kind == TOTAL:
            _totals(step, operands, rows)
        elif kind <= AND_CLOSED:
            _pairs(step, operands, rows)
        else:
            _planar(step, rows)


# -- the way back -----------------------------------------------------------------


@jit
def _back_product(step, operands, table, slopes):  # type: ignore[no-untyped-def]
    cells, terms = step[2], step[3]
    out = slopes[step[1] : step[1] + cells]
    p = operands[step[4] : step[4] + cells * terms]
    q = operands[step[5] : step[5] + cells * terms]
    for i in range(cells):
        slope = out[i]
        if slope != 0.0:
            for j in range(i * terms, (i + 1) * terms):
                x, y = p[j], q[j]
                slopes[x] += slope * table[y]
                slopes[y] += slope * table[x]


@jit
def _back_gathered(step, operands, table, slopes):  # type: ignore[no-untyped-def]
    """Go back through a sum, a total or a quotient."""
    kind, begin, cells, terms = step[0], step[1], step[2], step[3]
    p = operands[step[4] : step[4] + cells * terms]
    q = operands[step[5] : step[5] + cells]
    for i in range(cells):
        out = begin + i
        slope = slopes[out]
        if slope == 0.0:
            continue
        if kind == SUM:
            for j in range(i * terms, (i + 1) * terms):
                slopes[p[j]] += slope
        elif kind == TOTAL:
            if p[i] != out:  # else a chain adds to what is there
                slopes[p[i]] += slope
            slopes[q[i]] += slope
        elif table[q[i]] != 0.0:
            slopes[p[i]] += slope / table[q[i]]
            slopes[q[i]] -= slope * table[out] / table[q[i]]


@jit
def back(steps, operands, chosen, table, slopes):  # type: ignore[no-untyped-def]
    """Add up, for a table without a batch, how the last table moves with every cell.

    chosen: for each step that takes the best, where the options that are chosen stand.
    """
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        kind, cells = step[0], step[2]
        if kind == PRODUCT:
            _back_product(step, operands, table, slopes)
        elif kind <= TOTAL:
            _back_gathered(step, operands, table, slopes)
        elif kind in (BEST, OPEN_BEST):
            for i in range(cells):
                slope = slopes[step[1] + i]
                if slope != 0.0:
                    option = int(table[chosen[place] + i])
                    slopes[step[4] + option * cells + i] += slope


@jit
def _back_products(step, operands, rows, slopes):  # type: ignore[no-untyped-def]
    width, terms = rows.shape[1], step[3]
    for cell in range(step[2]):
        out = step[1] + cell
        for j in range(cell * terms, (cell + 1) * terms):
            x, y = operands[step[4] + j], operands[step[5] + j]
            for i in range(width):
                slopes[x, i] = slopes[x, i] + slopes[out, i] * rows[y, i]
            for i in range(width):
                slopes[y, i] = slopes[y, i] + slopes[out, i] * rows[x, i]


@jit
def _back_sums(step, operands, slopes):  # type: ignore[no-untyped-def]
    width, terms = slopes.shape[1], step[3]
    for cell in range(step[2]):
        out = step[1] + cell
        for j in range(cell * terms, (cell + 1) * terms):
            x = operands[step[4] + j]
            if x != out:  # else a chain adds to what is there
                for i in range(width):
                    slopes[x, i] = slopes[x, i] + slopes[out, i]
        if step[0] == TOTAL:
            y = operands[step[5] + cell]
            for i in range(width):
                slopes[y, i] = slopes[y, i] + slopes[out, i]


@jit
def _back_ratios(step, operands, rows, slopes):  # type: ignore[no-untyped-def]
    for cell in range(step[2]):
        out = step[1] + cell
        x, y = operands[step[4] + cell], operands[step[5] + cell]
        for i in range(rows.shape[1]):
            if rows[y, i] != 0.0:
                slopes[x, i] += slopes[out, i] / rows[y, i]
                slopes[y, i] -= slopes[out, i] * rows[out, i] / rows[y, i]


@jit
def _back_best(step, chosen, rows, slopes):  # type: ignore[no-untyped-def]
    cells = step[2]
    for option in range(step[3]):
        for cell in range(cells):
            x, out, picked = step[4] + option * cells + cell, step[1] + cell, chosen + cell
            for i in range(rows.shape[1]):
                share = slopes[out, i] if rows[picked, i] == option else 0.0
                slopes[x, i] = slopes[x, i] + share


@jit
def back_rows(steps, operands, chosen, rows, slopes):  # type: ignore[no-untyped-def]
    """Do as `back` does, for a batch."""
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        kind = step[0]
        if kind == PRODUCT:
            _back_products(step, operands, rows, slopes)
        elif kind in (SUM, TOTAL):
            _back_sums(step, operands, slopes)
        elif kind == RATIO:
            _back_ratios(step, operands, rows, slopes)
        elif kind in (BEST, OPEN_BEST):
            _back_best(step, chosen[place], rows, slopes)
