# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: xendrain dump shows what a queue is at, and health which one stands still and who is late
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

expect_health() { # STATUS REGEX [ARGUMENT...]
	local status=0 expected=$1 regex=$2 said
	shift 2
	said=$(xendrain health "$@" 2>&1) || status=$?
	[ $status = "$expected" ] || fail "xendrain health $*: status $status, expected $expected: $said"
	grep -Eq "$regex" <<<"$said" || fail "xendrain health $*: does not say '$regex': $said"
}

dumped() { # NAME HANDLE LINE: a number of the first queue
	xendrain dump "$1" "$2" | awk -v line="$3" '$1 == line { print $2; exit }'
}

produces() { # SINCE
	[ "$(dumped u1 "$HANDLE" to_guest_produced)" != "$1" ]
}

throttled() {
	[ "$(dumped u1 "$HANDLE" to_host_throttled)" = 1 ]
}

out_of_credit() {
	[ "$(dumped u1 "$HANDLE" to_host_out_of_credit)" = 1 ]
}

all_out() {
	[ "$(dumped u1 "$HANDLE" to_host_waiting_bytes)" = 0 ]
}

have_guest u1
hush u1
ping_ok world u1

note "healthy"
expect_health 0 "[0-9]+ devices?, no queue stands still"
expect_health 0 "1 device, no queue stands still" u1 "$HANDLE" --interval 2
expect_eq "ring_bytes" "$(dumped u1 "$HANDLE" ring_bytes)" 524288
expect_eq "what waits" "$(dumped u1 "$HANDLE" to_guest_waiting_bytes)" 0
produced=$(dumped u1 "$HANDLE" to_guest_produced)
[ "$produced" -gt 0 ] || fail "nothing produced, says the dump"
xendrain dump u1 | grep -q "last error of the guest: none" || fail "an error where there is none"

note "a guest that has stopped"
xl pause u1
on world "paced eth1 $(mac_of u1) 10 1514 0" >/dev/null
wait_for 10 produces "$produced" || fail "nothing is produced"
expect_health 3 "vdrain $HANDLE queue 0: to_guest stands still, [0-9]+ bytes wait: the guest is late, it fetches nothing" u1
xl unpause u1
wait_for 10 settled u1 || fail "the guest does not go on"
expect_health 0 "no queue stands still" u1

note "a NIC that has stopped"
# A packet a minute, and no delay, for which netem would orphan what it holds.
trap 'tc qdisc del dev eth0 root 2>/dev/null || true' EXIT
tc qdisc replace dev eth0 root netem slot 60s 60s packets 1 limit 10000
guest_bg u1 "paced $(dev_of u1) $WORLD_MAC 1000 1514 0"
wait_for 20 throttled || fail "the NIC takes everything"
expect_health 3 "queue 0: to_host stands still, [0-9]+ bytes wait: dom0 is late, its NIC does not send" u1
tc qdisc del dev eth0 root
wait_for 20 all_out || fail "the queue does not go on"
expect_health 0 "no queue stands still" u1

note "a guest that may not send more"
xendrain tune u1 "$HANDLE" rate=1KB/s@10s >/dev/null
guest_bg u1 "paced $(dev_of u1) $WORLD_MAC 100 1514 0"
wait_for 20 out_of_credit || fail "the rate limit is not used up"
expect_health 3 "queue 0: to_host stands still, [0-9]+ bytes wait: nobody is late, the rate limit" u1
xendrain tune u1 "$HANDLE" rate=default >/dev/null
wait_for 30 all_out || fail "the queue does not go on"

note "a guest that broke the protocol, and one that never came"
running_guest u2
guest_run u2 "rmmod xen_drainfront lab_hostile 2>/dev/null; true"
drain_detach_all "$(guest_id u2)"
xenstore-write "/local/domain/$(guest_id u2)/data/attack" prod_far
other=$(drain_attach u2 4)
expect_health 3 "domain $(guest_id u2) .*vdrain $other: not connected, .*: the guest is late" u2
expect_health 3 "1 of the queues stand still, or are not connected"
guest_run u2 insmod /lib/lab/lab-hostile.ko
wait_for 20 error_says u2 "$other" "producer is 2147483648" || fail "the guest breaks nothing"
expect_health 3 "the guest is late; last error: queue 0: producer is 2147483648 bytes ahead" u2
xendrain dump u2 | grep -q "last error of the guest: queue 0: producer is 2147483648" ||
	fail "the dump does not know the last error"
xendrain detach u2 "$other" --force
guest_run u2 rmmod lab_hostile
ping_ok world u1
