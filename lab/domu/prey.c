// SPDX-License-Identifier: GPL-2.0-only
/*
 * prey: in a guest whose backends are hostile, opens each interface that comes
 * with an address of theirs (00:16:3e:77:03:XX), and sends on it all the time,
 * so that the frontend has to look at its indices and limits. Never ends.
 */
#include <dirent.h>
#include <stdio.h>

#include "../traffic/packet.h"

#define FRAME_BYTES	1514
#define FRAMES		10	/* at a time */

static bool is_prey(const char *interface)
{
	char path[300], mac[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", interface);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(mac, sizeof(mac), file))
		*mac = '\0';
	fclose(file);
	return !strncmp(mac, "00:16:3e:77:03:", 15);
}

/* It may be gone at any moment, which is nobody's fault. */
static void send_some(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(interface),
	};
	struct ifreq request = { .ifr_flags = IFF_UP };
	uint8_t frame[FRAME_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
	int sock = socket(AF_PACKET, SOCK_RAW, 0);
	int i;

	snprintf(request.ifr_name, IFNAMSIZ, "%.15s", interface);
	frame[12] = ETHERTYPE_LAB >> 8;
	frame[13] = ETHERTYPE_LAB & 0xff;
	if (sock >= 0 && !ioctl(sock, SIOCSIFFLAGS, &request) &&
	    !bind(sock, (struct sockaddr *)&address, sizeof(address)))
		for (i = 0; i < FRAMES; i++)
			if (send(sock, frame, sizeof(frame), MSG_DONTWAIT) < 0)
				break;
	close(sock);
}

int main(void)
{
	struct dirent *entry;
	DIR *interfaces;

	for (;; usleep(50000)) {
		interfaces = opendir("/sys/class/net");
		if (!interfaces)
			die("prey: /sys/class/net: %m");
		while ((entry = readdir(interfaces)))
			if (is_prey(entry->d_name))
				send_some(entry->d_name);
		closedir(interfaces);
	}
}
