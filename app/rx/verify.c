/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>

#include "verify.h"

static enum rx_exit
begin_queue(struct rx_queue *q, uint32_t flows, struct labyrinth_error *error)
{
	struct labyrinth_seq_check *check = malloc(sizeof(*check));

	if (check == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	if (labyrinth_seq_check_create(check, flows, error) != 0) {
		free(check);
		return RX_ENVIRONMENT;
	}
	q->verify = check;
	return RX_OK;
}

enum rx_exit
rx_verify_begin(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct labyrinth_error *error)
{
	struct rx_queue *q = plan->queues;
	enum rx_exit ret = rx_ports_are_wires(ports, nb_ports, "--verify", error);

	for (uint16_t i = 0; i < nb_ports && ret == RX_OK; i++) {
		for (uint16_t n = 0; n < ports[i].nb_rxq && ret == RX_OK; n++)
			ret = begin_queue(q++, ports[i].flows, error);
	}
	return ret;
}

/* The queues of one port saw different flows of one wire. */
static void
end_port(struct labyrinth_seq_result *result, struct rx_queue *q,
	const struct rx_port *port)
{
	struct labyrinth_seq_check *all = q[0].verify;

	for (uint16_t n = 1; n < port->nb_rxq; n++)
		labyrinth_seq_check_merge(all, q[n].verify);
	labyrinth_seq_check_end(all, port->wire.offered);
	result->received += all->result.received;
	result->in_order += all->result.in_order;
	result->missing += all->result.missing;
	result->twice += all->result.twice;
	result->out_of_order += all->result.out_of_order;
	result->ancient += all->result.ancient;
	result->invented += all->result.invented;
}

void
rx_verify_end(struct rx_verify *verify, struct rx_plan *plan, const struct rx_port *ports,
	uint16_t nb_ports)
{
	struct rx_queue *q = plan->queues;

	*verify = (struct rx_verify){ .done = q[0].verify != NULL };
	for (uint16_t i = 0; i < nb_ports && verify->done; q += ports[i++].nb_rxq)
		end_port(&verify->result, q, &ports[i]);
}

bool
rx_verify_agrees(const struct rx_verify *verify, const struct labyrinth_ledger *ledger)
{
	const struct labyrinth_seq_result *r = &verify->result;
	uint64_t later;

	if (!verify->done)
		return true;
	/* Frames were looked at as they were received, before a mode could lose them. */
	later = ledger->drops[LABYRINTH_REASON_TX_FULL] +
		ledger->drops[LABYRINTH_REASON_RING_FULL];
	return r->received == ledger->delivered + later &&
	       r->missing == labyrinth_ledger_dropped(ledger) - later && r->twice == 0 &&
	       r->out_of_order == 0 && r->ancient == 0 && r->invented == 0;
}
