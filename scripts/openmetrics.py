#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Metrics of a running labyrinth-rx for Prometheus, from its DPDK telemetry.

Which figures there are, of what kind and unit, and what they mean, the program says itself
(/labyrinth/figures): nothing of that is repeated here. A figure NAME of a PLACE (port,
queue, lcore, pool, owner; run is the whole) becomes labyrinth_PLACE_NAME, with the place as
labels; counters end with _total, times are in seconds. What the PMD does not count has no
value; labyrinth_unknown names it.

Exit code: 0; 2 wrong usage; 3 there is no such program, or the port is taken.
"""
import argparse
import http.server
import json
import os
import socket
import sys

NANO = 1e-9
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
PERCENTILES = {"p50": "50", "p90": "90", "p99": "99", "p99_9": "99.9"}


class Telemetry:
    """A connection to the telemetry socket of a DPDK program."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self.size = json.loads(self.socket.recv(1024))["max_output_len"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, command, parameter=None):
        """The answer, None if there is none."""
        whole = command if parameter is None else f"{command},{parameter}"
        self.socket.send(whole.encode())
        return json.loads(self.socket.recv(self.size))[command]


class Figure:
    """What the registry says of a figure, and the name of its metric."""

    def __init__(self, entry):
        self.place, self.places = entry["place"], entry["places"]
        self.name, self.kind = entry["name"], entry["kind"]
        self.label, self.sentence = entry["label"], entry["sentence"]
        self.factor = NANO if entry["unit"] == "ns" else 1
        self.metric = f"labyrinth_{self.place}_{self.name}"
        if entry["unit"] == "ns":
            self.metric += "_seconds"
        elif entry["unit"] == "bytes" and not self.name.endswith("bytes"):
            self.metric += "_bytes"


def registry(telemetry):
    names = telemetry.ask("/labyrinth/figures")
    if names is None:
        raise ConnectionError("no figures: not a labyrinth-rx")
    return [Figure(telemetry.ask("/labyrinth/figures", name)) for name in names]


def labels_of(place, name):
    """The labels that say which port, queue … a row is."""
    if place == "run":
        return {}
    if place == "queue":
        port, queue = name.split(".")
        return {"port": port, "queue": queue}
    return {place: name}


def rows(telemetry, places):
    """(place, labels, figures) of everything there is; none of what is gone meanwhile."""
    for place, command in places.items():
        names = [None] if place == "run" else telemetry.ask(f"/labyrinth/{command}")
        for name in names or []:
            figures = telemetry.ask(f"/labyrinth/{command}", name)
            if figures is not None:
                yield place, labels_of(place, name), figures


def escape(text):
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value):
    """Whole numbers as they are, others to the nanosecond."""
    return str(value) if isinstance(value, int) else repr(round(float(value), 9))


class Page:
    """Metric families, written in the one or the other format."""

    def __init__(self, openmetrics):
        self.openmetrics = openmetrics
        self.lines = []

    def family(self, name, kind, sentence):
        # The older format takes the name of the sample for that of the family.
        if kind == "counter" and not self.openmetrics:
            name += "_total"
        self.lines += [f"# TYPE {name} {kind}", f"# HELP {name} {escape(sentence)}"]

    def sample(self, name, labels, value):
        inside = ",".join(f'{key}="{escape(text)}"' for key, text in labels.items())
        braces = f"{{{inside}}}" if inside else ""
        self.lines.append(f"{name}{braces} {number(value)}")

    def text(self):
        return "\n".join(self.lines + (["# EOF"] if self.openmetrics else [])) + "\n"


def put_histogram(page, figure, samples):
    page.family(figure.metric, "histogram", figure.sentence)
    for labels, value in samples:
        for key, count in value.items():
            if key.startswith("le_"):
                bound = number(int(key[3:]) * figure.factor)
                page.sample(f"{figure.metric}_bucket", {**labels, "le": bound}, count)
        page.sample(f"{figure.metric}_bucket", {**labels, "le": "+Inf"}, value["count"])
        page.sample(f"{figure.metric}_sum", labels, value["sum"] * figure.factor)
        page.sample(f"{figure.metric}_count", labels, value["count"])


def put_percentiles(page, figure, samples):
    """Percentiles as the program works them out, finer than the buckets."""
    name = f"{figure.metric}_percentile"
    page.family(name, "gauge", f"percentiles: {figure.sentence}")
    for labels, value in samples:
        for part, percentile in PERCENTILES.items():
            page.sample(name, {**labels, "percentile": percentile},
                        value[part] * figure.factor)
    name = f"{figure.metric}_max"
    page.family(name, "gauge", f"greatest: {figure.sentence}")
    for labels, value in samples:
        page.sample(name, labels, value["max"] * figure.factor)


def put_numbers(page, figure, samples, unknown):
    page.family(figure.metric, figure.kind, figure.sentence)
    name = figure.metric + ("_total" if figure.kind == "counter" else "")
    for labels, value in samples:
        if value == "unknown":
            unknown.append({"figure": f"{figure.place}_{figure.name}", **labels})
        else:
            value = float(value) if isinstance(value, str) else value
            page.sample(name, labels, value * figure.factor)


def samples_of(figure, found):
    """(labels, value) of a figure; a family has a label more and one for each value."""
    for place, labels, figures in found:
        value = figures.get(figure.name) if place == figure.place else None
        if value is None:
            continue
        if figure.label:
            yield from (({**labels, figure.label: key}, part) for key, part in value.items())
        else:
            yield labels, value


def collect(path, openmetrics):
    """The page of metrics. Raises OSError when the program is not there."""
    page, unknown = Page(openmetrics), []
    with Telemetry(path) as telemetry:
        figures = registry(telemetry)
        found = list(rows(telemetry, {f.place: f.places for f in figures}))
    for figure in figures:
        samples = list(samples_of(figure, found))
        distribution = samples and isinstance(samples[0][1], dict)
        if figure.kind == "histogram":
            put_histogram(page, figure, samples)
        if figure.kind == "histogram" or distribution:
            put_percentiles(page, figure, samples)
        else:
            put_numbers(page, figure, samples, unknown)
    page.family("labyrinth_unknown", "gauge", "1 of each figure that the PMD does not count")
    for labels in unknown:
        page.sample("labyrinth_unknown", labels, 1)
    return page.text()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET /metrics."""

    path_to_socket = None

    def do_GET(self):
        if self.path.split("?")[0] != "/metrics":
            self.send_error(404, "metrics are at /metrics")
            return
        openmetrics = "application/openmetrics-text" in self.headers.get("Accept", "")
        try:
            body = collect(self.path_to_socket, openmetrics).encode()
        except (OSError, ValueError, KeyError) as error:
            self.send_error(503, f"labyrinth-rx does not answer: {error}"[:200])
            return
        self.send_response(200)
        self.send_header("Content-Type", OPENMETRICS if openmetrics else TEXT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Not a line for each scrape."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--file-prefix", default="rte", help="that of the program (rte)")
    parser.add_argument("--bind", default="127.0.0.1", help="address to serve at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=9876,
                        help="TCP port to serve at, 0 any free one (9876)")
    parser.add_argument("--once", action="store_true", help="print the metrics and end")
    parser.add_argument("--openmetrics", action="store_true",
                        help="with --once: OpenMetrics, not the older text format")
    return parser.parse_args()


def socket_path(prefix):
    folder = "/var/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")
    return os.path.join(folder, "dpdk", prefix, "dpdk_telemetry.v2")


def main():
    options = arguments()
    path = socket_path(options.file_prefix)
    try:
        if options.once:
            sys.stdout.write(collect(path, options.openmetrics))
            return 0
        Handler.path_to_socket = path
        server = http.server.ThreadingHTTPServer((options.bind, options.port), Handler)
    except OSError as error:
        print(f"openmetrics.py: {path}: {error}: is labyrinth-rx running with this"
              " --file-prefix, and is the port free?", file=sys.stderr)
        return 3
    print(f"http://{server.server_address[0]}:{server.server_address[1]}/metrics", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
