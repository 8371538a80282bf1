# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: tracepoints show each step of a frame's way, in order, in dom0 and in the guest
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

tracing=/sys/kernel/tracing

trace_on() { # PLACE SYSTEM
	on "$1" "mountpoint -q $tracing || mount -t tracefs none $tracing
		echo 1 >$tracing/events/$2/enable && echo >$tracing/trace"
}

trace_off() { # PLACE SYSTEM FILE
	on "$1" "echo 0 >$tracing/events/$2/enable; cat $tracing/trace" >"$3"
}

# "step field field" a line, without its task, time, device and queue.
steps() { # FILE
	sed -nE "s/.* drain_([a-z]+): vdrain-[0-9-]+ queue 0: (.*)/\1 \2/p" "$1"
}

# The steps one after the other, others may be in between.
in_order() { # WHAT FILE REGEX...
	local what=$1 file=$2 regex line
	shift 2
	exec 4< <(steps "$file")
	for regex; do
		while :; do
			IFS= read -r line <&4 ||
				fail "$what: no '$regex' in its place: $(steps "$file" | head -n 30 | paste -sd ';')"
			[[ ! $line =~ $regex ]] || break
		done
	done
	exec 4<&-
}

# The room is given back when bytes are ours: by copy before frames are parsed,
# out of a mapping after.
drains() { # WHAT FILE copy|map
	local then=("^credit " "^take .*bytes=123")
	[ "$3" = copy ] || then=("^take .*bytes=123" "^credit ")
	in_order "$1" "$2" "^upcall masked=0" "^fetch .*bytes=160 by=$3" "${then[@]}" \
		"^arm .*yes=0" "^unmask spurious=0"
}

if [ "$GUEST_TYPE" = pvh ]; then by=map; else by=copy; fi
have_guest u1
hush u1

note "a frame into the guest"
trace_on dom0 xen_drainback
trace_on u1 xen_drainfront
on world "paced eth1 $(mac_of u1) 1 123 0" >/dev/null
wait_for 10 settled u1 || fail "the frame does not arrive"
trace_off dom0 xen_drainback /tmp/dom0.in
trace_off u1 xen_drainfront /tmp/u1.in
in_order "dom0, in" /tmp/dom0.in "^put .*bytes=123" "^publish .*bytes=160" "^flag .*raised"
drains "the guest, in" /tmp/u1.in $by

note "a frame out of the guest"
trace_on dom0 xen_drainback
trace_on u1 xen_drainfront
taken=$(stat_of u1 to_host_frames_out)
on u1 "paced $(dev_of u1) $WORLD_MAC 1 123 0" >/dev/null
wait_for 10 stat_reaches u1 to_host_frames_out $((taken + 1)) || fail "the frame is not taken out"
usleep 100000
trace_off dom0 xen_drainback /tmp/dom0.out
trace_off u1 xen_drainfront /tmp/u1.out
in_order "the guest, out" /tmp/u1.out "^put .*bytes=123" "^publish .*bytes=160" "^flag .*raised"
drains "dom0, out" /tmp/dom0.out map

note "nothing is traced any more, and while frames come it is the rule that flags are suppressed"
! on dom0 "echo >$tracing/trace; usleep 200000; cat $tracing/trace" | grep -q drain_ ||
	fail "still traced"
trace_on dom0 xen_drainback
on world "paced eth1 $(mac_of u1) 300 123 0" >/dev/null
wait_for 10 settled u1 || fail "the frames do not arrive"
trace_off dom0 xen_drainback /tmp/dom0.many
in_order "dom0, many" /tmp/dom0.many "^flag .*raised" "^flag .*(suppressed|delayed)"
bring_back /tmp/dom0.in trace-dom0-in
bring_back /tmp/u1.in trace-guest-in
ping_ok world u1
