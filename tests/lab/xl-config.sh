# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: vdrain in an xl config gives the guest its devices at create, reboot and restore or migration, streams go on
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

macs() {
	local handle
	for handle in 0 1; do
		xenstore-read "$(backend_path u1 $handle)/mac"
	done
}

pings_soon() { # 5 s after the guest's kernel is up; a busy machine gets twice that
	local begun=${EPOCHREALTIME/./}
	address_again u1
	wait_for 10 ping_once world "$(ip4_of u1)" || fail "the world does not reach u1"
	note "pings after $(((${EPOCHREALTIME/./} - begun) / 1000)) ms"
	[ $((${EPOCHREALTIME/./} - begun)) -lt 10000000 ] || fail "u1 pings only after 10 s"
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
	wait $sender || fail "stream into u1: $(cat /tmp/sent); u1 says: $(on u1 cat /tmp/received)"
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

save_restore() {
	xl save u1 /tmp/u1.save >/dev/null 2>&1 || fail "xl save failed"
	said "domain $1: gone, released 2"
	xl restore /tmp/u1.save >/dev/null 2>&1 || fail "xl restore failed"
	rm /tmp/u1.save
}

if xl domid u1 >/dev/null 2>&1; then
	drain_detach_all "$(xl domid u1)"
	guest_destroy u1
fi
: >$log
drain_load
daemon_start

note "create"
mac=$(mac_of u1)
export GUEST_EXTRA="on_reboot='restart'
vdrain=[ 'nic=eth0,mac=$mac', 'nic=eth0, mtu=1400', 'nic=eth9', 'colour=red', 'handle=0' ]"
guest_create u1
rm -f /run/lab/kit/u1.id
pings_soon
said "domain $(guest_id u1) \(u1\): attached vdrain 1, nic eth0, mac 00:16:3e"
said "/run/lab/u1.cfg: vdrain entry 2, 'nic=eth9': nic=eth9: no such network interface"
said "/run/lab/u1.cfg: vdrain entry 3, 'colour=red': 'colour=red': unknown option"
said "/run/lab/u1.cfg: vdrain entry 4, .*nic is missing"
expect_eq "devices" "$(xenstore-list "/local/domain/0/backend/vdrain/$(guest_id u1)" | sort | paste -sd ' ')" "0 1"
expect_eq "mtu of device 1" "$(xenstore-read "$(backend_path u1 1)/mtu")" 1400
first=$(macs)

note "one daemon only"
status=0
xendraind --config-dir "$configs" 2>/tmp/second || status=$?
expect_eq "status of a second daemon" $status 1
grep -q 'runs already' /tmp/second || fail "a second daemon says: $(cat /tmp/second)"
status=0
xendraind --config-dir /nowhere 2>/tmp/second || status=$?
expect_eq "status with a bad directory" $status 2
expect_eq "lines with a bad directory" "$(wc -l </tmp/second)" 1

note "reboot, while no daemon is there"
kill -KILL $daemon
reboot_guest
expect_eq "devices without a daemon" "$(xenstore-list "/local/domain/0/backend/vdrain/$(guest_id u1)" 2>/dev/null)" ""
daemon_start
drain_guest_load u1
pings_soon
expect_eq "addresses after reboot" "$(macs)" "$first"
said 'gone, released 2 vdrain devices'

note "reboot"
reboot_guest
pings_soon
expect_eq "addresses after the second reboot" "$(macs)" "$first"

streams_start
if [ "$GUEST_TYPE" = pvh ]; then
	note "migration"
	migrate
else
	note "save and restore"
	save_restore "$(guest_id u1)"
fi
new_domain
wait_for 20 ping_once world "$(ip4_of u1)" || fail "the world does not reach u1 any more"
expect_eq "addresses afterwards" "$(macs)" "$first"
streams_judged
stream_both world u1 2

note "the end"
kill -TERM $daemon
wait $daemon || fail "xendraind ended with status $?"
daemon_start
expect_eq "addresses after a restart of the daemon" "$(macs)" "$first"
id=$(guest_id u1)
guest_destroy u1
said "domain $id: gone, released 2 vdrain devices"
! xenstore-exists "/local/domain/0/backend/vdrain/$id" ||
	fail "left: $(xenstore-ls "/local/domain/0/backend/vdrain/$id")"
kill -TERM $daemon
wait $daemon || fail "xendraind ended with status $?"
