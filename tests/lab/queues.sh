# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: two queues carry flows both ways, a flow keeps its queue, ethtool -L changes their number under a stream, and what there are no grants for is not had
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# Its own guest: the others have one vCPU.
have_queues() {
	guest_create u3 "" 256 2
	have_guest u3 ,queues=2
}

queue_stat() { # QUEUE COUNTER: of the backend's
	cat "/sys/bus/xen-backend/devices/vdrain-$(guest_id u3)-$HANDLE/queue-$1/$2"
}

combined() { # prints the number of queues in use
	guest_run u3 ethtool -l "$DEV" | awk '/^Combined:/ { n = $2 } END { print n }'
}

queues_are() { # NUMBER: connected, with so many
	connected u3 && [ "$(combined)" = "$1" ] &&
		[ "$(xenstore-read "$(frontend_path u3)/queues")" = "$1" ] && carrier_is u3 1
}

change_queues() { # NUMBER
	guest_run u3 ethtool -L "$DEV" combined "$1" || fail "ethtool -L combined $1 failed"
	wait_for 20 queues_are "$1" || fail "not connected with $1 queues"
}

# 32 flows of a datagram or two into the guest, and 20 echo requests out of each vCPU.
spread() {
	local queue before=() sent
	for queue in 0 1; do
		before+=("$(queue_stat $queue to_guest_frames_in)" "$(queue_stat $queue to_host_frames_out)")
	done
	on world "for port in {7001..7032}; do echo x >/dev/udp/$(ip4_of u3)/\$port; done"
	guest_run u3 "for cpu in 1 2; do taskset \$cpu ping -q -c 20 -i 0.02 $WORLD_IP4; done" >/dev/null
	for queue in 0 1; do
		sent=$(($(queue_stat $queue to_guest_frames_in) - before[2 * queue]))
		[ "$sent" -ge 2 ] || fail "$sent of 32 flows went into the guest by queue $queue"
		sent=$(($(queue_stat $queue to_host_frames_out) - before[2 * queue + 1]))
		[ "$sent" -ge 20 ] || fail "$sent of 20 frames of vCPU $queue left by queue $queue"
	done
}

# It is alone: an ARP or two at most take the other queue.
one_flow() {
	local first second
	first=$(queue_stat 0 to_guest_frames_in) second=$(queue_stat 1 to_guest_frames_in)
	stream_ok world u3 5
	first=$(($(queue_stat 0 to_guest_frames_in) - first))
	second=$(($(queue_stat 1 to_guest_frames_in) - second))
	note "a stream of 5 MB: $first frames by queue 0, $second by queue 1"
	[ $((first < second ? first : second)) -le 3 ] ||
		fail "a flow was split: $first frames by queue 0, $second by queue 1"
	[ $((first + second)) -ge 50 ] || fail "nothing was counted"
}

sums_hold() { # the totals are the queues' sum, in dom0 and in the guest
	local name total
	for name in to_guest_frames_in to_host_frames_out to_guest_upcalls; do
		total=$(stat_of u3 $name)
		expect_eq "$name, the queues' sum" \
			$(($(queue_stat 0 $name) + $(queue_stat 1 $name))) "$total"
	done
	guest_run u3 ethtool -S "$DEV" >/tmp/counters
	for name in to_guest_upcalls to_guest_frames to_host_frames; do
		expect_eq "$name of ethtool -S, the queues' sum" \
			"$(awk -v a="q0_$name:" -v b="q1_$name:" '$1 == a || $1 == b { n += $2 }
				END { print n }' /tmp/counters)" \
			"$(awk -v a="$name:" '$1 == a { print $2 }' /tmp/counters)"
	done
}

have_queues
hush u3
expect_eq "queues" "$(combined)" 2
expect_eq "receive and transmit queues" \
	"$(guest_run u3 "cd /sys/class/net/$DEV/queues && echo *")" "rx-0 rx-1 tx-0 tx-1"
expect_eq "XPS" "$(guest_run u3 "cat /sys/class/net/$DEV/queues/tx-?/xps_cpus" | paste -sd ' ')" "1 2"
spread
one_flow
wait_for 10 settled u3 || fail "the rings do not drain"
sums_hold
for queue in 0 1; do
	[ "$(guest_run u3 "awk -v q=$DEV-q$queue '\$NF == q { n = \$($queue + 2) } END { print n + 0 }' \
		/proc/interrupts")" -gt 0 ] || fail "vCPU $queue takes no interrupts of queue $queue"
done

note "other numbers, under a stream"
stream_ok world u3 30 &
for number in 1 2 1 2; do
	usleep 300000
	change_queues $number
done
wait_all
spread
ping_ok world u3
stream_ok u3 world 10 &
change_queues 1
wait_all
[ ! -e "/sys/bus/xen-backend/devices/vdrain-$(guest_id u3)-$HANDLE/queue-1" ] ||
	fail "queue-1 is still there in sysfs"

note "what cannot be"
for bad in "combined 3" "combined 0" "rx 1" "tx 1" "other 1"; do
	! guest_run u3 "ethtool -L $DEV $bad 2>&1" >/tmp/said || fail "ethtool -L $bad was accepted"
done
expect_eq "queues after refusals" "$(combined)" 1
ping_ok world u3
guest_destroy u3

note "more than there are grants for"
guest_is() { # QUEUES PAGES
	queues_are "$1" && [ "$(xenstore-read "$(frontend_path u3)/ring-pages")" = "$2" ]
}
# 2048 of them. Eight queues of 256 pages take eight more than that.
GUEST_EXTRA=max_grant_frames=4 guest_create u3 "" 256 2
have_guest u3 ,queues=8,ring-pages=256
guest_is 2 256 || fail "not 2 queues of 256 pages"
guest_run u3 ethtool -L "$DEV" combined 8
wait_for 20 guest_is 1 8 || fail "not 1 queue of 8 pages after ethtool has asked for too much"
guest_run u3 dmesg | grep -q 'no memory, grants or event channels for 8 queues of 256 ring pages' ||
	fail "nothing in the guest's log"
ping_ok world u3
guest_run u3 ethtool -G "$DEV" rx 64 tx 64
wait_for 20 guest_is 2 64 || fail "not 2 queues of 64 pages"
ping_ok world u3
guest_destroy u3
