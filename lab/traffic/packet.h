/* SPDX-License-Identifier: GPL-2.0-only */
/* What the AF_PACKET tools share: a port on a device, addresses, time. */
#ifndef LAB_PACKET_H
#define LAB_PACKET_H

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lab.h"

#define FRAME_MAX	9018
#define ETHERTYPE_LAB	0x88b5	/* IEEE's local experimental EtherType 1 */

struct port {
	int fd;
	uint8_t mac[ETH_ALEN];
	struct sockaddr_ll to;
};

static inline bool parse_mac(const char *text, uint8_t *mac)
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1],
		      &mac[2], &mac[3], &mac[4], &mac[5]) == ETH_ALEN;
}

static inline void port_open(struct port *port, const char *dev, bool receive)
{
	struct ifreq ifr = {};
	int protocol = receive ? htons(ETH_P_ALL) : 0;

	port->fd = socket(AF_PACKET, SOCK_RAW, protocol);
	if (port->fd < 0)
		die("packet socket: %m");
	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", dev);
	if (ioctl(port->fd, SIOCGIFHWADDR, &ifr))
		die("%s: %m", dev);
	memcpy(port->mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);

	memset(&port->to, 0, sizeof(port->to));
	port->to.sll_family = AF_PACKET;
	port->to.sll_protocol = protocol;
	port->to.sll_ifindex = if_nametoindex(dev);
	if (bind(port->fd, (struct sockaddr *)&port->to, sizeof(port->to)))
		die("bind to %s: %m", dev);
}

static inline void address_frame(const struct port *port, uint8_t *frame,
				 const uint8_t *to, uint16_t ethertype)
{
	ethertype = htons(ethertype);
	memcpy(frame, to, ETH_ALEN);
	memcpy(frame + ETH_ALEN, port->mac, ETH_ALEN);
	memcpy(frame + 2 * ETH_ALEN, &ethertype, sizeof(ethertype));
}

/* ENOBUFS is a full transmit queue: the frame was not sent, others may be. */
static inline bool port_send(struct port *port, const uint8_t *frame,
			     size_t size)
{
	for (;;) {
		if (send(port->fd, frame, size, 0) == (ssize_t)size)
			return true;
		if (errno == ENOBUFS)
			return false;
		if (errno != EINTR)
			die("send of %zu bytes: %m", size);
	}
}

#endif /* LAB_PACKET_H */
