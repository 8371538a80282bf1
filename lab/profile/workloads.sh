# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016 # awk's dollars
# timeout: 1800
#
# For lab/profile/profile, to say what a frame, or 4 KiB of TCP, costs in which
# function: the same NIC traffic to eth0 itself, to a guest with the in-tree
# pair, and to the same guest with xendrain. Each section is
# counted by the QEMU plugin; its name and divisor go to the host, which knows
# it by its number, and the symbols of both kernels and of Xen follow.

frames=20000 rate=20000 seconds=1

section() { # NAME UNIT AWK COMMAND...: AWK finds the units in what it prints
	local name=$1 unit=$2 find=$3 units
	shift 3
	note "$name"
	sleep 1
	mark start
	"$@" >/run/lab/said
	mark stop
	units=$(awk "$find" /run/lab/said)
	note "$name: $units $unit"
	echo "$name $unit $units" >>/run/lab/out/sections
}

# As pace does it, but the shell in the world starts before the counting.
small() { # NAME MAC
	mkfifo /run/lab/go
	world bash -c 'read -r line </run/lab/go; echo "$line" >/proc/pacer' &
	section "$1" frame '/sent/ { print $2 }' small_go "eth1 $2 $frames 60 $rate"
	rm /run/lab/go
}

small_go() { # LINE
	echo "$1" >/run/lab/go
	wait
	read -r line </proc/pacer
	echo "$line"
}

tcp() { # NAME [-R]: from the receiver's kbit/s over 0.00-SECONDS
	section "$1" 4KiB '/receiver/ { sub(".*-", "", $3); print int($3 * $7 * 125 / 4096) }' \
		world iperf3 -f k -t $seconds -c "$GUEST_IP4" "${@:2}"
}

driver() { # NAME DEV MAC
	introduce_u1 "$2" "$3"
	world ping -q -c 5 -i 0.1 "$GUEST_IP4" >/dev/null || fail "$1: no ping"
	guest_run u1 'pidof iperf3 >/dev/null || iperf3 -s -D'
	sleep 3
	small "$1-small" "$3"
	tcp "$1-tcp-in"
	tcp "$1-tcp-out" -R
}

note "symbols of dom0 and Xen"
symbols_of_kernels

section idle second '{ print }' sh -c 'sleep 1; echo 1'
insmod /lib/lab/lab-pacer.ko
small native-small "$(cat /sys/class/net/eth0/address)"

# dom0 has the first CPU to itself (lab/run --profile), the guest the second.
export GUEST_EXTRA="cpus='1'"
guest_create u1
driver in-tree "$(netfront_up u1)" "$(netfront_mac)"
netfront_down u1

drain_there || skip "xendrain is not built"
drain_load
handle=$(drain_attach u1)
driver xendrain "$(drain_up u1)" "$(drain_mac)"
symbols_of_modules
xendrain stat u1 "$handle"
