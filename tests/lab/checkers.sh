# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: at the end of a boot of an instrumented kernel lockdep is still on, and kmemleak knows of no leak of ours
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

[ -e /proc/lockdep_stats ] || skip "this kernel has no lockdep: lab/run --kernel 6.12-debug"

lockdep_is_on() { # PLACE
	expect_eq "$1: debug_locks" "$(on "$1" "awk '/ debug_locks:/ { print \$2 }' /proc/lockdep_stats")" 1
}

# What is younger than 5 s is not looked at. A scan may take a pointer that is on
# its way from one place to another for lost; the second scan finds it.
leaks() { # PLACE: objects that nothing points to
	on "$1" "[ -e /sys/kernel/debug/kmemleak ] || mount -t debugfs debugfs /sys/kernel/debug
		for i in 1 2; do sleep 6; echo scan >/sys/kernel/debug/kmemleak || exit 1; done
		cat /sys/kernel/debug/kmemleak" >"/tmp/kmemleak.$1" || fail "$1: kmemleak does not work"
	grep -c '^unreferenced' "/tmp/kmemleak.$1" || true
}

# Known: xenbus_dev_probe() forgets the other end's path if a probe fails, as faults
# makes some do, at either end.
unknown() { # PLACE
	local failed
	failed=$(on "$1" "dmesg | grep -c 'xenbus_dev_probe on' || true")
	awk -v RS='unreferenced object ' -v failed="$failed" \
		'NR > 1 && !(/xenbus_thread/ && /(device|backend)\/vdrain\// && failed-- > 0)' "/tmp/kmemleak.$1"
}

for place in $(every_kernel); do
	[ "$place" = dom0 ] || ask -t 20 "$place" true 2>/dev/null || continue
	lockdep_is_on "$place"
	found=$(GUEST_TIMEOUT=200 leaks "$place") || exit 1
	note "$place: lockdep on, $found objects that nothing points to"
	bring_back "/tmp/kmemleak.$place"
	rest=$(unknown "$place")
	[ -z "$rest" ] || fail "$place: kmemleak: $(grep '+0x' <<<"$rest" | head -n 8 | paste -sd ' ')"
done
# All of them were explained.
splat_allow 'kmemleak: [0-9]+ new'
