# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: in an unpaced flood every frame is received or counted as dropped, exactly, both ways
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
count=30000

sent_by() { # PLACE TO SIZE: floods, prints how many the sender's socket took
	on "$1" "paced $(dev_of "$1") $(mac_of "$2") $count $3 0" | awk '/^sent/ { print $2 }'
}

# Into the guest: what the NIC let through is in the ring or dropped there, and
# what is in the ring comes out of it.
into_guest() { # FROM SIZE [paused]
	local sent nic lost drops in out
	nic=$(net_count dom0 rx_packets) lost=$(net_count dom0 rx_missed_errors rx_fifo_errors)
	in=$(stat_of u1 to_guest_frames_in) drops=$(stat_of u1 to_guest_drops)
	out=$(net_count u1 rx_packets)
	[ -z "${3-}" ] || xl pause u1
	sent=$(sent_by "$1" u1 "$2")
	[ -z "${3-}" ] || xl unpause u1
	wait_for 20 settled u1 || fail "flood from $1: the ring does not drain"
	nic=$(($(net_count dom0 rx_packets) - nic))
	lost=$(($(net_count dom0 rx_missed_errors rx_fifo_errors) - lost))
	in=$(($(stat_of u1 to_guest_frames_in) - in)) drops=$(($(stat_of u1 to_guest_drops) - drops))
	out=$(($(net_count u1 rx_packets) - out))
	note "$1 to guest, $2 bytes: sent $sent, NIC $nic, NIC lost $lost, dropped $drops, received $out"
	expect_eq "$1 to guest: received by the guest" "$out" "$in"
	expect_eq "$1 to guest: received + dropped + lost by the NIC" $((out + drops + lost)) "$sent"
	[ "$1" != world ] || expect_eq "world to guest: what the NIC counted" "$nic" $((out + drops))
}

out_of_guest() { # TO SIZE
	local sent ring full in taken drops received missed
	ring=$(net_count u1 tx_packets) full=$(net_count u1 tx_dropped)
	in=$(stat_of u1 to_host_frames_in) taken=$(stat_of u1 to_host_frames_out)
	drops=$(stat_of u1 to_host_consumer_drops)
	received=$(net_count "$1" rx_packets) missed=$(net_count "$1" rx_missed_errors rx_fifo_errors)
	sent=$(sent_by u1 "$1" "$2")
	wait_for 20 all_taken || fail "flood to $1: the ring does not drain"
	ring=$(($(net_count u1 tx_packets) - ring)) full=$(($(net_count u1 tx_dropped) - full))
	in=$(($(stat_of u1 to_host_frames_in) - in)) taken=$(($(stat_of u1 to_host_frames_out) - taken))
	drops=$(($(stat_of u1 to_host_consumer_drops) - drops))
	expect_eq "guest to $1: put into the ring + dropped" $((ring + full)) "$sent"
	expect_eq "guest to $1: put into the ring, says dom0" "$in" "$ring"
	expect_eq "guest to $1: taken out of the ring" "$taken" "$ring"
	[ "$1" != dom0 ] || return 0
	wait_for 10 all_arrived "$received" "$missed" $((taken - drops)) || true
	received=$(($(net_count "$1" rx_packets) - received))
	missed=$(($(net_count "$1" rx_missed_errors rx_fifo_errors) - missed))
	note "guest to $1, $2 bytes: sent $sent, full $full, dropped $drops, received $received, NIC lost $missed"
	expect_eq "guest to $1: received + dropped + lost by the NIC" $((received + missed + drops)) "$taken"
}

all_taken() {
	[ "$(stat_of u1 to_host_frames_in)" = "$(stat_of u1 to_host_frames_out)" ]
}

all_arrived() { # RECEIVED MISSED EXPECTED
	[ $(($(net_count world rx_packets rx_missed_errors rx_fifo_errors) - $1 - $2)) -ge "$3" ]
}

have_guest u1
hush u1
for size in 60 1514; do
	into_guest world $size
	into_guest dom0 $size
	out_of_guest world $size
	out_of_guest dom0 $size
	count=10000
done
ping_ok world u1

note "a guest that does not run while frames come"
count=20000
for from in world dom0; do
	full=$(stat_of u1 to_guest_drops_ring_full)
	into_guest "$from" 60 paused
	[ "$(stat_of u1 to_guest_drops_ring_full)" -gt $((full + 1000)) ] ||
		fail "a ring that nobody drains took $count frames from $from"
done
ping_ok world u1

note "UDP, unpaced: what the guest's socket gets and what is counted"
drops=$(stat_of u1 to_guest_drops)
lost=$(net_count dom0 rx_missed_errors rx_fifo_errors)
guest_run u1 "udp recv 7000 30000 $((4000 * LAB_SLOW)) >/tmp/udp 2>&1 </dev/null &"
wait_for 10 guest_run u1 grep -q ready /tmp/udp || fail "no udp sink in the guest"
sent=$(on world "udp send $(ip4_of u1) 7000 64 30000" | awk '{ print $2 }')
wait_for 30 guest_run u1 grep -q received /tmp/udp || fail "the udp sink does not end"
read -r _ received _ _ _ twice _ late _ < <(guest_run u1 grep received /tmp/udp)
drops=$(($(stat_of u1 to_guest_drops) - drops))
lost=$(($(net_count dom0 rx_missed_errors rx_fifo_errors) - lost))
# Any cause: its buffer or the guest's memory for UDP.
overflow=$(guest_run u1 cat /proc/net/snmp | awk '$1 == "Udp:" && $4 ~ /[0-9]/ { print $4 }')
note "UDP: sent $sent, received $received, dropped $drops, NIC lost $lost, socket full $overflow"
expect_eq "datagrams twice" "$twice" 0
expect_eq "datagrams late" "$late" 0
expect_eq "UDP: received + dropped + lost + socket full" \
	$((received + drops + lost + overflow)) "$sent"
