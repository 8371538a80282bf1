/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What both drivers write into a device's own directory of xenstore, and read in
 * the other end's, where xenbus keeps an error to itself.
 */
#ifndef DRAIN_LINUX_STORE_H
#define DRAIN_LINUX_STORE_H

#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <xen/xenbus.h>

/**
 * drain_store_text() - write a key into a device's directory, if it is there
 * @xbdev: whose
 * @key: node
 * @value: its value
 *
 * Just to write would bring back a directory that the toolstack has removed.
 *
 * Context: may sleep.
 * Return: 0, -ENOENT if there is no such device any more, or another error.
 */
static inline int drain_store_text(const struct xenbus_device *xbdev, const char *key,
				   const char *value)
{
	struct xenbus_transaction xbt;
	int err, end, state;

	do {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;
		err = xenbus_scanf(xbt, xbdev->nodename, "state", "%d", &state);
		if (err > 0)
			err = xenbus_write(xbt, xbdev->nodename, key, value);
		end = xenbus_transaction_end(xbt, err);
	} while (end == -EAGAIN);
	return err ?: end;
}

/**
 * drain_store_number() - drain_store_text() for a number
 * @xbdev: whose
 * @key: node
 * @value: its value
 *
 * Context: may sleep.
 * Return: as drain_store_text().
 */
static inline int drain_store_number(const struct xenbus_device *xbdev, const char *key,
				     unsigned int value)
{
	char text[sizeof("4294967295")];

	sprintf(text, "%u", value);
	return drain_store_text(xbdev, key, text);
}

/**
 * struct drain_report - what the other end is told each time that it changes
 * @work: writes it into the device's directory
 * @late: it could not, and has said so
 */
struct drain_report {
	struct delayed_work work;
	bool late;
};

/**
 * drain_report_soon() - it has changed
 * @report: whose work has been initialised
 *
 * Context: any.
 */
static inline void drain_report_soon(struct drain_report *report)
{
	mod_delayed_work(system_wq, &report->work, 0);
}

/**
 * drain_report_written() - a report has been written, or is to be tried again
 * @report: which
 * @xbdev: whose
 * @what: it says, for the log, which hears once that it is late
 * @err: what writing it returned
 *
 * Until it is there, the other end goes by what it was told before.
 *
 * Context: any.
 */
static inline void drain_report_written(struct drain_report *report,
					struct xenbus_device *xbdev, const char *what, int err)
{
	/* Without a device's directory there is nobody to be told. */
	bool late = err && err != -ENOENT;

	if (late && !report->late)
		dev_warn(&xbdev->dev, "cannot write %s (%pe), will try again\n", what,
			 ERR_PTR(err));
	report->late = late;
	if (late)
		schedule_delayed_work(&report->work, HZ);
}

/**
 * drain_switch_state() - tell the other end of a device's new state
 * @xbdev: the device
 * @state: that it is in now
 *
 * xenbus_switch_state() takes a state for written that it had no memory to look
 * up before, and the other end would wait for ever. Here as there a device whose
 * state cannot be written is closed, with an error.
 *
 * Context: may sleep.
 */
static inline void drain_switch_state(struct xenbus_device *xbdev, enum xenbus_state state)
{
	int err;

	if (state == xbdev->state)
		return;
	err = drain_store_number(xbdev, "state", state);
	/* The node has gone, and with it whoever would read it. */
	if (!err || err == -ENOENT)
		xbdev->state = state;
	else
		xenbus_dev_fatal(xbdev, err, "switching to state %s", xenbus_strstate(state));
}

/**
 * drain_read_number() - read a key that the other end has written
 * @directory: where in xenstore
 * @key: its name
 * @value: set to what it says
 *
 * Not xenbus_scanf(), which takes 4294967304 for 8.
 *
 * Context: may sleep.
 * Return: 0, or what is wrong: no key, no number, or one of more than 32 bits.
 */
static inline int drain_read_number(const char *directory, const char *key, unsigned int *value)
{
	char *text = xenbus_read(XBT_NIL, directory, key, NULL);
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);
	err = kstrtouint(text, 10, value);
	kfree(text);
	return err;
}

/**
 * drain_read_connection() - the number of the other end's connection
 * @directory: the other end's
 * @id: set to it, or to 0 if there is none
 *
 * Who took a number that could not be read for 0 would wait for another for ever.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
static inline int drain_read_connection(const char *directory, u32 *id)
{
	int err = drain_read_number(directory, "connection", id);

	if (err)
		*id = 0;
	return err == -ENOMEM ? err : 0;
}

#endif /* DRAIN_LINUX_STORE_H */
