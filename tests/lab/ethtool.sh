# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: ethtool in the guest says what is true and sets what it says; ip -s link counts
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

setting() { # KEY: of ethtool -c
	guest_run u1 ethtool -c "$DEV" | awk -v k="$1:" '$1 == k { print $2 }'
}

have_guest u1
expect_eq "driver" "$(guest_run u1 ethtool -i "$DEV" | sed -n 's/^driver: //p')" xen-drainfront
expect_eq "bus" "$(guest_run u1 ethtool -i "$DEV" | sed -n 's/^bus-info: //p')" "vdrain-$HANDLE"
guest_run u1 ethtool "$DEV" >/tmp/link
for line in 'Speed: 1000Mb/s' 'Duplex: Full' 'Link detected: yes'; do
	grep -q "$line" /tmp/link || fail "ethtool does not say $line"
done

guest_run u1 ethtool -S "$DEV" >/tmp/counters
for name in to_guest_{upcalls,masked_upcalls,drains,hypercalls,copies,frames,bytes,copybreak} \
	to_guest_drops_{malformed,no_memory,down} to_host_{frames,bytes,batches,flags} \
	to_host_drops_{ring_full,too_long,offload,not_connected} protocol_errors; do
	grep -q " $name: [0-9]" /tmp/counters || fail "ethtool -S has no $name"
done

hush u1
rx=$(net_count u1 rx_packets) tx=$(net_count u1 tx_packets) bytes=$(net_count u1 rx_bytes)
frames_ok world u1 100 199
frames_ok u1 world 100 149
expect_eq "rx_packets" $(($(net_count u1 rx_packets) - rx)) 100
expect_eq "rx_bytes" $(($(net_count u1 rx_bytes) - bytes)) $((100 * (100 + 199) / 2))
expect_eq "tx_packets" $(($(net_count u1 tx_packets) - tx)) 50

for name in to_guest_{upcalls,frames} to_host_{frames,flags}; do
	grep -q " q0_$name: [0-9]" /tmp/counters || fail "ethtool -S has no q0_$name"
done
! grep -q " q1_" /tmp/counters || fail "ethtool -S has a queue too many"
expect_eq "rx_packets of queue 0, and what came before the interface was up" \
	"$(guest_counter u1 q0_to_guest_frames)" \
	$(($(net_count u1 rx_packets) + $(guest_counter u1 to_guest_drops_down)))

note "queues, rings, time stamps"
numbers() { # OPTION WORD: maximum and current, of ethtool
	guest_run u1 ethtool "$1" "$DEV" | awk -v k="$2:" '$1 == k { print $2 }' | paste -sd ' '
}
expect_eq "combined queues" "$(numbers -l Combined)" "1 1"
expect_eq "ring pages, to guest" "$(numbers -g RX)" "128 128"
expect_eq "ring pages, to host" "$(numbers -g TX)" "128 128"
ring_is() {
	connected u1 && carrier_is u1 1 && [ "$(numbers -g RX) $(numbers -g TX)" = "128 $1 128 $1" ]
}
gso_max() { # prints gso_max_size gso_ipv4_max_size
	guest_run u1 ip -d link show dev "$DEV" | grep -oE 'gso_(ipv4_)?max_size [0-9]+' | paste -sd ' '
}
limits=$(gso_max)
stream_ok world u1 30 &
usleep 200000
guest_run u1 ethtool -G "$DEV" rx 32 tx 32
wait_for 20 ring_is 32 || fail "ethtool -G has no effect"
wait_all
expect_eq "ring-pages" "$(xenstore-read "$(frontend_path u1)/ring-pages")" 32
[ "$(gso_max)" != "$limits" ] || fail "a ring of 32 pages has the limits of one of 128: $limits"
for bad in "rx 64" "rx 64 tx 16" "rx 48 tx 48" "rx 4 tx 4" "rx 256 tx 256"; do
	! guest_run u1 "ethtool -G $DEV $bad 2>&1" >/tmp/said || fail "ethtool -G $bad was accepted"
done
expect_eq "ring pages after refusals" "$(numbers -g RX)" "128 32"
guest_run u1 ethtool -G "$DEV" rx 128 tx 128
wait_for 20 ring_is 128 || fail "ethtool -G has no effect"
expect_eq "limits of segmentation, ring pages as before" "$(gso_max)" "$limits"
guest_run u1 ethtool -T "$DEV" >/tmp/said
for word in software-transmit software-receive software-system-clock; do
	grep -q "$word" /tmp/said || fail "ethtool -T does not say $word"
done
for option in -x "-X equal 1"; do
	! guest_run u1 "ethtool ${option%% *} $DEV ${option#-?} 2>&1" >/tmp/said || fail "ethtool $option was accepted"
	grep -qi 'not supported' /tmp/said || fail "ethtool $option: $(cat /tmp/said)"
done

note "moderation"
expect_eq "adaptive, by itself" "$(guest_run u1 ethtool -c "$DEV" | awk '/^Adaptive RX:/ { print $3 }')" on
guest_run u1 ethtool -C "$DEV" adaptive-rx off rx-usecs 200
expect_eq "rx-usecs" "$(setting rx-usecs)" 200
stream_ok world u1 5
! guest_run u1 "ethtool -C $DEV rx-usecs 10001 2>/dev/null" || fail "rx-usecs 10001 was accepted"
expect_eq "rx-usecs after a refusal" "$(setting rx-usecs)" 200
guest_run u1 ethtool -C "$DEV" rx-usecs 10000
ping_ok world u1
flags=$(stat_of u1 to_guest_flags)
on world "paced eth1 $(mac_of u1) 2000 60 2000" >/dev/null
flags=$(($(stat_of u1 to_guest_flags) - flags))
[ "$flags" -le 400 ] || fail "$flags flags for 2000 frames in a second with rx-usecs 10000"
guest_run u1 ethtool -C "$DEV" adaptive-rx on rx-usecs 1000
stream_ok world u1 5
