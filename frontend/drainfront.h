/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-drainfront: the guest's side.
 *
 * Objects:
 *   drainfront  one virtual NIC and its netdev, as long as xenbus knows it
 *               (xenbus.c, resume.c, keys.c, netdev.c, filter.c, ethtool.c)
 *   connection  its queues between one connect and the next disconnect; built
 *               anew each time, published by RCU            (connection.c)
 *   queue       an event channel, two rings, a NAPI         (connection.c)
 *
 * Data path: to_guest.c drains into the stack, moderation.c decides how often
 * the backend may wake us, to_host.c is ndo_start_xmit and its completions.
 *
 * Lock order: rtnl_lock, a transmit queue's lock. Connections begin, end,
 * start and stop under rtnl; the data path finds them under RCU.
 */
#ifndef DRAINFRONT_H
#define DRAINFRONT_H

#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

#define DRAIN_TRACE_SYSTEM xen_drainfront

#include "../ring/linux/channel.h"
#include "../ring/linux/consume.h"
#include "../ring/linux/offers.h"
#include "../ring/linux/produce.h"
#include "../ring/linux/store.h"
#include "../ring/linux/transmit.h"
#include "../ring/tuning.h"

/**
 * struct drainfront_moderation - how often the backend may wake a queue
 * @since: start of the window that the rate is measured over, in jiffies
 * @packets: drained in it
 * @frames: in which they came
 * @busy: they came fast in the last window
 * @bulk: and were merged into large frames
 * @interactive: how sure we are that this is request and response, 0 to 8
 * @bytes: of to_guest when the last drain ended
 * @sent: packets of to_host when the last drain ended
 * @gap_usecs: what the backend has been asked for
 */
struct drainfront_moderation {
	unsigned long since;
	u64 packets;
	u64 frames;
	bool busy;
	bool bulk;
	unsigned int interactive;
	u64 bytes;
	u64 sent;
	u32 gap_usecs;
};

/**
 * struct drainfront_queue - an event channel, two rings, a NAPI
 * @napi: drains to_guest, wakes to_host
 * @connection: that it belongs to
 * @index: its number
 * @tag: the same, and the device's name, for tracepoints
 * @control: control page, ours, granted to the backend
 * @control_ref: its grant reference
 * @channel: event channel, ours, unbound until the backend binds to it
 * @cpus: that it belongs to: its interrupts, and what they send
 * @irq_name: in /proc/interrupts
 * @broken: the backend broke the protocol; nothing is drained or produced
 * @to_guest: the backend's ring
 * @discarding: frames are being dropped, until @discard_until
 * @discard_until: frames before this index came while the interface was down
 * @drop_down: how many they were
 * @pool: pages that to_guest is fetched into
 * @moderation: see there
 * @to_host: our ring
 * @transmit: the interface's transmit queue in front of it
 * @noticed: the backend's limit when it was last polled for
 * @num_pages: data pages of to_host that exist
 * @pages: they
 * @refs: their grant references, read-only
 */
struct drainfront_queue {
	struct napi_struct napi;
	struct drainfront_connection *connection;
	unsigned int index;
	struct drain_tag tag;
	struct drain_control *control;
	grant_ref_t control_ref;
	struct drain_channel channel;
	struct cpumask cpus;
	char irq_name[IFNAMSIZ + 4];
	bool broken;

	struct drain_consumer to_guest;
	bool discarding;
	u32 discard_until;
	u64_stats_t drop_down;
	struct page_pool *pool;
	struct drainfront_moderation moderation;

	struct drain_producer to_host;
	struct drain_transmit transmit;
	u32 noticed;
	unsigned int num_pages;
	struct page *pages[DRAIN_RING_PAGES_MAX];
	grant_ref_t refs[DRAIN_RING_PAGES_MAX];
};

/**
 * struct drainfront_connection - a device's queues, from connect to disconnect
 * @front: that is connected
 * @id: its number, for the backend to tell it from the one before
 * @backend: directory of the backend that it was offered to
 * @ring_pages: of every ring
 * @let_go_until: jiffies; then nobody waits any more for the backend to unmap
 * @complete: the backend is Connected too, and the rings are whole
 * @broken: the backend broke the protocol
 * @fault_queue: where it did so first
 * @fault: how
 * @num_queues: how many
 * @queues: they
 */
struct drainfront_connection {
	struct drainfront *front;
	u32 id;
	char *backend;
	unsigned int ring_pages;
	unsigned long let_go_until;
	bool complete;
	bool broken;
	unsigned int fault_queue;
	struct drain_fault fault;
	unsigned int num_queues;
	struct drainfront_queue *queues[];
};

/*
 * What is counted, summed over queues and connections, in the order and with
 * the names of "ethtool -S". What is not counted by queues comes last.
 */
struct drainfront_totals {
	u64 to_guest_upcalls;
	u64 to_guest_masked_upcalls;
	u64 to_guest_drains;
	u64 to_guest_hypercalls;
	u64 to_guest_copies;
	u64 to_guest_frames;
	u64 to_guest_bytes;
	u64 to_guest_copybreak;
	u64 to_guest_drops_malformed;
	u64 to_guest_drops_no_memory;
	u64 to_guest_drops_down;
	u64 to_host_frames;
	u64 to_host_bytes;
	u64 to_host_batches;
	u64 to_host_flags;
	u64 to_host_drops_ring_full;
	u64 to_host_drops_too_long;
	u64 to_host_drops_offload;
	u64 to_host_drops_not_connected;
	u64 protocol_errors;
};

/*
 * How long a backend that has been told to let go of a connection may take; and
 * the next time, if it did not: who waits is xenbus's thread, which serves all
 * devices.
 */
#define DRAINFRONT_PATIENCE	HZ
#define DRAINFRONT_LOST_PATIENCE	(HZ / 10)

/**
 * struct drainfront - one virtual NIC
 * @xbdev: its xenbus device
 * @netdev: its network interface
 * @connection: offered to the backend or in use; changes under rtnl
 * @live: the same once it is complete, for the data path
 * @next_id: number of the next connection
 * @max_queues: the backend's, when the last connection was offered
 * @max_ring_pages: the same
 * @queues: how many ethtool has asked for; 0: one a vCPU
 * @ring_pages: what ethtool has asked for; 0: the most
 * @retired: counters of past connections; under rtnl
 * @not_connected: frames to send that found no connection
 * @protocol_errors: times that the backend has broken the protocol
 * @messages: limit for what the backend can make us write to the log
 * @keys_watch: on the backend's directory
 * @keys_watched: it is registered
 * @speed_mbps: of the backend's link, 0 if not known
 * @tuning: values in force, set by the backend's keys or by ethtool; written
 *	under rtnl
 * @told: what the backend's keys said last
 * @fetch_work: fetches as tuned again after a suspend
 * @backend_watch: on our key that names the backend; resumes the device if
 *	that is another one now
 * @announce_work: tells the neighbours that the carrier has come
 * @offers_paid: jiffies up to which the backend has used up its offers
 * @offer_work: makes an offer that had to wait; never runs while the xenbus
 *	thread answers the backend or resumes the device
 * @patience: jiffies that a backend may take to let go of a connection
 * @filter: tells the backend what the interface wants to receive
 * @fail_work: takes a broken connection down
 * @refusal: what was said of a backend with which there can be no connection;
 *	empty since the last offer
 */
struct drainfront {
	struct xenbus_device *xbdev;
	struct net_device *netdev;
	struct drainfront_connection *connection;
	struct drainfront_connection __rcu *live;
	u32 next_id;
	unsigned int max_queues;
	unsigned int max_ring_pages;
	unsigned int queues;
	unsigned int ring_pages;
	struct drainfront_totals retired;
	atomic64_t not_connected;
	atomic64_t protocol_errors;
	struct ratelimit_state messages;

	struct xenbus_watch keys_watch;
	bool keys_watched;
	unsigned int speed_mbps;

	struct drain_tuning tuning;
	struct drain_tuning told;
	struct work_struct fetch_work;

	struct xenbus_watch backend_watch;
	struct delayed_work announce_work;

	unsigned long offers_paid;
	struct delayed_work offer_work;

	unsigned long patience;

	struct drain_report filter;
	struct work_struct fail_work;
	struct drain_fault refusal;
};

/* xenbus.c */
extern struct xenbus_driver drainfront_driver;
__printf(3, 4) void drainfront_fatal(struct drainfront *front, int err, const char *format, ...);

/* resume.c */
int drainfront_suspend(struct xenbus_device *xbdev);
int drainfront_resume(struct xenbus_device *xbdev);
int drainfront_follow_start(struct drainfront *front);
void drainfront_follow_stop(struct drainfront *front);
void drainfront_announce(struct drainfront *front);

/* keys.c */
void drainfront_keys_watch(struct drainfront *front);
void drainfront_keys_unwatch(struct drainfront *front);

/* netdev.c */
struct net_device *drainfront_netdev_create(struct xenbus_device *xbdev);
unsigned int drainfront_mtu_max(unsigned int ring_pages);
void drainfront_netdev_size(struct drainfront *front);
void drainfront_totals(struct drainfront *front, struct drainfront_totals *totals);
void drainfront_queue_totals(struct drainfront *front, unsigned int queue,
			     struct drainfront_totals *totals);
void drainfront_totals_retire(struct drainfront *front);

/* filter.c */
void drainfront_filter_init(struct drainfront *front);
void drainfront_filter_write(struct drainfront *front);
void drainfront_filter_exit(struct drainfront *front);

/* ethtool.c */
extern const struct ethtool_ops drainfront_ethtool_ops;

/* connection.c */
int drainfront_offer(struct drainfront *front);
bool drainfront_renew(struct drainfront *front);
int drainfront_complete(struct drainfront *front);
int drainfront_reconnect(struct drainfront *front, struct netlink_ext_ack *extack);
void drainfront_withdraw(struct drainfront *front, enum xenbus_state state);
void drainfront_disconnect_failed(struct drainfront *front);
void drainfront_start(struct drainfront *front);
void drainfront_stop(struct drainfront *front);
void drainfront_apply_fetch(struct drainfront *front);
void drainfront_unmap(struct drainfront *front);
void drainfront_fail(struct drainfront_queue *queue, const struct drain_fault *fault);

/* to_guest.c */
int drainfront_poll(struct napi_struct *napi, int budget);

/* to_host.c */
netdev_tx_t drainfront_xmit(struct sk_buff *skb, struct net_device *netdev);
void drainfront_reap(struct drainfront_queue *queue, bool netpoll);
void drainfront_to_host_init(struct drainfront_queue *queue);
void drainfront_to_host_start(struct drainfront_queue *queue);

/* moderation.c */
void drainfront_moderate(struct drainfront_queue *queue, unsigned int frames);

#endif /* DRAINFRONT_H */
