# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: 200 times attached and detached, 50 guests created and destroyed, under streams: no memory, grant or channel is lost
# timeout: 1800
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# In KB. A leaked ring (128 pages) would be 102,400 in 200 cycles, a leaked
# queue or netdev 4,000, 256 bytes a cycle show in the guests' count of slabs.
dom0_bound=3000 guest_bound=2000

attach_detach() {
	local handle=7
	drain_attach u1 12 ,handle=7 >/dev/null || fail "attach failed in cycle $1"
	wait_for 20 state_is "$(backend_path u1 7)" 4 || fail "not connected in cycle $1"
	drain_detach u1 $handle || fail "detach failed in cycle $1"
}

create_destroy() {
	have_guest u2
	stream_ok world u2 1
	guest_destroy u2
}

free_kb() { # PLACE
	on "$1" "sync; echo 3 >/proc/sys/vm/drop_caches; awk '/^MemFree:/ { print \$2 }' /proc/meminfo"
}

within() { # PLACE FREE-BEFORE BOUND; sets LOST
	LOST=$(($2 - $(free_kb "$1")))
	[ "$LOST" -le "$3" ]
}

judge() { # WHAT
	local lost_dom0 lost_guest
	expect_nothing_lost /tmp/before "after $1"
	wait_for 60 within u1 "$guest_free" $guest_bound || true
	lost_guest=$LOST
	wait_for 30 within dom0 "$dom0_free" $dom0_bound || true
	lost_dom0=$LOST
	note "$1: dom0 has $lost_dom0 KB less, the guest $lost_guest KB"
	[ "$lost_dom0" -le $dom0_bound ] || fail "dom0 lost $lost_dom0 KB in $1, bound $dom0_bound"
	[ "$lost_guest" -le $guest_bound ] || fail "u1 lost $lost_guest KB in $1, bound $guest_bound"
}

begin() {
	leak_snapshot >/tmp/before
	guest_free=$(free_kb u1) dom0_free=$(free_kb dom0)
}

have_guest u1
echo 1000 >/sys/module/grant_table/parameters/free_per_iteration 2>/dev/null || true
on u1 "echo 1000 >/sys/module/grant_table/parameters/free_per_iteration" || true
flows_start u1
for cycle in 1 2 3 4 5; do
	attach_detach "warm-up $cycle"
done
begin
for cycle in {1..200}; do
	attach_detach "$cycle"
	[ $((cycle % 50)) != 0 ] || flows_advance u1
done
judge "200 times attach and detach"
for cycle in 1 2; do
	create_destroy
done
begin
for cycle in {1..50}; do
	create_destroy
	[ $((cycle % 10)) != 0 ] || flows_advance u1
done
judge "50 times create and destroy"
flows_judged u1
