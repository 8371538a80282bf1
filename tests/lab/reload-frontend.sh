# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the frontend is unloaded and loaded again and again under traffic, and works each time
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
snapshot_before
for round in $(rounds); do
	floods_start u1
	guest_bg u1 "timeout 60 ping -f -W 1 $WORLD_IP4 >/dev/null"
	drain_guest_unload u1 || fail "rmmod xen_drainfront refused, round $round"
	! guest_run u1 test -e /sys/module/xen_drainfront || fail "still loaded, round $round"
	address_again u1
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after reload $round"
	stream_ok world u1 1
	stream_ok u1 world 1
	guest_run u1 "killall -q ping; true"
	floods_stop u1
done
ping_ok world u1

note "both at the same time"
drain_unload &
drain_guest_unload u1
wait_all
drain_load
address_again u1
ping_ok world u1
expect_nothing_lost /tmp/before "afterwards"
