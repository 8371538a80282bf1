# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: ring-pages bounds what waits, rate holds for two queues together and for an interface in dom0, vifname names that
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# Of 300 frames of 1514 bytes that a guest which does not run is sent; a page
# holds two of them and a part.
waiting() { # RING-PAGES: sets how many are in the ring, and how many found no room
	have_guest u1 ",ring-pages=$1"
	hush u1
	expect_eq "ring pages" "$(guest_run u1 ethtool -g "$DEV" | awk '$1 == "RX:" { print $2 }' | paste -sd ' ')" "$1 $1"
	in=$(stat_of u1 to_guest_frames_in) full=$(stat_of u1 to_guest_drops_ring_full)
	xl pause u1
	on world "paced eth1 $(mac_of u1) 300 1514 1000" >/dev/null
	in=$(($(stat_of u1 to_guest_frames_in) - in)) full=$(($(stat_of u1 to_guest_drops_ring_full) - full))
	xl unpause u1
	wait_for 20 settled u1 || fail "the ring does not drain"
	note "ring-pages=$1: $in frames wait, $full found no room"
}

ring_pages() {
	local in full
	waiting 16
	[ $((in > 20 && in <= 44)) = 1 ] || fail "ring-pages=16: $in frames wait"
	expect_eq "ring-pages=16: frames that found no room" "$full" $((300 - in))
	waiting 128
	expect_eq "ring-pages=128: frames that wait" "$in" 300
	expect_eq "ring-pages=128: frames that found no room" "$full" 0
}

queue_bytes() { # QUEUE: that have come out of it
	cat "/sys/bus/xen-backend/devices/vdrain-$(guest_id u3)-$HANDLE/queue-$1/to_host_bytes_out"
}

# Each is offered six times what both together may send.
two_queues() {
	local begun first second elapsed tenths
	guest_create u3 "" 256 2
	have_guest u3 ,queues=2,rate=4Mb/s
	guest_run u3 "for cpu in 1 2; do
		taskset \$cpu paced $DEV $WORLD_MAC 1000000 1514 2000 >/dev/null 2>&1 </dev/null &
	done"
	usleep 1000000
	begun=${EPOCHREALTIME/./} first=$(queue_bytes 0) second=$(queue_bytes 1)
	usleep 4000000
	elapsed=$((${EPOCHREALTIME/./} - begun))
	first=$(($(queue_bytes 0) - first)) second=$(($(queue_bytes 1) - second))
	tenths=$(((first + second) * 8 * 10 / elapsed))
	note "rate=4Mb/s: two queues send $first and $second bytes, $tenths tenths of a Mbit/s"
	[ $tenths -le 44 ] || fail "rate=4Mb/s: two queues send $tenths tenths of a Mbit/s"
	[ $tenths -ge 20 ] || fail "rate=4Mb/s: two queues send $tenths tenths of a Mbit/s only"
	[ $((10 * (first < second ? first : second))) -gt $((first + second)) ] ||
		fail "one of two queues gets all: $first and $second bytes"
	guest_run u3 killall paced
	drain_detach_all "$(guest_id u3)"
	guest_destroy u3
}

on_a_bridge() {
	local out free
	free_nic
	netfront_bridge_create
	xendrain attach u1 "bridge=xenbr0,vifname=web0,rate=4Mb/s,mac=$(mac_of u1)" || fail "attach failed"
	[ -e /sys/class/net/xenbr0/brif/web0 ] || fail "web0 is not on xenbr0: $(ls /sys/class/net)"
	address_again u1
	wait_for 10 ping_once world "$(ip4_of u1)" || fail "the world does not reach u1"
	out=$(tenths u1 world)
	xendrain tune u1 rate=default || fail "tune failed"
	free=$(tenths u1 world)
	note "on a bridge, rate=4Mb/s: $out tenths of a Mbit/s; without: $free"
	[ "$out" -le 44 ] || fail "rate=4Mb/s on a bridge: $out tenths of a Mbit/s"
	[ "$free" -gt 50 ] || fail "without a rate the guest sends $free tenths"

	status=0
	xendrain attach u1 bridge=xenbr0,vifname=web0 2>/tmp/complaint || status=$?
	expect_eq "status of a vifname that is taken" $status 1
	grep -q 'web0 already exists' /tmp/complaint || fail "a vifname that is taken: $(cat /tmp/complaint)"
	[ -e /sys/class/net/xenbr0/brif/web0 ] || fail "who has the name is off its bridge"
	ip link show web0 | grep -q '[<,]UP[,>]' || fail "who has the name is down"
	drain_detach_all "$(guest_id u1)"
	wait_for 5 test ! -e /sys/class/net/web0 || fail "web0 is left"
	netfront_bridge_remove
}

running_guest u1
ring_pages
on_a_bridge
two_queues
