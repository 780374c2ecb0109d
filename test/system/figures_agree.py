#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""figures_agree.py OPENMETRICS.PY PREFIX REPORT.json REPORT.out LINES.json SERIES.csv

Holds all that a labyrinth-rx that has ended its run and lingers told, or tells, of it
against each other: the report in JSON is compared with the text of --figures, the last line
of --json-lines, the last snapshot of --csv, telemetry, and metrics. Each figure must be in
all of them and be the same. Exit code 1: they differ.
"""
import csv
import importlib.util
import json
import re
import sys

PLACES = {"port": "ports", "queue": "queues", "lcore": "lcores",
          "ring": "rings", "pool": "pools", "owner": "owners"}
NOT_FIGURES = {"name", "port", "queue", "lcore"}


def flatten(figures):
    """{(place, row, figure, label or part): number, or word} of the JSON."""
    flat = {}
    rows = [("run", "", figures["run"])]
    for place, places in PLACES.items():
        rows += [(place, row["name"], row) for row in figures[places]]
    for place, name, row in rows:
        for figure, value in row.items():
            if figure in NOT_FIGURES and place != "run" and not isinstance(value, dict):
                continue
            parts = value.items() if isinstance(value, dict) else [("", value)]
            for part, number in parts:
                if part != "buckets" and number is not None:
                    flat[place, name, figure, part] = number
    return flat


def from_text(path):
    """The same of --figures, which leaves zeroes out."""
    flat, place, name = {}, None, None
    for line in open(path, encoding="utf-8"):
        heading = re.match(r"Figures of (\w+) ?(.*)$", line)
        entry = re.match(r"  (\w+)(?:\{(\w+)\})? +(\S+) ", line)
        if heading:
            place, name = heading.groups()
        elif entry and place:
            figure, part, number = entry.groups()
            flat[place, name, figure, part or ""] = number
    return flat


def from_csv(path):
    rows = list(csv.DictReader(open(path, encoding="utf-8")))
    last = rows[-1]["time_s"]
    return {(r["place"], r["name"], r["figure"], r["label"]): r["value"]
            for r in rows if r["time_s"] == last}


def from_telemetry(client):
    flat = {}
    places = {"run": "run", **PLACES}
    for place, command in places.items():
        names = [None] if place == "run" else client.ask(f"/labyrinth/{command}")
        for name in names:
            for figure, value in client.ask(f"/labyrinth/{command}", name).items():
                parts = value.items() if isinstance(value, dict) else [("", value)]
                for part, number in parts:
                    if not part.startswith("le_"):
                        flat[place, name or "", figure, part] = number
    return flat


def same(a, b):
    return a == b if "unknown" in (a, b) else abs(float(a) - float(b)) < 1e-9


def compare(what, wanted, found, zeroes=True):
    """Each of wanted in found, and nothing else."""
    wrong = 0
    for key in sorted(wanted.keys() | found.keys()):
        if not zeroes and key not in found and wanted[key] != "unknown" and \
                float(wanted[key]) == 0:
            continue
        if key not in wanted or key not in found or not same(wanted[key], found[key]):
            print(f"{what}: {key}: JSON has {wanted.get(key)}, it has {found.get(key)}")
            wrong += 1
    print(f"{what}: {len(found)} numbers, {wrong} differ")
    return wrong


def parse_metrics(text):
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, inside, value = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line).groups()
        labels = frozenset(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', inside or ""))
        assert (name, labels) not in samples, line
        samples[name, labels] = float(value)
    return samples


def metric_of(module, figure, key):
    """Name and labels of the sample that a number of the JSON must be, and the factor."""
    place, row, _, part = key
    labels = dict(module.labels_of(place, row))
    name = figure.metric
    if figure.label:
        labels[figure.label] = part
    elif part in module.PERCENTILES:
        return f"{name}_percentile", {**labels, "percentile": module.PERCENTILES[part]}
    elif part == "max":
        return f"{name}_max", labels
    elif part:
        return (f"{name}_{part}", labels) if figure.kind == "histogram" else (None, None)
    return name + ("_total" if figure.kind == "counter" else ""), labels


def compare_metrics(module, client, wanted, text):
    figures = {(f.place, f.name): f for f in module.registry(client)}
    samples = parse_metrics(text)
    wrong = seen = 0
    for key, value in wanted.items():
        figure = figures[key[0], key[2]]
        name, labels = metric_of(module, figure, key)
        if name is None:  # count and sum of what is no counter
            continue
        if value == "unknown":
            name = "labyrinth_unknown"
            labels = {"figure": f"{figure.place}_{figure.name}", **labels}
            value = 1 / figure.factor
        found = samples.pop((name, frozenset(labels.items())), None)
        seen += 1
        scaled = float(value) * (1 if key[3] == "count" else figure.factor)
        if found is None or abs(found - scaled) > max(1e-9, abs(scaled) * 1e-15):
            print(f"metrics: {name}{labels}: JSON has {scaled}, it has {found}")
            wrong += 1
    for name, labels in samples:
        if not name.endswith("_bucket"):
            print(f"metrics: {name}{dict(labels)} is not in the JSON")
            wrong += 1
    print(f"metrics: {seen} numbers, {wrong} differ")
    return wrong


def main():
    script, prefix, report, text, lines, series = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("openmetrics", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = module.socket_path(prefix)
    report = json.load(open(report, encoding="utf-8"))
    wanted = flatten(report["figures"])
    last = json.loads(open(lines, encoding="utf-8").readlines()[-1])
    wrong = compare("json-lines", wanted, flatten(last["figures"]))
    wrong += compare("text", wanted, from_text(text), zeroes=False)
    wrong += compare("csv", wanted, from_csv(series))
    with module.Telemetry(path) as client:
        wrong += compare("telemetry", wanted, from_telemetry(client))
        wrong += compare_metrics(module, client, wanted, module.collect(path, True))
    ledger = report["ledger"]
    for name in ("offered", "delivered", "in_flight"):
        if wanted["run", "", name, ""] != ledger[name]:
            print(f"ledger: {name} is {ledger[name]}, the figure {wanted['run', '', name, '']}")
            wrong += 1
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
