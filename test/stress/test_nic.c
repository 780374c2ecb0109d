/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: the card in a thread of its own, or in one that is stalled now and then;
 * drivers that keep pages until there are none; every frame is looked at, and the account
 * is right to the frame.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "labyrinth_nic.h"
#include "labyrinth_seq_check.h"
#include "stress.h"

#define QUEUES 3u
#define RING   128u
/* What is there beside the rings: little, so that it runs out all the time. */
#define SPARE 96u
#define FLOWS 61u
#define BURST 64u

struct queue {
	struct labyrinth_owner *owner;
	struct labyrinth_page_source pages;
	struct labyrinth_source source;
	struct labyrinth_seq_check check;
	void *held[SPARE + BURST];
	uint32_t holds;
	uint32_t wants; /* to hold, before it gives all back */
	uint64_t frames;
};

struct test {
	struct labyrinth_pool *pool;
	struct labyrinth_nic *nic;
	bool driven; /* thread 0 is the device */
	struct queue queue[QUEUES];
};

static void
give_back(struct queue *queue)
{
	queue->source.give(queue->source.arg, queue->held, queue->holds);
	queue->holds = 0;
}

/* One frame: whole, right, and the next of its flow. Returns its segments. */
static uint32_t
look_at(struct queue *queue, const struct labyrinth_seg *seg)
{
	uint8_t frame[LABYRINTH_FRAME_MAX];
	uint32_t length = 0, n = 0;
	const char *wrong;

	do {
		memcpy(frame + length, seg[n].data, seg[n].length);
		length += seg[n].length;
		queue->held[queue->holds++] = seg[n].buffer;
	} while ((seg[n++].flags & LABYRINTH_SEG_MORE) != 0);
	wrong = labyrinth_frame_check(frame, length);
	stress_check(
		(wrong != NULL) == ((seg[0].flags & (LABYRINTH_SEG_IP_BAD |
							    LABYRINTH_SEG_UDP_BAD)) != 0),
		"frame of %u bytes: %s", length, wrong != NULL ? wrong : "not found bad");
	labyrinth_seq_check_data(&queue->check, frame);
	queue->frames++;
	return n;
}

static uint32_t
receive(struct test *test, struct stress_thread *thread, uint32_t number)
{
	struct labyrinth_seg seg[BURST];
	struct queue *queue = &test->queue[number];
	uint32_t n = labyrinth_rx_burst(labyrinth_nic_rxq(test->nic, number), seg, BURST,
		1 + stress_random_below(&thread->random, 32));

	for (uint32_t i = 0; i < n;)
		i += look_at(queue, seg + i);
	if (queue->holds > queue->wants) {
		give_back(queue);
		queue->wants = stress_random_below(&thread->random, SPARE);
	}
	return n;
}

static void
work(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	uint32_t number = thread->number, idle = 0;

	if (test->driven && number == 0) {
		while (stress_goes_on(thread))
			if (labyrinth_nic_device_poll(test->nic) == 0)
				sched_yield();
		return;
	}
	number -= test->driven;
	while (stress_goes_on(thread)) {
		if (receive(test, thread, number) != 0) {
			idle = 0;
			continue;
		}
		/* nothing for long: the others hold all pages, let there be some */
		if (++idle == 64) {
			give_back(&test->queue[number]);
			idle = 0;
		}
		sched_yield();
	}
}

static void
open_queue(struct test *test, uint32_t q)
{
	struct queue *queue = &test->queue[q];

	stress_check(
		labyrinth_owner_register(test->pool, "rx", NULL, 0, &queue->owner) == 0,
		"no owner");
	labyrinth_page_source_init(
		&queue->pages, &queue->source, test->pool, queue->owner, false);
	queue->source.room = 640; /* IMIX frames take one, one and three */
	stress_check(
		labyrinth_nic_set_rx_ring(test->nic, q, RING, &queue->source, NULL) == 0,
		"no ring");
	stress_check(
		labyrinth_seq_check_create(&queue->check, FLOWS, NULL) == 0, "no memory");
}

static void
open_test(struct test *test, const struct labyrinth_nic_config *config)
{
	const struct labyrinth_pool_config pages = { .name = "stress",
		.numa_node = -1,
		.pages = QUEUES * RING + SPARE,
		.cache = LABYRINTH_CACHE_NONE,
		.watermarks.min = LABYRINTH_NO_RESERVE };
	struct labyrinth_error error = { "" };

	stress_check(labyrinth_pool_create(&pages, &test->pool, &error) == 0 &&
			     labyrinth_nic_create(config, &test->nic, &error) == 0 &&
			     labyrinth_nic_set_queues(test->nic, QUEUES, 0, &error) == 0,
		"%s", error.text);
	for (uint32_t q = 0; q < QUEUES; q++)
		open_queue(test, q);
}

static void
check_account(struct test *test)
{
	struct labyrinth_rxq_stats stats;
	struct labyrinth_seq_result seen;
	uint64_t frames = 0;

	for (uint32_t q = 0; q < QUEUES; q++) {
		labyrinth_rxq_stats(labyrinth_nic_rxq(test->nic, q), &stats);
		assert_int_equal(labyrinth_ledger_imbalance(&stats.ledger), 0);
		assert_int_equal(stats.ledger.delivered, test->queue[q].frames);
		frames += stats.ledger.offered;
	}
	labyrinth_nic_rx_stats(test->nic, &stats);
	assert_int_equal(stats.ledger.offered, frames);
	for (uint32_t q = 1; q < QUEUES; q++)
		labyrinth_seq_check_merge(&test->queue[0].check, &test->queue[q].check);
	labyrinth_seq_check_end(&test->queue[0].check, frames);
	seen = test->queue[0].check.result;
	assert_int_equal(seen.in_order, stats.ledger.delivered);
	assert_int_equal(seen.missing, labyrinth_ledger_dropped(&stats.ledger));
	assert_int_equal(seen.twice + seen.out_of_order + seen.ancient + seen.invented +
				 seen.split,
		0);
	assert_true(stats.ledger.delivered > 0);
}

static void
close_test(struct test *test)
{
	struct labyrinth_error error = { "" };

	check_account(test);
	labyrinth_nic_destroy(test->nic);
	for (uint32_t q = 0; q < QUEUES; q++) {
		struct queue *queue = &test->queue[q];

		labyrinth_seq_check_destroy(&queue->check);
		assert_int_equal(queue->pages.refused, 0);
		stress_check(labyrinth_owner_unregister(queue->owner, &error) == 0, "%s",
			error.text);
	}
	stress_check(labyrinth_pool_validate(test->pool, &error) == 0 &&
			     labyrinth_pool_destroy(test->pool, &error) == 0,
		"%s", error.text);
}

/* Twice with a stop between, after which all goes on. */
static void
run_card(const struct labyrinth_nic_config *config)
{
	struct test test = { .driven = config->mode == LABYRINTH_NIC_DRIVEN };
	struct labyrinth_error error = { "" };

	open_test(&test, config);
	for (int i = 0; i < 2; i++) {
		struct stress_run run = {
			.threads = QUEUES + test.driven, .fn = work, .arg = &test
		};

		stress_check(
			labyrinth_nic_start(test.nic, &error) == 0, "%s", error.text);
		stress_run(&run);
		for (uint32_t q = 0; q < QUEUES; q++)
			give_back(&test.queue[q]);
		labyrinth_nic_stop(test.nic);
	}
	close_test(&test);
}

static struct labyrinth_nic_config
config_of(enum labyrinth_nic_mode mode, enum labyrinth_rx_policy policy)
{
	struct labyrinth_nic_config config;

	labyrinth_nic_config_init(&config);
	labyrinth_nic_config_imix(&config);
	config.mode = mode;
	config.policy = policy;
	config.scatter = true;
	config.flows = FLOWS;
	/* slow enough for a sanitizer to see frames delivered, not only missed */
	config.rate = 2;
	config.wait_us = 20;
	config.fault_every[LABYRINTH_FAULT_BAD_UDP_CHECKSUM] = 30;
	config.fault_every[LABYRINTH_FAULT_BAD_FCS] = 40;
	return config;
}

static void
a_thread_is_the_card(void **state)
{
	(void)state;
	for (int policy = LABYRINTH_RX_DROP; policy <= LABYRINTH_RX_WAIT; policy++) {
		struct labyrinth_nic_config config =
			config_of(LABYRINTH_NIC_THREAD, (enum labyrinth_rx_policy)policy);

		run_card(&config);
	}
}

static void
a_card_that_stops_at_any_instruction(void **state)
{
	(void)state;
	for (int policy = LABYRINTH_RX_DROP; policy <= LABYRINTH_RX_WAIT; policy++) {
		struct labyrinth_nic_config config =
			config_of(LABYRINTH_NIC_DRIVEN, (enum labyrinth_rx_policy)policy);

		run_card(&config);
	}
}

static void
each_queue_its_own_card(void **state)
{
	struct labyrinth_nic_config config =
		config_of(LABYRINTH_NIC_INLINE, LABYRINTH_RX_DROP);

	(void)state;
	config.stalled = (struct labyrinth_window){ 5000, 50 };
	config.on_us = 300;
	config.off_us = 200;
	run_card(&config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_is_the_card),
		cmocka_unit_test(a_card_that_stops_at_any_instruction),
		cmocka_unit_test(each_queue_its_own_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
