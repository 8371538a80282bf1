# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the init script starts xendraind and the backend, stops it, and restarts it without a frame lost by a guest
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

script=/etc/init.d/xendraind

# By Debian's sh: busybox's would take its own start-stop-daemon.
service() { # ACTION STATUS: which it must have
	local status=0
	dash $script "$1" >/tmp/said 2>&1 </dev/null || status=$?
	expect_eq "$1 says '$(paste -sd ' ' /tmp/said)', status" $status "$2"
}

is_running() { # the process of the pid file is the daemon
	[ "$(readlink "/proc/$(cat /run/xendraind.pid 2>/dev/null)/exe")" = "$(readlink -f /usr/sbin/xendraind)" ]
}

attached() {
	xendrain list 2>/dev/null | grep -q "$(mac_of u1)"
}

daemons() {
	pidof xendraind | wc -w
}

[ -e $script ] || skip "dom0 has no init scripts: take lab/extras for lab/run --dom0"
syslogd -O /tmp/messages
trap 'killall -q syslogd; dash $script stop; rm -f /etc/xen/u1.cfg' EXIT
# As DKMS installs it, so that modprobe finds it.
cp /lib/xendrain/xen-drainback.ko "/lib/modules/$(uname -r)/"
depmod
# Of a daemon that another test has killed.
rm -f /run/xendraind.pid
[ ! -e /sys/module/xen_drainback ] || rmmod xen_drainback
! xl domid u1 >/dev/null 2>&1 || guest_destroy u1

note "start"
service status 3
service start 0
wait_for 10 is_running || fail "it does not run: $(cat /tmp/said)"
[ -e /sys/module/xen_drainback ] || fail "start has not loaded the backend: $(cat /tmp/said)"
service status 0
service start 0
expect_eq "daemons" "$(daemons)" 1

# From /etc/xen, where it looks by itself.
ln -s /run/lab/u1.cfg /etc/xen/u1.cfg
GUEST_EXTRA="vdrain=[ 'nic=eth0,mac=$(mac_of u1)' ]" guest_create u1
rm -f /run/lab/kit/u1.id
wait_for 20 attached || fail "no device: $(xendrain list)"
address_again u1
ping_ok world u1

# With --syslog, which the script gives.
grep -q 'xendraind.*attached vdrain 0' /tmp/messages || fail "not in the log: $(cat /tmp/messages)"

note "restart, under a stream"
before=$(cat /run/xendraind.pid)
stream_ok world u1 20 &
usleep 200000
service restart 0
wait_for 10 is_running || fail "it does not run after restart: $(cat /tmp/said)"
[ "$(cat /run/xendraind.pid)" != "$before" ] || fail "restart has not restarted it"
wait_all
expect_eq "daemons" "$(daemons)" 1

note "stop"
service stop 0
expect_eq "daemons" "$(daemons)" 0
service status 3
service stop 0
service nonsense 2
grep -q '^usage: ' /tmp/said || fail "nonsense says: $(cat /tmp/said)"
ping_ok world u1
guest_destroy u1
