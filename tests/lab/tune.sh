# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: each key of xendrain tune changes the running device as it says, and not a byte is lost
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

tune() { # KEY=VALUE...
	xendrain tune u1 "$@" || fail "xendrain tune u1 $* failed"
}

value_of() { # KEY: as xendrain tune shows it
	xendrain tune u1 "$HANDLE" | awk -v key="$1" '$1 == key { print $2 }'
}

setting() { # REGEX: of ethtool -c in the guest
	guest_run u1 ethtool -c "$DEV" | sed -nE "s/^$1[: ]+([^ ]*).*/\1/p"
}

# The guest's driver hears of it a moment after dom0's.
setting_is() { # REGEX VALUE
	[ "$(setting "$1")" = "$2" ]
}

setting_becomes() { # REGEX VALUE
	wait_for 10 setting_is "$1" "$2" || fail "ethtool -c: $1 is $(setting "$1"), expected $2"
}

# Of pings that are sent as fast as they are answered: flags, frames, and for
# how long.
flags_frames_ms() {
	local flags frames start=${EPOCHREALTIME/./}
	flags=$(stat_of u1 to_guest_flags) frames=$(stat_of u1 to_guest_frames_in)
	world ping -q -f -w 2 "$(ip4_of u1)" >/dev/null || fail "no ping from the world"
	flags=$(($(stat_of u1 to_guest_flags) - flags))
	frames=$(($(stat_of u1 to_guest_frames_in) - frames))
	note "coalesce-usecs=$(value_of coalesce-usecs), coalesce-adaptive=$(value_of coalesce-adaptive):" \
		"$flags flags for $frames pings" >&2
	echo $flags $frames $(((${EPOCHREALTIME/./} - start) / 1000))
}

# A machine that is busy with other things may be too slow to tell.
not_delayed() { # KEY=VALUE
	local flags frames ms try
	tune "$1"
	for try in 1 2 3; do
		read -r flags frames ms < <(flags_frames_ms)
		[ "$flags" -le $((ms / 10 + 20)) ] || return 0
	done
	[ "$frames" -lt $((3 * ms / 10)) ] ||
		fail "$1: $flags flags in $ms ms, as if there were a gap of 10 ms"
}

coalesce() {
	local flags frames ms
	expect_eq "coalesce-usecs" "$(value_of coalesce-usecs)" 1000
	tune coalesce-usecs=10000 coalesce-adaptive=0
	setting_becomes rx-usecs 10000
	setting_becomes "Adaptive RX" off
	ping_ok world u1
	read -r flags frames ms < <(flags_frames_ms)
	[ "$flags" -le $((ms / 10 + 20)) ] || fail "coalesce-usecs=10000: $flags flags in $ms ms"
	not_delayed coalesce-usecs=0
	setting_becomes rx-usecs 0
	# The same gap, but not for a guest that is answering each.
	tune coalesce-usecs=10000 coalesce-adaptive=1
	setting_becomes "Adaptive RX" on
	not_delayed coalesce-adaptive=1

	guest_run u1 ethtool -C "$DEV" rx-usecs 77
	tune copybreak=200 coalesce-usecs=10000
	wait_for 1 setting_is rx-usecs 10000 && fail "a key that did not change took back what ethtool set"
	tune coalesce-usecs=default coalesce-adaptive=default copybreak=default
	setting_becomes rx-usecs 1000
	setting_becomes "Adaptive RX" on
}

copies_whole() { # PLACE PLACE COPYBREAK FRAMES: sent both ways, 500 to 599 bytes
	local in out
	tune "copybreak=$3"
	usleep 200000
	in=$(guest_counter u1 to_guest_copybreak) out=$(stat_of u1 to_host_copybreak)
	frames_ok "$1" "$2" 500 599
	frames_ok "$2" "$1" 500 599
	in=$(($(guest_counter u1 to_guest_copybreak) - in)) out=$(($(stat_of u1 to_host_copybreak) - out))
	expect_eq "copybreak=$3: frames that the guest copied whole" $in "$4"
	expect_eq "copybreak=$3: frames that dom0 copied whole" $out "$4"
}

# Everything that is waited for is there when the guest wakes up.
copies_per_call() { # DRAIN-PAGES: prints hypercalls and copies
	local calls copies
	tune "drain-pages=$1"
	usleep 200000
	calls=$(stat_of u1 to_guest_hypercalls) copies=$(stat_of u1 to_guest_copies)
	xl pause u1
	on world "paced eth1 $(mac_of u1) 200 1514 0" >/dev/null
	xl unpause u1
	wait_for 20 settled u1 || fail "the ring does not drain"
	echo $(($(stat_of u1 to_guest_hypercalls) - calls)) $(($(stat_of u1 to_guest_copies) - copies))
}

drain_pages() {
	local calls copies
	tune fetch=copy # as a PVH guest does not by itself
	read -r calls copies < <(copies_per_call 1)
	note "drain-pages=1: $calls hypercalls, $copies copies"
	expect_eq "drain-pages=1: copies" "$copies" "$calls"
	read -r calls copies < <(copies_per_call 64)
	note "drain-pages=64: $calls hypercalls, $copies copies"
	[ "$copies" -gt $((20 * calls)) ] || fail "drain-pages=64: $copies copies in $calls hypercalls"
	tune drain-pages=default
}

fetch_while_streaming() {
	stream_both world u1 20 &
	stream_both u1 world 20 &
	for _ in 1 2 3 4 5 6; do
		tune fetch=copy
		usleep 300000
		tune fetch=map
		usleep 300000
	done
	wait_all
}

# Whether each side made hypercalls for it.
fetches_by() { # FETCH GUEST DOM0: 0 or 1
	local guest host
	tune "fetch=$1"
	usleep 300000
	guest=$(guest_counter u1 to_guest_hypercalls) host=$(stat_of u1 to_host_hypercalls)
	stream_both world u1 2
	guest=$(($(guest_counter u1 to_guest_hypercalls) - guest)) host=$(($(stat_of u1 to_host_hypercalls) - host))
	expect_eq "fetch=$1: the guest makes hypercalls ($guest)" $((guest > 0)) "$2"
	expect_eq "fetch=$1: dom0 makes hypercalls ($host)" $((host > 0)) "$3"
}

foreign=02:00:00:00:00:66

spoofed_arrive() { # SPOOF-CHECK VERDICT
	tune "spoof-check=$1"
	frames_expect world "tune-$1" -m "$(mac_of world)" -f 100 -t 149 -w 3000
	guest_run u1 "frames send -d br9 -m $(mac_of world) -f 100 -t 149" >/dev/null
	expect_eq "spoof-check=$1: what reached the world" "$(frames_judged world "tune-$1")" \
		"$2 corrupt 0 duplicate 0"
}

spoof_check() {
	guest_run u1 "modprobe bridge
		ip link add br9 type bridge mcast_snooping 0 &&
		ip link set br9 address $foreign addrgenmode none &&
		ip link set $DEV master br9 && ip link set br9 up"
	spoofed_arrive 0 "intact 50 missing 0"
	spoofed_arrive 1 "intact 0 missing 50"
	guest_run u1 "ip link delete br9"
}

# Slow enough for a machine that is busy with other things.
rate() {
	local out in drops free try
	tune rate=4Mb/s
	expect_eq "rate" "$(value_of rate)" 4Mb/s
	drops=$(net_count u1 tx_dropped)
	# Headers are counted too. Never more; there are three tries for less.
	for try in 1 2 3; do
		out=$(tenths u1 world)
		[ "$out" -le 44 ] || fail "rate=4Mb/s, try $try: $out tenths of a Mbit/s"
		[ "$out" -lt 34 ] || break
	done
	[ "$out" -ge 34 ] || fail "rate=4Mb/s: $out tenths of a Mbit/s"
	in=$(tenths world u1)
	expect_eq "drops of a guest with a rate" "$(net_count u1 tx_dropped)" "$drops"
	tune rate=default
	free=$(tenths u1 world)
	note "rate=4Mb/s: $out tenths of a Mbit/s out, $in in; without: $free out"
	[ "$in" -gt 50 ] || fail "rate=4Mb/s holds what the guest receives to $in tenths"
	[ "$free" -gt 50 ] || fail "without a rate the guest sends $free tenths"
}

have_guest u1
coalesce
hush u1
copies_whole world u1 0 0
copies_whole world u1 1024 100
tune copybreak=default
drain_pages
note "fetch"
fetch_while_streaming
fetches_by map 0 0
fetches_by copy 1 1
if [ "$GUEST_TYPE" = pvh ]; then default=0; else default=1; fi
fetches_by default $default 0
spoof_check
rate
ping_ok world u1
[ -z "$(backend_error u1)" ] || fail "an error without a reason: $(backend_error u1)"
