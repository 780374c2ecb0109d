/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_stage.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool_private.h"

static struct labyrinth_pool *
create_pool(const struct setting *setting)
{
	struct labyrinth_pool_config config = {
		.name = "stage",
		.pages = STAGE_PAGES,
		.cache = setting->cache,
		.owners = STAGE_ACTORS + 1,
		.backing = LABYRINTH_BACKING_PLAIN,
		.numa_node = -1,
		.watermarks = {
			.min = setting->min != 0 ? setting->min : LABYRINTH_NO_RESERVE,
		},
		.flags = LABYRINTH_POOL_SHARED | setting->flags,
	};
	struct labyrinth_pool *pool;
	struct labyrinth_error error;

	if (labyrinth_pool_create(&config, &pool, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return pool;
}

static struct labyrinth_owner *
add_owner(struct stage *stage, const char *name, struct labyrinth_owner *team)
{
	struct labyrinth_owner *owner;

	need(labyrinth_owner_register(stage->pool, name, team, 0, &owner) == 0);
	return owner;
}

struct stage *
stage_create(const struct setting *setting)
{
	struct stage *stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct labyrinth_owner *team = NULL;

	need(stage != MAP_FAILED);
	stage->pool = create_pool(setting);
	stage->seed = 1;
	if (setting->third)
		stage->third = add_owner(stage, "third", NULL);
	stage->actor[STAGE_VICTIM] = add_owner(stage, "victim", NULL);
	if (setting->team == STAGE_VICTIM_AND_B)
		team = stage->actor[STAGE_VICTIM];
	else if (setting->team == STAGE_DEAD_AND_B)
		team = stage->third;
	stage->actor[STAGE_A] = add_owner(stage, "a", NULL);
	stage->actor[STAGE_B] = add_owner(stage, "b", team);
	return stage;
}

void
stage_destroy(struct stage *stage)
{
	need(labyrinth_pool_destroy(stage->pool, NULL) == 0);
	munmap(stage, sizeof(*stage));
}

void
stage_save(const struct stage *stage, struct stage_copy *copy)
{
	if (copy->side == NULL)
		copy->side = malloc(stage->pool->side_size);
	need(copy->side != NULL);
	memcpy(copy->side, stage->pool, stage->pool->side_size);
	copy->stage = *stage;
}

void
stage_restore(struct stage *stage, const struct stage_copy *copy)
{
	memcpy(stage->pool, copy->side, stage->pool->side_size);
	*stage = copy->stage;
}

bool
stage_differs(const struct stage *stage, const struct stage_copy *copy)
{
	return copy->side == NULL || memcmp(&copy->stage, stage, sizeof(*stage)) != 0 ||
		memcmp(copy->side, stage->pool, stage->pool->side_size) != 0;
}

void
stage_copy_free(struct stage_copy *copy)
{
	free(copy->side);
	copy->side = NULL;
}

void
stage_bury(struct stage *stage)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	need(pid >= 0);
	if (pid == 0) {
		if (labyrinth_owner_bind(stage->third) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	need(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

void
stage_entrust(struct stage *stage, pid_t from, pid_t to)
{
	for (uint32_t slot = 1; slot <= stage->pool->owners; slot++) {
		/* glibc's mutex begins with the futex word: the kernel's layout */
		uint32_t *futex = (void *)&stage->pool->owner[slot].life;

		if ((*futex & 0x3fffffff) == (uint32_t)from)
			*futex = (*futex & 0xc0000000) | (uint32_t)to;
	}
}

uint32_t
stage_random(struct stage *stage, uint32_t limit)
{
	uint32_t x = stage->seed;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	stage->seed = x;
	return (uint32_t)((uint64_t)x * limit >> 32);
}

void
stage_take(struct stage *stage, enum stage_actor who, uint32_t n)
{
	struct hand *hand = &stage->hand[who];

	need(hand->n + n <= STAGE_PAGES);
	need(labyrinth_alloc_bulk(stage->actor[who], LABYRINTH_GFP_RESCUE,
		&hand->page[hand->n], n) == n);
	hand->n += n;
}

void
stage_free(struct stage *stage, enum stage_actor who, uint32_t at, uint32_t stride,
	uint32_t n)
{
	struct hand freed = { .n = 0 };

	/* each one that goes moves the rest down by one */
	for (uint32_t i = 0; i < n; i++)
		hand_move(&stage->hand[who], at + i * (stride - 1), 1, &freed);
	need(labyrinth_free_bulk(stage->actor[who], freed.page, n, NULL) == 0);
}

void
hand_move(struct hand *from, uint32_t at, uint32_t n, struct hand *to)
{
	need(at + n <= from->n && to->n + n <= STAGE_PAGES);
	memcpy(&to->page[to->n], &from->page[at], n * sizeof(*to->page));
	to->n += n;
	memmove(&from->page[at], &from->page[at + n],
		(from->n - at - n) * sizeof(*from->page));
	from->n -= n;
}

labyrinth_page
stage_handle(const struct stage *stage, uint32_t index)
{
	const struct lab_row *row = &stage->pool->row[lab_row_of(index - 1)];
	struct lab_pass_word pass = lab_pass_load(row);
	struct lab_page_word word = lab_word_load(stage->pool, index - 1);
	uint64_t generation = lab_page_generation(row, pass, word, lab_bit_of(index - 1));

	return generation << 32 | index;
}
