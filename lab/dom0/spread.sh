# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: what two queues move from one vCPU to the other: the table in doc/performance.md
# timeout: 1800
#
# Two vCPUs in dom0, two in the guest, eight TCP streams of as many processes,
# with one queue and with two. In virtual time processors take turns, so a rate
# cannot grow by a second one; what shows is whose time the same work takes. The
# vCPU that works most is what limits a machine where they do run side by side.
#	lab/run --icount 0 --dom0-vcpus 2 --timeout 2400 --test-timeout 1800 lab/dom0/spread.sh
streams=8 seconds=2

queue_upcalls() { # DIRECTION: a number each queue
	cat "/sys/bus/xen-backend/devices/vdrain-$id-$HANDLE"/queue-*/"$1_upcalls"
}

# By how much each of the numbers, one a line, has grown: all in one line.
grown() { # BEFORE AFTER
	paste <(echo "$1") <(echo "$2") | awk '{ printf "%.0f ", $2 - $1 }'
}

carry() { # IPERF3-OPTION...: prints the sum of their Mbit/s
	local port
	iperf3_again
	for ((port = 5201; port < 5201 + streams; port++)); do
		world iperf3 -f m -t $seconds -p $port -c "$GUEST_IP4" "$@" >"/run/lab/said.$port" 2>&1 &
	done
	wait
	cat /run/lab/said.* | awk '/receiver/ { n += $7; lines++ } END { print lines, int(n) }'
}

load() { # WHAT DIRECTION IPERF3-OPTION...
	local vcpus="0.0 0.1 $id.0 $id.1" cpu upcalls mbps lines
	upcalls=$(queue_upcalls "$2")
	# shellcheck disable=SC2086 # a list of words
	cpu=$(cputime $vcpus)
	read -r lines mbps < <(carry "${@:3}")
	[ "$lines" = $streams ] || fail "iperf3: $(cat /run/lab/said.*)"
	# shellcheck disable=SC2086
	cpu=$(grown "$cpu" "$(cputime $vcpus)")
	upcalls=$(grown "$upcalls" "$(queue_upcalls "$2")")
	note "queues=$queues, $1: $(awk -v cpu="$cpu" -v upcalls="$upcalls" -v mb="$((mbps * seconds / 8))" '
		BEGIN { split(cpu, ns, " ")
			printf "us a MB: dom0 %d + %d, guest %d + %d; upcalls by queue %s",
				ns[1] / mb / 1000, ns[2] / mb / 1000, ns[3] / mb / 1000,
				ns[4] / mb / 1000, upcalls }')"
}

guest_create u1 "" 256 2
id=$(guest_id u1)
drain_load
drain_guest_load u1
for fetch in copy map; do
	for queues in 1 2; do
		HANDLE=$(drain_attach u1 2 ",queues=$queues,fetch=$fetch") || fail "no device"
		DEV=$(drain_up u1) || fail "no interface with carrier"
		introduce_u1 "$DEV" "$(drain_mac)"
		guest_run u1 "pidof iperf3 >/dev/null ||
			for port in {5201..$((5200 + streams))}; do iperf3 -s -D -p \$port; done"
		world ping -q -c 5 -i 0.1 "$GUEST_IP4" >/dev/null || fail "no ping"
		load "$fetch, into the guest" to_guest
		load "$fetch, out of the guest" to_host -R
		drain_detach u1 "$HANDLE"
	done
done
