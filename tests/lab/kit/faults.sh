# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Allocations that fail: each of those of ours, one at a time, and many under traffic.

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
aim() { # PLACE BEGIN END DEPTH: so many functions down the stack
	local spared
	spared=$(function_of "$1" unregister_xenbus_watch)
	on "$1" "grep -q debugfs /proc/mounts || mount -t debugfs debugfs $debug
		for kind in failslab fail_page_alloc; do
			cd $debug/\$kind
			echo 0 >probability
			echo 1000000 >times
			echo $2 >require-start
			echo $3 >require-end
			echo ${spared% *} >reject-start
			echo ${spared#* } >reject-end
			echo $4 >stacktrace-depth
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

decided() { # that, or one end has given up
	local state
	for state in $(xenstore-read "$(backend_path u1 7)/state" "$(frontend_path u1 7)/state" 2>/dev/null); do
		[ "$state" -le 4 ] || return 0
	done
	settled_in
}

no_second() {
	[ ! -e "/sys/bus/xen-backend/devices/vdrain-$(guest_id u1)-7" ] &&
		! guest_run u1 "test -e /sys/bus/xen/devices/vdrain-7"
}

# A small one: to the NIC, or with an interface in dom0, which the
# toolstack would put on a bridge.
attach_second() { # [interface]
	if [ "${1-}" = interface ]; then
		MAC=$(drain_mac 12) handmade u1 7 bridge=xenbr0 ring-pages=8
		wait_for 3 decided
	else
		xendrain attach u1 "nic=eth0,mac=$(drain_mac 12),handle=7,ring-pages=${PAGES:-8}" \
			--wait "$((3 * LAB_SLOW))" >/tmp/said 2>&1
	fi
}

second_is_there() { # [interface]
	attach_second "$@" || fail "cannot be attached without faults: $(cat /tmp/said)"
	wait_for 20 settled_in || fail "not connected without faults: $(cat /tmp/said)"
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
attach_without() { # PLACE N [interface]
	local what="$1, allocation $2 of an attach" mark="xendrain-lab: fault $2"
	: >/tmp/said
	echo "$mark" >/dev/kmsg
	guest_run u1 "echo '$mark' >/dev/kmsg"
	fail_nth "$1" "$2"
	! attach_second "${@:3}" || wait_for 10 failed_or_connected "$1" || fail "$what: nothing happens"
	FAILED=$([ "$(not_yet "$1")" != 0 ] || echo yes)
	fail_nth "$1" 0
	wait_for 1 decided || true
	if settled_in; then
		unharmed=$((unharmed + 1))
	elif [ -z "$(reasons "$mark")" ]; then
		fail "$what: not connected, and nobody says why: backend" \
			"$(xenstore-read "$(backend_path u1 7)/state"), frontend" \
			"$(xenstore-read "$(frontend_path u1 7)/state")"
	fi
	take_away "$what"
}

detach_without() { # PLACE N
	local what="$1, allocation $2 of a detach"
	second_is_there
	fail_nth "$1" "$2"
	take_away "$what"
	FAILED=$([ "$(not_yet "$1")" != 0 ] || echo yes)
	fail_nth "$1" 0
	unharmed=$((unharmed + 1))
}

gap_is() { # USECS: in the guest's second interface
	guest_run u1 "ethtool -c $SECOND" | grep -Eq "^rx-usecs:[[:space:]]*$1\$"
}

# What cannot be read stays as it was, and the next change is followed.
tune_without() { # PLACE N
	local what="$1, allocation $2 of a tune"
	fail_nth "$1" "$2"
	if xendrain tune u1 7 coalesce-usecs="$((2 * $2))" >/tmp/said 2>&1; then
		wait_for 1 gap_is "$((2 * $2))" && unharmed=$((unharmed + 1))
	elif [ "$(grep -c . /tmp/said)" != 1 ]; then
		fail "$what: $(paste -sd ';' /tmp/said)"
	fi
	FAILED=$([ "$(not_yet "$1")" != 0 ] || echo yes)
	fail_nth "$1" 0
	xendrain tune u1 7 coalesce-usecs="$((2 * $2 + 1))" >/tmp/said 2>&1 ||
		fail "$what: the next is refused: $(cat /tmp/said)"
	wait_for 10 gap_is "$((2 * $2 + 1))" || fail "$what: the next is not followed"
}

faults_so_far() { # PLACE: how many allocations have failed, of whomever
	on "$1" "cat $debug/failslab/times $debug/fail_page_alloc/times" | awk '{ n -= $1 } END { print n }'
}

ring_of_second() { # in pages
	guest_run u1 "ethtool -g $SECOND" | awk '$1 == "RX:" { pages = $2 } END { print pages }'
}

# In the thread of the command that asks for other rings. All or nothing.
resize_without() { # u1 N
	local what="$1, allocation $2 below ethtool -G" before now wanted
	before=$(faults_so_far "$1") now=$(ring_of_second)
	wanted=$((24 - now))
	if guest_run "$1" "echo $2 >/proc/self/fail-nth; exec ethtool -G $SECOND rx $wanted tx $wanted" \
		>/tmp/said 2>&1; then
		now=$wanted
		unharmed=$((unharmed + 1))
	elif ! grep -q . /tmp/said; then
		fail "$what: it fails, and does not say why"
	fi
	FAILED=$([ "$(faults_so_far "$1")" = "$before" ] || echo yes)
	sleep 0.1
	wait_for 10 settled_in ||
		fail "$what: not connected any more: $(backend_error u1 7) $(frontend_error u1 7); it said: $(cat /tmp/said)"
	expect_eq "$what: the ring afterwards" "$(ring_of_second)" "$now"
}

# One after the other until there are no more.
each_of() { # WHAT PLACE [MORE...]
	local n
	unharmed=0
	for ((n = 1; n < 400; n++)); do
		"${1}_without" "$2" $n "${@:3}"
		[ -n "$FAILED" ] || break
	done
	[ $n -gt 1 ] || fail "$*: no allocation failed"
	[ $n -lt 400 ] || fail "$*: there is no end of allocations"
	note "$*: $((n - 1)) allocations have failed, one at a time; without harm $((unharmed - 1))"
}

# Only what is allocated close below our own functions while one is built: what sysfs
# and the like allocate for us lies deeper, and is ten times as much.
near=8 whole=32

attached_and_detached() { # PLACE
	aim_at_module "$1" $near
	each_of attach "$1"
	aim_at_module "$1" $whole
	each_of detach "$1"
	second_is_there
	take_away "afterwards"
	ping_ok world u1
}

# What is the same for a NIC has failed there.
attached_as_interface() {
	# shellcheck disable=SC2046 # two words
	aim dom0 $(function_of dom0 drainback_netdev_attach) $near
	each_of attach dom0 interface
	second_is_there interface
	take_away "afterwards"
	ping_ok world u1
}

aim_at_module() { # PLACE DEPTH
	# shellcheck disable=SC2046 # two words
	aim "$1" $(text_of "$1" "$([ "$1" = dom0 ] && echo xen_drainback || echo xen_drainfront)") "$2"
}

changed_while_used() { # PLACE WHAT...
	local what
	aim_at_module "$1" $near
	PAGES=16 second_is_there
	SECOND=$(guest_dev u1 "$(drain_mac 12)")
	guest_run u1 ip link set "$SECOND" up
	for what in "${@:2}"; do
		each_of "$what" "$1"
	done
	take_away "afterwards"
	ping_ok world u1
}

# --- what work items tell the other end -------------------------------------------

# They run in whichever thread, and none of those has a fail-nth that is known: of what
# is allocated below a function, one in N, once.
refuse_once() { # PLACE FUNCTION N
	# shellcheck disable=SC2046 # two words
	aim "$1" $(function_of "$1" "$2") $whole
	on "$1" "cd $debug/failslab && echo $3 >interval && echo 1 >times && echo 100 >probability"
}

was_refused() { # PLACE
	[ "$(on "$1" "echo 0 >$debug/failslab/probability; cat $debug/failslab/times")" = 0 ]
}

# Whatever was refused, it arrives.
told_late() { # PLACE FUNCTION CHANGE ARRIVED MESSAGE
	local n refused=0
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		refuse_once "$1" "$2" $n
		"$3" $n
		wait_for 5 "$4" $n || fail "$1, one allocation in $n below $2 refused: it is not told"
		! was_refused "$1" || refused=$((refused + 1))
	done
	[ $refused -ge 6 ] || fail "$1: $refused allocations refused below $2, of 12"
	on "$1" dmesg | grep -q "$5" || fail "$1 does not say \"$5\""
	note "$1, $2: $refused allocations have failed, one at a time"
}

link_set() { # N: odd is up
	ip link set "vd$(guest_id u1).7" "$([ $(($1 % 2)) = 1 ] && echo up || echo down)"
}

link_is() { # N
	[ "$(guest_run u1 "cat /sys/class/net/$SECOND/carrier")" = $(($1 % 2)) ]
}

link_told_late() {
	second_is_there interface
	SECOND=$(guest_dev u1 "$(drain_mac 12)")
	guest_run u1 ip link set "$SECOND" up
	told_late dom0 drainback_link_work link_set link_is "cannot write the link's state"
	take_away "afterwards"
}

group() { # N
	printf '01:00:5e:00:01:%02x' "$1"
}

group_join() { # N
	guest_run u1 ip maddress add "$(group "$1")" dev "$DEV"
}

group_wanted() { # N
	filter_has "$(group "$1")"
}

group_wanted_or_all() { # N
	filter_has allmulti || group_wanted "$1"
}

filter_told_late() { # PLACE
	local n
	if [ "$1" = dom0 ]; then
		told_late dom0 drainback_filter_changed group_join group_wanted_or_all \
			"rx-filter cannot be read: it gets all multicast"
	else
		told_late "$1" drainfront_filter_work group_join group_wanted "cannot write rx-filter"
	fi
	group_join 13
	wait_for 5 group_wanted 13 || fail "$1: the next change of the filter is not followed"
	for n in {1..13}; do
		guest_run u1 ip maddress del "$(group "$n")" dev "$DEV"
	done
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
	aim_at_module "$1" $whole
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
	aim "$1" $(function_of "$1" "$2") $whole
	inject "$1" fail_page_alloc 80 1
	for ring in 32 128 32 128; do
		guest_run u1 ethtool -G "$DEV" rx $ring tx $ring || fail "ethtool -G: no $ring pages"
		flows_advance u1
	done
	injected "$1" fail_page_alloc
}

# --- all of it ------------------------------------------------------------------

faults_begin() {
	have_guest u1
	second_is_there
	take_away "before"
	leak_snapshot >/tmp/before
}

faults_under_traffic() { # PLACE POLL
	flows_start u1
	slab_under_traffic "$1"
	poll_without_pages "$@"
	flows_judged u1
	expect_nothing_lost /tmp/before "afterwards"
	ping_ok world u1
}
