/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>

#include <rte_cycles.h>

#include "labyrinth_wire.h"
#include "rates.h"

void
rx_rates_start(struct rx_rates *rates, uint64_t now)
{
	rates->start = now;
	rates->last = now;
	for (uint16_t i = 0; i < rates->nb_ports; i++)
		rates->seen[i] = rx_plan_totals(rates->plan, rates->ports[i].id);
}

void
rx_rates_line(
	FILE *out, const char *label, uint64_t packets, uint64_t bytes, double seconds)
{
	double per_s = seconds > 0 ? 1 / seconds : 0;

	fprintf(out, "  %-8s %10.3f Mpps   L1 %9.3f Gbit/s   L2 %9.3f Gbit/s\n", label,
		(double)packets * per_s / 1e6,
		(double)labyrinth_wire_l1_bits(packets, bytes) * per_s / 1e9,
		(double)labyrinth_wire_l2_bits(bytes) * per_s / 1e9);
}

void
rx_rates_print(struct rx_rates *rates, uint64_t now)
{
	double hz = (double)rte_get_tsc_hz();
	double seconds = (double)(now - rates->last) / hz;
	uint64_t packets = 0, bytes = 0;
	char label[16];

	fprintf(rates->out, "Rates at %.1f s\n", (double)(now - rates->start) / hz);
	for (uint16_t i = 0; i < rates->nb_ports; i++) {
		struct rx_totals t = rx_plan_totals(rates->plan, rates->ports[i].id);

		snprintf(label, sizeof(label), "port %u", rates->ports[i].id);
		fprintf(rates->out, "  %-8s RX-packets: %" PRIu64 "\n", label, t.packets);
		rx_rates_line(rates->out, label, t.packets - rates->seen[i].packets,
			t.bytes - rates->seen[i].bytes, seconds);
		packets += t.packets - rates->seen[i].packets;
		bytes += t.bytes - rates->seen[i].bytes;
		rates->seen[i] = t;
	}
	rx_rates_line(rates->out, "total", packets, bytes, seconds);
	fflush(rates->out);
	rates->last = now;
}
