# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of vdrain in an xl config share, besides the kit: the daemon,
# and what becomes of the guest u1.
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

log=/tmp/xendraind.log
configs=/run/lab # where guest_create puts them

daemon_start() {
	xendraind --config-dir "$configs" 2>>$log &
	daemon=$!
	wait_for 10 grep -q 'looks for configs' $log || fail "xendraind: $(tail -n 1 $log)"
}

said() { # REGEX: and wait for it
	wait_for 20 grep -Eq "$1" $log || fail "xendraind did not say '$1': $(tail -n 3 $log)"
}

new_domain() { # waits until the guest is one that it was not before
	local before
	before=$(guest_id u1)
	rm -f /run/lab/kit/u1.id
	wait_for 60 eval "xl domid u1 >/dev/null 2>&1 && [ \$(xl domid u1) != $before ]" ||
		fail "no new domain u1 after domain $before"
}

reboot_guest() {
	guest_bg u1 'usleep 300000; reboot -f'
	new_domain
	# xl is not through with it: it may have no console yet.
	wait_for 60 ask -t 60 -r u1 2>/dev/null || fail "u1 does not come up again"
	wait_for 60 guest_run u1 true 2>/dev/null || fail "u1 has no console"
}

macs() { # HANDLE...
	local handle
	for handle; do
		xenstore-read "$(backend_path u1 "$handle")/mac"
	done
}

# Within 5 s of the guest's kernel being up. In virtual time (LAB_ICOUNT) that
# holds each time. A machine that is busy with other things makes the clock on the
# wall useless, so there the fastest of a test's has to (pings_judged), and none
# may take more than twice that. A kernel with checkers may take longer.
pings_soon() {
	local begun=${EPOCHREALTIME/./} ms limit=$((10000 * LAB_SLOW))
	[ -z "${LAB_ICOUNT-}" ] || limit=5000
	address_again u1
	wait_for 30 ping_once world "$(ip4_of u1)" || fail "the world does not reach u1"
	ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
	note "pings after $ms ms"
	[ $ms -lt $limit ] || fail "u1 pings only after $ms ms, allowed are $limit"
	fastest=$((ms < fastest ? ms : fastest))
}

fastest=1000000
pings_judged() {
	[ $fastest -lt $((5000 * LAB_SLOW)) ] || fail "u1 pings after $fastest ms at best"
}

# Paced, so that they last longer than what happens meanwhile.
streams_start() {
	modprobe sch_fq
	on u1 modprobe sch_fq
	world tc qdisc replace dev eth1 root fq maxrate 10mbit
	on u1 "tc qdisc replace dev $(dev_of u1) root fq maxrate 10mbit"
	on u1 "stream recv 3001 15000000 1 >/tmp/received 2>&1 </dev/null &"
	world stream recv 3002 15000000 2 >/tmp/received 2>&1 </dev/null &
	wait_for 10 on u1 grep -q ready /tmp/received || fail "no receiver in u1"
	wait_for 10 grep -q ready /tmp/received || fail "no receiver in the world"
	world stream send "$(ip4_of u1)" 3001 15000000 1 >/tmp/sent 2>&1 &
	sender=$!
	on u1 "stream send $WORLD_IP4 3002 15000000 2 >/tmp/sent 2>&1 </dev/null &"
	sleep 2
}

streams_judged() {
	wait "$sender" || fail "stream into u1: $(cat /tmp/sent); u1 says: $(on u1 cat /tmp/received)"
	wait_for 60 on u1 grep -q '^sent' /tmp/sent || fail "stream out of u1: $(on u1 cat /tmp/sent)"
	grep -q '15000000 of 15000000' /tmp/received || fail "stream out of u1: $(cat /tmp/received)"
	world tc qdisc delete dev eth1 root
}

# The log of the console has the name that the domain had when it came.
migrate() {
	printf '#!/bin/bash\nshift\nexec "$@"\n' >/tmp/no-ssh
	chmod +x /tmp/no-ssh
	xl migrate -s /tmp/no-ssh u1 localhost >/tmp/migrate.log 2>&1 ||
		fail "xl migrate: $(tail -n 1 /tmp/migrate.log)"
	ln -f /var/log/xen/console/guest-u1--incoming.log /var/log/xen/console/guest-u1.log
}

save_restore() { # DOMID DEVICES
	xl save u1 /tmp/u1.save >/dev/null 2>&1 || fail "xl save failed"
	said "domain $1: gone, released $2"
	xl restore /tmp/u1.save >/dev/null 2>&1 || fail "xl restore failed"
	rm /tmp/u1.save
}

# As the kind of guest allows, under streams that go on.
away_and_back() { # DEVICES
	streams_start
	if [ "$GUEST_TYPE" = pvh ]; then
		note "migration"
		migrate
	else
		note "save and restore"
		save_restore "$(guest_id u1)" "$1"
	fi
	new_domain
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "the world does not reach u1 any more: $(tail -n 1 $log)"
	streams_judged
	stream_both world u1 2
}

daemon_end() {
	kill -TERM "$daemon"
	wait "$daemon" || fail "xendraind ended with status $?"
}

no_guest() {
	if xl domid u1 >/dev/null 2>&1; then
		drain_detach_all "$(xl domid u1)"
		guest_destroy u1
	fi
}
