/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Pages whose parts are handed on, for use again. A page is kept in the order
 * that it was filled in, and is taken again when nobody else refers to it any
 * more: parts are let go of in about that order, so it is enough to look at the
 * oldest. That costs a look, where to give a page back to a page_pool and to
 * get it again costs 170 instructions.
 *
 * A guest's own pages come from a page_pool, to which those go that a slow
 * reader keeps. What is sent on by a backend is counted by the page's own
 * reference count: whoever segments a frame in software (skb_segment()) takes
 * such references, and a page_pool gives up a page that has them.
 */
#ifndef DRAIN_LINUX_REUSE_H
#define DRAIN_LINUX_REUSE_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "../wire.h"

/* More references than parts fit in a page; see page_pool_fragment_page(). */
#define DRAIN_PAGE_BIAS		(2 * DRAIN_PAGE_BYTES / DRAIN_ALIGN_BYTES)

/**
 * struct drain_page - a page that is filled and handed on in parts
 * @page: with one reference of ours, or DRAIN_PAGE_BIAS if of a page_pool; or
 *	NULL
 * @used: of those, given to parts
 */
struct drain_page {
	struct page *page;
	unsigned int used;
};

/**
 * struct drain_reuse - pages that are or were in use elsewhere
 * @pool: where fresh ones come from; NULL: from the page allocator
 * @size: how many to keep at most
 * @oldest: where in @pages the first to be looked at is
 * @count: how many there are
 * @pages: they
 */
struct drain_reuse {
	struct page_pool *pool;
	unsigned int size;
	unsigned int oldest;
	unsigned int count;
	struct drain_page pages[];
};

/**
 * drain_reuse_create() - begin with no pages
 * @pool: where to take them from, or NULL; the caller's, and stays so
 * @size: how many to keep at most
 *
 * Context: may sleep.
 * Return: NULL without memory.
 */
static inline struct drain_reuse *drain_reuse_create(struct page_pool *pool, unsigned int size)
{
	struct drain_reuse *reuse = kvzalloc(struct_size(reuse, pages, size), GFP_KERNEL);

	if (reuse) {
		reuse->pool = pool;
		reuse->size = size;
	}
	return reuse;
}

static inline struct drain_page drain_reuse_pop(struct drain_reuse *reuse)
{
	struct drain_page page = reuse->pages[reuse->oldest];

	if (++reuse->oldest == reuse->size)
		reuse->oldest = 0;
	reuse->count--;
	return page;
}

/* Whoever still refers to it has it from now on. */
static inline void drain_reuse_release(struct drain_reuse *reuse, struct drain_page page,
				       bool in_napi)
{
	if (!reuse->pool)
		put_page(page.page);
	else if (!page_pool_unref_page(page.page, DRAIN_PAGE_BIAS - page.used))
		page_pool_put_unrefed_page(reuse->pool, page.page, -1, in_napi);
}

/**
 * drain_reuse_destroy() - undo drain_reuse_create()
 * @reuse: nobody takes pages any more; those in use live on without us
 *
 * Context: may sleep.
 */
static inline void drain_reuse_destroy(struct drain_reuse *reuse)
{
	while (reuse->count)
		drain_reuse_release(reuse, drain_reuse_pop(reuse), false);
	kvfree(reuse);
}

/*
 * Nobody else refers to it: each gave up its reference by an atomic decrement,
 * which is a full barrier, so nobody reads the page when it is written again.
 * A part may have become a reference to the page (splice(), mmap()), which was
 * taken before the part was given up, so this is looked at last.
 */
static inline bool drain_reuse_idle(const struct drain_reuse *reuse,
				    const struct drain_page *page)
{
	if (reuse->pool && drain_page_pool_refs(page->page) != DRAIN_PAGE_BIAS - page->used)
		return false;
	/* Orders the two looks; pairs with the full barriers of the decrements. */
	smp_rmb();
	return page_ref_count(page->page) == 1;
}

/**
 * drain_reuse_get() - a page that nobody else refers to
 * @reuse: where to look first; a fresh one if the oldest is still in use
 * @page: set to it
 *
 * Context: NAPI, the same as of drain_reuse_put().
 * Return: false without memory.
 */
static inline bool drain_reuse_get(struct drain_reuse *reuse, struct drain_page *page)
{
	if (likely(reuse->count && drain_reuse_idle(reuse, &reuse->pages[reuse->oldest])))
		*page = drain_reuse_pop(reuse);
	else
		page->page = reuse->pool ? page_pool_dev_alloc_pages(reuse->pool) :
					   dev_alloc_page();
	page->used = 0;
	if (unlikely(!page->page))
		return false;
	if (reuse->pool)
		page_pool_fragment_page(page->page, DRAIN_PAGE_BIAS);
	return true;
}

/**
 * drain_reuse_part() - a part of a page is handed on
 * @reuse: that the page is of
 * @page: that has a user more
 */
static inline void drain_reuse_part(const struct drain_reuse *reuse, struct drain_page *page)
{
	if (reuse->pool)
		page->used++;
	else
		get_page(page->page);
}

/* Out of line: for each page that is handed on the rest is. */
static noinline void drain_reuse_give_up(struct drain_reuse *reuse, struct drain_page page)
{
	drain_reuse_release(reuse, page, true);
}

/**
 * drain_reuse_put() - keep a page for later
 * @reuse: where to; if it is full the oldest is given up
 * @page: written no more by us, until it is got again; others may still refer
 *	to it; becomes NULL, and may be that already
 */
static __always_inline void drain_reuse_put(struct drain_reuse *reuse, struct drain_page *page)
{
	struct drain_page kept = *page;
	unsigned int newest;

	if (!kept.page)
		return;
	page->page = NULL;
	/* The emergency reserve is not for keeping. */
	if (unlikely(page_is_pfmemalloc(kept.page))) {
		drain_reuse_give_up(reuse, kept);
		return;
	}
	if (unlikely(reuse->count == reuse->size))
		drain_reuse_give_up(reuse, drain_reuse_pop(reuse));
	newest = reuse->oldest + reuse->count++;
	reuse->pages[newest < reuse->size ? newest : newest - reuse->size] = kept;
}

/**
 * drain_reuse_carve() - a part of a page, for the head of an sk_buff
 * @reuse: where to take a page from when this one is used up
 * @page: that is carved up, or none yet
 * @offset: where in it the next part begins
 * @bytes: how long it is to be, PAGE_SIZE at most, aligned as heads are
 *
 * Context: NAPI.
 * Return: its address, or NULL without memory.
 */
static inline void *drain_reuse_carve(struct drain_reuse *reuse, struct drain_page *page,
				      unsigned int *offset, unsigned int bytes)
{
	void *part;

	if (unlikely(!page->page || *offset + bytes > PAGE_SIZE)) {
		drain_reuse_put(reuse, page);
		if (unlikely(!drain_reuse_get(reuse, page)))
			return NULL;
		*offset = 0;
	}
	part = page_address(page->page) + *offset;
	*offset += bytes;
	drain_reuse_part(reuse, page);
	return part;
}

/**
 * drain_reuse_uncarve() - undo the last drain_reuse_carve()
 * @reuse: of the page
 * @page: that was carved up
 */
static inline void drain_reuse_uncarve(const struct drain_reuse *reuse, struct drain_page *page)
{
	if (reuse->pool)
		page->used--;
	else
		put_page(page->page);
}

#endif /* DRAIN_LINUX_REUSE_H */
