# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the backend is unloaded and loaded again and again under traffic, which open TCP connections survive, and beside a guest that does not run
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

streaming() { # FROM TO: one stream after the other, until told to stop
	local count=0
	until [ -e /run/lab/stop ]; do
		stream_ok "$1" "$2" 10
		count=$((count + 1))
	done
	note "$count streams from $1 to $2 passed meanwhile"
}

rm -f /run/lab/stop
have_guest u1
snapshot_before
# While there is no backend nobody answers who has an address, and after three
# seconds that would be the end of a stream that begins just then.
introduce u1 world
introduce world u1
streaming world u1 &
streaming u1 world &
for round in $(rounds); do
	drain_unload || fail "rmmod xen_drainback refused, round $round"
	[ ! -e /sys/module/xen_drainback ] || fail "xen_drainback is still loaded, round $round"
	drain_load
	wait_for 20 connected u1 || fail "not connected again after 20 s, round $round"
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after reload $round"
	jobs -r | grep -q . || fail "the streams ended early, round $round"
done
touch /run/lab/stop
wait_all
ping_ok world u1

note "a guest that does not run"
xl pause u1
drain_unload || fail "rmmod xen_drainback refused beside a guest that does not run"
[ ! -e /sys/module/xen_drainback ] || fail "xen_drainback is still loaded beside a guest that does not run"
drain_load
usleep 500000
xl unpause u1
wait_for 20 connected u1 || fail "not connected when the guest runs again"
wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping when the guest runs again"

note "a device that leaves while the module is unloaded"
for delay in 0 20000 50000 100000 200000; do
	drain_attach u1 12 ,handle=7 >/dev/null || fail "attach failed"
	wait_for 20 state_is "$(backend_path u1 7)" 4 || fail "the second device does not connect"
	{ usleep $delay && drain_unload; } &
	xenstore-rm "$(frontend_path u1 7)/state"
	wait_all
	drain_load
	xendrain detach u1 7 --force || fail "detach failed"
	wait_for 20 connected u1 || fail "not connected again after 20 s"
done
ping_ok world u1
expect_nothing_lost /tmp/before "afterwards"
