# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What builds of others' trees share. They set $tmp and $what.

say() {
	# shellcheck disable=SC2154 # the caller's
	printf '%s: %s\n' "$what" "$*" >&2
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

logged() { # COMMAND...: quiet, unless it fails
	# shellcheck disable=SC2154 # the caller's
	"$@" >>"$tmp/log" 2>&1 || {
		tail -n 30 "$tmp/log" >&2
		exit 1
	}
}

install_packages() { # NAME...: those that the host lacks
	local missing
	missing=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "$@" 2>/dev/null |
		awk '$2 == "ii" { print $1 }' | sort | comm -13 - <(printf '%s\n' "$@" | sort))
	[ -n "$missing" ] || return 0
	# shellcheck disable=SC2086 # a list of words
	say "installing" $missing
	logged as_root apt-get -qq -o DPkg::Lock::Timeout=900 update
	# shellcheck disable=SC2086
	logged as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0 \
		install --no-install-recommends $missing
}

apply_series() { # TREE PATCH...
	local tree=$1 patch
	shift
	for patch; do
		# What fits only with fuzz may be in the wrong place.
		logged patch -d "$tree" -p1 -F0 -s -i "$patch"
	done
}
