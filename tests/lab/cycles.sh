# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: 200 times attached and detached, 50 guests created and destroyed, under streams: no memory, grant or channel is lost
# timeout: 3300
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# What may be missing afterwards. In slabs, of each size, half an object a cycle
# and those of one slab, which counts as full while a processor has it at hand:
# 256 bytes lost in each of 50 cycles show, and 64 in each of 200. Areas that are
# mapped: half of one a cycle. Pages that are neither slabs nor a process's nor a
# file's breathe more: one lost in each of 200 cycles shows, four in each of 50.
pages_bound_kb=780

attach_detach() { # CYCLE
	drain_attach u1 12 ,handle=7 >/dev/null || fail "attach failed in cycle $1"
	wait_for 20 state_is "$(backend_path u1 7)" 4 || fail "not connected in cycle $1"
	drain_detach u1 7 || fail "detach failed in cycle $1"
}

create_destroy() { # CYCLE
	have_guest u2
	stream_ok world u2 1
	guest_destroy u2
}

# What a kernel holds, but for what it may drop and what are files and processes.
held() { # PLACE: lines of "NAME NUMBER SLACK"
	on "$1" "sync
		echo 3 >/proc/sys/vm/drop_caches
		for cache in /sys/kernel/slab/kmalloc-* /sys/kernel/slab/skbuff*; do
			echo 0 >\$cache/cpu_partial
			echo 1 >\$cache/shrink
			read -r objects rest <\$cache/objects
			echo \${cache##*/} \$objects \$(cat \$cache/objs_per_slab)
		done
		echo mapped \$(grep -vc unpurged /proc/vmallocinfo) 0
		awk '\$1 == \"count:\" { at_hand += 4 * \$2 }
			FILENAME == \"/proc/meminfo\" { kb[\$1] = \$2 }
			END { print \"pages_kb\", kb[\"MemTotal:\"] - kb[\"MemFree:\"] - at_hand - kb[\"Buffers:\"] -
				kb[\"Cached:\"] - kb[\"AnonPages:\"] - kb[\"Slab:\"] - kb[\"PageTables:\"] -
				kb[\"KernelStack:\"], $pages_bound_kb }' /proc/zoneinfo /proc/meminfo"
}

# What has grown by more than it may.
grown() { # PLACE CYCLES: lines of "NAME +GAIN"
	held "$1" >"/tmp/held.$1.now"
	awk -v half=$(($2 / 2)) 'NR == FNR { had[$1] = $2; next }
		$2 - had[$1] > $3 + ($1 == "pages_kb" ? 0 : half) { print $1, "+" $2 - had[$1] }' \
		"/tmp/held.$1" "/tmp/held.$1.now"
}

nothing_grown() { # PLACE CYCLES
	[ -z "$(grown "$@")" ]
}

begin() {
	leak_snapshot >/tmp/before
	held u1 >/tmp/held.u1
	held dom0 >/tmp/held.dom0
}

most() { # PLACE: what has grown, however little
	awk 'NR == FNR { had[$1] = $2; next } $2 > had[$1] { printf "%s +%d, ", $1, $2 - had[$1] }' \
		"/tmp/held.$1" "/tmp/held.$1.now"
}

judge() { # CYCLES WHAT
	local place
	expect_nothing_lost /tmp/before "after $1 times $2"
	for place in u1 dom0; do
		wait_for 60 nothing_grown $place "$1" ||
			fail "$place after $1 times $2: $(grown $place "$1" | paste -sd ';')"
		note "$1 times $2, $place: $(most $place)"
	done
}

cycles() { # COUNT WARM-UP COMMAND...
	local cycle begun
	for ((cycle = 1; cycle <= $2; cycle++)); do
		"${@:3}" "$cycle of the warm-up"
	done
	begin
	begun=$SECONDS
	for ((cycle = 1; cycle <= $1; cycle++)); do
		"${@:3}" "$cycle"
		[ $((cycle % 10)) != 0 ] || flows_advance u1
	done
	note "$((SECONDS - begun)) s"
	judge "$1" "$3"
}

have_guest u1
hurry_release dom0
hurry_release u1
# Slow ones: it is the cycles that are to have the processor.
flows_start u1 125000
cycles 200 10 attach_detach
cycles 50 3 create_destroy
flows_judged u1
