# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: frames with a source address that is not the guest's are dropped and counted, nobody gets them
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
foreign=02:00:00:00:00:66

# A bridge in the guest sends with an address of its own.
spoofer_up() {
	guest_run u1 "modprobe bridge
		ip link add br9 type bridge mcast_snooping 0 &&
		ip link set br9 address $foreign addrgenmode none &&
		ip link set $DEV master br9 && ip link set br9 up"
}

# Whoever it is meant for.
spoof() { # DESTINATION-MAC
	guest_run u1 "frames send -d br9 -m $1 -f 100 -t 149"
}

have_guest u1
have_guest u2
spoofer_up
hush u2
spoofed=$(stat_of u1 to_host_consumer_drops_spoofed)
for place in world dom0 u2; do
	frames_expect $place spoof-$place -m "$(mac_of $place)" -f 100 -t 149 -w 4000
	spoof "$(mac_of $place)" >/dev/null
	expect_eq "spoofed frames that reached $place:" "$(frames_judged $place spoof-$place)" \
		"intact 0 missing 50 corrupt 0 duplicate 0"
done
for place in world dom0 u2; do
	frames_expect $place spoof-all -m ff:ff:ff:ff:ff:ff -f 100 -t 149 -w 4000
done
spoof ff:ff:ff:ff:ff:ff >/dev/null
for place in world dom0 u2; do
	expect_eq "spoofed broadcasts that reached $place:" "$(frames_judged $place spoof-all)" \
		"intact 0 missing 50 corrupt 0 duplicate 0"
done
spoofed=$(($(stat_of u1 to_host_consumer_drops_spoofed) - spoofed))
[ "$spoofed" -ge 200 ] || fail "$spoofed frames counted as spoofed, 200 were sent"

guest_run u1 "ip link delete br9"
ping_ok world u1
expect_eq "spoofed frames of the honest guest" "$(stat_of u2 to_host_consumer_drops_spoofed)" 0
