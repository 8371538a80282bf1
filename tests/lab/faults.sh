# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: any allocation of ours may fail, in dom0 and in the guest, while a device is attached, detached and used
# timeout: 3600
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# A page that is refused is worth a backtrace to the kernel. BUG and WARNING still count.
splat_allow 'Call Trace'

debug=/sys/kernel/debug
grep -q debugfs /proc/mounts || mount -t debugfs debugfs $debug
[ -e $debug/failslab/require-start ] ||
	skip "this kernel injects no faults: lab/run --kernel 6.12-debug"

declare -A nth_file	# of the thread that hears of xenstore

# Where a module's text begins and ends. Text is given out by the page.
text_of() { # PLACE MODULE
	local first last
	{ read -r first && read -r last; } < <(on "$1" "awk '\$NF == \"[$2]\" && \$2 ~ /[tT]/ { print \$1 }' \
		/proc/kallsyms | sort | sed -n '1p;\$p'")
	[ -n "$last" ] || fail "$1 has no module $2"
	printf '0x%s 0x%x\n' "$first" $(((0x$last | 0xfff) + 1))
}

# Of a function, by its name.
function_of() { # PLACE NAME
	on "$1" "sort /proc/kallsyms 2>/dev/null | awk 'found { print \"0x\" \$1; exit }
		\$3 == \"$2\" { printf \"0x%s \", \$1; found = 1 }'"
}

# At what is allocated while that text is on the stack, whether or not it may sleep.
# Not at what xenbus needs to take a watch back: without, it forgets it, and who is
# next at the same address in memory is told that its watch is there already.
aim() { # PLACE BEGIN END
	local spared
	spared=$(function_of "$1" unregister_xenbus_watch)
	on "$1" "grep -q debugfs /proc/mounts || mount -t debugfs debugfs $debug
		for kind in failslab fail_page_alloc; do
			cd $debug/\$kind
			echo 0 >probability
			echo $2 >require-start
			echo $3 >require-end
			echo ${spared% *} >reject-start
			echo ${spared#* } >reject-end
			echo 32 >stacktrace-depth
			echo 0 >verbose
			echo N >ignore-gfp-wait
		done
		echo N >$debug/fail_page_alloc/ignore-gfp-highmem
		echo 0 >$debug/fail_page_alloc/min-order"
	nth_file[$1]=$(on "$1" "grep -lx xenwatch /proc/[0-9]*/comm" | sed 's/comm/fail-nth/')
}

# --- one at a time ------------------------------------------------------------

# Devices come and go in the thread that hears of xenstore, whose Nth allocation is to fail.
# Forks are dear here, so what dom0 does by itself it does in this shell.
fail_nth() { # PLACE N: 0 for none
	case $1 in
	dom0) echo "$2" >"${nth_file[$1]}" ;;
	*) guest_run "$1" "echo $2 >${nth_file[$1]}" ;;
	esac
}

not_yet() { # PLACE: so many until it fails; 0 when it has
	case $1 in
	dom0) echo "$(<"${nth_file[$1]}")" ;;
	*) guest_run "$1" "cat ${nth_file[$1]}" ;;
	esac
}

failed_or_connected() { # PLACE
	state_is "$(frontend_path u1 7)" 4 || [ "$(not_yet "$1")" = 0 ]
}

settled_in() { # both ends connected
	state_is "$(backend_path u1 7)" 4 && state_is "$(frontend_path u1 7)" 4
}

no_second() {
	[ ! -e "/sys/bus/xen-backend/devices/vdrain-$(guest_id u1)-7" ] &&
		! guest_run u1 "test -e /sys/bus/xen/devices/vdrain-7"
}

attach_second() { # the smallest that there is
	xendrain attach u1 "nic=eth0,mac=$(drain_mac 12),handle=7,ring-pages=8" --wait "$((3 * LAB_SLOW))" \
		>/tmp/said 2>&1
}

# Everything that anybody has said of the device since the mark, by whatever way.
reasons() { # MARK
	{
		grep . /tmp/said
		backend_error u1 7
		frontend_error u1 7
		dmesg | sed "1,/$1\$/d" | grep "vdrain-$(guest_id u1)-7"
		guest_run u1 "dmesg | sed '1,/$1\$/d' | grep vdrain-7"
	} | grep -vE 'attached|connected: ' | head -n 3
}

take_away() { # WHEN
	if ! settled_in || ! xendrain detach u1 7 >/tmp/said 2>&1; then
		! xenstore-exists "$(backend_path u1 7)" || xendrain detach u1 7 --force >/tmp/said 2>&1 ||
			fail "$1: cannot be detached: $(cat /tmp/said)"
	fi
	wait_for 10 no_second || fail "$1: the device does not go"
}

# Sets FAILED: there was an Nth.
attach_without() { # PLACE N
	local what="$1, allocation $2 of an attach" mark="xendrain-lab: fault $2"
	echo "$mark" >/dev/kmsg
	guest_run u1 "echo '$mark' >/dev/kmsg"
	fail_nth "$1" "$2"
	! attach_second || wait_for 10 failed_or_connected "$1" || fail "$what: nothing happens"
	FAILED=$([ "$(not_yet "$1")" != 0 ] || echo yes)
	fail_nth "$1" 0
	if wait_for 1 settled_in; then
		connected=$((connected + 1))
	elif [ -z "$(reasons "$mark")" ]; then
		fail "$what: not connected, and nobody says why"
	fi
	take_away "$what"
}

detach_without() { # PLACE N
	local what="$1, allocation $2 of a detach"
	attach_second || fail "$what: cannot be attached: $(cat /tmp/said)"
	wait_for 20 settled_in || fail "$what: not connected before"
	fail_nth "$1" "$2"
	take_away "$what"
	FAILED=$([ "$(not_yet "$1")" != 0 ] || echo yes)
	fail_nth "$1" 0
}

# Ever fewer: most are those that sysfs and the like make for us. So not each of our
# own is among them.
each_of() { # attach|detach PLACE: until there are no more
	local n tried=0
	connected=0
	for ((n = 1; n < 1000; n += 1 + n / 2)); do
		"${1}_without" "$2" $n
		[ -n "$FAILED" ] || break
		tried=$((tried + 1))
	done
	[ $n -gt 2 ] || fail "$2: no allocation of an $1 failed"
	note "$2, $1: $tried of some $n allocations have failed, one at a time; $connected times it connected all the same"
	attach_second || fail "$2: attach fails without faults: $(cat /tmp/said)"
	wait_for 20 settled_in || fail "$2: not connected without faults"
	take_away "afterwards"
	ping_ok world u1
}

# --- under traffic --------------------------------------------------------------

injected() { # PLACE KIND: stops it
	local failures
	failures=$((1000000 - $(on "$1" "cat $debug/$2/times; echo 0 >$debug/$2/probability")))
	note "$1, $2: $failures allocations failed under traffic"
	[ "$failures" -gt 0 ] || fail "$1, $2: no allocation failed under traffic"
	flows_advance u1
}

inject() { # PLACE KIND PERCENT INTERVAL
	on "$1" "cd $debug/$2 && echo $4 >interval && echo 1000000 >times && echo $3 >probability"
}

# Frames are lost and sent again, and the streams go on.
slab_under_traffic() { # PLACE
	inject "$1" failslab 100 23
	flows_advance u1
	floods_start u1
	sleep 3
	floods_stop u1
	flows_advance u1
	injected "$1" failslab
}

# A poll has pages of its own that come back to it. Only with a new connection it
# has none yet: so there are some, with pages for all but the poll.
poll_without_pages() { # PLACE POLL
	local ring
	# shellcheck disable=SC2046 # two words
	aim "$1" $(function_of "$1" "$2")
	inject "$1" fail_page_alloc 80 1
	for ring in 32 128 32 128; do
		guest_run u1 ethtool -G "$DEV" rx $ring tx $ring || fail "ethtool -G: no $ring pages"
		flows_advance u1
	done
	injected "$1" fail_page_alloc
}

have_guest u1
# shellcheck disable=SC2046 # two words
aim dom0 $(text_of dom0 xen_drainback)
# shellcheck disable=SC2046 # two words
aim u1 $(text_of u1 xen_drainfront)
attach_second || fail "$(cat /tmp/said)"
wait_for 20 settled_in || fail "the second device is not connected"
take_away "before"
leak_snapshot >/tmp/before
for place in dom0 u1; do
	each_of attach $place
	each_of detach $place
done
flows_start u1
slab_under_traffic dom0
slab_under_traffic u1
poll_without_pages dom0 drainback_poll
poll_without_pages u1 drainfront_poll
flows_judged u1
expect_nothing_lost /tmp/before "afterwards"
ping_ok world u1
