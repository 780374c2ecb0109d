/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
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

/** Where the initialisation of the mbufs has come to. */
struct fill {
	struct labyrinth_pool *pool;
	bool shared;       /* in memory of EAL, which knows its IO addresses */
	size_t piece_size; /* bytes contiguous for a device */
	char *piece;       /* the piece whose IO address is known */
	rte_iova_t iova;
	bool uncoloured;
};

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

/* IO address of @p data; asked for once a piece, as the kernel must be asked. */
static rte_iova_t
iova_of(struct fill *fill, char *data)
{
	char *piece = RTE_PTR_ALIGN_FLOOR(data, fill->piece_size);

	if (fill->shared)
		return rte_mem_virt2iova(data);
	if (piece != fill->piece) {
		fill->piece = piece;
		fill->iova = lab_io_memory_iova(piece);
	}
	if (fill->iova == RTE_BAD_IOVA)
		return RTE_BAD_IOVA;
	return fill->iova + (rte_iova_t)(data - piece);
}

static void
mbuf_init(struct rte_mempool *mp, void *opaque, void *object, unsigned int k)
{
	struct fill *fill = opaque;
	struct lab_object *o = object;
	struct rte_mbuf *m = &o->mbuf;
	uint32_t index = k + 1;
	uint32_t colour = fill->uncoloured ? 0 : labyrinth_mbuf_colour(index);
	char *data = labyrinth_page_address(fill->pool, index);

	data += colour * LABYRINTH_MBUF_COLOUR_STEP;
	memset(o, 0, LAB_OBJECT_SIZE);
	m->buf_addr = data;
	rte_mbuf_iova_set(m, iova_of(fill, data));
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
	struct fill fill = { .pool = m->pool, .shared = true, .uncoloured = m->uncoloured };

	fill.piece_size = LABYRINTH_PAGE_SIZE;
	mbuf_init(mp, &fill, lab_object_of(m->origin, index), index - 1);
}

static void
mbufs_init(struct rte_mempool *mp, struct labyrinth_pool *pool, bool uncoloured, bool shared)
{
	struct fill fill = {
		.pool = pool,
		.shared = shared,
		.piece_size = lab_io_memory_of(pool).page_size,
		.uncoloured = uncoloured,
	};

	rte_mempool_obj_iter(mp, mbuf_init, &fill);
}

static int
check_config(const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return labyrinth_fail(error, -ENOTSUP,
			"mbuf pools are for the primary process: start it without "
			"--proc-type=secondary");
	if (lab_mempool_ops_register() != 0)
		return labyrinth_fail(error, lab_mempool_ops_register(),
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
	if (config->pages == 0 || config->pages > LABYRINTH_PAGES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%" PRIu32 " pages are not possible: ask for 1 to %u",
			config->pages, LABYRINTH_PAGES_MAX);
	if (config->secondaries > LABYRINTH_MBUF_SECONDARIES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%" PRIu32 " secondary processes: allowed are 0 to %u",
			config->secondaries, LABYRINTH_MBUF_SECONDARIES_MAX);
	if (config->secondaries != 0 && config->backing != LABYRINTH_BACKING_AUTO)
		return labyrinth_fail(error, -EINVAL,
			"pages that processes share are EAL's: leave backing at AUTO");
	return 0;
}

static int
create_pages(const struct labyrinth_mbuf_config *config, struct labyrinth_pool **pool,
	struct lab_shared_memory *memory, struct labyrinth_error *error)
{
	struct labyrinth_pool_config pages = {
		.name = config->name,
		.pages = config->pages,
		.cache = config->cache,
		.owners = 1 + SPARE_OWNERS + lab_share_owners(config),
		.backing = config->backing,
		.numa_node = config->socket_id,
		.watermarks = config->watermarks,
	};

	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++)
		pages.owners += rte_eal_lcore_role(i) != ROLE_OFF;
	if (pages.watermarks.min == 0)
		pages.watermarks.min = LABYRINTH_NO_RESERVE;
	if (config->secondaries != 0)
		return lab_share_create(config, &pages, pool, memory, error);
	return labyrinth_pool_create(&pages, pool, error);
}

/* NO_CACHE_ALIGN is about headers: ops_populate() aligns the mbufs themselves. */
static struct rte_mempool *
create_empty(const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	struct rte_mempool *mp;

	mp = rte_mempool_create_empty(config->name, config->pages, LAB_OBJECT_SIZE, 0,
		sizeof(struct rte_pktmbuf_pool_private), config->socket_id,
		RTE_MEMPOOL_F_NO_CACHE_ALIGN);
	if (mp == NULL)
		labyrinth_fail(error, -rte_errno,
			"mempool %s cannot be set up (%s): give EAL more memory, and if "
			"-d replaces its drivers, name librte_mempool_ring too",
			config->name, rte_strerror(rte_errno));
	return mp;
}

static int
populate(struct rte_mempool *mp, struct labyrinth_pool *pool,
	const struct labyrinth_mbuf_config *config, struct labyrinth_error *error)
{
	struct rte_pktmbuf_pool_private priv = {
		.mbuf_data_room_size =
			config->uncoloured ? LABYRINTH_PAGE_SIZE : LABYRINTH_MBUF_BUF_LEN,
		.flags = RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF,
	};
	int ret = lab_mempool_ops_set(mp, pool);

	if (ret != 0)
		return labyrinth_fail(error, ret,
			"mempool %s: ops %s are not to be had: %s", config->name,
			LABYRINTH_MBUF_OPS_NAME, rte_strerror(-ret));
	rte_pktmbuf_pool_init(mp, &priv);
	ret = lab_mempool_ops_populate(mp);
	if (ret != 0)
		return labyrinth_fail(error, ret,
			"mempool %s: %zu MiB for %" PRIu32 " mbufs in one piece are not "
			"to be had from EAL (%s): ask for fewer pages or give EAL more "
			"with -m",
			config->name,
			(size_t)config->pages * LAB_OBJECT_STRIDE / (1 << 20) + 1,
			config->pages, rte_strerror(-ret));
	mbufs_init(mp, pool, config->uncoloured, config->secondaries != 0);
	if (config->ages && lab_mempool_ops_note_ages(mp) != 0)
		return labyrinth_fail(error, -ENOMEM,
			"mempool %s: no memory to note the ages of %" PRIu32 " mbufs",
			config->name, config->pages);
	return 0;
}

int
labyrinth_mbuf_pool_create(const struct labyrinth_mbuf_config *config,
	struct rte_mempool **mp, struct labyrinth_error *error)
{
	struct lab_shared_memory memory = { NULL, NULL };
	struct labyrinth_pool *pool;
	int ret;

	ret = check_config(config, error);
	if (ret != 0)
		return ret;
	ret = create_pages(config, &pool, &memory, error);
	if (ret != 0)
		return ret;
	*mp = create_empty(config, error);
	if (*mp == NULL) {
		ret = -rte_errno;
		goto no_mempool;
	}
	/* Not fatal: a NIC that needs it fails in labyrinth_mbuf_pool_dma_map(). */
	lab_io_memory_register(pool);
	ret = populate(*mp, pool, config, error);
	if (ret == 0 && config->secondaries != 0)
		ret = lab_share_begin(*mp, config, memory, error);
	if (ret == 0)
		return 0;
	rte_mempool_free(*mp);
	lab_io_memory_unregister(pool);
no_mempool:
	labyrinth_pool_destroy(pool, NULL);
	lab_share_free(memory);
	*mp = NULL;
	return ret;
}

int
labyrinth_mbuf_pool_destroy(struct rte_mempool *mp, struct labyrinth_error *error)
{
	struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);
	struct lab_shared_memory memory;
	uint32_t out;
	int ret;

	if (pool == NULL)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s has other ops: use rte_mempool_free()", mp->name);
	out = mp->size - rte_mempool_avail_count(mp);
	if (out != 0)
		return labyrinth_fail(error, -EBUSY,
			"mempool %s: %" PRIu32 " of %" PRIu32 " mbufs are out: free them "
			"and close the ports that hold them first",
			mp->name, out, mp->size);
	ret = lab_share_end(mp, error);
	if (ret != 0)
		return ret;
	memory = lab_share_memory(mp);
	lab_mempool_ops_close(mp);
	rte_mempool_free(mp);
	lab_io_memory_unregister(pool);
	ret = labyrinth_pool_destroy(pool, error);
	if (ret == 0)
		lab_share_free(memory);
	return ret;
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
	struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);
	int ret = pool == NULL ? -EINVAL : lab_io_memory_dma_map(pool, device);

	if (ret != 0)
		labyrinth_fail(error, ret,
			"mempool %s: no DMA mapping (%s): check the limits of locked "
			"memory (ulimit -l) and of VFIO mappings",
			mp->name, rte_strerror(-ret));
	return ret;
}

int
labyrinth_mbuf_pool_dma_unmap(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error)
{
	struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);
	int ret = pool == NULL ? -EINVAL : lab_io_memory_dma_unmap(pool, device);

	if (ret != 0)
		labyrinth_fail(error, ret,
			"mempool %s: the DMA mapping stays (%s): close the port first",
			mp->name, rte_strerror(-ret));
	return ret;
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
