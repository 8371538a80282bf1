# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the frontend is unbound and bound again, or resumed, under streams, which survive it; nothing leaks
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

driver=/sys/bus/xen/drivers/vdrain

have_guest u1
snapshot_before
flows_start u1
for round in 1 2 3 4 5; do
	guest_run u1 "echo vdrain-$HANDLE >$driver/unbind" || fail "unbind refused, round $round"
	! guest_run u1 test -e "/sys/class/net/$DEV" || fail "the interface is still there, round $round"
	guest_run u1 "echo vdrain-$HANDLE >$driver/bind" || fail "bind refused, round $round"
	address_again u1
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping in round $round"
	flows_advance u1
done

note "resumed: its backend has another name for a while"
other=$(drain_attach u1 5 ,handle=9)
wait_for 20 state_is "$(backend_path u1 "$other")" 4 || fail "the second device is not connected"
before=$(xenstore-read "$(frontend_path u1)/connection")
xenstore-write "$(frontend_path u1)/backend" "$(backend_path u1 "$other")"
wait_for 10 carrier_is u1 0 || fail "a device whose backend is another one has a carrier"
xenstore-write "$(frontend_path u1)/backend" "$(backend_path u1 "$HANDLE")"
wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after the backend has its name again"
[ "$(xenstore-read "$(frontend_path u1)/connection")" != "$before" ] || fail "nothing was resumed"
drain_detach u1 "$other"
flows_advance u1
flows_judged u1
expect_nothing_lost /tmp/before "after five rounds"
