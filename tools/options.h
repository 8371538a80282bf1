/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_OPTIONS_H
#define XENDRAIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "tuning.h"

#define MAC_BYTES 6
#define MAC_TEXT_BYTES sizeof("00:00:00:00:00:00")
#define NIC_NAME_BYTES 16	/* the kernel's IFNAMSIZ */

#define MTU_MIN 68
#define MTU_DEFAULT 1500
#define MTU_MAX 65521
#define QUEUES_MIN 1
#define QUEUES_MAX 16
#define RING_PAGES_MIN 8
#define RING_PAGES_MAX 256
#define HANDLE_MAX 255

#define BRIDGE_BYTES 64		/* Open vSwitch takes BRIDGE.VLAN:TRUNKS */
#define SCRIPT_BYTES 128
#define ADDRESSES_BYTES 128

/*
 * A device as the user describes it: nic=eth0,mac=...,mtu=... or, for one with
 * an interface in dom0, bridge=... and what else vifs have. "" is not given.
 */
struct attach_options {
	char nic[NIC_NAME_BYTES];
	char bridge[BRIDGE_BYTES];
	char script[SCRIPT_BYTES];
	char vifname[NIC_NAME_BYTES];
	char ip[ADDRESSES_BYTES];
	char gatewaydev[NIC_NAME_BYTES];
	bool has_mac;
	uint8_t mac[MAC_BYTES];
	unsigned int mtu;		/* 0: not given, take the NIC's or bridge's */
	unsigned int queues;		/* 0: not given, the drivers choose */
	unsigned int ring_pages;	/* 0: not given, the drivers choose */
	int handle;			/* -1: not given, take the lowest free one */
	struct tuning tuning;
};

/**
 * attach_options_parse() - read a device's description
 * @text: comma-separated KEY=VALUE, a blank after a comma does not matter
 * @options: filled in whole; undefined after an error
 * @failure: says which value is wrong and what is allowed
 *
 * Touches nothing but its arguments: whether the NIC exists is not asked here.
 *
 * Return: 0 or FAILURE_INPUT.
 */
int attach_options_parse(const char *text, struct attach_options *options,
			 struct failure *failure);

/* Decimal digits alone, no sign, no blank, within 32 bits. */
bool number_parse(const char *text, unsigned int *value);

/* Six pairs of hexadecimal digits with colons between them. */
bool mac_parse(const char *text, uint8_t mac[MAC_BYTES]);

/* Neither a group address nor all zero: one that a device may own. */
bool mac_is_usable(const uint8_t mac[MAC_BYTES]);

void mac_format(const uint8_t mac[MAC_BYTES], char text[MAC_TEXT_BYTES]);

/**
 * mac_derive() - an address in Xen's range 00:16:3e
 * @domain_name: the guest's name, which outlives its domain id
 * @handle: the device's number in that guest
 * @attempt: 0, or one more each time the last result was taken
 * @mac: the result, always the same for the same arguments
 */
void mac_derive(const char *domain_name, unsigned int handle, unsigned int attempt,
		uint8_t mac[MAC_BYTES]);

#endif
