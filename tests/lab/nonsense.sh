# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a frontend that asks for nonsense loses its device with a sentence, other guests do not notice
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# u2 never loads the driver: dom0 writes in its name what a hostile one could.
offer() { # KEY=VALUE...
	local front
	HANDLE=$(drain_attach u2 4)
	front=$(frontend_path u2 "$HANDLE")
	wait_for 10 state_is "$(backend_path u2 "$HANDLE")" 2 || fail "the backend does not wait for u2"
	store "$front" protocol=1 queues=1 ring-pages=128 connection=77 \
		queue-0/control-ref=8 queue-0/event-channel=1 "$@" state=3
}

disabled() { # WHAT REGEX KEY=VALUE...
	local what=$1 said=$2 back
	shift 2
	offer "$@"
	back=$(backend_path u2 "$HANDLE")
	wait_for 10 error_says u2 "$HANDLE" "$said" ||
		fail "$what: the error node says '$(backend_error u2 "$HANDLE")', expected $said"
	! state_is "$back" 4 || fail "$what: the backend is connected"
	ping_once world "$(ip4_of u1)" || fail "$what: u1 has lost its connection"
	xendrain detach u2 "$HANDLE" --force
}

have_guest u1
running_guest u2
guest_run u2 "rmmod xen_drainfront 2>/dev/null; true"
drain_detach_all "$(guest_id u2)"
stream_ok world u1 40 &

disabled "protocol 0" "protocol is 0, allowed is 1 to 1" protocol=0
disabled "protocol 2" "protocol is 2, allowed is 1 to 1" protocol=2
disabled "protocol text" "reading .*/protocol" protocol=hello
disabled "no queues" "queues is 0, allowed is 1 to 1" queues=0
disabled "too many queues" "queues is 2, allowed is 1 to 1" queues=2
disabled "4294967295 queues" "queues is 4294967295, allowed is 1 to 1" queues=4294967295
disabled "-1 queues" "queues" queues=-1
disabled "no pages" "ring-pages is 0, allowed is 8 to 128" ring-pages=0
disabled "7 pages" "ring-pages is 7, allowed is 8 to 128" ring-pages=7
disabled "100 pages" "ring-pages is 100, allowed is a power of two" ring-pages=100
disabled "256 pages" "ring-pages is 256, allowed is 8 to 128" ring-pages=256
disabled "grant 4000000000" "queue 0: control page: mapping grant reference 4000000000" \
	queue-0/control-ref=4000000000
disabled "grant text" "queue 0: reading" queue-0/control-ref=hello
splat_allow 'g.e. 0x[0-9a-f]+ still pending'

note "states in an order that no frontend has"
HANDLE=$(drain_attach u2 4)
front=$(frontend_path u2 "$HANDLE")
for state in 4 3 1 6 3 5 2 4 7 8 0 99 1 3 3 6 1 5; do
	xenstore-write "$front/state" $state
	usleep 50000
done
ping_once world "$(ip4_of u1)" || fail "u1 has lost its connection"
xendrain detach u2 "$HANDLE" --force

wait_all
note "the same guest with a real driver"
have_guest u2
ping_ok world u2
ping_ok u1 u2
