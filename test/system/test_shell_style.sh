#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every shell file is clean for shellcheck, has a licence line, and what is run
# (not sourced) stops at the first error and at unset variables.
# Argument: the source folder.
set -euo pipefail

FAILED=0

complain() {
	echo "FAIL: $*" >&2
	FAILED=1
}

check() {
	shellcheck -x "$1" || complain "$1: shellcheck"
	grep -q '^# SPDX-License-Identifier: BSD-3-Clause$' "$1" || complain "$1: no SPDX line"
	[[ -x $1 ]] || return 0
	[[ $(head -1 "$1") == '#!/usr/bin/env bash' ]] || complain "$1: first line"
	grep -q '^set -euo pipefail$' "$1" || complain "$1: no set -euo pipefail"
}

cd "$1"
mapfile -t files < <(find scripts test app lib -name '*.sh' | sort)
((${#files[@]} > 0)) || complain "no shell files found"
for file in "${files[@]}" .ci/run; do
	check "$file"
done
((FAILED == 0)) && echo "ok: $((${#files[@]} + 1)) files"
