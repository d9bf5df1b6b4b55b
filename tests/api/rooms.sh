#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The rooms of lib/ include one another in one direction only, and what is foreign stays in its room.
#
#	rooms.sh TOP
set -u
top=$1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# Loops read it and not a pipe, because complain() must reach this shell.
scratch=$(mktemp)
suspects=$(mktemp)
trap 'rm -f "$scratch" "$suspects"' EXIT

# The rooms that a room may include, besides itself.
allowed()
{
	case $1 in
	base) ;;
	net) printf 'base' ;;
	report) printf 'base' ;;
	store) printf 'base' ;;
	race) printf 'base net' ;;
	tls) printf 'base net report race' ;;
	resolve) printf 'base' ;;
	open) printf 'base net race store tls' ;;
	client) printf 'base net report store tls resolve race open' ;;
	*) complain "lib/$1 is no room that tests/api/rooms.sh knows" ;;
	esac
}

check_includes()
{
	room=$1
	may=" $room $(allowed "$room") "
	for file in $(c_files "lib/$room"); do
		sed -n 's/^#[[:space:]]*include "\([^"]*\)".*/\1/p' "$file" >"$scratch"
		while read -r other; do
			case $may in
			*" ${other%%/*} "*) ;;
			*) complain "$(short "$file") includes \"$other\"" ;;
			esac
		done <"$scratch"
	done
}

# Reports each use of the pattern $1 outside comments, in the C files that come on standard input.
fence()
{
	xargs grep -lE "$1" >"$suspects"
	while read -r file; do
		without_comments "$file" | sed 's/"[^"]*"//g' | grep -E "$1" >/dev/null &&
			complain "$(short "$file") uses $2"
	done <"$suspects"
}

for directory in "$top"/lib/*/; do
	room=$(basename "$directory")
	allowed "$room" >"$scratch"
	check_includes "$room"
done

# The verdict knows GnuTLS's codes.
c_files lib/base lib/net lib/report lib/resolve lib/store >"$scratch"
fence '#[[:space:]]*include <gnutls/' 'GnuTLS' <"$scratch"
c_files lib tools examples | grep -v '/lib/store/' >"$scratch"
fence '#[[:space:]]*include <nettle/' 'nettle' <"$scratch"
c_files lib tools examples | grep -v -e '/lib/net/stream\.c$' -e '/tools/run/connection\.c$' >"$scratch"
fence '\<(MSG_FASTOPEN|TCP_FASTOPEN(_CONNECT|_KEY|_NO_COOKIE)?)\>' 'the fast-open constants of Linux' <"$scratch"
c_files lib >"$scratch"
fence '\<(system|popen)[[:space:]]*\(' 'a shell' <"$scratch"
fence '\<(printf|puts|putchar|perror)[[:space:]]*\(|\<std(out|err)\>' 'a standard stream' <"$scratch"
exit "$failed"
