# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the guest gets the multicast groups it joined; every frame of the NIC only if it is trusted; bad filters are refused
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
group=01:00:5e:01:02:03
foreign=02:00:00:00:00:77

filter_lacks() { # WORD
	! filter_has "$1"
}

# Twenty frames; how many frames the backend puts into the ring meanwhile. One
# or two may be somebody's multicast.
delivered() { # MAC [PLACE]
	local before
	before=$(stat_of u1 to_guest_frames_in)
	frames_send "${2:-world}" -m "$1" -f 100 -t 119
	usleep 300000
	echo $(($(stat_of u1 to_guest_frames_in) - before))
}

gets() { # WHAT MAC [PLACE]: once
	local got
	got=$(delivered "${@:2}")
	[ "$((got / 10))" = 2 ] || fail "$1: $got were delivered, 20 were sent"
}

gets_none() { # WHAT MAC [PLACE]
	local got
	got=$(delivered "${@:2}")
	[ "$got" -lt 10 ] || fail "$1: $got were delivered"
}

refused() { # VALUE REGEX: of the key, as a hostile guest would write it
	local before
	before=$(filter)
	xenstore-write -- "$(frontend_path u1)/rx-filter" "$1"
	wait_for 5 error_says u1 "$HANDLE" "$2" ||
		fail "rx-filter=${1:0:40}: the error node says: $(backend_error u1)"
	expect_eq "the filter after a bad one" "$(filter)" "$before"
}

mode() { # OPTION...: of the guest's interface
	guest_run u1 "ip link set $DEV $*"
}

have_guest u1
hush u1
wait_for 5 filter_has 33:33:00:00:00:01 || fail "not even all nodes: $(filter)"
filter_lacks allmulti || fail "the guest is said to want all multicast: $(filter)"
gets "broadcasts delivered" ff:ff:ff:ff:ff:ff
gets_none "frames to a group that is not joined" $group

note "groups"
guest_run u1 ip maddress add $group dev "$DEV"
wait_for 5 filter_has $group || fail "the group does not reach the filter: $(filter)"
gets "frames to a group that is joined" $group
gets_none "frames to another group" 01:00:5e:01:02:04
guest_run u1 ip maddress delete $group dev "$DEV"
wait_for 5 filter_lacks $group || fail "the group stays in the filter: $(filter)"
gets_none "frames to a group that was left" $group
mode allmulticast on
wait_for 5 filter_has allmulti || fail "allmulticast does not reach the filter: $(filter)"
gets "frames to any group" $group
mode allmulticast off
wait_for 5 filter_lacks allmulti || fail "allmulticast stays: $(filter)"
guest_run u1 "for i in \$(seq 10 79); do ip maddress add 01:00:5e:02:02:\$i dev $DEV; done"
wait_for 5 filter_has allmulti || fail "seventy groups: $(filter)"
guest_run u1 "for i in \$(seq 10 79); do ip maddress delete 01:00:5e:02:02:\$i dev $DEV; done"
wait_for 5 filter_lacks allmulti || fail "few groups again: $(filter)"
wait_for 5 filter_lacks 01:00:5e:02:02:79 || fail "the last of them stays: $(filter)"

note "a reconnect, and a new address"
before=$(filter)
drain_unload
drain_load
wait_for 20 connected u1 || fail "not connected"
wait_for 5 filter_has 33:33:00:00:00:01 || fail "no filter after a reconnect: $(filter)"
expect_eq "the filter after a reconnect" "$(filter)" "$before"
wait_for 20 carrier_is u1 1 || fail "no carrier after a reconnect"
guest_run u1 ip address add fd77::abcd:1234/64 dev "$DEV" nodad
wait_for 5 filter_has 33:33:ff:cd:12:34 || fail "the group of a new address: $(filter)"
ping_ok world u1 fd77::abcd:1234

note "promiscuous, not trusted"
refusals=$(stat_of u1 rx_filter_refused)
mode promisc on
wait_for 5 error_says u1 "$HANDLE" 'promisc.*spoof-check=0' ||
	fail "promisc: the error node says: $(backend_error u1)"
[ "$(stat_of u1 rx_filter_refused)" -gt "$refusals" ] || fail "the refusal is not counted"
gets_none "frames to somebody else" $foreign
gets "frames to any group" $group
grep -q 'promiscuity [1-9]' <<<"$(ip -d link show eth0)" && fail "the NIC is promiscuous"
mode promisc off
wait_for 5 filter_lacks allmulti || fail "promisc stays: $(filter)"

note "bad filters"
refused "$group 01:00:5e:01:02:0z" '01:00:5e:01:02:0z'
refused 00:16:3e:00:00:01 'allowed is promisc, allmulti or a multicast address'
have_guest u1
hush u1
refused "$(printf '01:00:5e:03:03:%d ' {10..74})" 'more than 64 groups'
refused "$(head -c 1500 /dev/zero | tr '\0' x)" xxxxxxxx
lines=$(dmesg | grep -c rx-filter) start=$SECONDS
for i in $(seq $((200 / LAB_SLOW))); do
	xenstore-write "$(frontend_path u1)/rx-filter" "bad$i"
done
lines=$(($(dmesg | grep -c rx-filter) - lines))
# Most are merged; on a slow kernel fewer are, and then it is 20 a minute.
[ $lines -le $((5 + 20 * ((SECONDS - start + 50) / 60))) ] || fail "$lines messages for $i bad filters"
xenstore-rm "$(frontend_path u1)/rx-filter"
wait_for 5 filter_has allmulti || fail "a guest without a filter: $(filter)"

note "promiscuous, trusted"
mode promisc on
wait_for 5 filter_has allmulti || fail "promisc: $(filter)"
xendrain tune u1 spoof-check=0
wait_for 5 filter_has promisc || fail "promisc with spoof-check=0: $(filter)"
gets "frames to somebody else" $foreign
gets "frames of dom0 to somebody else" $foreign dom0
gets "frames to the guest itself" "$(mac_of u1)"
mode promisc off
wait_for 5 filter_lacks promisc || fail "promisc stays: $(filter)"
gets_none "frames to somebody else, afterwards" $foreign
mode promisc on
wait_for 5 filter_has promisc || fail "promisc again: $(filter)"
xendrain tune u1 spoof-check=1
wait_for 5 filter_has allmulti || fail "promisc with spoof-check=1: $(filter)"
xendrain tune u1 spoof-check=0
wait_for 5 filter_has promisc || fail "promisc with spoof-check=0 again: $(filter)"
drain_detach u1 "$HANDLE"
grep -q 'promiscuity [1-9]' <<<"$(ip -d link show eth0)" && fail "the NIC stays promiscuous"
have_guest u1
ping_ok world u1
