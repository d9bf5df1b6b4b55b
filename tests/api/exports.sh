#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The functions of the public headers, the symbols in lib/tlsfo.map, the symbols that the library
# exports and the names of the manual pages are the same.
#
#	exports.sh TOP LIBRARY
set -u
top=$1
library=$2
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

ctags -x --language-force=C --kinds-C=p --_xformat='%N' "$top"/include/tlsfo/*.h |
	sort -u >"$scratch/headers"
sed -n 's/^[[:space:]]*\(tlsfo_[a-z0-9_]*\);.*/\1/p' "$top/lib/tlsfo.map" | sort -u >"$scratch/map"
case $library in
*.a) symbols=-g ;;
*) symbols=-D ;;
esac
nm "$symbols" --defined-only --format=posix "$library" | awk 'NF > 1 && $2 != "A" { sub(/@.*/, "", $1); print $1 }' |
	sort -u >"$scratch/library"
# The names that a page describes stand in its NAME section, before the dash.
for page in "$top"/doc/*.3.scd; do
	[ -f "$page" ] && awk '/^# / { name = $0 == "# NAME"; next } name' "$page"
done | sed 's/ - .*//' | tr -d "\\\\" | tr , '\n' |
	sed -n 's/^ *\(tlsfo_[a-z0-9_]*\) *$/\1/p' | sort -u >"$scratch/manual"

[ -s "$scratch/headers" ] || complain 'the headers declare nothing'
for other in map library manual; do
	for name in $(comm -23 "$scratch/headers" "$scratch/$other"); do
		complain "$name: declared in a header, missing in the $other"
	done
	for name in $(comm -13 "$scratch/headers" "$scratch/$other"); do
		complain "$name: in the $other, declared in no header"
	done
done

# What a key is in must not be saved on the stack by the dynamic linker at a first call.
[ "$symbols" = -g ] || readelf -d "$library" >"$scratch/dynamic"
[ "$symbols" = -g ] || grep -q NOW "$scratch/dynamic" || complain "$library: functions are bound at their first call (-z now)"
exit "$failed"
