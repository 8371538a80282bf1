# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the interface goes down and up, under traffic too, and old frames are not seen afterwards
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
snapshot_before
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
# On "any": an interface that is down cannot be listened to. One frame comes
# afterwards, and shows that it is listened.
guest_bg u1 "tcpdump -Z root -n -q -i any -w /tmp/stale.pcap ether proto 0x88b5"
guest_run u1 "sleep 1; ip link set $DEV up; sleep 1"
wait_for 10 carrier_is u1 1 || fail "no carrier"
on world "paced eth1 $(mac_of u1) 1 100 1000" >/dev/null
guest_run u1 "sleep 1; killall tcpdump; sleep 1"
stale=$(($(guest_counter u1 to_guest_drops_down) - stale))
expect_eq "stale frames, dropped and counted" "$stale" 200
seen=$(guest_run u1 "tcpdump -Z root -n -e -r /tmp/stale.pcap 2>/dev/null" | grep -c 0x88b5 || true)
expect_eq "frames that the guest's stack has seen, all and one that came later" "$seen" 1
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
expect_nothing_lost /tmp/before "afterwards"
