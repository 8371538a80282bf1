# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: IPv6 works: neighbour discovery, ping, link-local, TCP with all offloads
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

discovered() { # PLACE OF
	on "$1" ip -6 neigh show "$(ip6_of "$2")" dev "$(dev_of "$1")" | grep -q "lladdr $(mac_of "$2")"
}

have_guest u1
for far in world dom0; do
	on $far ip -6 neigh flush dev "$(dev_of $far)"
	guest_run u1 ip -6 neigh flush dev "$DEV"
	ping_ok $far u1 "$(ip6_of u1)"
	discovered $far u1 || fail "$far has not learned the guest's address"
	ping_ok u1 $far "$(ip6_of $far)"
	discovered u1 $far || fail "the guest has not learned the address of $far"
	stream_ok $far u1 20 "$(ip6_of u1)"
	stream_ok u1 $far 20 "$(ip6_of $far)"
done
link_local=$(guest_run u1 ip -6 -o address show dev "$DEV" scope link | awk '{ print $4 }')
on world ping -q -c 3 -i 0.1 "${link_local%/*}%eth1" >/dev/null || fail "no ping to ${link_local%/*}"
