/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_memory.h>

#include "io_memory.h"
#include "labyrinth_mbuf.h"
#include "mempool_ops.h"
#include "object_layout.h"
#include "share.h"

/** Room for owners of others, besides the lcores and the shared one. */
#define SPARE_OWNERS 64

_Static_assert(LABYRINTH_MBUF_BUF_LEN >= RTE_PKTMBUF_HEADROOM + 1522,
	"a VLAN tagged frame with its FCS fits in each colour");
_Static_assert(LABYRINTH_PAGE_SIZE <= UINT16_MAX, "buf_len holds a page");

/** What stands beside the mempool, for the primary alone. */
struct own {
	struct rte_mempool *mp;
	struct labyrinth_pool *pool;
	struct lab_io *io;  /* NULL: in memory of EAL, which maps it and knows its addresses */
	bool uncoloured;
};

/** The private data of the mempool. */
struct private_data {
	struct rte_pktmbuf_pool_private pktmbuf;  /* first: DPDK looks for it there */
	struct own *own;
};

static struct own *
own_of(const struct rte_mempool *mp)
{
	struct private_data *data =
		rte_mempool_get_priv((struct rte_mempool *)(uintptr_t)mp);

	if (!lab_mempool_ops_is(mp) || rte_eal_process_type() != RTE_PROC_PRIMARY)
		return NULL;
	return data->own;
}

/* The last reference to a page is gone: the same as for DPDK's own pinned buffers. */
void
lab_object_released(void *address, void *mbuf)
{
	struct rte_mbuf *m = mbuf;

	RTE_SET_USED(address);
	rte_mbuf_ext_refcnt_set(m->shinfo, 1);
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	m->next = NULL;
	m->nb_segs = 1;
	rte_mbuf_raw_free(m);
}

static void
mbuf_init(struct rte_mempool *mp, void *opaque, void *object, unsigned int k)
{
	struct own *own = opaque;
	struct lab_object *o = object;
	struct rte_mbuf *m = &o->mbuf;
	uint32_t index = k + 1;
	uint32_t colour = own->uncoloured ? 0 : labyrinth_mbuf_colour(index);
	char *data = labyrinth_page_address(own->pool, index);

	data += colour * LABYRINTH_MBUF_COLOUR_STEP;
	memset(o, 0, LAB_OBJECT_SIZE);
	m->buf_addr = data;
	rte_mbuf_iova_set(m, own->io == NULL ? rte_mem_virt2iova(data)
					     : lab_io_address(own->io, data));
	m->buf_len = rte_pktmbuf_data_room_size(mp);
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->pool = mp;
	m->nb_segs = 1;
	m->port = RTE_MBUF_PORT_INVALID;
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	rte_mbuf_refcnt_set(m, 1);
	m->shinfo = &o->shinfo;
	o->shinfo.free_cb = lab_object_released;
	o->shinfo.fcb_opaque = m;
	rte_mbuf_ext_refcnt_set(&o->shinfo, 1);
}

void
lab_mbuf_renew(struct rte_mempool *mp, uint32_t index)
{
	const struct lab_mempool *m = mp->pool_data;
	struct own own = { .mp = mp, .pool = m->pool, .uncoloured = m->uncoloured };

	mbuf_init(mp, &own, lab_object_of(m->origin, index), index - 1);
}

/*
 * Memory came: an IO address that is a physical one is another now. The mbufs are free,
 * and the refiller's putting the pages online orders the writes before any get.
 */
static int
extent_online(void *arg, void *address, size_t size)
{
	struct own *own = arg;
	const struct lab_mempool *data = own->mp->pool_data;
	char *base = labyrinth_pool_base(own->pool);
	uint32_t first = (uint32_t)(RTE_PTR_DIFF(address, base) / LABYRINTH_PAGE_SIZE) + 1;
	int ret = lab_io_online(own->io, address, size);

	for (uint32_t i = 0; i < size / LABYRINTH_PAGE_SIZE && ret == 0; i++) {
		struct rte_mbuf *m = lab_object_of(data->origin, first + i);

		rte_mbuf_iova_set(m, lab_io_address(own->io, m->buf_addr));
	}
	return ret;
}

static void
extent_offline(void *arg, void *address, size_t size)
{
	struct own *own = arg;

	lab_io_offline(own->io, address, size);
}

/* Are the pages to be EAL's memory? */
static bool
in_eal(const struct labyrinth_mbuf_config *config)
{
	return config->secondaries != 0 || config->backing == LABYRINTH_BACKING_LENT;
}

static int
check_shared(const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	if (config->secondaries > LABYRINTH_MBUF_SECONDARIES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%" PRIu32 " secondary processes: allowed are 0 to %u",
			config->secondaries, LABYRINTH_MBUF_SECONDARIES_MAX);
	if (config->secondaries != 0 && config->backing != LABYRINTH_BACKING_AUTO &&
		config->backing != LABYRINTH_BACKING_LENT)
		return labyrinth_fail(error, -EINVAL,
			"pages that processes share are EAL's: leave backing at AUTO");
	if (in_eal(config) && config->pages_max > config->pages)
		return labyrinth_fail(error, -EINVAL,
			"pages that processes share do not grow: leave pages_max 0");
	return 0;
}

/* What DPDK would refuse with a bare EINVAL, and what would not be right. */
static int
check_dpdk_cache(const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	uint32_t most = RTE_MIN((uint32_t)RTE_MEMPOOL_CACHE_MAX_SIZE,
		(uint32_t)((uint64_t)config->pages * 2 / 3));

	if (config->dpdk_cache > most)
		return labyrinth_fail(error, -EINVAL,
			"a DPDK cache of %" PRIu32 " mbufs for each lcore, of %" PRIu32
			": allowed are 0 to %" PRIu32,
			config->dpdk_cache, config->pages, most);
	if (config->dpdk_cache != 0 && config->secondaries != 0)
		return labyrinth_fail(error, -EINVAL,
			"what a dead process had in a DPDK cache would be lost: leave "
			"dpdk_cache 0 where processes share pages");
	return 0;
}

static int
check_config(const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return labyrinth_fail(error, -ENOTSUP,
			"mbuf pools are for the primary process: start it without "
			"--proc-type=secondary");
	if (lab_mempool_ops_status() != 0)
		return labyrinth_fail(error, lab_mempool_ops_status(),
			"DPDK's table of %d mempool ops is full: load fewer mempool "
			"drivers, e.g. with -d naming only those needed",
			RTE_MEMPOOL_MAX_OPS_IDX);
	if (config->name == NULL || config->name[0] == '\0' ||
		strlen(config->name) >= RTE_MEMPOOL_NAMESIZE)
		return labyrinth_fail(error, -EINVAL,
			"a mempool needs a name of 1 to %d characters",
			(int)RTE_MEMPOOL_NAMESIZE - 1);
	if (rte_mempool_lookup(config->name) != NULL)
		return labyrinth_fail(error, -EEXIST,
			"a mempool named %s exists: choose another name", config->name);
	if (config->pages == 0 || config->pages > LABYRINTH_PAGES_MAX ||
		(config->pages_max != 0 && config->pages_max < config->pages))
		return labyrinth_fail(error, -EINVAL,
			"%" PRIu32 " pages that grow to %" PRIu32
			" are not possible: ask for 1 to %u, and no fewer later (0: as "
			"many)",
			config->pages, config->pages_max, LABYRINTH_PAGES_MAX);
	ret = check_dpdk_cache(config, error);
	return ret != 0 ? ret : check_shared(config, error);
}

static bool
grows(const struct labyrinth_mbuf_config *config)
{
	return config->pages_max > config->pages;
}

/* Without a reserve the rule for low, which starts from it, would let nothing grow. */
static void
set_marks(const struct labyrinth_mbuf_config *config, struct labyrinth_watermarks *marks)
{
	if (marks->min == 0)
		marks->min = LABYRINTH_NO_RESERVE;
	if (!grows(config) || marks->min != LABYRINTH_NO_RESERVE)
		return;
	if (marks->low == 0)
		marks->low = RTE_MAX(config->pages / 8, 1u);
	if (marks->high == 0)
		marks->high = 2 * marks->low;
}

static int
create_pages(const struct labyrinth_mbuf_config *config, struct labyrinth_pool **pool,
	struct lab_shared_memory *memory, struct labyrinth_error *error)
{
	struct labyrinth_pool_config pages = {
		.name = config->name,
		.pages = config->pages,
		.pages_max = config->pages_max,
		.cache = config->cache,
		.owners = 1 + SPARE_OWNERS + lab_share_owners(config),
		.backing = config->backing,
		.numa_node = config->socket_id,
		.watermarks = config->watermarks,
	};

	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++)
		pages.owners += rte_eal_lcore_role(i) != ROLE_OFF;
	set_marks(config, &pages.watermarks);
	if (in_eal(config))
		return lab_share_create(config, &pages, pool, memory, error);
	pages.flags = LABYRINTH_POOL_LOW;
	return labyrinth_pool_create(&pages, pool, error);
}

/* NO_CACHE_ALIGN is about headers: ops_populate() aligns the mbufs themselves. */
static struct rte_mempool *
create_empty(const struct labyrinth_mbuf_config *config, uint32_t pages,
	struct labyrinth_error *error)
{
	struct rte_mempool *mp;

	mp = rte_mempool_create_empty(config->name, pages, LAB_OBJECT_SIZE,
		config->dpdk_cache, sizeof(struct private_data), config->socket_id,
		RTE_MEMPOOL_F_NO_CACHE_ALIGN);
	if (mp == NULL)
		labyrinth_fail(error, -rte_errno,
			"mempool %s cannot be set up (%s): give EAL more memory, and if "
			"-d replaces its drivers, name librte_mempool_ring too",
			config->name, rte_strerror(rte_errno));
	return mp;
}

static int
populate(struct rte_mempool *mp, struct own *own,
	const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	struct rte_pktmbuf_pool_private priv = {
		.mbuf_data_room_size =
			config->uncoloured ? LABYRINTH_PAGE_SIZE : LABYRINTH_MBUF_BUF_LEN,
		.flags = RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF,
	};
	int ret = rte_mempool_set_ops_byname(mp, LABYRINTH_MBUF_OPS_NAME, own->pool);

	if (ret != 0)
		return labyrinth_fail(error, ret,
			"mempool %s: ops %s are not to be had: %s", config->name,
			LABYRINTH_MBUF_OPS_NAME, rte_strerror(-ret));
	rte_pktmbuf_pool_init(mp, &priv);
	((struct private_data *)rte_mempool_get_priv(mp))->own = own;
	ret = lab_mempool_ops_populate(mp);
	if (ret != 0)
		return labyrinth_fail(error, ret,
			"mempool %s: %zu MiB for %" PRIu32 " mbufs in one piece are not "
			"to be had from EAL (%s): ask for fewer pages or give EAL more "
			"with -m",
			config->name, (size_t)mp->size * LAB_OBJECT_STRIDE / (1 << 20) + 1,
			mp->size, rte_strerror(-ret));
	rte_mempool_obj_iter(mp, mbuf_init, own);
	if (config->ages && lab_mempool_ops_note_ages(mp) != 0)
		return labyrinth_fail(error, -ENOMEM,
			"mempool %s: no memory to note the ages of %" PRIu32 " mbufs",
			config->name, mp->size);
	return 0;
}

static int
io_create(struct own *own, struct labyrinth_error *error)
{
	struct labyrinth_pool_stats stats;
	struct lab_io_config io;
	int ret;

	labyrinth_pool_stats(own->pool, &stats);
	io = (struct lab_io_config){
		.base = labyrinth_pool_base(own->pool),
		.size = (size_t)stats.pages * LABYRINTH_PAGE_SIZE,
		.fixed = (size_t)(stats.pages - stats.offline) * LABYRINTH_PAGE_SIZE,
		.backing = stats.backing,
	};
	ret = lab_io_create(&io, &own->io);
	return ret == 0 ? 0 : labyrinth_fail(error, ret, "out of memory");
}

static int
own_destroy(struct own *own, struct lab_shared_memory memory, struct labyrinth_error *error)
{
	int ret;

	if (own->io != NULL)
		lab_io_destroy(own->io);
	ret = labyrinth_pool_destroy(own->pool, error);
	if (ret == 0)
		lab_share_free(memory);
	free(own);
	return ret;
}

/* The pages, and how devices see them. */
static int
own_create(const struct labyrinth_mbuf_config *config, struct own **own,
	struct lab_shared_memory *memory, struct labyrinth_error *error)
{
	struct own *made = calloc(1, sizeof(*made));
	int ret;

	if (made == NULL)
		return labyrinth_fail(error, -ENOMEM, "out of memory");
	made->uncoloured = config->uncoloured;
	ret = create_pages(config, &made->pool, memory, error);
	if (ret != 0) {
		free(made);
		return ret;
	}
	if (!in_eal(config))
		ret = io_create(made, error);
	if (ret == 0)
		*own = made;
	else
		own_destroy(made, *memory, NULL);
	return ret;
}

static int
start_refiller(struct own *own, const struct labyrinth_mbuf_config *config,
	struct labyrinth_error *error)
{
	const struct labyrinth_refiller_config refiller = {
		.poll_us = config->poll_us,
		.quiet_ms = config->quiet_ms,
		.online = extent_online,
		.offline = extent_offline,
		.arg = own,
	};
	int ret = grows(config) ? labyrinth_refiller_start(own->pool, &refiller) : 0;

	if (ret == 0 || ret == -ENOTSUP) /* within the same extents: nothing to come */
		return 0;
	return labyrinth_fail(error, ret, "mempool %s: no thread for its refiller (%s)",
		config->name, strerror(-ret));
}

int
labyrinth_mbuf_pool_create(const struct labyrinth_mbuf_config *config,
	struct rte_mempool **mp, struct labyrinth_error *error)
{
	struct lab_shared_memory memory = { NULL, NULL };
	struct labyrinth_pool_stats stats;
	struct own *own = NULL;
	int ret;

	ret = check_config(config, error);
	if (ret == 0)
		ret = own_create(config, &own, &memory, error);
	if (ret != 0)
		return ret;
	labyrinth_pool_stats(own->pool, &stats);
	*mp = own->mp = create_empty(config, stats.pages, error);
	if (*mp == NULL) {
		ret = -rte_errno;
		goto no_mempool;
	}
	ret = populate(*mp, own, config, error);
	if (ret == 0)
		lab_share_note(*mp, memory);
	if (ret == 0 && config->secondaries != 0)
		ret = lab_share_begin(*mp, config, error);
	if (ret == 0)
		ret = start_refiller(own, config, error);
	if (ret == 0)
		return 0;
	if ((*mp)->pool_data != NULL)
		lab_mempool_ops_close(*mp);
	rte_mempool_free(*mp);
no_mempool:
	own_destroy(own, memory, NULL);
	*mp = NULL;
	return ret;
}

/* Why the pool cannot be given back now. */
static int
check_idle(const struct rte_mempool *mp, struct own *own, struct labyrinth_error *error)
{
	const char *device = own->io == NULL ? NULL : lab_io_mapped_for(own->io);
	struct labyrinth_pool_stats stats;
	uint32_t out;

	labyrinth_pool_stats(own->pool, &stats);
	out = stats.owned + stats.offered;
	if (out != 0)
		return labyrinth_fail(error, -EBUSY,
			"mempool %s: %" PRIu32 " of %" PRIu32 " mbufs are out: free them "
			"and close the ports that hold them first",
			mp->name, out, mp->size);
	if (device != NULL)
		return labyrinth_fail(error, -EBUSY,
			"mempool %s is mapped for DMA by %s: close its port and call "
			"labyrinth_mbuf_pool_dma_unmap() first",
			mp->name, device);
	return 0;
}

void
labyrinth_mbuf_pool_flush(struct rte_mempool *mp)
{
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		struct rte_mempool_cache *cache = rte_mempool_default_cache(mp, lcore);

		if (cache != NULL)
			rte_mempool_cache_flush(cache, mp);
	}
}

int
labyrinth_mbuf_pool_destroy(struct rte_mempool *mp, struct labyrinth_error *error)
{
	struct own *own = own_of(mp);
	struct lab_shared_memory memory;
	bool kept;
	int ret;

	if (own == NULL)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s has other ops: use rte_mempool_free()", mp->name);
	kept = lab_mempool_ops_is_kept(mp);
	if (!kept)
		labyrinth_mbuf_pool_flush(mp);
	ret = kept ? 0 : check_idle(mp, own, error);
	if (ret == 0)
		ret = lab_share_end(mp, error);
	if (ret != 0)
		return ret;
	memory = lab_share_memory(mp);
	labyrinth_refiller_stop(own->pool);
	if (kept) {
		lab_mempool_ops_end(mp);
	} else {
		lab_mempool_ops_close(mp);
		rte_mempool_free(mp);
	}
	return own_destroy(own, memory, error);
}

struct labyrinth_pool *
labyrinth_mbuf_pool_pages(const struct rte_mempool *mp)
{
	return lab_mempool_ops_is(mp) ? mp->pool_config : NULL;
}

uint64_t
labyrinth_mbuf_pool_age(const struct rte_mempool *mp, uint32_t index, uint64_t now)
{
	uint64_t born = lab_mempool_ops_is(mp) ? lab_mempool_ops_born(mp, index) : 0;

	return born == 0 ? UINT64_MAX : now - born;
}

int
labyrinth_mbuf_pool_dma_map(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error)
{
	struct own *own = own_of(mp);

	if (own == NULL)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s has other ops: EAL maps its memory by itself", mp->name);
	return own->io == NULL ? 0 : lab_io_map(own->io, device, error);
}

int
labyrinth_mbuf_pool_dma_unmap(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error)
{
	struct own *own = own_of(mp);

	if (own == NULL)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s has other ops: EAL unmaps its memory by itself",
			mp->name);
	return own->io == NULL ? 0 : lab_io_unmap(own->io, device, error);
}

static void
restore(struct rte_mbuf *m)
{
	m->ol_flags |= RTE_MBUF_F_EXTERNAL;
	/* of another process, perhaps */
	m->shinfo->free_cb = lab_object_released;
}

void
labyrinth_mbuf_restore(struct rte_mbuf **mbufs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		for (struct rte_mbuf *m = mbufs[i]; m != NULL; m = m->next) {
			if (lab_mempool_ops_is(m->pool) && !RTE_MBUF_CLONED(m))
				restore(m);
		}
	}
}
