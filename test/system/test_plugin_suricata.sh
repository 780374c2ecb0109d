#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Suricata as Debian's backports have it, in DPDK mode, with its mbufs from the page pool
# by the plugin: it reads datagrams from a pcap port, sees each of them, raises an alert for
# each that has a word in it, and gives all mbufs back.
# Arguments: the plugin, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/plugin.sh"
# shellcheck source-path=SCRIPTDIR source=programs.sh
. "$(dirname "${BASH_SOURCE[0]}")/programs.sh"

PACKETS=5000
EVERY=500
WORD=labyrinth-alert
MBUFS=16383

# It hands each key to EAL as an option.
configure() {
	cat <<-EOF
		%YAML 1.1
		---
		default-log-dir: $WORK/log
		stats: { enabled: yes, interval: 1 }
		outputs:
		  - eve-log:
		      enabled: yes
		      filetype: regular
		      filename: eve.json
		      types: [ alert, stats ]
		default-rule-path: $WORK
		rule-files: [ one.rules ]
		classification-file: $ROOT/etc/suricata/classification.config
		reference-config-file: $ROOT/etc/suricata/reference.config
		threshold-file: $ROOT/etc/suricata/threshold.config
		dpdk:
		  eal-params:
		    proc-type: primary
		    no-pci:
		    in-memory:
		    file-prefix: $PREFIX
		    d: $PLUGIN
		    mbuf-pool-ops-name: labyrinth
		    vdev: net_pcap0,rx_pcap=$WORK/in.pcap
		  interfaces:
		    - interface: net_pcap0
		      threads: 1
		      promisc: true
		      multicast: true
		      checksum-checks: true
		      checksum-checks-offload: false
		      rss-hash-functions: 0x0
		      mempool-size: $MBUFS
		      mempool-cache-size: 128
		      rx-descriptors: 1024
		      tx-descriptors: 1024
		      copy-mode: none
		      copy-iface: none
		threading:
		  set-cpu-affinity: yes
		  cpu-affinity:
		    - management-cpu-set: { cpu: [ 0 ] }
		    - worker-cpu-set: { cpu: [ 1 ] }
	EOF
}

start() {
	mkdir "$WORK/log"
	"$(dirname "${BASH_SOURCE[0]}")/udp_pcap.py" "$WORK/in.pcap" --count "$PACKETS" \
		--every "$EVERY" --word "$WORD"
	echo "alert udp any any -> any any (msg:\"$WORD\"; content:\"$WORD\"; sid:1000001;)" \
		>"$WORK/one.rules"
	configure >"$WORK/suricata.yaml"
	program_start suricata suricata -c "$WORK/suricata.yaml" --dpdk -v \
		--pidfile "$WORK/suricata.pid"
}

# events TYPE: how many it wrote; FILTER of the last one.
events() {
	grep -c "\"event_type\":\"$1\"" "$WORK/log/eve.json" || true
}

last_stats() {
	grep '"event_type":"stats"' "$WORK/log/eve.json" | tail -1 | jq "$1"
}

check_pool() {
	program_telemetry /labyrinth/mempool . || rx_fail "no mempool of the plugin"
	program_telemetry /labyrinth/mempool ".name == \"mempool_net_pcap0\" and
		.objects == $MBUFS and .free == $MBUFS and .got == $PACKETS and .get_failed == 0 and
		.refused == { double_free: 0, no_object: 0 }" >/dev/null ||
		rx_fail "the pool is not as it should be"
}

account() {
	local alerts seen
	alerts=$(events alert) seen=$(last_stats .stats.decoder.pkts)
	echo "suricata: $PACKETS in, $seen seen, $alerts alerts of $((PACKETS / EVERY))," \
		"$(last_stats .stats.capture.dpdk.no_mbufs) without an mbuf"
	((seen == PACKETS)) || rx_fail "not all packets were seen"
	((alerts == PACKETS / EVERY)) || rx_fail "wrong number of alerts"
}

plugin_begin suricata "$2" 256 "$1"
trap program_end EXIT
program_fetch "$2" --release bookworm-backports suricata
program_hugepages "$2" 128
start
program_wait_for suricata program_telemetry /labyrinth/mempool \
	".got >= $PACKETS and .out == 0"
check_pool
program_stop suricata INT
((RX_CODE == 0)) || { plugin_tell suricata; rx_fail "it ended with $RX_CODE"; }
account
