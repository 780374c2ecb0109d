/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "refusal.h"

const char *
lab_refusal_name(uint32_t kind)
{
	static const char *const names[] = {
		[LAB_DOUBLE_FREE] = "double_free",
		[LAB_NO_OBJECT] = "no_object",
	};

	return kind < LAB_REFUSAL_KINDS ? names[kind] : "unknown";
}

/* The words are atomics, so that a reader who comes between sees old or new, not half a
 * word; the version tells it to look again. relaxed, between the two fences. */
static void
write_last(struct lab_refusals *refusals, const struct lab_refusal *refusal)
{
	const uint64_t words[] = {
		refusal->when,
		refusal->object,
		refusal->kind | (uint64_t)refusal->by << 32,
		refusal->before,
	};

	for (unsigned int i = 0; i < 4; i++)
		atomic_store_explicit(&refusals->last[i], words[i], memory_order_relaxed);
}

void
lab_refusals_note(struct lab_refusals *refusals, const struct lab_refusal *refusal)
{
	uint32_t version = atomic_load_explicit(&refusals->version, memory_order_relaxed);

	/* relaxed: a statistic */
	atomic_fetch_add_explicit(&refusals->count, 1, memory_order_relaxed);
	/* Another thread without an lcore writes: its refusal is as good as ours.
	 * acquire: our words come after its. */
	if (version % 2 != 0 ||
		!atomic_compare_exchange_strong_explicit(&refusals->version, &version,
			version + 1, memory_order_acquire, memory_order_relaxed))
		return;
	/* the odd version before the words */
	atomic_thread_fence(memory_order_release);
	write_last(refusals, refusal);
	/* release: the words before the even version */
	atomic_store_explicit(&refusals->version, version + 2, memory_order_release);
}

bool
lab_refusals_last(const struct lab_refusals *refusals, struct lab_refusal *refusal)
{
	/* acquire: the words of this version are seen */
	uint32_t version = atomic_load_explicit(&refusals->version, memory_order_acquire);
	uint64_t words[4];

	if (version == 0 || version % 2 != 0)
		return false;
	for (unsigned int i = 0; i < 4; i++)
		words[i] = atomic_load_explicit(&refusals->last[i], memory_order_relaxed);
	/* the words before the second look at the version */
	atomic_thread_fence(memory_order_acquire);
	*refusal = (struct lab_refusal){
		.when = words[0],
		.object = (uintptr_t)words[1],
		.kind = (uint32_t)words[2],
		.by = (uint32_t)(words[2] >> 32),
		.before = (uint32_t)words[3],
	};
	return atomic_load_explicit(&refusals->version, memory_order_relaxed) == version;
}
