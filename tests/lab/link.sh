# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the guest's carrier and speed are those of dom0's NIC, down and up again
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

speed() {
	guest_run u1 ethtool "$DEV" | awk '/Speed:/ { print $2 }'
}

have_guest u1
snapshot_before
carrier_is u1 1 || fail "no carrier although the NIC has one"
expect_eq "speed" "$(speed)" 1000Mb/s
for _ in 1 2; do
	ip link set eth0 down
	wait_for 10 carrier_is u1 0 || fail "the guest has a carrier while the NIC is down"
	expect_eq "speed while the NIC is down" "$(speed)" Unknown!
	ip link set eth0 up
	dom0_address eth0
	wait_for 60 carrier_is u1 1 || fail "no carrier although the NIC is up again"
	expect_eq "speed when the NIC is up again" "$(speed)" 1000Mb/s
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping when the NIC is up again"
done

note "a device that is attached while the NIC is down"
ip link set eth0 down
drain_detach u1 "$HANDLE"
HANDLE=$(drain_attach u1)
wait_for 10 connected u1 || fail "not connected"
DEV=$(guest_dev u1 "$(mac_of u1)")
echo "$DEV" >/run/lab/kit/u1.dev
guest_run u1 ip link set "$DEV" up
carrier_is u1 0 || fail "carrier on a device whose NIC is down"
ip link set eth0 up
dom0_address eth0
wait_for 60 carrier_is u1 1 || fail "no carrier although the NIC is up"
address_again u1
wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping"
expect_nothing_lost /tmp/before "afterwards"
