# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a kernel holds in memory, before and after something that came so many
# times; what remains of each time must be nothing.

# A kernel with checkers keeps what was freed for a while; lockdep's has kmemleak, too.
held_is_judged() {
	[ "$LAB_SLOW" = 1 ]
}

# What may be missing afterwards. In slabs, of each size, half an object a cycle
# and those of one slab, which counts as full while a processor has it at hand:
# 256 bytes lost in each of 50 cycles show, and 64 in each of 200. Areas that are
# mapped, but for the stacks of tasks: half of one a cycle. Pages that are neither
# slabs nor a process's nor a file's breathe more: one lost in each of 200 cycles
# shows, four in each of 50.
pages_bound_kb=780

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
		echo mapped \$(grep -vcE 'unpurged|kernel_clone' /proc/vmallocinfo) 0
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

most() { # PLACE: what has grown, however little
	awk 'NR == FNR { had[$1] = $2; next } $2 > had[$1] { printf "%s +%d, ", $1, $2 - had[$1] }' \
		"/tmp/held.$1" "/tmp/held.$1.now"
}

held_before() { # PLACE
	held "$1" >"/tmp/held.$1"
}

expect_nothing_grown() { # PLACE CYCLES WHEN
	wait_for 60 nothing_grown "$1" "$2" ||
		fail "$1, $3, holds more: $(grown "$1" "$2" | paste -sd ';')"
	note "$1, $3, holds more: $(most "$1")"
}

# With one, buffers of sockets that are being closed are too many (nine of 1 KB).
held_rounds=32

# Of a test that runs twice (lab/run --twice), the second time: the first one fills
# pools and caches. A guest that was made anew in between has nothing to compare with.
held_again() { # PLACE WHEN
	local first
	held_is_judged || return 0
	first=/tmp/held.$1.$([ "$1" = dom0 ] || xl domid "$1").${TEST_NAME%-again}.${2// /-}
	if [ "$TEST_NAME" = "${TEST_NAME%-again}" ]; then
		held "$1" >"$first"
	elif [ -e "$first" ]; then
		cp "$first" "/tmp/held.$1"
		expect_nothing_grown "$1" $held_rounds "$2"
	fi
}
