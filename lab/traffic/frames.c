// SPDX-License-Identifier: GPL-2.0-only
/*
 * frames send|recv: frames of every size with seeded random payload, compared
 * byte by byte where they arrive. Each frame says its size and its copy's
 * number, so a loss is told from a corruption and from a duplicate.
 */
#include <getopt.h>
#include <poll.h>

#include "packet.h"

#define TAG_BYTES	4
#define PAYLOAD_AT	(ETH_HLEN + 8)	/* size and copy number come first */

struct options {
	const char *dev;
	uint8_t mac[ETH_ALEN];
	unsigned int from, to, step, copies;
	unsigned int pace_us, timeout_ms;
	uint64_t seed;
	int vlan;
};

struct verdict {
	unsigned int intact, missing, corrupt, duplicate;
};

static const char usage[] =
"frames send -d DEV [-m MAC] [-f FROM] [-t TO] [-s STEP] [-n COPIES]\n"
"            [-p PACE_US] [-S SEED] [-v VLAN]\n"
"frames recv -d DEV [-m MAC] [-f FROM] [-t TO] [-s STEP] [-n COPIES]\n"
"            [-w TIMEOUT_MS] [-S SEED] [-v VLAN]\n"
"Sizes are without FCS and without the VLAN tag. The receiver gives up\n"
"TIMEOUT_MS after the last frame; it exits 1 unless all came, once, intact.";

static void put_word(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static uint32_t get_word(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

/* The part of a frame that follows the addresses and EtherType. */
static void fill_frame(uint8_t *frame, const struct options *o,
		       unsigned int size, unsigned int copy)
{
	uint64_t state = o->seed ^ ((uint64_t)size << 32) ^ copy;

	put_word(frame + ETH_HLEN, size);
	put_word(frame + ETH_HLEN + 4, copy);
	random_fill(&state, frame + PAYLOAD_AT, size - PAYLOAD_AT);
}

static unsigned int insert_tag(uint8_t *frame, unsigned int size, int vlan)
{
	memmove(frame + 2 * ETH_ALEN + TAG_BYTES, frame + 2 * ETH_ALEN,
		size - 2 * ETH_ALEN);
	put_word(frame + 2 * ETH_ALEN, ETH_P_8021Q << 16 | vlan);
	return size + TAG_BYTES;
}

static void send_one(struct port *port, const struct options *o,
		     unsigned int size, unsigned int copy)
{
	uint8_t frame[FRAME_MAX + TAG_BYTES];
	unsigned int bytes = size;

	address_frame(port, frame, o->mac, ETHERTYPE_LAB);
	fill_frame(frame, o, size, copy);
	if (o->vlan >= 0)
		bytes = insert_tag(frame, size, o->vlan);
	while (!port_send(port, frame, bytes))
		usleep(1000);
	if (o->pace_us)
		usleep(o->pace_us);
}

static int send_frames(struct port *port, const struct options *o)
{
	unsigned int size, copy, sent = 0;

	for (copy = 0; copy < o->copies; copy++)
		for (size = o->from; size <= o->to; size += o->step, sent++)
			send_one(port, o, size, copy);
	printf("sent %u\n", sent);
	return 0;
}

/*
 * A frame's tag arrives beside it (the kernel strips it into the auxiliary
 * data) or, from a device without VLAN acceleration, inside it.
 */
static ssize_t receive_one(struct port *port, uint8_t *frame, int *vlan)
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec iov = { frame, FRAME_MAX + TAG_BYTES };
	struct tpacket_auxdata *aux;
	struct sockaddr_ll from;
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t bytes;

	*vlan = -1;
	bytes = recvmsg(port->fd, &msg, 0);
	if (bytes < 0)
		die("recv: %m");
	if (from.sll_pkttype == PACKET_OUTGOING)
		return 0;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		aux = (struct tpacket_auxdata *)CMSG_DATA(cmsg);
		if (cmsg->cmsg_type == PACKET_AUXDATA &&
		    aux->tp_status & TP_STATUS_VLAN_VALID)
			*vlan = aux->tp_vlan_tci & 0xfff;
	}
	if (bytes > ETH_HLEN + TAG_BYTES && *vlan < 0 &&
	    get_word(frame + 2 * ETH_ALEN) >> 16 == ETH_P_8021Q) {
		*vlan = get_word(frame + 2 * ETH_ALEN) & 0xfff;
		bytes -= TAG_BYTES;
		memmove(frame + 2 * ETH_ALEN,
			frame + 2 * ETH_ALEN + TAG_BYTES, bytes - 2 * ETH_ALEN);
	}
	return bytes;
}

static unsigned int slot_of(const struct options *o, unsigned int size,
			    unsigned int copy)
{
	unsigned int sizes = (o->to - o->from) / o->step + 1;

	return copy * sizes + (size - o->from) / o->step;
}

static void judge_one(const struct options *o, struct verdict *v,
		      uint8_t *seen, const uint8_t *frame, size_t bytes)
{
	uint8_t expected[FRAME_MAX + TAG_BYTES];
	unsigned int size = get_word(frame + ETH_HLEN);
	unsigned int copy = get_word(frame + ETH_HLEN + 4);

	if (size < o->from || size > o->to || copy >= o->copies ||
	    (size - o->from) % o->step) {
		v->corrupt++;
		return;
	}
	fill_frame(expected, o, size, copy);
	/* Short frames may arrive padded to the Ethernet minimum. */
	if (bytes < size || (bytes > size && bytes > ETH_ZLEN) ||
	    memcmp(frame, o->mac, ETH_ALEN) ||
	    memcmp(frame + ETH_HLEN, expected + ETH_HLEN, size - ETH_HLEN)) {
		printf("corrupt: size %u copy %u arrived as %zu bytes\n",
		       size, copy, bytes);
		v->corrupt++;
		return;
	}
	if (seen[slot_of(o, size, copy)]++)
		v->duplicate++;
	else
		v->intact++;
}

static void report_missing(const struct options *o, struct verdict *v,
			   const uint8_t *seen)
{
	unsigned int size, copy;

	for (copy = 0; copy < o->copies; copy++)
		for (size = o->from; size <= o->to; size += o->step)
			if (!seen[slot_of(o, size, copy)] && v->missing++ < 20)
				printf("missing: size %u copy %u\n", size, copy);
}

static bool is_ours(const uint8_t *frame, ssize_t bytes)
{
	uint16_t ethertype;

	if (bytes < PAYLOAD_AT)
		return false;
	memcpy(&ethertype, frame + 2 * ETH_ALEN, sizeof(ethertype));
	return ethertype == htons(ETHERTYPE_LAB);
}

static int receive_frames(struct port *port, const struct options *o)
{
	unsigned int expected = slot_of(o, o->to, o->copies - 1) + 1;
	uint8_t *seen = calloc(expected, 1);
	struct pollfd pollfd = { port->fd, POLLIN, 0 };
	uint8_t frame[FRAME_MAX + TAG_BYTES];
	struct verdict v = {};
	ssize_t bytes;
	int vlan;

	if (!seen)
		die("no memory");
	while (v.intact < expected && poll(&pollfd, 1, o->timeout_ms) > 0) {
		bytes = receive_one(port, frame, &vlan);
		if (is_ours(frame, bytes) && vlan == o->vlan)
			judge_one(o, &v, seen, frame, bytes);
	}
	report_missing(o, &v, seen);
	printf("intact %u missing %u corrupt %u duplicate %u\n",
	       v.intact, v.missing, v.corrupt, v.duplicate);
	free(seen);
	return v.missing || v.corrupt || v.duplicate;
}

static void prepare_receiver(struct port *port)
{
	int on = 1, bytes = 32 << 20;

	setsockopt(port->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on));
	setsockopt(port->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	/* The caller starts its sender when it has read this line. */
	puts("ready");
	fflush(stdout);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "d:m:f:t:s:n:p:w:S:v:")) != -1) {
		switch (c) {
		case 'd':
			o->dev = optarg;
			break;
		case 'm':
			if (!parse_mac(optarg, o->mac))
				die("%s is not a MAC address", optarg);
			break;
		case 'f':
			o->from = atoi(optarg);
			break;
		case 't':
			o->to = atoi(optarg);
			break;
		case 's':
			o->step = atoi(optarg);
			break;
		case 'n':
			o->copies = atoi(optarg);
			break;
		case 'p':
			o->pace_us = atoi(optarg);
			break;
		case 'w':
			o->timeout_ms = atoi(optarg);
			break;
		case 'S':
			o->seed = strtoull(optarg, NULL, 0);
			break;
		case 'v':
			o->vlan = atoi(optarg);
			break;
		default:
			die("%s", usage);
		}
	}
	if (!o->dev || !o->step || !o->copies || o->from > o->to ||
	    o->from < PAYLOAD_AT || o->to > FRAME_MAX)
		die("%s", usage);
}

int main(int argc, char **argv)
{
	static const uint8_t nobody[ETH_ALEN];
	struct options o = {
		.from = 60, .to = 1514, .step = 1, .copies = 1, .pace_us = 200,
		.timeout_ms = 3000, .seed = 1, .vlan = -1,
	};
	bool receive = argc > 1 && !strcmp(argv[1], "recv");
	struct port port;

	if (argc < 2 || (!receive && strcmp(argv[1], "send")))
		die("%s", usage);
	parse_options(argc - 1, argv + 1, &o);
	port_open(&port, o.dev, receive);
	if (receive && !memcmp(o.mac, nobody, ETH_ALEN))
		memcpy(o.mac, port.mac, ETH_ALEN);
	if (!receive)
		return send_frames(&port, &o);
	prepare_receiver(&port);
	return receive_frames(&port, &o);
}
