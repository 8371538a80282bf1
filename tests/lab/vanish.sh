# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a NIC that vanishes takes the carrier of its guests and nothing else; a new one serves again
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

trap '! [ -e /sys/class/net/v8a ] || ip link delete v8a' EXIT

# u2 is on a NIC of its own, a veth whose far end dom0 talks through.
other_up() {
	local dev
	ip link add v8a type veth peer name v8b
	ip link set v8a up
	ip link set v8b up
	ip address add 192.168.88.3/24 dev v8b
	running_guest u2
	drain_detach_all "$(guest_id u2)"
	xendrain attach u2 nic=v8a,mac=00:16:3e:77:01:88 >/dev/null
	drain_guest_load u2
	dev=$(guest_address u2 00:16:3e:77:01:88 4) || fail "u2 on v8a: $dev"
	guest_run u2 ip address add 192.168.88.4/24 dev "$dev"
	wait_for 10 ping_once dom0 192.168.88.4 || fail "no ping through v8a"
}

other_fine() {
	ping_once dom0 192.168.88.4 || fail "u2, on another NIC, is cut off $1"
}

have_guest u1
other_up
snapshot_before
floods_start u1
stream_ok dom0 u2 40 192.168.88.4 &
stream=$!
pci=$(readlink -f /sys/class/net/eth0/device)
echo 1 >"$pci/remove"
wait_for 10 carrier_is u1 0 || fail "the guest still has a carrier"
wait_for 10 error_says u1 "$HANDLE" "the NIC is gone" || fail "error node: $(backend_error u1 "$HANDLE")"
dmesg | grep -q "vdrain-$(guest_id u1)-$HANDLE: .*the NIC is gone" || fail "nothing in dmesg"
wait $stream || fail "u2, on another NIC, lost its stream"
floods_stop u1
other_fine "after the NIC went"
xendrain list u1 | grep -q 'down *$' || fail "list shows a link"

note "the card is found again"
echo 1 >/sys/bus/pci/rescan
wait_for 10 test -e /sys/class/net/eth0 || fail "eth0 does not come back"
ethtool -K eth0 tso off
ip link set eth0 up
dom0_address eth0
wait_for 60 nic_ready || fail "no carrier on the new eth0"
drain_detach u1 "$HANDLE" || fail "detach of a device without NIC failed"
have_guest u1
ping_ok world u1
stream_both world u1 5
expect_nothing_lost /tmp/before "after the card came back"

note "a virtual NIC that is deleted"
ip link delete v8a
wait_for 10 error_says u2 "$(handle_of u2)" "the NIC is gone" || fail "u2: $(backend_error u2)"
ping_ok world u1
other_up
other_fine "on a new one"
expect_nothing_lost /tmp/before "after a new virtual NIC"
