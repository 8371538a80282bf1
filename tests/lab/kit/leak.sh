# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What cycles of attach, reload and detach cost. A test says how it attaches u1:
# attach_one, which prints the handle.
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# Sizes are in KB. One leaked ring (128 pages) a cycle would be 5,120 in ten,
# a leaked queue or netdev 200; slabs and page lists breathe less than this.
dom0_bound=1500 guest_bound=1500

same() { # WHEN WHAT BEFORE AFTER: two files
	expect_eq "$1: $2" "$(awk -v k="$2" '$1 == k { print $2 }' "$4")" \
		"$(awk -v k="$2" '$1 == k { print $2 }' "$3")"
}

cycle() {
	HANDLE=$(attach_one) || fail "xendrain attach u1 failed"
	address_again u1
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping"
	drain_unload
	drain_load
	wait_for 20 connected u1 || fail "not connected after a reload"
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after a reload"
	drain_guest_unload u1
	address_again u1
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after a reload of the frontend"
	drain_detach u1 "$HANDLE"
}

free_kb() { # PLACE: what is free when caches are dropped
	on "$1" "sync; echo 3 >/proc/sys/vm/drop_caches; awk '/^MemFree:/ { print \$2 }' /proc/meminfo"
}

within() { # PLACE FREE-BEFORE BOUND; sets LOST
	LOST=$(($2 - $(free_kb "$1")))
	[ "$LOST" -le "$3" ]
}

cycles_cost_nothing() {
	local guest_free dom0_free guest_lost dom0_lost
	note "cycles of attach, reload of either side, detach"
	running_guest u1
	hurry_release u1
	hurry_release dom0
	drain_load
	drain_detach_all "$(guest_id u1)"
	for _ in 1 2 3; do
		cycle
	done
	snapshot >/tmp/before
	guest_free=$(free_kb u1) dom0_free=$(free_kb dom0)
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		cycle
	done
	expect_nothing_lost /tmp/before "after ten cycles"
	wait_for 60 within u1 "$guest_free" $guest_bound || true
	guest_lost=$LOST
	wait_for 20 within dom0 "$dom0_free" $dom0_bound || true
	dom0_lost=$LOST
	note "ten cycles took $dom0_lost KB of dom0's memory, $guest_lost KB of the guest's"
	same "after ten cycles" xenstore_nodes /tmp/before /tmp/now
	[ "$dom0_lost" -le $dom0_bound ] || fail "dom0 lost $dom0_lost KB in ten cycles, bound $dom0_bound"
	[ "$guest_lost" -le $guest_bound ] || fail "the guest lost $guest_lost KB in ten cycles, bound $guest_bound"
}
