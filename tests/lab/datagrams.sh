# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: datagrams come in their order, long ones too, and merged for the socket that asks for it and no other
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

count=3000 received=0 twice=0 late=0 behind=0

take() { # SIZE RATE [merged]
	guest_run u1 rm -f /tmp/background
	guest_bg u1 "udp recv 7000 $count $((4000 * LAB_SLOW)) ${3-}"
	wait_for 10 guest_run u1 grep -q ready /tmp/background || fail "no sink in the guest"
	on dom0 "udp send $(ip4_of u1) 7000 $1 $count $2" >/dev/null
	wait_for 30 guest_run u1 grep -q received /tmp/background || fail "the sink does not end"
	read -r _ received _ _ _ twice _ late _ behind < <(guest_run u1 grep received /tmp/background)
	note "$1 bytes${3+, $3}: received $received, late $late, behind another $behind"
	expect_eq "datagrams of $1 bytes twice" "$twice" 0
	expect_eq "datagrams of $1 bytes late" "$late" 0
}

have_guest u1
for size in 18 1400 4000; do
	take $size 3000
	# Where a busy machine loses some, and that they are counted, is for flood.
	[ "$received" -gt $((count / 2)) ] || fail "of $count datagrams of $size bytes $received came"
	expect_eq "datagrams merged for who has not asked" "$behind" 0
done
# Only what waits for another can be merged with it; and some may be lost.
xendrain tune u1 coalesce-adaptive=0 coalesce-usecs=5000 >/dev/null || fail "tune failed"
take 1400 0
expect_eq "datagrams merged for who has not asked" "$behind" 0
take 1400 0 merged
[ "$behind" -gt 0 ] || fail "no datagram was merged for who has asked"
xendrain tune u1 coalesce-adaptive=1 coalesce-usecs=1000 >/dev/null || fail "tune failed"
