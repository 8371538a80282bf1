# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a NIC that is a bridge member, or cannot serve, is refused by the backend itself with a sentence
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

refuses() { # WHAT REGEX KEY=VALUE...
	local what=$1 said=$2
	shift 2
	handmade u1 5 "$@"
	wait_for 10 error_says u1 5 "$said" ||
		fail "$what: the error node says '$(backend_error u1 5)', expected $said"
	dmesg | tail -n 20 | grep -Eq "vdrain-$(guest_id u1)-5: .*$said" || fail "$what: nothing in dmesg"
	ping_ok world u1
	xendrain detach u1 5 --force
}

have_guest u1
ip link add br8 type bridge
ip link add v8a type veth peer name v8b
ip link set v8a master br8
ip link set v8a up
trap 'ip link delete br8; ip link delete v8a' EXIT

refuses "a bridge member" "nic v8a is a member of a bridge: .*attach with bridge=" nic=v8a
refuses "a NIC that does not exist" "nic eth9 does not exist" nic=eth9
refuses "the loopback" "nic lo is not an Ethernet device" nic=lo
refuses "an empty name" "nic  does not exist" nic=
refuses "an address in use" "mac $(mac_of u1) is already in use" nic=eth0 mac="$(mac_of u1)"
refuses "a multicast address" 'mac is "01:00:5e:00:00:01", allowed' nic=eth0 mac=01:00:5e:00:00:01
refuses "no address" 'mac is "hello", allowed' nic=eth0 mac=hello
refuses "too many queues" "queues is 17, allowed is 1 to 16" nic=eth0 queues=17
refuses "no queue" "queues is 0, allowed is 1 to 16" nic=eth0 queues=0
refuses "an odd ring" "ring-pages is 100, allowed is a power of two from 8 to 256" nic=eth0 ring-pages=100
refuses "a huge ring" "ring-pages is 512, allowed is a power of two from 8 to 256" nic=eth0 ring-pages=512

note "a NIC that joins a bridge while it serves is held"
! ip link set eth0 master br8 2>/dev/null || fail "eth0 became a bridge member while it serves a guest"
ping_ok world u1
