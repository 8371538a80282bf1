# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: vCPUs are unplugged and plugged again under streams on a device with four queues, from inside and by xl
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

online_are() { # LIST
	[ "$(guest_run u3 cat /sys/devices/system/cpu/online)" = "$1" ]
}

# Out of every vCPU that is there, so that every queue is used.
all_send() {
	guest_run u3 "for cpu in \$(seq 0 3); do
			[ \$cpu = 0 ] || [ \$(cat /sys/devices/system/cpu/cpu\$cpu/online) = 1 ] || continue
			taskset \$(printf %x \$((1 << cpu))) ping -q -c 3 -i 0.05 -W 5 $WORLD_IP4 || exit 1
		done" >/tmp/said || fail "with vCPUs $(guest_run u3 cat /sys/devices/system/cpu/online): $(cat /tmp/said)"
}

# 32 flows into the guest, by every queue, wherever its interrupt is now.
all_receive() {
	local before
	before=$(guest_counter u3 to_guest_frames)
	on world "for port in {7001..7032}; do echo x >/dev/udp/$(ip4_of u3)/\$port; done"
	wait_for 10 received $((before + 32)) || fail "frames wait in a queue of a vCPU that is not there"
}

received() { # FRAMES
	[ "$(guest_counter u3 to_guest_frames)" -ge "$1" ]
}

unplug() { # CPU
	guest_run u3 "echo 0 >/sys/devices/system/cpu/cpu$1/online" || fail "vCPU $1 does not go"
}

plug() { # CPU
	guest_run u3 "echo 1 >/sys/devices/system/cpu/cpu$1/online" || fail "vCPU $1 does not come"
}

# A vCPU that the toolstack gives is put online by udev, which is not here.
given() { # CPU
	wait_for 20 guest_run u3 "test -e /sys/devices/system/cpu/cpu$1/online" ||
		fail "vCPU $1 is not given"
	plug "$1"
}

snapshot_before
guest_create u3 "" 320 4
have_guest u3 ,queues=4
wait_for 10 online_are 0-3 || fail "vCPUs: $(guest_run u3 cat /sys/devices/system/cpu/online)"
flows_start u3
for cpu in 1 2 3; do
	unplug $cpu
	all_send
	flows_advance u3
done
all_receive
for cpu in 3 2 1; do
	plug $cpu
	all_send
	all_receive
done
flows_advance u3

note "a new connection while vCPUs are missing"
unplug 2
unplug 3
guest_run u3 ethtool -L "$DEV" combined 3 || fail "ethtool -L refused"
wait_for 20 connected u3 || fail "not connected"
wait_for 20 carrier_is u3 1 || fail "no carrier"
flows_advance u3
all_receive
plug 2
plug 3
all_send
flows_advance u3

note "xl vcpu-set"
for count in 1 4 2 4; do
	xl vcpu-set --ignore-host u3 $count || fail "xl vcpu-set $count failed"
	[ $count != 4 ] || for cpu in 1 2 3; do
		given $cpu
	done
	wait_for 20 online_are "0$([ $count = 1 ] || echo "-$((count - 1))")" ||
		fail "xl vcpu-set $count: $(guest_run u3 cat /sys/devices/system/cpu/online)"
	flows_advance u3
done
all_send
all_receive
flows_judged u3
guest_destroy u3
expect_nothing_lost /tmp/before "when the guest is gone"
