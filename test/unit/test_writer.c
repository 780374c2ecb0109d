/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: all ways to write frames write the same frames. */
#include "nic_fixture.h"
#include "writer.h"

#define RING 64u

/* What a way left behind: the frames as the driver gets them, and the descriptors. */
struct trace {
	uint8_t data[RING][LAB_LINE];
	uint64_t done[RING];
	struct lab_batch batch;
};

/* Write n frames from descriptor pos on, of which k have arrived. */
static void
write_by(lab_write_fn way, struct labyrinth_rxq *q, uint64_t pos, uint32_t n, uint32_t k,
	struct trace *trace)
{
	memset(trace, 0, sizeof(*trace));
	for (uint32_t i = 0; i < RING; i++) {
		memset(q->posted[i].data, 0xee, 4 * LAB_LINE);
		atomic_store_explicit(&q->done[i], 0, memory_order_relaxed);
	}
	trace->batch = (struct lab_batch){ .slot = q->list.slot + 3, .slots = q->list.n - 3,
		.room = n, .pos = pos, .first = 77, .stamp = 0xfffffff0,
		.within = k == 0 ? 0 : q->list.slot[3 + k - 1].at };
	way(q, &trace->batch);
	for (uint32_t i = 0; i < RING; i++) {
		memcpy(trace->data[i], q->posted[i].data, LAB_LINE);
		trace->done[i] = atomic_load_explicit(&q->done[i], memory_order_relaxed);
		/* not a byte beyond the line */
		for (uint32_t b = LAB_LINE; b < 4 * LAB_LINE; b++)
			assert_int_equal(((uint8_t *)q->posted[i].data)[b], 0xee);
	}
}

static void
all_ways_write_the_same(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	static struct trace plain, lines, wide;
	struct labyrinth_rxq *q;
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 256, 1, RING);
	rig_start(&rig);
	q = labyrinth_nic_rxq(rig.nic, 0);
	assert_true(q->lines);
	for (uint64_t pos = 0; pos < 3 * RING; pos += 7) {
		uint32_t to_end = RING - (uint32_t)(pos % RING);

		for (uint32_t n = 0; n <= to_end; n += 5) {
			uint32_t k = (uint32_t)(pos * 13 + n * 7) % RING;

			write_by(lab_write_frames, q, pos, n, k, &plain);
			assert_int_equal(plain.batch.passed, n < k ? n : k);
			write_by(lab_write_lines, q, pos, n, k, &lines);
			assert_memory_equal(&plain, &lines, sizeof(plain));
#ifdef __x86_64__
			if (!__builtin_cpu_supports("avx2"))
				continue;
			write_by(lab_write_lines_avx2, q, pos, n, k, &wide);
			assert_memory_equal(&plain, &wide, sizeof(plain));
#endif
		}
	}
	for (uint32_t i = 0; i < RING; i++)
		atomic_store_explicit(&q->done[i], 0, memory_order_relaxed);
	rig_close(&rig);
}

static void
the_numbers_stand_where_they_should(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	static struct trace trace;
	struct labyrinth_rxq *q;
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 256, 1, RING);
	rig_start(&rig);
	q = labyrinth_nic_rxq(rig.nic, 0);
	write_by(lab_writer_of(q), q, 0, RING, RING, &trace);
	for (uint32_t i = 0; i < RING; i++) {
		const struct lab_slot *slot = &q->list.slot[3 + i];
		struct labyrinth_frame frame;

		assert_null(labyrinth_frame_check(trace.data[i], 60));
		assert_true(labyrinth_frame_read(trace.data[i], &frame));
		assert_int_equal(frame.flow, (3 + i) % 64);
		assert_int_equal(frame.sequence, 77 + slot->nth);
		/* over the end of 2^32 too */
		assert_int_equal(frame.stamp, (uint32_t)(0xfffffff0 + slot->at_ns));
		assert_int_equal(trace.done[i] & 0xffff, 60);
		assert_int_equal(trace.done[i] & LAB_PHASE, LAB_PHASE);
	}
	for (uint32_t i = 0; i < RING; i++)
		atomic_store_explicit(&q->done[i], 0, memory_order_relaxed);
	rig_close(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_write_the_same),
		cmocka_unit_test(the_numbers_stand_where_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
