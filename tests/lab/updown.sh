# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the interface goes down and up, under traffic too, and old frames are not seen afterwards
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
for _ in 1 2 3 4 5; do
	guest_run u1 "ip link set $DEV down"
	! ping_once world "$(ip4_of u1)" || fail "a ping was answered by an interface that is down"
	address_again u1
	ping_ok world u1
done

note "frames that came while it was down"
hush u1
guest_run u1 "ip link set $DEV down"
stale=$(guest_counter u1 to_guest_drops_down)
received=$(net_count u1 rx_packets)
on world "paced eth1 $(mac_of u1) 200 100 1000" >/dev/null
guest_run u1 "frames recv -d $DEV -w 3000 -f 60 -t 60 >/tmp/frames.stale 2>&1 </dev/null &
	sleep 1; tcpdump -n -q -i $DEV -w /tmp/stale.pcap ether proto 0x88b5 2>/dev/null </dev/null &
	sleep 1; ip link set $DEV up; sleep 1; killall tcpdump; true" >/dev/null
stale=$(($(guest_counter u1 to_guest_drops_down) - stale))
expect_eq "stale frames, dropped and counted" "$stale" 200
seen=$(guest_run u1 "tcpdump -n -r /tmp/stale.pcap 2>/dev/null | wc -l")
expect_eq "stale frames that the guest's stack has seen" "$seen" 0
address_again u1
received=$(($(net_count u1 rx_packets) - received))
[ $received -ge 0 ] || fail "rx_packets went backwards"
[ $received -lt 100 ] || fail "stale frames in rx_packets: $received"
wait_for 10 settled u1 || fail "stale frames count as if they were still in the ring, or twice"
ping_ok world u1

note "under traffic, ten times"
floods_start u1
guest_bg u1 "timeout 120 ping -f -W 1 $WORLD_IP4"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	guest_run u1 "ip link set $DEV down; usleep 50000; ip link set $DEV up"
done
floods_stop u1
address_again u1
guest_run u1 "killall -q ping; true"
ping_ok world u1
stream_both world u1 10
