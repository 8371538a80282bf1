/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Pages of the peer, mapped once per connection: a queue's control block, and
 * the data pages of a consumer that may map them. Those are still copied from,
 * never handed on: the peer can change them at any time.
 *
 * Not by xenbus_map_ring_valloc(), which takes 16 pages at most, and ends the
 * device by itself if a grant cannot be mapped.
 */
#ifndef DRAIN_LINUX_MAP_H
#define DRAIN_LINUX_MAP_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/grant_table.h>

#include "../wire.h"
#include "fault.h"

/**
 * struct drain_map - mapped pages
 * @num_pages: how many
 * @flags: GNTMAP_*
 * @pages: page structures that the mappings stand on
 * @ops: how each was mapped
 */
struct drain_map {
	unsigned int num_pages;
	u32 flags;
	struct page *pages[DRAIN_RING_PAGES_MAX];
	struct gnttab_map_grant_ref ops[DRAIN_RING_PAGES_MAX];
};

/**
 * drain_map_page() - where a page is mapped
 * @map: the mapping
 * @page: its number
 */
static inline void *drain_map_page(const struct drain_map *map, unsigned int page)
{
	return page_address(map->pages[page]);
}

static inline int drain_map_pages(struct drain_map *map, const grant_ref_t *refs, domid_t peer,
				  struct drain_fault *fault)
{
	unsigned int i;
	int err;

	/* gnttab_set_map_op() presets the status to one that is not success. */
	for (i = 0; i < map->num_pages; i++)
		gnttab_set_map_op(&map->ops[i], (unsigned long)page_address(map->pages[i]),
				  map->flags, refs[i], peer);
	err = gnttab_map_refs(map->ops, NULL, map->pages, map->num_pages);
	/* Each has a status of its own (XSA-362). */
	for (i = 0; !err && i < map->num_pages; i++)
		if (map->ops[i].status != GNTST_okay)
			err = drain_fault(fault, "mapping grant reference %u: status %d", refs[i],
					  map->ops[i].status);
	return err;
}

/* One by one, as some may not have been mapped; it happens once a connection. */
static inline void drain_unmap_pages(struct drain_map *map)
{
	struct gnttab_unmap_grant_ref op;
	unsigned int i;

	for (i = 0; i < map->num_pages; i++) {
		if (map->ops[i].status != GNTST_okay)
			continue;
		gnttab_set_unmap_op(&op, (unsigned long)page_address(map->pages[i]),
				    map->flags, map->ops[i].handle);
		gnttab_unmap_refs(&op, NULL, &map->pages[i], 1);
	}
}

/**
 * drain_map_create() - map pages
 * @refs: their grant references
 * @num_pages: how many, DRAIN_RING_PAGES_MAX at most
 * @peer: domain that granted them
 * @flags: GNTMAP_readonly or 0
 * @fault: set on error
 *
 * Context: may sleep.
 * Return: the mapping, or an ERR_PTR: -ENOMEM, or -EPROTO if a grant cannot be
 * mapped.
 */
static inline struct drain_map *drain_map_create(const grant_ref_t *refs,
						 unsigned int num_pages, domid_t peer,
						 u32 flags, struct drain_fault *fault)
{
	struct drain_map *map = kvzalloc(sizeof(*map), GFP_KERNEL);
	int err = -ENOMEM;

	drain_fault(fault, "out of memory");
	if (!map)
		return ERR_PTR(err);
	if (gnttab_alloc_pages(num_pages, map->pages))
		goto free_map;
	map->num_pages = num_pages;
	map->flags = GNTMAP_host_map | flags;
	err = drain_map_pages(map, refs, peer, fault);
	if (err)
		goto unmap_pages;
	return map;

unmap_pages:
	drain_unmap_pages(map);
	gnttab_free_pages(num_pages, map->pages);
free_map:
	kvfree(map);
	return ERR_PTR(err);
}

/**
 * drain_map_destroy() - undo drain_map_create()
 * @map: nobody reads from it any more
 *
 * Context: may sleep.
 */
static inline void drain_map_destroy(struct drain_map *map)
{
	drain_unmap_pages(map);
	gnttab_free_pages(map->num_pages, map->pages);
	kvfree(map);
}

#endif /* DRAIN_LINUX_MAP_H */
