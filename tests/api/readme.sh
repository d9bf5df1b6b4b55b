#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The programs in README.md are those in examples/, which the tests compile and run. A block that
# begins with ```c and a comment naming a file of examples/ must stand in that file.
#
#	readme.sh TOP
set -u
top=$1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Writes each block to a file of its own, which ends in the name of what it quotes.
awk -v to="$scratch" '
	/^```c$/ { inside = 1; first = 1; next }
	/^```$/ { inside = 0 }
	inside && first {
		first = 0
		if (match($0, /examples\/[a-z-]*\.c/)) {
			block = to "/" ++blocks "=" substr($0, RSTART + 9, RLENGTH - 9)
			next
		}
		print "a block does not name its example: " $0 > (to "/wrong")
		inside = 0
	}
	inside { print > block }' "$top/README.md"

[ ! -f "$scratch/wrong" ] || complain "$(cat "$scratch/wrong")"
quoted=0
for block in "$scratch"/*=*; do
	[ -f "$block" ] || continue
	quoted=$((quoted + 1))
	name=${block##*=}
	if [ ! -f "$top/examples/$name" ]; then
		complain "examples/$name does not exist"
		continue
	fi
	# The block must be a run of lines of the example.
	python3 - "$block" "$top/examples/$name" <<-'PYTHON' || complain "examples/$name differs"
		import sys
		block, example = (open(path, encoding="utf-8").read() for path in sys.argv[1:])
		sys.exit(0 if block and block in example else 1)
	PYTHON
done
[ $quoted -gt 0 ] || complain 'README.md quotes no example'

# A user who follows the README types these.
for command in 'sh tools/demo' 'sh tools/test'; do
	grep -q "$command" "$top/README.md" || complain "README.md does not tell '$command'"
	[ -f "$top/${command#sh }" ] || complain "${command#sh } does not exist"
done
exit "$failed"
