# SPDX-License-Identifier: BSD-3-Clause
"""Curves of a document of series: which figures make which curve of which panel."""
import re

import results

# Drawn where all would be a thicket. Of drivers with a cache it is one: what a cache does
# is the same code for all.
SOME = ("labyrinth", "labyrinth-own-index", "labyrinth-index", "labyrinth-team",
        "stack-1-thread", "stack-mutex", "ring_mp_mc/0", "ring_mp_mc/512", "lf_stack/0",
        "bucket/0", "bare")


class Panel:
    def __init__(self, title, pattern, xlabel, ylabel, logs="-", only=None,
                 ticks=()):
        self.title, self.pattern = title, re.compile(pattern)
        self.xlabel, self.ylabel, self.logs, self.only = xlabel, ylabel, logs, only
        self.ticks = ticks   # values of x that stand side by side, whatever they are

    def curves(self, figures):
        """{name: [[x, median, low, high]]}, in the order of the figures."""
        curves = {}
        for figure in figures:
            found = self.pattern.match(f"{figure.test} {figure.name}")
            if not found or (self.only and figure.name not in self.only):
                continue
            x = found["x"]
            x = self.ticks.index(x) if self.ticks else float(x)
            name = found.groupdict().get("name") or figure.name
            curves.setdefault(name, []).append(
                [x, figure.value, *figure.band])
        return {name: sorted(rows) for name, rows in curves.items()}


CELLS = "cycles an object (logarithmic)"
# Files, each with its panels, and how many of them stand in a row.
FILES = {
    "pool": {
        "pool_grid": (3, [
            Panel(f"keep {keep}", rf"grid/keep{keep}/get(?P<x>\d+)/put(?P=x) ",
                  "objects a call", CELLS, "xy", SOME)
            for keep in (32, 128, 512)]),
        "pool_calls": (2, [
            Panel(f"{way} of {bulk}", rf"calls/{way}{bulk}/p(?P<x>[\d.]+) ",
                  "percentile, timing included", "cycles a call (logarithmic)",
                  "y", SOME, ("50", "99", "99.9"))
            for way in ("get", "put") for bulk in (1, 32)]),
        "pool_costs": (2, [
            Panel("from owner to owner", r"chain/(?P<x>\d+) ", "hops", "cycles an object"),
            Panel("a dead owner's pages brought back", r"reclaim/(?P<x>\d+) ",
                  "pages of the pool", "us (logarithmic)", "xy"),
            Panel("a header written and read", r"colour/(?P<name>\d+) "
                  r"labyrinth-(?P<x>\d+)-colours", "colours (curves: ring)",
                  "cycles a page")]),
    },
    "growth": {
        "growth": (2, [
            panel
            for title, part, xlabel in (
                ("by pages, half of them held", "pages", "pages of the pool"),
                ("by frames held", "hold", "frames held, first in first out"))
            for panel in (
                Panel(title, rf"{part}/(?P<x>\d+) ", xlabel, "cycles an object", "x"),
                Panel(title + ": p99", rf"p99_{part}/(?P<x>\d+) ", xlabel,
                      "cycles for a put and a get of 32", "x"))] + [
            Panel("by owners, played by turns", r"owners/(?P<x>\d+) ", "owners",
                  "cycles an object", "x"),
            Panel("by rx queues of the simulated card", r"queues/(?P<x>\d+) ",
                  "queues, polled by one core", "cycles a frame", "x")]),
    },
}

SHOWN_HERE = ("grid/", "calls/", "chain/", "reclaim/", "colour/", "pages/", "hold/", "p99_",
              "owners/", "queues/")


def plan(document):
    """(file, columns, [(panel, curves)]) of all that can be drawn."""
    figures = results.figures(document)
    for name, (columns, panels) in FILES.get(document["command"], {}).items():
        drawn = [(panel, panel.curves(figures)) for panel in panels]
        drawn = [(panel, curves) for panel, curves in drawn if curves]
        if drawn:
            yield name, min(columns, len(drawn)), drawn


def draw(canvas, document):
    for name, columns, drawn in plan(document):
        blocks = [[[curve]] + rows for _, curves in drawn
                  for curve, rows in curves.items()]
        most = max(len(curves) for _, curves in drawn)
        high = 60 + (300 + 17 * -(-most // 3)) * -(-len(drawn) // columns)
        canvas.draw(name, blocks, (560 * columns, high), template="curves",
                    title=results.title(document)
                    + "\nmedians of the runs, and their middle half where few are drawn",
                    panels=len(drawn), columns=columns,
                    counts=" ".join(str(len(curves)) for _, curves in drawn),
                    titles="|".join(panel.title for panel, _ in drawn),
                    xlabels="|".join(panel.xlabel for panel, _ in drawn),
                    ylabels="|".join(panel.ylabel for panel, _ in drawn),
                    ticks="|".join(
                        ", ".join(f'"p{x}" {i}' for i, x in enumerate(panel.ticks))
                        for panel, _ in drawn),
                    logs=" ".join(panel.logs for panel, _ in drawn))
