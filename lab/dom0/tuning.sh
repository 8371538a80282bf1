# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: what each tuning key is worth: the table in doc/guide.md
# timeout: 2700
#
# One boot, the same guest, one setting after the other:
#   lab/run --icount 0 --timeout 3000 --test-timeout 2700 lab/dom0/tuning.sh

settings="default coalesce-usecs=500 coalesce-adaptive=0,coalesce-usecs=0
coalesce-adaptive=0,coalesce-usecs=100 coalesce-adaptive=0,coalesce-usecs=250
coalesce-adaptive=0,coalesce-usecs=500 fetch=copy fetch=map drain-pages=1 drain-pages=4
drain-pages=16 copybreak=0 copybreak=256 ring-pages=16 ring-pages=32 ring-pages=64 ring-pages=256"
tcp_seconds=1 pings=50 frames=10000 rate=20000
heard_min_ns=0 heard_p99_ns=0

tcp_mbps() { # [-R]
	local text
	iperf3_again
	text=$(world iperf3 -f m -t $tcp_seconds -c "$GUEST_IP4" "$@") || fail "iperf3: $text"
	awk '/receiver/ { print $7 }' <<<"$text"
}

ping_ms() {
	world ping -q -c $pings -i 0.02 "$GUEST_IP4" | awk -F/ '/^rtt/ { print $5 }'
}

# Upcalls per 1000 frames, and microseconds of CPU a frame, of dom0 and the guest.
small() { # ID
	local upcalls cpu0 cpuu cpu0_end cpuu_end sent
	upcalls=$(drain_stat u1 "$HANDLE" to_guest_upcalls)
	{ read -r cpu0 && read -r cpuu; } < <(cputime 0 "$1")
	read -r _ sent _ < <(pace eth1 "$(drain_mac)" $frames 60 $rate)
	usleep 100000
	{ read -r cpu0_end && read -r cpuu_end; } < <(cputime 0 "$1")
	upcalls=$(($(drain_stat u1 "$HANDLE" to_guest_upcalls) - upcalls))
	awk -v u=$upcalls -v f="$sent" -v a=$((cpu0_end - cpu0)) -v b=$((cpuu_end - cpuu)) \
		'BEGIN { printf "%.0f %.1f %.1f\n", u * 1000 / f, a / f / 1000, b / f / 1000 }'
}

# How much later than the quickest the 99th of 100 frames is, in us.
late() {
	listen u1 1
	pace eth1 "$(drain_mac)" $frames 60 $rate >/dev/null
	usleep 100000
	heard u1
	echo $(((heard_p99_ns - heard_min_ns) / 1000))
}

measure() { # SETTING
	local keys="" in out
	[ "$1" = default ] || keys=,$1
	HANDLE=$(drain_attach u1 2 "$keys") || fail "$1 was refused"
	DEV=$(drain_up u1) || fail "$1: no interface with carrier"
	introduce_u1 "$DEV" "$(drain_mac)"
	guest_run u1 'pidof iperf3 >/dev/null || iperf3 -s -D'
	world ping -q -c 5 -i 0.1 "$GUEST_IP4" >/dev/null || fail "$1: no ping"
	in=$(tcp_mbps) out=$(tcp_mbps -R)
	note "$(printf '%-40s %8s %8s %8s   %s %s' "$1" "$in" "$out" "$(ping_ms)" \
		"$(small "$(guest_id u1)")" "$(late)")"
	drain_detach u1 "$HANDLE"
}

guest_create u1
drain_load
drain_guest_load u1
note "setting, Mbit/s in, out, ping ms, at $rate small frames a second: upcalls per 1000, us of dom0, of the guest, 99th percentile of delay"
for setting in $settings; do
	measure "$setting"
done
