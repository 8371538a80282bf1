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

/*
 * What a guest maps that is gone, or will not let go. The kernel's own list of
 * such pages looks at ten a second: guests that reboot would fill it faster.
 */
static LIST_HEAD(drainback_held);
static DEFINE_MUTEX(drainback_held_lock);

static void drainback_memory_retry(struct work_struct *work);
static DECLARE_DELAYED_WORK(drainback_held_work, drainback_memory_retry);

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

/* Returns true if that was all of it. */
static bool drainback_memory_release(struct drainback_memory *memory)
{
	unsigned int i, left = 0;

	for (i = 0; i < memory->num_pages; i++) {
		if (gnttab_try_end_foreign_access(memory->refs[i])) {
			put_page(memory->pages[i]);
			continue;
		}
		memory->refs[left] = memory->refs[i];
		memory->pages[left++] = memory->pages[i];
	}
	memory->num_pages = left;
	return !left;
}

static struct drainback_memory *drainback_memory_take(struct list_head *list)
{
	struct drainback_memory *memory = list_first_entry(list, struct drainback_memory, held);

	list_del(&memory->held);
	return memory;
}

static void drainback_memory_retry(struct work_struct *work)
{
	struct drainback_memory *memory;
	LIST_HEAD(tried);

	mutex_lock(&drainback_held_lock);
	list_splice_init(&drainback_held, &tried);
	while (!list_empty(&tried)) {
		memory = drainback_memory_take(&tried);
		if (drainback_memory_release(memory))
			kvfree(memory);
		else
			list_add_tail(&memory->held, &drainback_held);
	}
	if (!list_empty(&drainback_held))
		schedule_delayed_work(&drainback_held_work, HZ);
	mutex_unlock(&drainback_held_lock);
}

static void drainback_memory_hold(struct drainback_memory *memory)
{
	mutex_lock(&drainback_held_lock);
	list_add_tail(&memory->held, &drainback_held);
	mutex_unlock(&drainback_held_lock);
	schedule_delayed_work(&drainback_held_work, HZ);
}

/**
 * drainback_memory_exit() - leave what guests still map to the kernel
 *
 * Context: may sleep; no device is left.
 */
void drainback_memory_exit(void)
{
	struct drainback_memory *memory;
	unsigned int i;

	cancel_delayed_work_sync(&drainback_held_work);
	while (!list_empty(&drainback_held)) {
		memory = drainback_memory_take(&drainback_held);
		for (i = 0; i < memory->num_pages; i++)
			gnttab_end_foreign_access(memory->refs[i], memory->pages[i]);
		kvfree(memory);
	}
}

/**
 * drainback_memory_free() - give up all pages of a device
 * @device: that goes away for good
 *
 * A page that the guest still maps is given up when it does not any more.
 *
 * Context: may sleep.
 */
void drainback_memory_free(struct drainback_device *device)
{
	struct drainback_memory *memory;
	unsigned int queue;

	for (queue = 0; queue < DRAIN_QUEUES_MAX; queue++) {
		memory = device->memory[queue];
		if (!memory)
			continue;
		device->memory[queue] = NULL;
		if (drainback_memory_release(memory))
			kvfree(memory);
		else
			drainback_memory_hold(memory);
	}
}
