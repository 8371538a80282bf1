// SPDX-License-Identifier: GPL-2.0-only
/*
 * The to_guest pages of a device: zeroed, used for nothing else (XSA-403), and
 * granted to the guest read-only.
 *
 * They belong to the device and not to a connection, and only ever grow: a
 * guest may map a page and hold it, so giving pages up at every disconnect
 * would let a guest that reconnects in a loop pile them up in dom0.
 */
#include "drainback.h"

static int drainback_memory_grow(struct drainback_device *device,
				 struct drainback_memory *memory)
{
	unsigned int i = memory->num_pages;
	struct page *page;
	int ref;

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	ref = gnttab_grant_foreign_access(device->xbdev->otherend_id, xen_page_to_gfn(page), 1);
	if (ref < 0) {
		__free_page(page);
		return ref;
	}
	memory->pages[i] = page;
	memory->refs[i] = ref;
	memory->num_pages++;
	return 0;
}

/**
 * drainback_memory_get() - have enough pages for a queue's to_guest ring
 * @device: whose
 * @queue: number of the queue
 * @ring_pages: how many are needed
 *
 * Context: may sleep; under device->lock.
 * Return: 0, -ENOMEM, or -ENOSPC if dom0 has no grant references left.
 */
int drainback_memory_get(struct drainback_device *device, unsigned int queue,
			 unsigned int ring_pages)
{
	struct drainback_memory *memory = device->memory[queue];
	int err;

	lockdep_assert_held(&device->lock);
	if (!memory) {
		memory = kvzalloc(sizeof(*memory), GFP_KERNEL);
		if (!memory)
			return -ENOMEM;
		device->memory[queue] = memory;
	}
	while (memory->num_pages < ring_pages) {
		err = drainback_memory_grow(device, memory);
		if (err)
			return err;
	}
	return 0;
}

/**
 * drainback_memory_free() - give up all pages of a device
 * @device: that goes away for good
 *
 * A page that the guest still maps goes to the kernel's deferred release.
 *
 * Context: may sleep.
 */
void drainback_memory_free(struct drainback_device *device)
{
	struct drainback_memory *memory;
	unsigned int queue, i;

	for (queue = 0; queue < DRAIN_QUEUES_MAX; queue++) {
		memory = device->memory[queue];
		if (!memory)
			continue;
		for (i = 0; i < memory->num_pages; i++)
			gnttab_end_foreign_access(memory->refs[i], memory->pages[i]);
		kvfree(memory);
		device->memory[queue] = NULL;
	}
}
