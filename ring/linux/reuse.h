/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Pages whose parts are sent on, for use again. Whoever segments a frame in
 * software (skb_segment()) takes references of its own to the pages, and a
 * page_pool gives up a page that others refer to. Here a page is kept in the
 * order that it was handed out in, with the reference that we have, and is
 * taken again when that is the only one left: what leaves through a NIC comes
 * back in about that order.
 */
#ifndef DRAIN_LINUX_REUSE_H
#define DRAIN_LINUX_REUSE_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

/**
 * struct drain_reuse - pages that are or were in use elsewhere
 * @size: how many at most
 * @oldest: where in @pages the first to be looked at is
 * @count: how many there are
 * @pages: they, a reference each
 */
struct drain_reuse {
	unsigned int size;
	unsigned int oldest;
	unsigned int count;
	struct page *pages[];
};

/**
 * drain_reuse_create() - begin with no pages
 * @size: how many to keep at most
 *
 * Context: may sleep.
 * Return: NULL without memory.
 */
static inline struct drain_reuse *drain_reuse_create(unsigned int size)
{
	struct drain_reuse *reuse = kvzalloc(struct_size(reuse, pages, size), GFP_KERNEL);

	if (reuse)
		reuse->size = size;
	return reuse;
}

static inline struct page *drain_reuse_pop(struct drain_reuse *reuse)
{
	struct page *page = reuse->pages[reuse->oldest];

	if (++reuse->oldest == reuse->size)
		reuse->oldest = 0;
	reuse->count--;
	return page;
}

/**
 * drain_reuse_destroy() - undo drain_reuse_create()
 * @reuse: nobody takes pages any more; those in use live on without us
 */
static inline void drain_reuse_destroy(struct drain_reuse *reuse)
{
	while (reuse->count)
		put_page(drain_reuse_pop(reuse));
	kvfree(reuse);
}

/**
 * drain_reuse_get() - a page that nobody else refers to
 * @reuse: where to look first; a fresh one if the oldest is still in use
 *
 * The count is 1 only after the last user's atomic decrement, which is a full
 * barrier: nobody reads the page any more when it is written again.
 *
 * Context: NAPI, the same as of drain_reuse_put().
 * Return: the page, with one reference, or NULL.
 */
static inline struct page *drain_reuse_get(struct drain_reuse *reuse)
{
	if (reuse->count && page_ref_count(reuse->pages[reuse->oldest]) == 1)
		return drain_reuse_pop(reuse);
	return dev_alloc_page();
}

/**
 * drain_reuse_put() - keep a page for later
 * @reuse: where to; if it is full the oldest is given up
 * @page: written no more by us, until it is got again; others may still refer
 *	to it
 */
static inline void drain_reuse_put(struct drain_reuse *reuse, struct page *page)
{
	unsigned int newest;

	/* The emergency reserve is not for keeping. */
	if (unlikely(page_is_pfmemalloc(page))) {
		put_page(page);
		return;
	}
	if (unlikely(reuse->count == reuse->size))
		put_page(drain_reuse_pop(reuse));
	newest = reuse->oldest + reuse->count++;
	reuse->pages[newest < reuse->size ? newest : newest - reuse->size] = page;
}

#endif /* DRAIN_LINUX_REUSE_H */
