/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* A shared pool of the library, as a kind. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labyrinth_mbuf.h"
#include "mempool_data.h"
#include "pool_private.h"
#include "processes.h"

#define SECONDARIES 4u
/* A pool that is not shared, and one of other ops. */
#define PRIVATE "private"
#define PLAIN "plain"

static struct rte_mempool *
create_shared(const char *name, unsigned int n, uint32_t secondaries)
{
	struct labyrinth_mbuf_config config = { .name = name, .pages = n, .cache = 64,
		.socket_id = SOCKET_ID_ANY, .secondaries = secondaries };
	struct labyrinth_error error = { "" };
	struct rte_mempool *mp;

	if (labyrinth_mbuf_pool_create(&config, &mp, &error) == 0)
		return mp;
	printf("%s\n", error.text);
	return NULL;
}

static void
refuses_to_make(struct labyrinth_mbuf_config config, int code)
{
	struct labyrinth_error error = { "" };
	struct rte_mempool *mp;
	int ret;

	config.socket_id = SOCKET_ID_ANY;
	ret = labyrinth_mbuf_pool_create(&config, &mp, &error);
	must(ret == code && error.text[0] != '\0', "%s: %d and not %d: %s", config.name, ret,
		code, error.text);
	printf("%s\n", error.text);
}

/* Names, numbers and backings that cannot be shared; and the longest name, which can. */
static void
wrong_configurations(void)
{
	static const char longest[] = "a-name-of-25-characters--";
	struct rte_mempool *mp;

	must(sizeof(longest) == RTE_MEMPOOL_NAMESIZE, "DPDK's names are longer now");
	mp = create_shared(longest, 64, 1);
	must(mp != NULL, "the longest name is not good");
	refuses_to_make((struct labyrinth_mbuf_config){ .name = longest, .pages = 64,
		.secondaries = 1 }, -EEXIST);
	must(labyrinth_mbuf_pool_destroy(mp, NULL) == 0, "not destroyed");
	refuses_to_make((struct labyrinth_mbuf_config){ .pages = 64, .secondaries = 1,
		.name = "a-name-of-26-characters---" }, -EINVAL);
	refuses_to_make((struct labyrinth_mbuf_config){ .name = "many", .pages = 64,
		.secondaries = LABYRINTH_MBUF_SECONDARIES_MAX + 1 }, -EINVAL);
	refuses_to_make((struct labyrinth_mbuf_config){ .name = "plain-pages", .pages = 64,
		.secondaries = 1, .backing = LABYRINTH_BACKING_PLAIN }, -EINVAL);
	refuses_to_make((struct labyrinth_mbuf_config){ .name = "large", .secondaries = 1,
		.pages = LABYRINTH_PAGES_MAX }, -ENOMEM);
}

static struct rte_mempool *
create(const char *name, unsigned int n)
{
	wrong_configurations();
	must(create_shared(PRIVATE, 10, 0) != NULL, "no private pool");
	must(rte_pktmbuf_pool_create(PLAIN, 10, 0, 0, 256, SOCKET_ID_ANY) != NULL, "no plain");
	return create_shared(name, n, SECONDARIES);
}

static void
destroy(struct rte_mempool *mp)
{
	struct labyrinth_error error = { "" };

	must(labyrinth_mbuf_pool_destroy(mp, &error) == 0, "%s", error.text);
	must(labyrinth_mbuf_pool_destroy(rte_mempool_lookup(PRIVATE), &error) == 0, "%s",
		error.text);
	rte_mempool_free(rte_mempool_lookup(PLAIN));
}

/* Who asks is refused, and told of whom. */
static void
free_under(struct rte_mempool *mp)
{
	/* it is still there, which a compiler that knows rte_mempool_free() cannot know */
	struct rte_mempool *volatile kept = mp;
	struct labyrinth_error error = { "" };

	must(labyrinth_mbuf_pool_destroy(mp, &error) == -EBUSY, "destroyed");
	rte_mempool_free(mp);
	must(labyrinth_mbuf_pool_destroy(kept, &error) == -EBUSY, "destroyed");
	printf("%s\n", error.text);
}

/* One that was killed is still taken for attached, until somebody looks after it. */
static void
end_freed(struct rte_mempool *mp)
{
	labyrinth_mbuf_reclaim(mp, NULL);
	destroy(mp);
}

static int
attach(struct rte_mempool *mp)
{
	struct labyrinth_error error = { "" };
	int ret = labyrinth_mbuf_pool_attach(mp, &error);

	if (ret == 0)
		return (int)labyrinth_mbuf_process();
	printf("%s\n", error.text);
	return ret;
}

static int
detach(struct rte_mempool *mp)
{
	return labyrinth_mbuf_pool_detach(mp, NULL);
}

static uint16_t
offer(struct rte_mbuf **m, uint16_t n)
{
	return labyrinth_mbuf_offer(m, n, 0);
}

static uint16_t
accept(struct rte_mbuf **m, uint16_t n, unsigned int process)
{
	RTE_SET_USED(process);
	return labyrinth_mbuf_accept(m, n);
}

static int
reclaim(struct rte_mempool *mp)
{
	struct labyrinth_error error = { "" };
	int ret = labyrinth_mbuf_reclaim(mp, &error);

	must(ret >= 0, "reclaim: %s", error.text);
	return ret;
}

static int
validate(const struct rte_mempool *mp)
{
	struct labyrinth_error error = { "" };
	int ret = labyrinth_pool_validate(labyrinth_mbuf_pool_pages(mp), &error);

	if (ret != 0)
		printf("%s\n", error.text);
	return ret;
}

/* ---- what a hostile process can and cannot do ---- */

static uint64_t
foreign_frees(const struct rte_mempool *mp)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(labyrinth_mbuf_pool_pages(mp), &stats);
	return stats.refused[LABYRINTH_FOREIGN_FREE];
}

static void
hostile(struct rte_mempool *mp, struct rte_mbuf *kept)
{
	uint64_t before = foreign_frees(mp);
	struct rte_mbuf *m = kept;

	must(attach(mp) > 0, "attach");
	must(is_marked(kept, 0), "cannot read it");
	printf("reads the primary's mbuf\n");
	rte_pktmbuf_free(kept);
	must(foreign_frees(mp) == before + 1, "not refused");
	printf("cannot free it\n");
	must(labyrinth_mbuf_transfer(&m, 1, labyrinth_mbuf_process()) == 1, "transferred");
	must(labyrinth_mbuf_accept(&m, 1) == 1, "accepted");
	must(labyrinth_mbuf_withdraw(&m, 1) == 1, "withdrawn");
	printf("cannot make it its own\n");
	while ((m = rte_pktmbuf_alloc(mp)) != NULL)
		;
	printf("takes all the rest\n");
}

/* A free page of the depot is made one that nobody has. */
static void
vandal(struct rte_mempool *mp, struct rte_mbuf *kept)
{
	struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);

	RTE_SET_USED(kept);
	must(attach(mp) > 0, "attach");
	for (uint32_t i = 0; i < pool->rows; i++) {
		struct lab_row_word word = lab_row_load(&pool->row[i]), next = word;

		if (!lab_row_counted(word) || word.free == 0)
			continue;
		next.free &= (uint32_t)next.free - 1;
		must(lab_row_cas(&pool->row[i], &word, next), "row");
		printf("writes to the side arrays\n");
		return;
	}
	must(false, "no free page");
}

/* ---- what must be refused ---- */

static void
refuses(struct rte_mempool *mp, int code)
{
	struct labyrinth_error error = { "" };
	int ret = labyrinth_mbuf_pool_attach(mp, &error);

	must(ret == code, "%s: %d and not %d: %s", mp->name, ret, code, error.text);
	printf("%s\n", error.text);
}

static void
of_other_versions(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;
	struct lab_seal *seal = m->side->addr;

	m->version++;
	refuses(mp, -EPROTO);
	m->version--;
	m->size += 64;
	refuses(mp, -EPROTO);
	m->size -= 64;
	seal->version++;
	refuses(mp, -EPROTO);
	seal->version--;
	seal->layout++;
	refuses(mp, -EPROTO);
	seal->layout--;
}

/* Who has not attached gets nothing, changes nothing, and does not crash. */
static void
without_attaching(struct rte_mempool *mp)
{
	struct rte_mempool *private = rte_mempool_lookup(PRIVATE);
	void *object;

	must(rte_mempool_get(mp, &object) != 0, "got an mbuf");
	must(rte_mempool_get(private, &object) != 0, "got an mbuf of a private pool");
	must(rte_mempool_avail_count(private) == 0, "sees a private pool");
	must(labyrinth_mbuf_process() > SECONDARIES, "is a process");
	must(labyrinth_mbuf_pool_detach(mp, NULL) == -EINVAL, "detached");
	must(labyrinth_mbuf_reclaim(mp, NULL) == -EINVAL, "reclaimed");
}

/* As many as there may be; the next is refused, and when they are dead it is not. */
static void
beyond_the_most(struct rte_mempool *mp)
{
	pid_t child[SECONDARIES];
	int ready[2];
	char c;

	must(pipe(ready) == 0, "pipe");
	for (unsigned int i = 0; i < SECONDARIES; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			must(attach(mp) > 0 && write(ready[1], "r", 1) == 1, "child");
			pause();
		}
		must(read(ready[0], &c, 1) == 1, "no child");
	}
	refuses(mp, -ENOSPC);
	for (unsigned int i = 0; i < SECONDARIES; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
	}
	/* they are dead, but nobody has looked after what they left */
	refuses(mp, -ENOSPC);
}

static void
strange(struct rte_mempool *mp)
{
	struct rte_mbuf *m[2];

	without_attaching(mp);
	refuses(rte_mempool_lookup(PLAIN), -EINVAL);
	refuses(rte_mempool_lookup(PRIVATE), -ENOTSUP);
	of_other_versions(mp);
	must(attach(mp) == 1, "attach");
	refuses(mp, -EALREADY);
	must(rte_pktmbuf_alloc_bulk(mp, m, 2) == 0, "no mbufs");
	must(labyrinth_mbuf_pool_detach(mp, NULL) == -EBUSY, "detached with mbufs out");
	/* nobody there, or nothing that is one's alone */
	must(labyrinth_mbuf_transfer(m, 2, 3) == 2, "transferred to nobody");
	must(labyrinth_mbuf_transfer(m, 2, 99) == 2, "transferred to nobody");
	rte_mbuf_refcnt_update(m[0], 1);
	must(labyrinth_mbuf_offer(m, 2, 0) == 1 && rte_mbuf_refcnt_read(m[0]) == 2,
		"offered what others refer to");
	must(labyrinth_mbuf_accept(m + 1, 1) == 1, "accepted what is the primary's");
	must(labyrinth_mbuf_withdraw(m + 1, 1) == 0, "not withdrawn");
	rte_mbuf_refcnt_update(m[0], -1);
	rte_pktmbuf_free_bulk(m, 2);
	must(labyrinth_mbuf_pool_detach(mp, NULL) == 0, "not detached");
	/* this process keeps its number, so one less is left for others */
	must(rte_mempool_get(mp, (void **)m) != 0, "got an mbuf after the end");
}

static void
strange_and_many(struct rte_mempool *mp)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		strange(mp);
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0, "child: %#x", status);
	beyond_the_most(mp);
}

const struct kind kind_under_test = {
	.name = "library",
	.create = create,
	.destroy = destroy,
	.free_under = free_under,
	.end_freed = end_freed,
	.attach = attach,
	.detach = detach,
	.lives = labyrinth_mbuf_process_lives,
	.give = labyrinth_mbuf_transfer,
	.offer = offer,
	.accept = accept,
	.reclaim = reclaim,
	.hostile = hostile,
	.vandal = vandal,
	.strange = strange_and_many,
	.validate = validate,
};
