#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make small results of labyrinth-bench, with figures that are known.

make_results.py pool|rx FILE [SCALE [NAME]]: rates of those whose "test figure" has NAME
in it (all) are multiplied by SCALE (1).
"""
import json
import sys

KIND, FILE = sys.argv[1:3]
SCALE = float(sys.argv[3]) if len(sys.argv) > 3 else 1.0
NAME = sys.argv[4] if len(sys.argv) > 4 else ""

MACHINE = {"cpu": "Test's <CPU> & co", "cores": 2, "hugepages_2m_total": 0,
           "hugepages_2m_free": 0, "kernel": "6.1", "dpdk": "DPDK 22.11", "tsc_hz": 10**9,
           "commit": "0123456789ab"}


def scale(test, figure):
    return SCALE if NAME in f"{test} {figure}" else 1.0


# ---- pool ----

def series(case, impl, median, unit="Mobj/s"):
    factor = scale(case, impl)
    values = [median * factor * part for part in (1.02, 0.98, 1.0, 1.01, 0.99)]
    return {"case": case, "impl": impl, "median": median * factor, "min": min(values),
            "max": max(values), "unit": unit, "values": values}


def pool():
    results = [series("same_core/128", "labyrinth", 1200),
               series("same_core/128", "ring_mp_mc/256", 2400),
               series("oversubscribed", "labyrinth", 1100),
               series("oversubscribed", "ring_mp_mc/non-eal", 0.0004),
               series("oversubscribed/worst", "labyrinth", 30000, "us"),
               series("oversubscribed/worst", "ring_mp_mc/non-eal", 90000, "us")]
    calibration = series("calibration", "empty loop", 1.0, "ns")
    calibration["name"] = calibration.pop("impl")
    del calibration["case"]
    return {"schema": "labyrinth-bench/1", "command": "pool", "machine": MACHINE,
            "config": {"runs": 5, "quick": True, "backing": "plain-4K"},
            "implementations": [{"name": "labyrinth", "checks": "double", "lost": 0}],
            "calibration": [calibration], "results": results,
            "ratios": {"same_core_vs_ring": 0.5, "random_vs_ring": None},
            "ratios_beside": {}, "verdicts": [
                {"ratio": "same_core_vs_ring", "value": 0.5, "goal": 1.0, "least": None,
                 "verdict": "least met", "ours": "labyrinth", "theirs": "ring_mp_mc/256"}]}


# ---- rx ----

SIZES = {"64": 64, "1518": 1518, "imix": 16984 / 48}


def rate(size, pps):
    return {"rate": {"value": pps, "unit": "pps"},
            "bandwidth": {"value": pps * 8 * (SIZES[size] + 20), "unit": "bps"}}


def goal(size, name, throughput, line):
    throughput *= scale(size, name)
    if throughput >= line:
        whole = rate(size, line)
        return {"regular": False, "estimate": False, "lower": whole,
                "conditional_throughput": whole, "relevant_lower_bound": whole}
    upper = rate(size, throughput * 1.005)
    return {"regular": True, "estimate": False, "lower": rate(size, throughput),
            "conditional_throughput": rate(size, throughput),
            "relevant_lower_bound": rate(size, throughput), "upper": upper,
            "relevant_upper_bound": upper}


def trial(what, load, limit):
    offered = round(load)
    delivered = min(offered, round(limit))
    drops = {"imissed": offered - delivered} if delivered < offered else {}
    return {"for": what, "load": load, "duration": 1.0, "offered": offered,
            "delivered": delivered, "loss_ratio": 1 - delivered / offered,
            "forwarding_rate": load * delivered / offered, "alloc_fail": 0, "drops": drops}


def values(figures, unit):
    n = len(figures)
    mean = sum(figures) / n
    return {"values": figures, "avg": mean, "min": min(figures), "max": max(figures),
            "stdev": (sum((f - mean) ** 2 for f in figures) / (n - 1)) ** 0.5, "unit": unit}


def latency(size, percent, pdr):
    return {"load": rate(size, pdr * percent / 100), "samples": 1000, "min": 0.1, "p50": 0.2,
            "p90": 0.5, "p99": 2.0, "p99_9": 20.0, "max": 50.0 * percent, "unit": "us"}


def timeline(policy):
    us = [100.0 * i for i in range(200)]
    offered = [round(u * 100) for u in us]
    lost = [100 * max(0, round(min(u, 10000) - 5500)) for u in us]
    name = "drop_no_page" if policy == "drop" else "imissed"
    return {"policy": policy, "keep_us": 5000, "free_us": 10000, "us": us,
            "offered": offered, "delivered": [o - n for o, n in zip(offered, lost)],
            "drops": {name: lost}}


def test(size, limit):
    line = 1e11 / 8 / (SIZES[size] + 20)
    trials = [trial("ndr", load, limit) for load in (line, limit * 1.005, limit)]
    ledger = {"offered": sum(t["offered"] for t in trials),
              "delivered": sum(t["delivered"] for t in trials), "in_flight": 0,
              "drops": {"imissed": sum(t["drops"].get("imissed", 0) for t in trials)},
              "balanced": True}
    mrr = [min(limit, line) * part * scale(size, "mrr")
           for part in (1, 0.99, 0.98, 0.99, 1)]
    burst = values([1000.0, 1100.0, 1050.0], "frames")
    result = {"type": "ndrpdr", "ndr": goal(size, "ndr", limit, line),
              "pdr": goal(size, "pdr", limit * 1.004, line),
              "receive_rate": {"rate": values(mrr, "pps")},
              "frame_loss": [trial("loss", line * i / 10, limit) for i in range(10, 0, -1)],
              "back_to_back": {"unlimited": limit >= line, "frames": burst,
                               "ring_time_us": 1024 / line * 1e6,
                               "pool_time_us": 16384 / line * 1e6},
              "latency_forward": {f"pdr_{p}": latency(size, p, limit) for p in (10, 50, 90)},
              "timeline": [timeline(policy) for policy in ("drop", "stall", "wait")]}
    if limit < line:
        result["back_to_back"].update(
            implied_buffer_time_us=burst["avg"] / line * 1e6,
            corrected_buffer_time_us=burst["avg"] / line * (1 - limit / line) * 1e6)
    return {"test_id": f"{size}b-1c-simulated-wire-labyrinth-drop-ndrpdr",
            "frame_size": size, "mean_frame_size": SIZES[size],
            "line_rate": rate(size, line), "passed": True, "duration": 3.0,
            "result": result, "ledger": ledger, "trials": trials}


def rx():
    ndr = {"name": "ndr", "loss_ratio": 0.0, "exceed_ratio": 0.5, "relative_width": 0.005,
           "initial_trial_duration": 1.0, "final_trial_duration": 1.0, "duration_sum": 21.0}
    return {"schema": "labyrinth-bench/1", "version": "1.0.0", "command": "rx",
            "start_time": "2026-01-02T03:04:05.678Z", "end_time": "2026-01-02T03:05:05.678Z",
            "duration": 60.0, "passed": True, "message": "", "machine": MACHINE,
            "dut_type": "labyrinth", "dut_version": "0123456789ab",
            "tg_type": "simulated wire",
            "source": {"kind": "simulated wire", "simulated": True, "rate_gbps": 100.0,
                       "mode": "inline"},
            "config": {"goal": "csit", "min_load": 9001.0, "policy": "drop", "rxd": 1024,
                       "burst": 32, "hold_us": 0,
                       "durations": {"mrr": 1.0, "mrr_trials": 5, "loss": 1.0, "bursts": 3}},
            "pool": {"ops": "labyrinth", "pages": 16384, "page_size": 4096,
                     "backing": "hugetlb-2M"},
            "goals": [ndr, {**ndr, "name": "pdr", "loss_ratio": 0.005}],
            "tests": [test("64", 90e6), test("1518", 9e6), test("imix", 30e6)]}


with open(FILE, "w", encoding="utf-8") as file:
    json.dump({"pool": pool, "rx": rx}[KIND](), file)
