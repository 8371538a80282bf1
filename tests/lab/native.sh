# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: an xl with the patches makes vdrain devices by itself, and keeps them over save and restore
# timeout: 500
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

xl help | grep -q vdrain-attach || skip "this xl has no patches: run make check-patches"

tuning=coalesce-usecs=100,coalesce-adaptive=0,fetch=copy,drain-pages=8,copybreak=128
tuning+=,rate=100Mb/s,spoof-check=0

rows() { # of vdrain-list, without the heading
	xl vdrain-list u1 | sed 1d
}

row_of() { # HANDLE
	rows | awk -v handle="$1" '$1 == handle { $1 = $1; print }'
}

# Names alone; what the backend says and the addresses differ.
keys_of() { # HANDLE
	xenstore-ls "$(backend_path u1 "$1")" | grep -vE '^(frontend|handle|mac|hotplug-status) ' |
		grep -vE '^(protocol-|max-|link|speed|connection|state)' | sort
}

gone() { # HANDLE: from everywhere
	[ -z "$(row_of "$1")" ] && ! xenstore-exists "$(backend_path u1 "$1")" &&
		! xenstore-exists "$(frontend_path u1 "$1")"
}

refused() { # SENTENCE SPEC...: by vdrain-attach, without a trace
	local said sentence=$1
	shift
	said=$(xl vdrain-attach u1 "$@" 2>&1) && fail "vdrain-attach $* was taken"
	grep -Eq "$sentence" <<<"$said" || fail "vdrain-attach $* says: $said"
	expect_eq "vdrain-list after $*" "$(rows)" "$before"
}

away_and_back() {
	xl save u1 /tmp/u1.save >/tmp/away 2>&1 || fail "xl save: $(tail -n 2 /tmp/away)"
	xl restore /tmp/u1.save >/tmp/away 2>&1 || fail "xl restore: $(tail -n 2 /tmp/away)"
	rm -f /tmp/u1.save /run/lab/kit/u1.id
}

drain_load
# Where a daemon is, it has nothing to do.
[ ! -x /usr/bin/xendraind ] || xendraind --config-dir /run/lab 2>/tmp/xendraind.log &
GUEST_EXTRA="vdrain=['nic=eth0,mac=$(drain_mac 2)', 'handle=3,nic=eth0,$tuning']" guest_create u1
guest_id u1 >/dev/null

note "a device out of the domain's config"
DEV=$(drain_up u1 2) || fail "no interface with carrier: $DEV"
echo "$DEV" >/run/lab/kit/u1.dev
ping_ok world u1
ping_ok u1 dom0
expect_eq "row 0" "$(row_of 0)" "0 0 $(drain_mac 2) 0 4 nic eth0 $(backend_path u1 0)"
generated=$(row_of 3 | awk '{ print $3 }')
[[ $generated == 00:16:3e:* ]] || fail "the generated address is $generated"

[ ! -x /usr/bin/xendraind ] || wait_for 10 grep -q "u1): libxl makes" /tmp/xendraind.log ||
	fail "xendraind: $(cat /tmp/xendraind.log)"
killall -q xendraind

note "the keys are those that xendrain writes"
xl vdrain-detach u1 3 || fail "vdrain-detach 3 failed"
gone 3 || fail "vdrain-detach 3 left something"
for spec in nic=eth0 nic=eth0,mtu=1400,queues=2,ring-pages=64,$tuning; do
	xl vdrain-attach u1 "$spec" || fail "vdrain-attach $spec failed"
	said=$(xendrain attach u1 "$spec") || fail "xendrain attach $spec failed"
	expect_eq "xendrain's handle" "${said%%, nic*}" \
		"domain $(guest_id u1) (u1): attached vdrain 2"
	expect_eq "keys of $spec" "$(keys_of 1)" "$(keys_of 2)"
	expect_eq "the frontend's keys" "$(xenstore-list "$(frontend_path u1 1)" | sort)" \
		"$(xenstore-list "$(frontend_path u1 2)" | sort)"
	# A handle that xendrain has taken is not xl's to give.
	before=$(rows)
	refused 'a device 2 already' handle=2,nic=eth0
	xl vdrain-detach u1 "$(row_of 1 | awk '{ print $3 }')" || fail "detach by address failed"
	gone 1 || fail "vdrain-detach left something"
	xendrain detach u1 2 || fail "xendrain detach failed"
done

note "a device on a bridge"
ip link add xenbr1 type bridge forward_delay 0
ip address add 192.168.78.3/24 dev xenbr1
ip link set xenbr1 up
xl vdrain-attach u1 bridge=xenbr1,mtu=1400 || fail "vdrain-attach bridge=xenbr1 failed"
port=vd$(guest_id u1).1
[ -e "/sys/class/net/xenbr1/brif/$port" ] || fail "$port is not on the bridge"
expect_eq "its mtu" "$(cat "/sys/class/net/$port/mtu")" 1400
expect_eq "the frontend's mtu" "$(xenstore-read "$(frontend_path u1 1)/mtu")" 1400
! xenstore-list /local/domain | grep -q vd || fail "set_mtu has made a domain up"
mac=$(row_of 1 | awk '{ print $3 }')
has_dev() { # MAC
	dev=$(guest_dev u1 "$1") && [ -n "$dev" ]
}
wait_for 10 has_dev "$mac" || fail "the guest has no interface $mac"
guest_run u1 "ip address add 192.168.78.2/24 dev $dev && ip link set $dev up"
wait_for 10 ping_once dom0 192.168.78.2 || fail "no ping over the bridge"
xl vdrain-detach u1 1 || fail "vdrain-detach of a device on a bridge failed"
gone 1 || fail "a device on a bridge leaves something"
[ ! -e "/sys/class/net/$port" ] || fail "$port is left"
ip link delete xenbr1

note "what is not allowed is refused, in a sentence"
before=$(rows)
refused 'nosuch=1: not a key' nic=eth0,nosuch=1
refused 'fetch=both: allowed is copy or map' nic=eth0,fetch=both
refused 'mac=1:2: allowed is an address' nic=eth0 mac=1:2
refused 'queues is 17, allowed are 1 to 16' nic=eth0,queues=17
refused 'ring-pages is 12, allowed are powers' nic=eth0,ring-pages=12
refused 'bridge is for devices without nic' nic=eth0,bridge=xenbr0
refused 'rate is .* allowed are' nic=eth0,rate=1MB/s@10us
sed "s/^vdrain=.*/vdrain=['handle=1', 'nic=eth0']/; s/^name=.*/name='bad'/" /run/lab/u1.cfg \
	>/run/lab/bad.cfg
said=$(xl create -q /run/lab/bad.cfg 2>&1) && fail "two devices with one handle were taken"
grep -q 'have handle 1' <<<"$said" || fail "two devices with one handle: $said"

note "what the backend refuses is passed on"
said=$(xl vdrain-attach u1 nic=nosuch 2>&1) && fail "nic=nosuch was taken"
grep -q 'backend: .*nosuch' <<<"$said" || fail "nic=nosuch says: $said"
xl vdrain-detach u1 1 || fail "a refused device cannot be detached"
gone 1 || fail "a refused device leaves something"

note "away and back: same address, same connection"
xl vdrain-attach u1 nic=eth0,rate=10MB/s || fail "vdrain-attach failed"
generated=$(row_of 1 | awk '{ print $3 }')
xl list -l u1 | grep -q "\"mac\": \"$generated\"" || fail "$generated is not in the config"
rate=$(xenstore-read "$(backend_path u1 1)/rate")
# Slow enough to be under way all the time.
world tc qdisc add dev eth1 root netem rate 50mbit limit 1000
stream_ok world u1 80 &
stream=$!
usleep 2000000
away_and_back
kill -0 $stream 2>/dev/null || fail "the stream was too short"
row_is() { # ADDRESS STATE HANDLE
	[ "$(row_of "$3")" = "$3 0 $1 $3 $2 nic eth0 $(backend_path u1 "$3")" ]
}
wait_for 20 row_is "$(drain_mac 2)" 4 0 || fail "device 0 is now: $(row_of 0)"
wait_for 20 row_is "$generated" 4 1 || fail "device 1 is now: $(row_of 1)"
expect_eq "the rate" "$(xenstore-read "$(backend_path u1 1)/rate")" "$rate"
wait $stream || fail "the stream did not survive"
world tc qdisc del dev eth1 root
ping_ok world u1

note "a domain that goes takes its devices along"
id=$(guest_id u1)
xl destroy u1 || fail "xl destroy failed"
for path in "/local/domain/0/backend/vdrain/$id" "/libxl/$id"; do
	! xenstore-exists "$path" || fail "$path is left: $(xenstore-ls "$path")"
done
