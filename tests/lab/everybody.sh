# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: ARP, broadcast and multicast reach everybody exactly once, and never their sender
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
places="world dom0 u1 u2"

world ip link set eth1 allmulticast on
trap 'world ip link set eth1 allmulticast off' EXIT

# A duplicate follows its original at once, so of 40 frames one at most, the
# last, could arrive twice unseen.
to_all() { # FROM MAC WHAT
	local place verdict own
	for place in $places; do
		[ "$place" = "$1" ] ||
			frames_expect "$place" "$1" -m "$2" -f 100 -t 109 -n 4 -w 30000
	done
	own=$(net_count "$1" rx_packets)
	frames_send "$1" -m "$2" -f 100 -t 109 -n 4
	for place in $places; do
		[ "$place" != "$1" ] || continue
		verdict=$(frames_judged "$place" "$1")
		expect_eq "$3 from $1, seen by $place:" "$verdict" \
			"intact 40 missing 0 corrupt 0 duplicate 0"
	done
	expect_eq "frames that $1 received after a $3 of its own" \
		$(($(net_count "$1" rx_packets) - own)) 0
}

have_guest u1
have_guest u2
for guest in u1 u2; do
	guest_run $guest "for group in 01:00:5e:01:02:03 33:33:00:01:02:03; do
		ip maddress add \$group dev $(dev_of $guest); done"
done
hush u1 u2
for from in $places; do
	note "from $from"
	to_all "$from" ff:ff:ff:ff:ff:ff broadcast
	to_all "$from" 01:00:5e:01:02:03 "IPv4 multicast"
	to_all "$from" 33:33:00:01:02:03 "IPv6 multicast"
done

note "ARP"
for from in $places; do
	on "$from" ip neigh flush nud permanent dev "$(dev_of "$from")"
done
for from in $places; do
	for to in $places; do
		[ "$from" != "$to" ] || continue
		on "$from" ip neigh flush dev "$(dev_of "$from")"
		wait_for 10 ping_once "$from" "$(ip4_of "$to")" || fail "no ping from $from to $to after a flush"
	done
done

note "all nodes"
answers=$(on world ping -c 2 -i 1 -W 3 ff02::1%eth1 | grep -c 'bytes from') || true
[ "$answers" -ge 4 ] || fail "ff02::1 was answered $answers times, expected 3 of 4 neighbours twice"
