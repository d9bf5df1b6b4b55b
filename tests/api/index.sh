#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The index of the tests, tests/README.md, has every test with the sentence that its file begins with.
#
#	index.sh TOP
set -u
top=$1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

python3 "$top/tests/api/index.py" "$top" | diff - "$top/tests/README.md" >&2 ||
	complain 'tests/README.md: make it anew by: python3 tests/api/index.py . >tests/README.md'
if grep -q 'NO COMMENT' "$top/tests/README.md"; then
	complain 'tests/README.md: a test does not begin with a sentence that says what holds'
fi
exit "$failed"
