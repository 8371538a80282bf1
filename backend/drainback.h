/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-drainback: the dom0 side.
 *
 * Objects:
 *   port        what a device is attached to: a NIC of dom0 that it shares with
 *               others (port_nic.c), or an interface of its own, for a bridge
 *               (port_netdev.c)
 *   device      one virtual NIC of one guest, as long as xenbus knows it
 *               (xenbus.c), and its granted pages            (memory.c)
 *   connection  a device's queues between one connect and the next
 *               disconnect; built anew each time, published by RCU
 *               (connection.c)
 *   queue       an event channel, two rings, a NAPI          (queue.c)
 *
 * Data path: port_nic.c decides whose a frame is, and filter.c who wants it,
 * to_guest.c puts it into a ring, queue.c publishes and drains, rate.c says when
 * not to, to_host.c decides where a guest's frame goes. For an interface
 * port_netdev.c does the first and the last. tuning.c changes how, while it runs.
 *
 * Lock order: device->lock, rtnl_lock, a transmit queue's lock,
 * queue->produce_lock. The data path takes only the last two, and rate.lock
 * without them, and finds devices and connections under RCU.
 */
#ifndef DRAINBACK_H
#define DRAINBACK_H

#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

#define DRAIN_TRACE_SYSTEM xen_drainback

#include "../ring/linux/channel.h"
#include "../ring/linux/consume.h"
#include "../ring/linux/offers.h"
#include "../ring/linux/produce.h"
#include "../ring/linux/store.h"
#include "../ring/linux/transmit.h"
#include "../ring/tuning.h"

/*
 * What one queue may have on its way through the NIC before its draining
 * pauses. A guest's sk_buff is free as soon as its bytes are in the ring, so
 * its sockets feel no back-pressure but this. Enough to fill the descriptor
 * ring of a gigabit NIC with full frames.
 */
#define DRAINBACK_INFLIGHT_BYTES	(256 * 1024)

/* Frames are weighed in units of this; see drainback_queue.weights. */
#define DRAINBACK_WEIGHT_SHIFT		10
#define DRAINBACK_WEIGHTS		((DRAIN_FRAME_MAX_BYTES >> DRAINBACK_WEIGHT_SHIFT) + 2)

struct drainback_filter;
struct drainback_queue;
struct drainback_totals;
struct drainback_view;

/**
 * struct drainback_weight - what skb_shinfo(skb)->destructor_arg points to
 * @queue: whose frame it is
 * @bytes: what it counts for; the skb's own sizes may have changed meanwhile
 */
struct drainback_weight {
	struct drainback_queue *queue;
	u32 bytes;
};

/**
 * struct drainback_drops - frames of the guest dropped after they were drained
 * @spoofed: source address is not the device's
 * @oversize: longer than the MTU of the NIC or interface allows
 * @nic: the NIC's queue had no room, or the NIC or interface is down
 * @reserved: for the switch that the NIC is plugged into, see drainback_reserved()
 */
struct drainback_drops {
	u64_stats_t spoofed;
	u64_stats_t oversize;
	u64_stats_t nic;
	u64_stats_t reserved;
};

/**
 * struct drainback_queue - an event channel, two rings, a NAPI
 * @napi: publishes to_guest, drains to_host
 * @connection: that it belongs to
 * @device: of that connection; when it lingers this is but a number
 * @index: its number
 * @tag: the same, and the device's name, for tracepoints
 * @control_map: the guest's control page, mapped
 * @control: the same; only ring/ looks into it
 * @channel: the event channel
 * @produce_lock: serialises everything down to @timer_armed
 * @to_guest: our ring
 * @transmit: the interface's transmit queue in front of it; none on a NIC
 * @watched: limit of @to_guest when the stopped @transmit was last looked at
 * @stalled: it counts as one whose guest does not drain
 * @batch_open: frames wait for the NAPI to publish them; it looks without the lock
 * @flagged_ns: when the flag was last raised; 0: while no gap was asked for
 * @timer_armed: @timer will look after a flag that had to wait
 * @timer: backstop for a flag that no further batch comes to raise
 * @to_host: the guest's ring
 * @drops: of drained frames
 * @inflight: bytes that the NIC has not sent yet, by weight
 * @throttled: draining pauses until @inflight has fallen
 * @rate_timer: draining pauses until then for want of credit
 * @rate_served: has drained something since the last such pause
 * @weights: one for each size of frame, for the skb destructor
 * @view: its directory in sysfs
 * @lingering: when all is over but frames that the NIC still has
 */
struct drainback_queue {
	struct napi_struct napi;
	struct drainback_connection *connection;
	struct drainback_device *device;
	unsigned int index;
	struct drain_tag tag;
	struct drain_map *control_map;
	struct drain_control *control;
	struct drain_channel channel;

	spinlock_t produce_lock;
	struct drain_producer to_guest;
	struct drain_transmit transmit;
	u32 watched;
	bool stalled;
	bool batch_open;
	u64 flagged_ns;
	bool timer_armed;
	struct hrtimer timer;

	struct drain_consumer to_host;
	struct drainback_drops drops;
	atomic_t inflight;
	bool throttled;
	struct hrtimer rate_timer;
	bool rate_served;
	struct drainback_weight weights[DRAINBACK_WEIGHTS];
	struct drainback_view *view;
	struct list_head lingering;
};

/**
 * struct drainback_connection - a device's queues, from connect to disconnect
 * @device: that is connected
 * @id: the frontend's number for this connection
 * @ring_pages: of every ring
 * @broken: the guest broke the protocol; nothing is drained or produced
 * @fault_queue: where
 * @fault: how
 * @num_queues: how many
 * @queues: they
 */
struct drainback_connection {
	struct drainback_device *device;
	unsigned int id;
	unsigned int ring_pages;
	bool broken;
	unsigned int fault_queue;
	struct drain_fault fault;
	unsigned int num_queues;
	struct drainback_queue *queues[];
};

/**
 * struct drainback_memory - to_guest pages of one queue, granted to the guest
 * @held: in the list of those that a guest did not let go of
 * @num_pages: how many
 * @pages: zeroed, used for nothing else
 * @refs: their grant references, read-only
 */
struct drainback_memory {
	struct list_head held;
	unsigned int num_pages;
	struct page *pages[DRAIN_RING_PAGES_MAX];
	grant_ref_t refs[DRAIN_RING_PAGES_MAX];
};

/**
 * struct drainback_rate - what a device may still send
 * @lock: serialises the rest
 * @credit: bytes left in this interval; less than 0 is owed
 * @since: when the interval began, ktime_get_ns()
 */
struct drainback_rate {
	spinlock_t lock;
	s64 credit;
	u64 since;
};

/**
 * struct drainback_device - one virtual NIC
 * @xbdev: its xenbus device
 * @mac: the guest's address
 * @refused: it could not be set up as the toolstack asked
 * @max_queues: limit for the frontend
 * @max_ring_pages: limit for the frontend
 * @port: the NIC that it is attached to, or NULL. Under rtnl; the data path
 *	reads it under RCU
 * @nic_gone: it was attached to a NIC that does not exist any more
 * @netdev: the interface of its own that it is attached to, or NULL; longer
 *	there than any connection
 * @by_mac: in port->by_mac
 * @on_port: in port->devices
 * @tuning: values of the tuning keys that are in force
 * @tuning_watch: on the device's directory
 * @tuning_started: it is registered
 * @refused_keys: tuning keys with bad values; under @lock
 * @refusal: the last complaint about one of them; under @lock
 * @rate: what the guest may still send
 * @filter: multicast that the guest wants; NULL: all
 * @promiscuous: it gets every frame of its NIC. Changes under rtnl
 * @promisc_refused: it has asked for that, and may not
 * @filter_watch: on the guest's key
 * @filter_watched: it is registered
 * @filter_complaints: rations them
 * @filter_refused: values of that key that were bad or asked too much
 * @complaint: what is wrong with the frontend's offer
 * @last_error: what the frontend did wrong last; under @lock
 * @lock: serialises connect, disconnect, changes of our xenbus state, and
 *	reading the counters
 * @offers_paid: jiffies up to which the frontend has used up its offers
 * @offer_work: takes up an offer that had to wait
 * @messages: limit for what the frontend can make us write to the log
 * @connection: NULL when not connected
 * @memory: to_guest pages, one for each queue that ever was
 * @retired: counters of past connections
 * @not_connected: frames dropped because there was no connection
 * @protocol_errors: times that the frontend has broken the protocol
 * @fail_work: takes a broken connection down
 * @link: tells the guest about the NIC's link
 */
struct drainback_device {
	struct xenbus_device *xbdev;
	u8 mac[ETH_ALEN];
	bool refused;
	unsigned int max_queues;
	unsigned int max_ring_pages;

	struct drainback_port __rcu *port;
	bool nic_gone;
	struct net_device *netdev;
	struct hlist_node by_mac;
	struct list_head on_port;

	struct drain_tuning tuning;
	struct xenbus_watch tuning_watch;
	bool tuning_started;
	unsigned long refused_keys;
	char refusal[192];
	struct drainback_rate rate;

	struct drainback_filter __rcu *filter;
	bool promiscuous;
	bool promisc_refused;
	struct xenbus_watch filter_watch;
	bool filter_watched;
	struct ratelimit_state filter_complaints;
	atomic64_t filter_refused;

	char complaint[128];
	char last_error[128];
	struct mutex lock;
	unsigned long offers_paid;
	struct delayed_work offer_work;
	struct ratelimit_state messages;
	struct drainback_connection __rcu *connection;
	struct drainback_memory *memory[DRAIN_QUEUES_MAX];
	struct drainback_totals *retired;
	atomic64_t not_connected;
	atomic64_t protocol_errors;
	struct work_struct fail_work;
	struct drain_report link;
};

/* xenbus.c */
extern struct xenbus_driver drainback_driver;
void drainback_unregister(void);
void drainback_error_clear(struct drainback_device *device, const char *text);
void drainback_frontend_fatal(struct drainback_device *device, int err, const char *text);

/* connection.c */
__printf(2, 3) void drainback_complain(struct drainback_device *device, const char *format, ...);
int drainback_connect(struct drainback_device *device);
void drainback_disconnect(struct drainback_device *device);
void drainback_disconnect_failed(struct drainback_device *device);
void drainback_connection_fail(struct drainback_connection *connection, unsigned int queue,
			       const struct drain_fault *fault);

/* queue.c */
extern struct net_device *drainback_napi_netdev;
int drainback_queue_create(struct drainback_connection *connection, unsigned int index);
void drainback_queue_stop(struct drainback_queue *queue);
void drainback_queue_destroy(struct drainback_queue *queue);
u64 drainback_flag_delay(struct drainback_queue *queue, u64 now);
void drainback_queue_publish(struct drainback_queue *queue);
void drainback_queue_kick(struct drainback_queue *queue);
void drainback_queue_publish_locked(struct drainback_queue *queue);
void drainback_skb_sent(struct sk_buff *skb);
u32 drainback_lingering_bytes(const struct drainback_device *device);
void drainback_queue_exit(void);

/* memory.c */
int drainback_memory_get(struct drainback_device *device, unsigned int queue,
			 unsigned int ring_pages);
void drainback_memory_free(struct drainback_device *device);
void drainback_memory_exit(void);

/* port_nic.c */
int drainback_nic_attach(struct drainback_device *device, const char *nic);
void drainback_nic_detach(struct drainback_device *device);
bool drainback_nic_link(struct drainback_device *device, unsigned int *speed_mbps);
struct drainback_device *drainback_port_find(const struct drainback_port *port, const u8 *mac);
struct net_device *drainback_port_nic(const struct drainback_port *port);
void drainback_port_set_promisc(struct drainback_device *device, bool promisc);
void drainback_port_mirror(struct drainback_port *port, struct sk_buff *skb,
			   unsigned int pulled, const struct drainback_device *to);
int drainback_port_send(struct sk_buff *skb);
void drainback_port_want_vlan(struct drainback_port *port, u16 vid);
int drainback_nic_init(void);
void drainback_nic_exit(void);

/* port_netdev.c */
int drainback_netdev_attach(struct drainback_device *device);
void drainback_netdev_detach(struct drainback_device *device);
bool drainback_netdev_link(struct drainback_device *device);
void drainback_netdev_queue_start(struct drainback_queue *queue);
void drainback_netdev_connected(struct drainback_connection *connection);
void drainback_netdev_disconnected(struct drainback_device *device);
void drainback_netdev_reap(struct drainback_queue *queue);
void drainback_netdev_receive(struct drainback_queue *queue, struct sk_buff *skb);

/* filter.c */
int drainback_filter_start(struct drainback_device *device);
void drainback_filter_stop(struct drainback_device *device);
void drainback_filter_apply(struct drainback_device *device);
bool drainback_filter_wants(const struct drainback_device *device, const u8 *dest);

/* to_guest.c */
void drainback_limit_fault(struct drainback_queue *queue);
void drainback_undelivered(struct drainback_queue *queue, int err);
void drainback_to_guest(struct drainback_device *device, struct sk_buff *skb,
			unsigned int pulled);

/* to_host.c */
void drainback_to_host(struct drainback_queue *queue, struct drainback_port *port,
		       struct sk_buff *skb);
bool drainback_admit(struct drainback_queue *queue, const struct net_device *netdev,
		     struct sk_buff *skb);
void drainback_weigh(struct drainback_queue *queue, struct sk_buff *skb);

/* rate.c */
bool drainback_rate_pauses(struct drainback_queue *queue, u64 rate);
void drainback_rate_charge(struct drainback_queue *queue, unsigned int bytes);
enum hrtimer_restart drainback_rate_timer(struct hrtimer *timer);
void drainback_rate_reset(struct drainback_device *device);

/* tuning.c */
int drainback_tuning_start(struct drainback_device *device);
void drainback_tuning_stop(struct drainback_device *device);

/* statistics.c */
int drainback_statistics_create(struct drainback_device *device);
void drainback_statistics_destroy(struct drainback_device *device);
void drainback_statistics_retire(struct drainback_device *device,
				 const struct drainback_connection *connection);
int drainback_view_create(struct drainback_queue *queue);
void drainback_view_destroy(struct drainback_queue *queue);
const struct drainback_queue *drainback_view_queue(struct kobject *kobj);
u64 drainback_to_host_drops(const struct drainback_queue *queue);
unsigned int drainback_statistics_count(void);
void drainback_statistics_names(u8 *names);
void drainback_statistics_values(struct drainback_device *device, u64 *values);
void drainback_statistics_link(struct drainback_device *device, struct rtnl_link_stats64 *stats);

/* dump.c */
extern const struct attribute_group drainback_now_group;
extern struct device_attribute drainback_last_error;

#endif /* DRAINBACK_H */
