# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: netconsole sends through both drivers, which happens with interrupts off, while queues are busy, full or not there
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

PORT=6666 SECOND=7

stop() {
	modprobe -q -r netconsole || true
	killall -q tcpdump || true
	floods_stop u1
	ask -t 20 u1 'rm -f /tmp/talking; killall -q tcpdump; modprobe -q -r netconsole; true' || true
}
trap stop EXIT

console() { # PLACE ADDRESS DEV PEER_ADDRESS PEER_MAC: messages go there from now on
	on "$1" "modprobe netconsole netconsole=6665@$2/$3,$PORT@$4/$5" ||
		fail "no netconsole in $1: $(on "$1" dmesg | tail -n 3)"
}

# With a buffer that lasts until an instrumented kernel gets round to it.
hear() { # PLACE DEV
	on "$1" "rm -f /tmp/said
		tcpdump -Z root -B 16384 -s 160 -U -w /tmp/said -i $2 udp port $PORT 2>/tmp/tcpdump </dev/null &"
	wait_for 10 on "$1" grep -q listening /tmp/tcpdump || fail "no tcpdump in $1"
}

# Numbered messages. What is written into the log here is for netconsole.
talk() { # PLACE FROM TO
	on "$1" "i=$2; while [ \$i -le $3 ]; do echo \"<4>lab says \$i.\" >/dev/kmsg; i=\$((i + 1)); done"
}

heard() { # PLACE FROM TO: how many of these
	on "$1" "tcpdump -Z root -n -A -r /tmp/said 2>/dev/null" |
		sed -nE 's/.*lab says ([0-9]+)\..*/\1/p' |
		awk -v f="$2" -v t="$3" '$1 >= f && $1 <= t && !seen[$1]++ { n++ } END { print n + 0 }'
}

heard_all() { # PLACE FROM TO
	[ "$(heard "$@")" = $(($3 - $2 + 1)) ]
}

has_second() {
	[ -n "$(guest_dev u1 "$(drain_mac 77)")" ]
}

have_guest u1
note "out of the guest"
console u1 "$(ip4_of u1)" "$DEV" "$WORLD_IP4" "$WORLD_MAC"
hear world eth1
talk u1 1 200
wait_for 20 heard_all world 1 200 || fail "of 200 messages $(heard world 1 200) arrive"

note "while the queue is busy, and the backend goes and comes"
floods_start u1
on u1 'touch /tmp/talking; (while [ -e /tmp/talking ]; do echo "<4>lab talks" >/dev/kmsg; usleep 5000; done) \
	>/dev/null 2>&1 </dev/null &'
for round in 1 2; do
	drain_unload || fail "rmmod xen_drainback refused"
	drain_load
	wait_for 30 ping_once world "$(ip4_of u1)" || fail "no ping after round $round"
	talk u1 $((1000 * round + 1)) $((1000 * round + 20))
	wait_for 20 heard_all world $((1000 * round + 1)) $((1000 * round + 20)) ||
		fail "messages are missing after round $round"
done
floods_stop u1
guest_run u1 "rm -f /tmp/talking; modprobe -r netconsole" || fail "netconsole stays in the guest"
killall tcpdump

note "out of dom0, into an interface of the guest's"
port=vd$(guest_id u1).$SECOND
MAC=$(drain_mac 77) handmade u1 $SECOND bridge=xenbr0 ring-pages=8
wait_for 10 test -e "/sys/class/net/$port" || fail "no interface $port"
ip link set "$port" up
wait_for 10 has_second || fail "no second interface in the guest"
dev=$(guest_dev u1 "$(drain_mac 77)")
guest_run u1 ip link set "$dev" up
wait_for 10 grep -q 1 "/sys/class/net/$port/carrier" || fail "$port has no carrier"
hear u1 "$dev"
console dom0 192.168.78.1 "$port" 192.168.78.2 "$(drain_mac 77)"
talk dom0 1 100
wait_for 20 heard_all u1 1 100 || fail "of 100 messages $(heard u1 1 100) arrive"

note "while its ring is full"
xl pause u1
# 500 need two rings and a half.
timeout 60 bash -c 'for ((i = 0; i < 500; i++)); do echo "<4>lab talks" >/dev/kmsg; done' ||
	fail "dom0 hangs in its own messages"
xl unpause u1
wait_for 20 grep -q 1 "/sys/class/net/$port/carrier" || fail "$port has no carrier any more"
talk dom0 1001 1020
wait_for 20 heard_all u1 1001 1020 || fail "messages are missing when the guest runs again"
modprobe -r netconsole || fail "netconsole stays in dom0"
xendrain detach u1 $SECOND --force || fail "xendrain detach failed"
