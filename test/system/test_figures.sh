#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# One run, told of in six ways that must agree to the last digit: text, JSON, JSON lines,
# CSV, telemetry and metrics. The run has ended and lingers, so nothing moves any more. Then
# a real Prometheus scrapes it, and each metric of the Grafana dashboard must be there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# start NAME EAL_ARGS... -- APP_ARGS...: until the run has ended and what it left lingers.
start() {
	local name=$1 tries=600
	shift
	"$RX" "${EAL[@]}" "$@" --figures --json "$WORK/$name.json" --linger 300 \
		--json-lines "$WORK/$name.lines" --csv "$WORK/$name.csv" \
		--stats-period 0.2 >"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null &
	RX_PID=$!
	until [[ -s $WORK/$name.json ]]; do
		if ! kill -0 "$RX_PID" 2>/dev/null || ((tries-- == 0)); then
			rx_tell "$name"
			rx_fail "$name: no report"
		fi
		sleep 0.1
	done
}

stop() {
	rx_stop TERM
	rx_expect_code "$1" 0
}

agree() {
	python3 "$HERE/figures_agree.py" "$SCRIPTS/openmetrics.py" "$PREFIX" "$WORK/$1.json" \
		"$WORK/$1.out" "$WORK/$1.lines" "$WORK/$1.csv" || rx_fail "$1: figures differ"
	python3 "$HERE/validate.py" "$SCRIPTS/rx.schema.json" "$WORK/$1.json" ||
		rx_fail "$1: not of the schema"
	tail -n 1 "$WORK/$1.lines" >"$WORK/line.json"
	python3 "$HERE/validate.py" "$SCRIPTS/rx.schema.json" "$WORK/line.json" ||
		rx_fail "$1: a line is not of the schema"
}

# Each command with and without a parameter; what is not there is null.
commands() {
	local command
	for command in run ports ports,0 queues queues,0.0 lcores "lcores,$LCORE" pools \
		pool pool,labyrinth-rx pools,labyrinth-rx owners "owners,lcore $LCORE" ledger \
		ledger,0 latency latency,0.0 figures figures,queue/packets; do
		rx_ask "/labyrinth/$command" |
			jq -e ".[\"/labyrinth/${command%%,*}\"] | length > 0" >/dev/null ||
			rx_fail "telemetry: /labyrinth/$command: $(rx_ask "/labyrinth/$command")"
	done
	for command in queues,7.0 pool,none "lcores,99" ledger,9 latency,1.1 figures,queue; do
		rx_ask "/labyrinth/$command" | jq -e '.[] == null' >/dev/null ||
			rx_fail "telemetry: /labyrinth/$command is not null"
	done
}

metrics() {
	"$SCRIPTS/openmetrics.py" --once --file-prefix "$PREFIX" "$@"
}

# promtool knows the older format only: it finds fault with names, kinds and doubles.
lint() {
	metrics >"$WORK/metrics"
	promtool check metrics <"$WORK/metrics" || rx_fail "promtool does not like the metrics"
	metrics --openmetrics | tail -n 1 | grep -qx '# EOF' || rx_fail "no end of OpenMetrics"
}

# Metrics that the dashboard names, whichever way they are meant.
dashboard() {
	local name
	jq -e '.panels | length > 5' "$SCRIPTS/grafana/labyrinth-rx.json" >/dev/null ||
		rx_fail "no dashboard"
	while read -r name; do
		grep -Eq "^# TYPE ${name%_@(bucket|sum|count)}(_total)? " "$WORK/metrics" ||
			rx_fail "the dashboard shows $name, which is no metric"
	done < <(jq -r '.. | .expr?, .query? | strings' "$SCRIPTS/grafana/labyrinth-rx.json" |
		grep -o 'labyrinth_[a-z_0-9]*' | sort -u)
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# query EXPRESSION: the value that Prometheus has, empty when there is none.
query() {
	python3 - "$PROMETHEUS_PORT" "$1" <<-'EOF'
		import json, sys, urllib.parse, urllib.request
		url = f"http://127.0.0.1:{sys.argv[1]}/api/v1/query?" + \
		    urllib.parse.urlencode({"query": sys.argv[2]})
		try:
		    result = json.load(urllib.request.urlopen(url, timeout=5))["data"]["result"]
		except OSError:
		    result = []
		print(result[0]["value"][1] if result else "")
	EOF
}

prometheus_start() {
	local address
	"$SCRIPTS/openmetrics.py" --port 0 --file-prefix "$PREFIX" >"$WORK/exporter" &
	OTHERS+=($!)
	until [[ -s $WORK/exporter ]]; do
		kill -0 "${OTHERS[0]}" || rx_fail "the exporter does not start"
		sleep 0.1
	done
	address=$(sed -E 's,http://([^/]*)/.*,\1,' "$WORK/exporter")
	PROMETHEUS_PORT=$(free_port)
	cat >"$WORK/prometheus.yml" <<-EOF
		global: { scrape_interval: 1s }
		scrape_configs:
		  - job_name: labyrinth
		    static_configs: [ { targets: ["$address"] } ]
	EOF
	promtool check config "$WORK/prometheus.yml" >/dev/null ||
		rx_fail "promtool does not like the configuration"
	prometheus --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/tsdb" \
		--web.listen-address="127.0.0.1:$PROMETHEUS_PORT" >"$WORK/prometheus.log" 2>&1 &
	OTHERS+=($!)
}

# What Prometheus has scraped is what the report says.
scrape() {
	local tries=300 expression wanted
	prometheus_start
	until [[ $(query 'up{job="labyrinth"}') == 1 ]]; do
		if ! kill -0 "${OTHERS[1]}" 2>/dev/null || ((tries-- == 0)); then
			tail -n 20 "$WORK/prometheus.log" >&2
			rx_fail "Prometheus scrapes nothing"
		fi
		sleep 0.2
	done
	while read -r expression wanted; do
		wanted=$(jq "$wanted" "$WORK/$1.json")
		[[ $(query "$expression") == "$wanted" ]] ||
			rx_fail "Prometheus: $expression is $(query "$expression"), not $wanted"
	done <<-'EOF'
		labyrinth_run_delivered_total .ledger.delivered
		labyrinth_port_drops_total{port="0",reason="imissed"} .ledger.drops.imissed
		labyrinth_queue_latency_seconds_count .figures.queues[0].latency.count
		labyrinth_lcore_burst_size_bucket{le="+Inf"} .figures.lcores[0].burst_size.count
		labyrinth_pool_available .pool.free
	EOF
	echo "prometheus: $(query 'count({job="labyrinth"})') samples, delivered" \
		"$(query labyrinth_run_delivered_total)"
}

# sums PLACES FIGURE: over all rows, as jq writes it.
sums() {
	echo "([.figures.$1[].$2] | add)"
}

# Frames go over rings to workers, some find no room; what is said of it anywhere adds up.
pipeline() {
	start pipe --lcores '(0-3)@0' --vdev net_null0 --vdev net_null1 -- --duration 60 \
		--packets 10000000 --pages 8192 --forward-mode pipeline --pipeline-mode macswap \
		--pipeline-workers 2 --pipeline-ring 64 --txq 2
	agree pipe
	rx_expect pipe "$(sums rings full) == .ledger.drops.ring_full"
	rx_expect pipe '.ledger.drops.ring_full > 0 and (.figures.rings | length == 2)'
	rx_expect pipe "$(sums queues packets) == $(sums rings packets) +
		$(sums rings waiting) + $(sums rings full)"
	rx_expect pipe "$(sums rings tx_packets) == .forward.sent and .forward.sent > 0"
	rx_expect pipe "$(sums rings tx_packets) + $(sums rings tx_full) ==
		$(sums rings packets)"
	rx_expect pipe '.figures.run.tx_packets.macswap == .forward.sent'
	rx_expect pipe '.figures.run.tx_packets | .rxonly == null and .pipeline == null and .io == 0'
	# all frames of net_null are of 64 bytes
	rx_expect pipe '.figures.run.tx_bytes.macswap == 64 * .forward.sent'
	rx_expect pipe "$(sums ports tx_packets) == .forward.sent"
	rx_expect pipe "$(sums ports tx_bytes) == 64 * .forward.sent"
	rx_ask /labyrinth/rings,1 | jq -e '.[].packets > 0' >/dev/null ||
		rx_fail "telemetry: no ring 1"
	stop pipe
}

# A ring that nobody empties holds all pages: then no frame can be made.
generator() {
	start made -l 0 --vdev net_ring0 -- --duration 0.3 --pages 512 --rxd 64 \
		--forward-mode txonly --txpkts 100
	agree made
	rx_expect made "$(sums queues starved) > 0 and $(sums queues made) == .forward.made"
	rx_expect made "$(sums queues tx_packets) == .forward.sent and .forward.sent > 0"
	rx_expect made "$(sums queues unsent) == .forward.unsent"
	rx_expect made '.figures.run.tx_bytes.txonly == 100 * .forward.sent'
	rx_expect made '.figures.ports[0].tx_dropped == .forward.unsent'
	stop made
	# and one that is full takes no more
	start full -l 0 --vdev net_ring0 -- --duration 0.3 --pages 4096 --forward-mode txonly \
		--txpkts 100
	rx_expect full '.figures.ports[0].tx_dropped == .forward.unsent and .forward.unsent > 0'
	rx_expect full "$(sums queues unsent) == .forward.unsent"
	rx_expect full '.figures.ports[0].tx_bytes == 100 * .forward.sent'
	stop full
}

others_end() {
	local pid
	for pid in "${OTHERS[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	OTHERS=()
}

HERE=$(dirname "${BASH_SOURCE[0]}")
SCRIPTS=$2
OTHERS=()
rx_begin "$1" "$2"
trap 'others_end; rx_end' EXIT
rx_with_telemetry
LCORE=0
shopt -s extglob
# A wire with losses, latency and frames that are kept; a PMD that does not count all.
if (($# > 2)); then
	start wire -l 0 --vdev net_labyrinth0 -- --packets 3000000 --duration 60 --latency \
		--hold-packets 300 --rxq 2 --page-ages
	agree wire
	commands
	lint
	dashboard
	scrape wire
	others_end
	stop wire
fi
start null -l 0 --vdev net_null0 --vdev net_null1 -- --packets 1000000 --duration 60 \
	--pool ring_mp_mc
agree null
rx_expect null '.figures.ports[0].rx_nombuf == "unknown" and .figures.pools[0].free == null'
metrics | grep -q '^labyrinth_unknown{figure="port_rx_nombuf",port="0"} 1$' ||
	rx_fail "what is unknown is no metric"
stop null
pipeline
generator
