#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# No two source files of the library reach each other, however many others are in between: who calls whom is
# read from the objects.
#
#	circles.sh TOP ARCHIVE
set -u
top=$1
archive=$2
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Lines "ARCHIVE:OBJECT:VALUE TYPE NAME", without a value where a name is used. One line for each pair of
# files: who uses, who defines, and a name.
nm -A "$archive" | sed 's/:\([^:]*\)$/ \1/' | awk '
	{
		file = $1
		sub(/^.*[:\/]/, "", file)
		sub(/\.o$/, "", file)
		if ($(NF - 1) == "U")
			uses[file " " $NF] = 1
		else if ($(NF - 1) ~ /^[A-Z]$/)
			definer[$NF] = file
	}
	END {
		for (use in uses) {
			split(use, part, " ")
			other = definer[part[2]]
			if (other != "" && other != part[1])
				print part[1], other, part[2]
		}
	}' | sort -u >"$scratch/calls"
[ -s "$scratch/calls" ] || complain "$archive tells of no call"

cut -d ' ' -f 1,2 "$scratch/calls" | sort -u | tsort >/dev/null 2>"$scratch/said"
# The first circle, a file a line; tsort(1) goes on with others that it may share parts with.
awk '/loop/ { count++; next } count == 1 { print $NF }' "$scratch/said" >"$scratch/circle"
if [ -s "$scratch/circle" ]; then
	complain 'These files reach one another:'
	awk 'NR == FNR { reached[$1]; next }
		($1 in reached) && ($2 in reached) { print $1 " calls " $3 " of " $2 }' \
		"$scratch/circle" "$scratch/calls" >&2
fi
exit "$failed"
