# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: each allocation of ours may fail in the guest while a device is attached, tuned, resized and detached, and tells of its filter; and many under traffic
# timeout: 3600
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
# shellcheck source=tests/lab/kit/faults.sh
. /lab/kit/faults.sh

faults_begin
attached_and_detached u1
changed_while_used u1 tune resize
filter_told_late u1
faults_under_traffic u1 drainfront_poll
