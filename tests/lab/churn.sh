# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: MTU changes on either side, link flaps of the NIC and cable faults under streams, which survive them; counters add up
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

trap 'ip link set eth0 mtu 1500; world ip link set eth1 mtu 1500' EXIT

# What the guest has counted, but not the backend: sent, received.
between() {
	settled u1 || return 1
	echo $(($(net_count u1 tx_packets) - $(stat_of u1 to_host_frames_in))) \
		$(($(net_count u1 rx_packets) - $(stat_of u1 to_guest_frames_out)))
}

carrier_again() {
	wait_for 60 nic_ready || fail "no carrier on the cable"
	wait_for 60 carrier_is u1 1 || fail "no carrier in the guest"
	dom0_address eth0
}

have_guest u1 ,mtu=9000
hush u1
before=$(between)
flows_start u1
note "the guest's MTU"
for mtu in 1400 576 9000 1500 1280 1500; do
	guest_run u1 ip link set "$DEV" mtu $mtu || fail "MTU $mtu refused"
	usleep 200000
done
flows_advance u1
note "the NIC's MTU, which resets it"
for mtu in 9000 1500 4000 1500; do
	ip link set eth0 mtu $mtu
	carrier_again
done
flows_advance u1
note "the NIC goes down and up, the cable is pulled and put back"
for _ in 1 2 3; do
	ip link set eth0 down
	wait_for 10 carrier_is u1 0 || fail "the guest has a carrier while the NIC is down"
	ip link set eth0 up
	carrier_again
	world ip link set eth1 down
	usleep 500000
	world ip link set eth1 up
	world ip address replace "$WORLD_IP6/64" dev eth1 nodad
	carrier_again
	flows_advance u1
done
flows_judged u1
hush u1
all_arrived() {
	[ "$(between)" = "$before" ] && [ "$(stat_of u1 to_host_frames_in)" = "$(stat_of u1 to_host_frames_out)" ]
}
wait_for 10 all_arrived || fail "frames are unaccounted for: between the guest's counters and ours were" \
	"$before, now $(between): $(xendrain stat u1)"
stream_both world u1 2
