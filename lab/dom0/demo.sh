# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: what the same NIC traffic costs with the in-tree pair and with xendrain
# timeout: 900
#
# Same boot, same guest, one driver after the other. Writes lines of "run key
# value" that lab/demo makes a table and build/demo.json of.

small_frames=100000 small_rate=20000
large_frames=20000 large_rate=20000
tcp_seconds=4 pings=200
figures=/run/lab/out/demo.figures

put() { # RUN KEY VALUE
	echo "$1 $2 $3" >>"$figures"
}

# Counts of one moment. The guest is asked first or last, so that the asking
# lies outside of the CPU time that is measured.
device_drops() { # RUN
	if [ "$1" = xendrain ]; then
		echo $(($(drain_stat u1 "$handle" to_guest_drops) +
			$(drain_stat u1 "$handle" to_guest_consumer_drops)))
	else
		cat "/sys/class/net/$vif/statistics/tx_dropped"
	fi
}

device_count() { # RUN COUNTER: null where the driver has no such figure
	[ "$1" != xendrain ] || drain_stat u1 "$handle" "to_guest_$2"
}

# What an idle guest takes in the same time, asked in the same way.
idle_upcalls() { # NANOSECONDS
	local before after
	before=$(guest_upcalls u1)
	usleep $(($1 / 1000))
	after=$(guest_upcalls u1)
	echo $((after - before))
}

delta() { # BEFORE AFTER
	[ -z "$1" ] && echo null || echo $(($2 - $1))
}

small() { # RUN DEV MAC
	local run=$1 upcalls received cpu0 cpuu cpu0_end cpuu_end nic drops flags hypercalls sent ns
	note "$run: $small_frames frames of 60 bytes, $small_rate a second"
	received=$(guest_stat u1 "$2" rx_packets)
	upcalls=$(guest_upcalls u1)
	drops=$(($(nic_drops) + $(device_drops "$run")))
	flags=$(device_count "$run" flags)
	hypercalls=$(device_count "$run" hypercalls)
	nic=$(nic_interrupts eth0)
	{ read -r cpu0 && read -r cpuu; } < <(cputime 0 "$id")

	read -r _ sent _ ns < <(pace eth1 "$3" $small_frames 60 $small_rate)
	usleep 200000

	{ read -r cpu0_end && read -r cpuu_end; } < <(cputime 0 "$id")
	put "$run" small_nic_interrupts $(($(nic_interrupts eth0) - nic))
	put "$run" small_guest_upcalls_all $(($(guest_upcalls u1) - upcalls))
	put "$run" small_received $(($(guest_stat u1 "$2" rx_packets) - received))
	put "$run" small_sent "$sent"
	put "$run" small_dropped $(($(nic_drops) + $(device_drops "$run") - drops))
	put "$run" small_events_sent "$(delta "$flags" "$(device_count "$run" flags)")"
	put "$run" small_copy_hypercalls \
		"$(delta "$hypercalls" "$(device_count "$run" hypercalls)")"
	put "$run" small_dom0_cpu_ns $((cpu0_end - cpu0))
	put "$run" small_domu_cpu_ns $((cpuu_end - cpuu))
	note "$run: the guest idle for as long"
	put "$run" small_idle_upcalls "$(idle_upcalls $((ns + 200000000)))"
}

large() { # RUN DEV MAC
	local received sent
	note "$1: $large_frames frames of 1514 bytes"
	received=$(guest_stat u1 "$2" rx_packets)
	read -r _ sent _ < <(pace eth1 "$3" $large_frames 1514 $large_rate)
	usleep 200000
	put "$1" large_sent "$sent"
	put "$1" large_received $(($(guest_stat u1 "$2" rx_packets) - received))
}

tcp_mbps() { # ADDRESS [-R]
	local text
	iperf3_again
	text=$(world iperf3 -f m -t $tcp_seconds -c "$@") || fail "iperf3: $text"
	awk '/receiver/ { print $7 }' <<<"$text"
}

tcp() { # RUN
	guest_run u1 'pidof iperf3 >/dev/null || iperf3 -s -D'
	note "$1: TCP into the guest, $tcp_seconds s"
	put "$1" tcp_to_guest_mbps "$(tcp_mbps "$GUEST_IP4")"
	note "$1: TCP out of the guest, $tcp_seconds s"
	put "$1" tcp_to_host_mbps "$(tcp_mbps "$GUEST_IP4" -R)"
}

ping_time() { # RUN
	note "$1: $pings pings"
	world ping -q -c $pings -i 0.02 "$GUEST_IP4" >/tmp/ping ||
		fail "$1: $(tail -n 3 /tmp/ping)"
	put "$1" ping_avg_ms "$(awk -F/ '/^rtt/ { print $5 }' /tmp/ping)"
}

measure() { # RUN DEV MAC
	introduce_u1 "$2" "$3"
	world ping -q -c 5 -i 0.1 "$GUEST_IP4" >/dev/null || fail "$1: no ping"
	# Address detection and multicast reports would count as frames.
	sleep 3
	ping_time "$1"
	small "$1" "$2" "$3"
	large "$1" "$2" "$3"
	tcp "$1"
}

: >"$figures"
put demo kernel "$(uname -r)"
put demo guest "$GUEST_TYPE"
note "the guest boots"
guest_create u1
id=$(guest_id u1)

note "the in-tree pair: bridge, vif"
dev=$(netfront_up u1)
vif=vif$id.0
measure netfront "$dev" "$(netfront_mac)"
netfront_down u1

if ! drain_there; then
	note "xendrain is not built: its half is left out"
	exit 0
fi
note "xendrain on the same card"
drain_load
handle=$(drain_attach u1)
dev=$(drain_up u1)
measure xendrain "$dev" "$(drain_mac)"
xendrain stat u1 "$handle"
