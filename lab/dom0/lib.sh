# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a test script can use in dom0. Names are verbs on four things: the
# test, the guest, the world beyond the cable, and the device under test.
#
# Addresses: 192.168.77.N and fd77::N; the world is 1, dom0 is 3, guests are
# 2 and 4 onwards. A guest's in-tree vif has MAC 00:16:3e:77:00:N, its
# xendrain device 00:16:3e:77:01:N, N in two hexadecimal digits.

export WORLD_IP4=192.168.77.1 WORLD_IP6=fd77::1 WORLD_MAC=52:54:00:77:00:01
export DOM0_IP4=192.168.77.3 DOM0_IP6=fd77::3
export GUEST_IP4=192.168.77.2 GUEST_IP6=fd77::2

# --- the test ---------------------------------------------------------------

note() { # TEXT: progress, shown live on the host
	echo "XENDRAIN-NOTE $*"
}

fail() { # MESSAGE
	[ -e /run/lab/reason ] || echo "$*" >/run/lab/reason
	echo "FAIL: $*"
	exit 1
}

skip() { # REASON
	echo "$*" >/run/lab/skip
	exit 77
}

expect_eq() { # WHAT GOT EXPECTED
	[ "$2" = "$3" ] || fail "$1 is $2, expected $3"
}

wait_for() { # SECONDS COMMAND...: until it succeeds; false if it never does
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000 * LAB_SLOW))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
		usleep 20000
	done
}

bring_back() { # FILE [NAME]: into the host's output directory
	cp "$1" "/run/lab/out/${2:-$(basename "$1")}"
}

splat_allow() { # REGEX: this test provokes such a message on purpose
	echo "$*" >>/run/lab/allowed
}

splats_mark() {
	local log
	echo "xendrain-lab: mark" >/dev/kmsg
	xl dmesg -c >/dev/null
	rm -rf /run/lab/marks && mkdir -p /run/lab/marks
	for log in /var/log/xen/console/guest-*.log*; do
		[ ! -e "$log" ] || stat -c %s "$log" >"/run/lab/marks/${log##*/}"
	done
}

# KCSAN names the two functions that race, and the modules that they are of. What
# races in the kernel alone was so before there was a xendrain.
kernels_own_races() {
	echo 'BUG: KCSAN: [a-z-]+ in [^[]*$'
}

# What the kernels and Xen have said since the mark.
logs_since() {
	local log seen
	dmesg | tac | sed '/xendrain-lab: mark/q' | tac
	xl dmesg
	for log in /var/log/xen/console/guest-*.log*; do
		[ -e "$log" ] || continue
		seen=$(cat "/run/lab/marks/${log##*/}" 2>/dev/null || echo 0)
		tail -c +$((seen + 1)) "$log" | tr -d '\r'
	done
}

# In Linux 6.12 the fair server, which is no task, counts among what a processor
# runs. One that goes while the server waits there is said not to be empty, though
# only its stopper is listed: sched_cpu_dying() looks first, and stops it then.
without_fair_server() {
	awk '/cut here/ { flush(); inside = 1 }
		!inside { print; next }
		{ held = held $0 "\n" }
		/Dying CPU not properly vacated!/ { dying = 1 }
		/end trace/ && !dying { flush(); next }
		/enqueued tasks \(2 total\)/ { listed = 1; next }
		listed && /name: migration\/[0-9]+/ { alone++; next }
		listed { if (dying && alone == 1 && !/name:/) held = $0 "\n"; flush() }
		END { if (listed && dying && alone == 1) held = ""; flush() }
		function flush() { printf "%s", held; held = ""; inside = dying = listed = alone = 0 }'
}

# What of it is a complaint.
splats_since() {
	logs_since | without_fair_server | grep -E -f /lab/splats |
		grep -Ev -f <(cat /run/lab/allowed; echo '^$'; kernels_own_races)
}

# Whose kernel complained and where it was: a log may be all that is left of a run.
splat_place() { # LINE: of splats_since
	grep -lsF -e "$1" /var/log/xen/console/guest-*.log* | sed 's|.*/|of |' | tr '\n' ' '
	logs_since | grep -F -A 60 -m 1 -e "$1" | sed -n -E \
		-e 's/^.*RIP: [0-9a-f]*:([a-z_])/at \1/p' -e 's/^\[[^]]*\]  ?([a-z_][^ ]*\+0x[^ ]*.*)/< \1/p' |
		awk '!seen[$0]++' | head -n 12 | tr '\n' ' '
}

# Guests that a test leaves are destroyed, unless it said guest_keep.
test_cleanup() {
	local name id
	while read -r name id _; do
		[ ! -e "/run/lab/keep/$name" ] || continue
		drain_detach_all "$id"
		guest_destroy "$name"
	done < <(xl list | sed 1,2d)
	killall -q iperf3
	netfront_bridge_remove
	dom0_address eth0
	forget_neighbours
	return 0
}

# iperf3's server opens another socket after each test; who comes sooner is refused.
iperf3_again() {
	usleep 200000
}

# --- the world and dom0 -----------------------------------------------------

world() { # COMMAND...: on the far side of the cable
	ip netns exec world "$@"
}

# From a timer in the kernel: a sender that sleeps costs more than the driver.
pace() { # DEV DSTMAC COUNT SIZE RATE, in the world: prints "sent N ns N"
	[ -e /proc/pacer ] || insmod /lib/lab/lab-pacer.ko
	# shellcheck disable=SC2016 # for the inner shell
	world bash -c 'echo "$*" >/proc/pacer' pace "$@" && cat /proc/pacer
}

listen() { # PLACE EVERY: count the frames of a pacer that get there, time every Nth
	on "$1" insmod /lib/lab/lab-delays.ko "every=$2"
}

heard() { # PLACE: sets what lab-delays says: heard_frames, heard_timed, heard_ns, ...
	local word i
	read -ra word < <(on "$1" cat /proc/delays)
	on "$1" rmmod lab_delays
	for ((i = 0; i < ${#word[@]}; i += 2)); do
		declare -g "heard_${word[i]}=${word[i + 1]}"
	done
}

dom0_address() { # DEV
	ip address replace "$DOM0_IP4/24" dev "$1" 2>/dev/null || true
	ip address replace "$DOM0_IP6/64" dev "$1" nodad 2>/dev/null || true
}

nic_interrupts() { # DEV
	awk -v dev="$1" 'NR == 1 { cpus = NF; next }
		$NF ~ "^" dev "(-|$)" { for (i = 2; i <= cpus + 1; i++) n += $i }
		END { print n + 0 }' /proc/interrupts
}

# What the NIC under test has lost.
nic_drops() {
	local sum=0 counter
	for counter in rx_dropped rx_missed_errors rx_fifo_errors; do
		sum=$((sum + $(cat "/sys/class/net/eth0/statistics/$counter")))
	done
	echo "$sum"
}

cpu_ns() { # DOMID
	cputime "$1"
}

# Lines of "what number"; the same before and after if nothing leaked.
leak_snapshot() {
	local free frames
	sync
	echo 3 >/proc/sys/vm/drop_caches
	{ read -r free && read -r frames; } < <(kvar gnttab_free_count nr_grant_frames)
	echo "grants $((frames * 512 - 8 - free))"
	echo "event_channels $(lsevtchn 0 | wc -l)"
	# xl makes these two with its first guest, and leaves them.
	echo "xenstore_nodes $(xenstore-ls -f / | grep -cvE '^/(libxl|vm) = ""$')"
	# What a processor keeps for itself is free, and not in MemFree.
	awk '$1 == "count:" { kept += $2 * 4 }
		$1 == "MemFree:" { print "free_kb", $2 + kept }
		$1 == "Slab:" { print "slab_kb", $2 }' /proc/zoneinfo /proc/meminfo
}

# --- guests -----------------------------------------------------------------

guest_id() { # NAME
	xl domid "$1"
}

put_log_aside() { # LOG NAME: with the mark up to which it has been judged
	mv "$1" "$2"
	[ ! -e "/run/lab/marks/${1##*/}" ] ||
		mv "/run/lab/marks/${1##*/}" "/run/lab/marks/${2##*/}"
}

# Lines in GUEST_EXTRA go to the domain's config as they are.
guest_create() { # NAME [TYPE] [MEMORY_MB] [VCPUS]
	local name=$1 type=${2:-$GUEST_TYPE} log=/var/log/xen/console/guest-$1.log
	[ ! -e "$log" ] || put_log_aside "$log" "$log.$EPOCHREALTIME"
	{
		echo "name='$name'"
		echo "type='$type'"
		echo "memory=${3:-256}"
		echo "vcpus=${4:-1}"
		echo "kernel='/lab/vmlinux'"
		echo "ramdisk='/lab/domu.cpio'"
		echo "extra='console=hvc0 loglevel=5 oops=panic panic=-1 $GUEST_DEBUG ${GUEST_CMDLINE-}'"
		echo "on_reboot='destroy'"
		echo "on_crash='destroy'"
		[ "$type" != pvh ] || echo "tsc_mode='native'"
		echo "${GUEST_EXTRA-}"
	} >"/run/lab/$name.cfg"
	guest_boot "$name" || { stumbled "$log" && guest_boot "$name"; } ||
		fail "guest $name does not come up"
}

guest_boot() { # NAME
	xl create -q "/run/lab/$1.cfg" || fail "xl create $1 failed"
	ask -t 60 -r "$1"
}

# The emulator: a processor may meet the breakpoint under which another patches
# the kernel's code when it is gone already. That a guest dies of it before it
# has loaded anything says nothing about a driver.
stumbled() { # LOG: of a guest that did not come up; not to be judged then
	grep -q 'Oops: int3: ' "$1" && ! grep -q xen_drainfront "$1" || return 1
	note "the emulator has killed a guest with several vCPUs: once more"
	rm -f "$1"
}

guest_keep() { # NAME: later scripts of this boot find it running
	mkdir -p /run/lab/keep
	touch "/run/lab/keep/$1"
}

guest_destroy() { # NAME
	rm -f "/run/lab/keep/$1"
	xl destroy "$1"
}

on() { # PLACE COMMAND...: a shell's command line, run there
	local place=$1
	shift
	case $place in
	world) world bash -c "$*" ;;
	dom0) bash -c "$*" ;;
	*) guest_run "$place" "$*" ;;
	esac
}

guest_run() { # NAME COMMAND...: its output and status; GUEST_TIMEOUT seconds
	local name=$1
	shift
	ask -t "${GUEST_TIMEOUT:-60}" "$name" "$*"
}

guest_bg() { # NAME COMMAND...: started there, output in its /tmp/background
	local name=$1
	shift
	ask -b -t "${GUEST_TIMEOUT:-60}" "$name" "$*"
}

guest_upcalls() { # NAME: interrupts from Xen of any kind, all CPUs
	guest_run "$1" cat /proc/upcalls
}

guest_dev() { # NAME MAC: the guest's name for the interface
	guest_run "$1" "grep -lix $2 /sys/class/net/*/address | cut -d/ -f5 | head -n 1"
}

guest_stat() { # NAME DEV COUNTER
	guest_run "$1" cat "/sys/class/net/$2/statistics/$3"
}

# Another driver's MAC may have had the address a moment ago.
forget_neighbours() {
	ip neigh flush nud all
	world ip neigh flush nud all
}

# In one command, so that an interface costs one exchange on the console.
guest_address() { # NAME MAC N: waits for the interface, prints its name
	forget_neighbours
	guest_run "$1" "for i in \$(seq 500); do
			dev=\$(grep -lix $2 /sys/class/net/*/address | cut -d/ -f5 | head -n 1)
			[ -z \"\$dev\" ] || break
			usleep 20000
		done
		[ -n \"\$dev\" ] || { echo no interface with MAC $2; exit 1; }
		ip address replace 192.168.77.$3/24 dev \$dev
		ip address replace fd77::$3/64 dev \$dev nodad
		ip link set \$dev up
		for i in \$(seq 250); do
			[ \"\$(cat /sys/class/net/\$dev/carrier)\" != 1 ] || break
			usleep 20000
		done
		[ \"\$(cat /sys/class/net/\$dev/carrier)\" = 1 ] || exit 1
		echo \$dev"
}

# The world and u1 know each other without asking: every frame is a test's own.
introduce_u1() { # DEV MAC: u1's interface
	world ip neigh replace "$GUEST_IP4" lladdr "$2" dev eth1 nud permanent
	guest_run u1 ip neigh replace "$WORLD_IP4" lladdr "$WORLD_MAC" dev "$1" nud permanent
}

# --- symbols, for lab/profile/report ------------------------------------------

text_symbols() { # FILE
	awk '$2 ~ /[tTwW]/' "$1"
}

symbols_of_kernels() { # dom0's, which is the guest's too, and Xen
	text_symbols /proc/kallsyms | grep -v '\[' >/run/lab/out/symbols.kernel
	text_symbols /proc/xen/xensyms >/run/lab/out/symbols.xen
}

symbols_of_modules() { # that dom0 and u1 have loaded now
	guest_run u1 'grep "\[" /proc/kallsyms | grep -v " [dDbBrR] "' >/run/lab/out/symbols.domU
	text_symbols /proc/kallsyms | grep '\[' >/run/lab/out/symbols.dom0
}

# --- the in-tree pair -------------------------------------------------------

netfront_mac() { # [N]
	printf '00:16:3e:77:00:%02x\n' "${1:-2}"
}

netfront_bridge_create() {
	[ ! -e /sys/class/net/xenbr0 ] || return 0
	ip link add xenbr0 type bridge forward_delay 0 mcast_snooping 0
	ip address flush dev eth0
	ip link set eth0 master xenbr0
	ip link set xenbr0 up
	dom0_address xenbr0
}

# Stays as long as another guest uses it.
netfront_bridge_remove() {
	[ -e /sys/class/net/xenbr0 ] || return 0
	[ -z "$(ls -d /sys/class/net/xenbr0/brif/vif* 2>/dev/null)" ] || return 0
	ip link set eth0 nomaster
	ip link delete xenbr0
	dom0_address eth0
}

netfront_up() { # NAME [N]: prints the guest's name for the interface
	local mac
	mac=$(netfront_mac "${2:-2}")
	netfront_bridge_create
	guest_run "$1" modprobe xen-netfront
	xl network-attach "$1" mac="$mac" bridge=xenbr0 script=vif-lab
	guest_address "$1" "$mac" "${2:-2}"
}

netfront_down() { # NAME [N]
	xl network-detach "$1" "$(netfront_mac "${2:-2}")"
	netfront_bridge_remove
}

# --- xendrain ---------------------------------------------------------------

drain_there() {
	[ -e /lib/xendrain/xen-drainback.ko ] && [ -x /usr/bin/xendrain ]
}

drain_mac() { # [N]
	printf '00:16:3e:77:01:%02x\n' "${1:-2}"
}

insmod_with_needs() { # FILE
	local need
	for need in $(modinfo -F depends "$1" | tr ',' ' '); do
		modprobe "$need"
	done
	insmod "$1"
}

drain_load() {
	[ -e /sys/module/xen_drainback ] ||
		insmod_with_needs /lib/xendrain/xen-drainback.ko
}

drain_unload() {
	rmmod xen_drainback
}

drain_attach() { # NAME [N] [,KEY=VALUE...]: prints the handle
	local said
	said=$(xendrain attach "$1" "nic=eth0,mac=$(drain_mac "${2:-2}")${3-}") || return 1
	sed -nE 's/.*attached vdrain ([0-9]+).*/\1/p' <<<"$said"
}

drain_detach() { # NAME HANDLE
	xendrain detach "$1" "$2"
}

drain_detach_all() { # DOMID: what a test left attached
	local handle
	for handle in $(xenstore-list "/local/domain/0/backend/vdrain/$1" 2>/dev/null || true); do
		xendrain detach "$1" "$handle" || xendrain detach "$1" "$handle" --force || true
	done
}

drain_guest_load() { # NAME
	guest_run "$1" "[ -e /sys/module/xen_drainfront ] || {
		for need in \$(modinfo -F depends /lib/xendrain/xen-drainfront.ko | tr , ' '); do
			modprobe \$need
		done
		insmod /lib/xendrain/xen-drainfront.ko; }"
}

drain_guest_unload() { # NAME
	guest_run "$1" rmmod xen_drainfront
}

drain_up() { # NAME [N]: prints the guest's name for the interface
	drain_guest_load "$1"
	guest_address "$1" "$(drain_mac "${2:-2}")" "${2:-2}"
}

# A guest with a device that works; sets HANDLE and DEV.
drain_guest() { # NAME [N] [,KEY=VALUE...]
	guest_create "$1"
	drain_load
	HANDLE=$(drain_attach "$1" "${2:-2}" "${3-}")
	DEV=$(drain_up "$1" "${2:-2}")
	export HANDLE DEV
}

drain_stat() { # NAME HANDLE COUNTER, for example to_guest_upcalls
	cat "/sys/bus/xen-backend/devices/vdrain-$(guest_id "$1")-$2/statistics/$3"
}
