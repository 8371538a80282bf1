# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: vdrain in an xl config gives the guest its devices at create, reboot and restore or migration, streams go on
# shellcheck source=tests/lab/kit/xl.sh
. /lab/kit/xl.sh

no_guest
: >$log
drain_load
snapshot_before
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
first=$(macs 0 1)

note "one daemon only"
status=0
xendraind --config-dir "$configs" 2>/tmp/second || status=$?
expect_eq "status of a second daemon" $status 1
grep -q 'runs already' /tmp/second || fail "a second daemon says: $(cat /tmp/second)"
status=0
xendraind --config-dir /nowhere 2>/tmp/second || status=$?
expect_eq "status with a bad directory" $status 2
expect_eq "lines with a bad directory" "$(wc -l </tmp/second)" 1
status=0
xendraind --colour 2>/tmp/second || status=$?
expect_eq "status with a bad option" $status 2
grep -q -- '--colour: unknown' /tmp/second || fail "a bad option: $(cat /tmp/second)"

note "reboot, while no daemon is there"
kill -KILL $daemon
reboot_guest
expect_eq "devices without a daemon" "$(xenstore-list "/local/domain/0/backend/vdrain/$(guest_id u1)" 2>/dev/null)" ""
daemon_start
drain_guest_load u1
pings_soon
expect_eq "addresses after reboot" "$(macs 0 1)" "$first"
said 'gone, released 2 vdrain devices'

note "reboot"
reboot_guest
pings_soon
expect_eq "addresses after the second reboot" "$(macs 0 1)" "$first"

away_and_back 2
expect_eq "addresses afterwards" "$(macs 0 1)" "$first"

pings_judged

note "the end"
daemon_end
daemon_start
expect_eq "addresses after a restart of the daemon" "$(macs 0 1)" "$first"
id=$(guest_id u1)
guest_destroy u1
said "domain $id: gone, released 2 vdrain devices"
! xenstore-exists "/local/domain/0/backend/vdrain/$id" ||
	fail "left: $(xenstore-ls "/local/domain/0/backend/vdrain/$id")"
daemon_end
expect_nothing_lost /tmp/before "afterwards"
