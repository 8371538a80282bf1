# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: with an MTU of 9000 every size to 9014 bytes arrives bit for bit; MTU changes hold
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

mtu_of_cable() { # MTU
	ip link set eth0 mtu "$1"
	world ip link set eth1 mtu "$1"
	wait_for 60 nic_ready || fail "no carrier on eth0 with MTU $1"
}
trap 'mtu_of_cable 1500' EXIT

mtu_of_cable 9000
have_guest u1 ,mtu=9000
expect_eq "MTU in the guest" "$(guest_run u1 cat "/sys/class/net/$DEV/mtu")" 9000
note "every size, world and guest"
frames_ok world u1 1515 9014 1 -p 400
frames_ok u1 world 1515 9014 1 -p 400
note "between dom0 and the guest"
frames_ok dom0 u1 1515 9014 11
frames_ok u1 dom0 1515 9014 11
stream_both world u1 10
stream_both dom0 u1 20

note "other MTUs"
# The guest's own MTU, smaller than what the NIC lets in, and back.
guest_run u1 ip link set "$DEV" mtu 1400
stream_both world u1 5
guest_run u1 ip link set "$DEV" mtu 68
guest_run u1 ip link set "$DEV" mtu 9000
stream_both world u1 5
! guest_run u1 "ip link set $DEV mtu 9001 2>&1" >/tmp/said || fail "more than the mtu key was accepted"
grep -q 'mtu greater than device maximum' /tmp/said || fail "an MTU of 9001: $(cat /tmp/said)"
! guest_run u1 "ip link set $DEV mtu 67 2>&1" || fail "an MTU of 67 was accepted"

# Larger than the NIC's MTU: dropped in dom0, counted, and nothing suffers.
mtu_of_cable 1500
oversize=$(stat_of u1 to_host_consumer_drops_oversize)
frames_send u1 -m "$WORLD_MAC" -f 3000 -t 3009
wait_for 5 stat_reaches u1 to_host_consumer_drops_oversize $((oversize + 10)) || true
expect_eq "oversize drops" "$(stat_of u1 to_host_consumer_drops_oversize)" $((oversize + 10))
guest_run u1 ip link set "$DEV" mtu 1500
ping_ok world u1
