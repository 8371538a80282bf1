# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the world, dom0 and a guest reach each other over IPv4
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
for far in world dom0; do
	ping_ok $far u1
	ping_ok u1 $far
done
ping_ok world dom0
# A frame of full size, and one that has to be fragmented.
on world ping -q -c 3 -i 0.1 -M 'do' -s 1472 "$(ip4_of u1)" >/dev/null || fail "no ping of 1500 bytes"
on world ping -q -c 3 -i 0.1 -s 20000 "$(ip4_of u1)" >/dev/null || fail "no ping in fragments"
