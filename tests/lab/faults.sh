# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: each allocation of ours may fail in dom0 while a device is attached, tuned and detached, and tells of its link; and many under traffic
# timeout: 3600
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
# shellcheck source=tests/lab/kit/faults.sh
. /lab/kit/faults.sh

faults_begin
attached_and_detached dom0
attached_as_interface
changed_while_used dom0 tune
link_told_late
filter_told_late dom0
faults_under_traffic dom0 drainback_poll
