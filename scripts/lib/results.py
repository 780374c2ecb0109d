# SPDX-License-Identifier: BSD-3-Clause
"""Results of labyrinth-bench (scripts/results.schema.json), read and made flat.

A figure is one number of one test, with its unit, what it was made from, and whether
more of it is better. csv, compare and plot all work on these.
"""
import json
import os
import statistics
import sys
from dataclasses import dataclass

SCHEMA = "labyrinth-bench/1"
EXIT_GATE = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3

# Of these less is better; of frames and gaps it depends on what they are.
LESS_IS_BETTER = ("us", "ns", "cycles", "gaps")


def die(code, text):
    """End the program with one line that says what to do."""
    print(f"{sys.argv[0].rsplit('/', 1)[-1]}: {text}", file=sys.stderr)
    sys.exit(code)


def run(main):
    """Call main and exit with what it returns; a reader that went away is no error."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


@dataclass
class Figure:
    test: str
    name: str
    unit: str
    values: list                  # one for each run
    better: int                   # 1: more is, -1: less is
    low: float = None             # bounds that were found, where there are any
    high: float = None
    regular: bool = True          # by RFC 9971
    gated: bool = True            # compare may fail for it

    @property
    def key(self):
        return self.test, self.name

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def has_band(self):
        return len(self.values) > 1 or self.low is not None or self.high is not None

    @property
    def band(self):
        """Where another run would not surprise: the middle half of the values, all of
        them where there are few, and the bounds that were found."""
        values = sorted(self.values)
        n = len(values)
        if n >= 4:
            low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        else:
            low, high = values[0], values[-1]
        if self.low is not None:
            low = min(low, self.low)
        if self.high is not None:
            high = max(high, self.high)
        return low, high

    def merge(self, other):
        """Add another run of the same."""
        self.values += other.values
        self.low = _least(self.low, other.low)
        self.high = _most(self.high, other.high)
        self.regular = self.regular and other.regular


def _least(a, b):
    return b if a is None else a if b is None else min(a, b)


def _most(a, b):
    return b if a is None else a if b is None else max(a, b)


def load(path):
    """Read a file of results, or end the program."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        die(EXIT_ENVIRONMENT, f"{path}: {error.strerror}")
    except ValueError as error:
        die(EXIT_USAGE, f"{path}: not JSON ({error})")
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        die(EXIT_USAGE, f"{path}: not results of {SCHEMA}: make them by "
            "labyrinth-bench … --json FILE")
    return document


def is_simulated(document):
    """Did frames come from the simulated wire? (pool has none at all; of growth only those
    of the queues, which says so itself)"""
    return document["command"] in ("rx", "rx-loop")


def title(document):
    """What was measured, and on what: two lines."""
    machine = document["machine"]
    where = f"{machine['cpu']}, {machine['cores']} CPUs, {machine['dpdk']}"
    if "commit" in machine:
        where += f", {machine['commit']}"
    if document["command"] == "rx":
        source, config = document["source"], document["config"]
        return (f"SIMULATED WIRE, {source['rate_gbps']:g} Gb/s, {source['mode']}: "
                f"{document['pool']['ops']}, ring {config['rxd']}, policy "
                f"{config['policy']}, goal {config['goal']}\n{where}")
    if is_simulated(document):
        return f"SIMULATED WIRE: {document['command']}\n{where}"
    return f"{document['command']}, no wire\n{where}"


def label(document):
    """A short name, to tell it from others in the same plot."""
    return document["pool"]["ops"] if document["command"] == "rx" else document["command"]


# ---- pool and rx-loop ----

def _better(unit, name):
    if unit in LESS_IS_BETTER or name.startswith("missed"):
        return -1
    return 1


def _series(document, part, gated):
    for row in document[part]:
        values = [value for value in row["values"] if value is not None]
        test, name = row.get("case", "calibration"), row.get("impl", row.get("name"))
        if values:
            yield Figure(test, name, row["unit"], values, _better(row["unit"], name),
                         gated=gated and not test.startswith("calls/"))


# ---- rx ----

def _goal(test, result, name):
    goal = result.get(name)
    if goal is None:
        return
    if "lower" not in goal:
        # the least load fails: nothing comes through by this goal
        yield Figure(test, name, "pps", [0.0], 1, regular=False)
        return
    upper = goal.get("relevant_upper_bound", goal["relevant_lower_bound"])
    value = goal["conditional_throughput"]["rate"]["value"]
    yield Figure(test, name, "pps", [value], 1, low=value,
                 high=max(value, upper["rate"]["value"]), regular=goal["regular"])


def _burst(test, result):
    burst = result.get("back_to_back")
    if burst is None or burst["unlimited"]:
        return
    yield Figure(test, "back_to_back", "frames", list(burst["frames"]["values"]), 1)
    yield Figure(test, "buffer_corrected", "us", [burst["corrected_buffer_time_us"]], 1)


def _rx(document):
    for test in document["tests"]:
        size, result = test["frame_size"], test["result"]
        yield from _goal(size, result, "ndr")
        yield from _goal(size, result, "pdr")
        if "receive_rate" in result:
            yield Figure(size, "mrr", "pps",
                         list(result["receive_rate"]["rate"]["values"]), 1)
        yield from _burst(size, result)
        for load_name, latency in result.get("latency_forward", {}).items():
            for part in ("p50", "p99"):
                if latency["samples"] > 0:
                    yield Figure(size, f"{load_name}_{part}", "us", [latency[part]], -1)


def figures(document):
    """All figures of a document, in its order."""
    if document["command"] == "rx":
        return list(_rx(document))
    return list(_series(document, "calibration", False)) + \
        list(_series(document, "results", True))


def pool_runs(documents):
    """Figures of several runs of the same, put together: {key: Figure}."""
    together = {}
    for document in documents:
        for figure in figures(document):
            if figure.key in together:
                together[figure.key].merge(figure)
            else:
                together[figure.key] = figure
    return together
