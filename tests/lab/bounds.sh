# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: what one guest can cost dom0 stays within what PROTOCOL.md states: memory, grants, event channels, CPU, log
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# What PROTOCOL.md, section 6, says of a queue of 128 pages.
grants_bound=128 channels_bound=1
# Rings 512, fetched pages twice that, in the NIC's transmit path 512, and structures.
memory_bound_kb=$((512 + 2 * 512 + 512 + 512))
log_bound=20

bounded() { # WHAT MEASURED BOUND
	note "$(printf '%-34s %8s of at most %s' "$1" "$2" "$3")"
	[ "$2" -le "$3" ] || fail "$1: $2, allowed is $3"
}

snapshot() { # sets GRANTS CHANNELS FREE_KB
	local what number
	while read -r what number; do
		case $what in
		grants) GRANTS=$number ;;
		event_channels) CHANNELS=$number ;;
		free_kb) FREE_KB=$number ;;
		esac
	done < <(leak_snapshot)
}

# Percent of dom0's CPU while a case goes on, less what it is without.
storm_costs() { # ATTACK
	local data before after idle busy
	data=/local/domain/$(guest_id u2)/data
	xenstore-write "$data/attack" nothing "$data/keys" ''
	before=$(cputime 0)
	usleep 1000000
	idle=$(($(cputime 0) - before))
	xenstore-write "$data/attack" "$1"
	other=$(drain_attach u2 4)
	wait_for 10 state_is "$(backend_path u2 "$other")" 4 || fail "$1: not connected"
	before=$(cputime 0)
	usleep 1000000
	after=$(cputime 0)
	busy=$(((after - before - idle) / 10000000))
	lost=$(world ping -q -c 10 -i 0.1 -W 5 "$(ip4_of u1)" | sed -nE 's/.* ([0-9]+)% packet loss.*/\1/p')
	wait_for 30 xenstore-exists "$(frontend_path u2 "$other")/struck" || fail "$1: no end"
	upcalls=$(drain_stat u2 "$other" to_host_upcalls)
	xendrain detach u2 "$other" --force >/dev/null
	note "$1: $busy % of dom0's CPU, $upcalls upcalls in 1.5 s; the other guest's pings lost: $lost %"
	expect_eq "$1: pings of the other guest that were lost, in percent" "$lost" 0
	bounded "$1: upcalls a second" $((upcalls * 2 / 3)) "$2"
}

running_guest u1
drain_load
drain_detach_all "$(guest_id u1)"
have_guest u1
drain_detach u1 "$HANDLE"
snapshot_before
# What drop_caches frees comes back a moment later.
usleep 1000000
snapshot
grants=$GRANTS channels=$CHANNELS free_kb=$FREE_KB

note "a guest that uses all that it has: both rings full, and the NIC's queue"
have_guest u1
hush u1
trap 'tc qdisc del dev eth0 root 2>/dev/null || true' EXIT
tc qdisc replace dev eth0 root netem slot 60s 60s packets 1 limit 10000
guest_bg u1 "paced $(dev_of u1) $WORLD_MAC 5000 1514 0"
usleep 3000000
xl pause u1
on world "paced eth1 $(mac_of u1) 2000 1514 0" >/dev/null
snapshot
bounded "grants a queue" $((GRANTS - grants)) $grants_bound
bounded "event channels a queue" $((CHANNELS - channels)) $channels_bound
bounded "memory a queue, KB" $((free_kb - FREE_KB)) $memory_bound_kb

note "and would leave as much there once more, by another connection"
xl unpause u1
guest_run u1 ethtool -G "$DEV" rx 64 tx 64 || fail "ethtool -G refused"
! wait_for 3 connected u1 || fail "connected again while the NIC has all that a guest may leave there"
snapshot
bounded "memory with nothing connected, KB" $((free_kb - FREE_KB)) $memory_bound_kb
tc qdisc del dev eth0 root
wait_for 20 connected u1 || fail "not connected when the NIC has sent it all"
wait_for 30 ping_once world "$(ip4_of u1)" || fail "u1 does not go on"

note "a guest that does nothing but raise its flag"
splat_allow 'g.e. 0x[0-9a-f]+ still pending'
running_guest u2
guest_run u2 "rmmod xen_drainfront 2>/dev/null; true"
drain_detach_all "$(guest_id u2)"
guest_run u2 insmod /lib/lab/lab-hostile.ko
storm_costs storm 300
storm_costs storm_frames 20000

note "a guest that offers connections in a loop"
xenstore-write "/local/domain/$(guest_id u2)/data/attack" reconnect
# A number of its own, to tell its lines from others'.
other=$(drain_attach u2 4 ,handle=77)
wait_for 30 xenstore-exists "$(frontend_path u2 "$other")/struck" || fail "reconnect: no end"
bounded "lines in the log" "$(dmesg | grep -c "vdrain-$(guest_id u2)-$other: ")" $log_bound
xendrain detach u2 "$other" --force >/dev/null
guest_run u2 rmmod lab_hostile
