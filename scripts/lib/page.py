#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Write the page of scripts/report.sh to standard output, from the folder that it filled.

Of each step there are NAME.command, NAME.code, NAME.seconds and NAME.txt, and NAME.json
where labyrinth-bench wrote it; plots/*.svg and scenario/ where those were made. The page
has all of it inside: no script, no other file.
"""
import argparse
import csv
import html
import os
import re
import time

import results

STYLE = """
body { font: 15px/1.45 sans-serif; max-width: 1180px; margin: 2em auto; padding: 0 1em;
  color: #1c1c1c; background: #fff; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2em; border-bottom: 2px solid #1b6ca8; }
table { border-collapse: collapse; margin: 0.8em 0; }
th, td { padding: 0.15em 0.7em; text-align: left; border-bottom: 1px solid #ddd; }
td { white-space: nowrap; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f4f4f4; padding: 0.6em; white-space: pre-wrap;
  overflow-wrap: anywhere; } figure { margin: 1.2em 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; } .bad { color: #a00; font-weight: bold; }
details { margin: 0.6em 0; } summary { cursor: pointer; }
"""

STEPS = {
    "pool": "The page pool beside rte_mempool",
    "rx-loop": "One core on the simulated card",
    "rx": "NDR, PDR and latency on the simulated wire",
    "rx-mempool": "The same card on an rte_mempool",
    "scenario": "The scenario: 100 Gb/s, an application that keeps its pages",
    "growth": "What the cost grows with",
}
PLOTS = {
    "pool": ("pool", "pool_grid", "pool_calls", "pool_costs"),
    "rx-loop": ("rx-loop",),
    "rx": ("throughput", "loss", "latency", "drops"),
    "growth": ("growth",),
}


def text(value):
    return html.escape(str(value))


def number(value):
    """Four digits that count."""
    if value is None:
        return "-"
    if value == 0 or 0.001 <= abs(value) < 1e6:
        return f"{value:,.{0 if abs(value) >= 1000 else 2 if abs(value) >= 1 else 4}f}"
    return f"{value:.3g}"


def table(head, rows):
    """Columns of numbers are those whose head begins with #."""
    kinds = [' class="n"' if name.startswith("#") else "" for name in head]
    out = ["<table><tr>"]
    out += [f"<th{kind}>{text(name.lstrip('#'))}</th>" for name, kind in zip(head, kinds)]
    for row in rows:
        out.append("</tr>\n<tr>")
        out += [f"<td{kind}>{text(cell)}</td>" for cell, kind in zip(row, kinds)]
    return "".join(out) + "</tr></table>"


def figure(path, name):
    """An SVG of gnuplot, its names made unique, as several are on one page."""
    with open(path, encoding="utf-8") as file:
        svg = file.read()
    svg = svg[svg.index("<svg"):]
    # several panels have the same name for their curves, which nobody refers to
    svg = re.sub(r"""<g id=(["'])gnuplot_plot_\w*\1""", "<g", svg)
    svg = re.sub(r"""\bid=(["'])""", rf"id=\1{name}-", svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r"""(xlink:href=["'])#""", rf"\1#{name}-", svg)
    return f"<figure>{svg}</figure>"


class Report:
    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return file.read().rstrip()
        except FileNotFoundError:
            return None

    def document(self, step):
        if not os.path.exists(self.path(step + ".json")):
            return None
        return results.load(self.path(step + ".json"))


# ---- who is better ----

def best(figures_):
    return max(figures_, key=lambda one: one.value * one.better)


# How threads meet an rte_mempool makes two different things of it.
KINDS = {"non-eal": ", threads as they come", "registered": ", threads that are lcores"}


def pairs_of_pool(document):
    """(test, our best, their best): what each side can do at this, of all its ways."""
    ours, theirs = {}, {}
    for one in results.figures(document):
        if one.name.startswith("labyrinth"):
            ours.setdefault(one.test, []).append(one)
        elif "/" in one.name and one.test != "calibration":
            kind = KINDS.get(one.name.rsplit("/", 1)[1], "")
            theirs.setdefault((one.test, kind), []).append(one)
    for (test, kind), others in theirs.items():
        if test in ours:
            yield test + kind, best(ours[test]), best(others)


def pairs_of_rx(ours, theirs):
    other = {one.key: one for one in results.figures(theirs)}
    for one in results.figures(ours):
        if one.key in other:
            yield f"wire, {one.test} bytes, {one.name}", one, other[one.key]


def verdict(one, other):
    """1: the first is better, -1: the other, 0: the noise hides it, None: one run each."""
    if not (one.has_band and other.has_band):
        return None
    (low, high), (other_low, other_high) = one.band, other.band
    if low > other_high:
        return one.better
    if high < other_low:
        return -one.better
    return 0


def comparison(report):
    pairs = []
    pool, growth, ours, theirs = map(report.document,
                                     ("pool", "growth", "rx", "rx-mempool"))
    for document in filter(None, (pool, growth)):
        pairs += [(test, "pool", a, b) for test, a, b in pairs_of_pool(document)]
    if ours and theirs:
        pairs += [(test, "ring_mp_mc", a, b) for test, a, b in pairs_of_rx(ours, theirs)]
    if not pairs:
        return
    yield "<h2>Who is better at what</h2>"
    yield ("<p>Of each side the best of its ways at that test; of several runs the medians, "
           "with their middle half as the noise. rte_mempool checks nothing; the page pool "
           "refuses each double, foreign or stale free.</p>")
    for title, wanted in (("Where rte_mempool is better", -1),
                          ("Where the page pool is better", 1),
                          ("Where the noise hides it", 0),
                          ("Where one run each says nothing about noise", None)):
        rows = [(test, names(a, where, "labyrinth"), number(a.value),
                 names(b, where, where), number(b.value), a.unit, times(a, b))
                for test, where, a, b in pairs if verdict(a, b) == wanted]
        if rows:
            yield f"<h3>{title}: {len(rows)} of {len(pairs)}</h3>"
            yield table(("test", "page pool", "#", "rte_mempool", "#", "unit",
                         "#page pool / rte_mempool"), rows)


def names(one, where, otherwise):
    return one.name if where == "pool" else otherwise


def times(one, other):
    return "-" if other.value == 0 else number(one.value / other.value)


# ---- the parts ----

def machine(report, args):
    yield "<h1>Labyrinth, measured</h1>"
    yield (f"<p>{text(time.strftime('%Y-%m-%d %H:%M %Z'))}, length {text(args.length)}. "
           "No network card and no cable: where a wire is meant it is a simulated one, "
           "and its title says so.</p>")
    documents = [report.document(step) for step in STEPS]
    documents = [document for document in documents if document]
    if documents:
        found = documents[0]["machine"]
        yield "<h2>The machine</h2>"
        yield table(("", ""), [(name.replace("_", " "), value)
                               for name, value in found.items()] + load(report))
        if busy(report, found["cores"]):
            yield ('<p class="bad">Other work was running on this machine. Medians of short '
                   "slices bear that; what is lost at a given load, and all latencies, are "
                   "about that work: measure them again when it has ended.</p>")


def load(report):
    """Other work spoils figures: how much there was, the reader has to know."""
    before, after = report.read("load.before"), report.read("load.after")
    return [(f"load {when} (1, 5, 15 minutes)", value)
            for when, value in (("before", before), ("after", after)) if value]


def busy(report, cores):
    """Did others want a CPU of those that we need, before we began?"""
    before = report.read("load.before")
    return before is not None and float(before.split()[0]) > max(cores - 2, 0) + 0.5


def verdicts(document):
    rows = [(v["ratio"], number(v["value"]), number(v["goal"]), number(v["least"]),
             v["verdict"], f"{v['ours']} / {v['theirs']}")
            for v in document.get("verdicts", []) if v["goal"] is not None
            and v["value"] is not None]
    if rows:
        yield "<h3>Goals</h3>"
        yield table(("ratio", "#value", "#goal", "#least", "verdict", "of medians"), rows)


def figures(document):
    rows = [(one.test, one.name, number(one.value), *map(number, one.band), one.unit,
             len(one.values)) for one in results.figures(document)]
    yield f"<details><summary>All {len(rows)} figures</summary>"
    yield table(("test", "figure", "#median", "#low", "#high", "unit", "#runs"), rows)
    yield "</details>"


def scenario(report):
    path = report.path("scenario/table.tsv")
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))
        yield table(rows[0][:2] + ["#" + name.replace("_", " ") for name in rows[0][2:]],
                    rows[1:])
    path = report.path("scenario/scenario-100g.svg")
    if os.path.exists(path):
        yield figure(path, "scenario")


def part(report, step):
    code = report.read(step + ".code")
    yield f"<h2>{STEPS[step]}</h2>"
    if code is None:
        yield '<p class="bad">Not measured on this machine.</p>'
        return
    yield f"<pre>{text(report.read(step + '.command'))}</pre>"
    yield f"<p>{text(report.read(step + '.seconds'))} s.</p>"
    if code != "0":
        last = (report.read(step + ".err") or "").splitlines()[-1:]
        yield f'<p class="bad">Ended with {text(code)}: {text(" ".join(last))}</p>'
    for name in PLOTS.get(step, ()):
        path = report.path(f"plots/{name}.svg")
        if os.path.exists(path):
            yield figure(path, name)
    document = report.document(step)
    if document:
        yield from verdicts(document)
        yield from figures(document)
    if step == "scenario":
        yield from scenario(report)
    yield f"<details><summary>What it said</summary><pre>{text(report.read(step + '.txt'))}"
    yield "</pre></details>"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--length", default="quick")
    parser.add_argument("--steps", default=" ".join(STEPS))
    args = parser.parse_args()
    report = Report(args.folder)
    print('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
          f"<title>Labyrinth, measured</title><style>{STYLE}</style></head><body>")
    for lines in [machine(report, args), comparison(report)] + \
            [part(report, step) for step in args.steps.split()]:
        for line in lines:
            print(line)
    print("</body></html>")


if __name__ == "__main__":
    results.run(main)
