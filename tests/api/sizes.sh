#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Functions have at most 70 lines and three levels of nesting, files at most 600 lines, and each room of lib/ at
# most the lines that tests/api/budget allows it.
#
#	sizes.sh TOP
set -u
top=$1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

function_lines=70
nesting=3
file_lines=600

list=$(mktemp)
found=$(mktemp)
trap 'rm -f "$list" "$found"' EXIT
c_files include lib tools examples tests >"$list"

while read -r file; do
	lines=$(wc -l <"$file")
	[ "$lines" -le $file_lines ] || complain "$(short "$file"): $lines lines"
done <"$list"

ctags -x --language-force=C --kinds-C=f --fields=+ne --_xformat='%n %e %N %F' -L "$list" |
	awk -v most=$function_lines '$2 - $1 + 1 > most { print $4 ": " $3 "() has " $2 - $1 + 1 " lines" }' \
		>"$found"
while read -r long; do
	complain "$(short "$long")"
done <"$found"

# Code is indented by one tab a level, so a statement tells its depth.
xargs grep -lE "^	{$((nesting + 1)),}|^ +[^ *]" <"$list" >"$found"
while read -r file; do
	deep=$(without_comments "$file" | awk -v most=$nesting '
		/^\t+(} )?(if|for|while|do|switch|else)([ (]|$)/ {
			match($0, /^\t+/)
			if (RLENGTH > most)
				print "line " NR " is nested " RLENGTH " deep"
		}
		/^ +[^ *]/ { print "line " NR " is indented by spaces" }')
	[ -z "$deep" ] || complain "$(short "$file"): $deep"
done <"$found"
# The budget only falls: a room that has become smaller gives back what it does not need.
slack=40
while read -r room allowed; do
	lines=$(find "$top/lib/$room" -name '*.[ch]' -exec cat {} + | wc -l)
	if [ "$lines" -gt "$allowed" ]; then
		complain "lib/$room: $lines lines, $allowed are allowed: tests/api/budget"
	elif [ $((lines + slack)) -lt "$allowed" ]; then
		complain "lib/$room: $lines lines; lower its $allowed in tests/api/budget"
	fi
done <"$top/tests/api/budget"
for directory in "$top"/lib/*/; do
	room=$(basename "$directory")
	grep -q "^$room " "$top/tests/api/budget" || complain "lib/$room is not in tests/api/budget"
done
exit "$failed"
