#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The completion for bash offers the commands, each command's options, and the words that an option
# takes. What the command itself would refuse, it does not offer.
#
#	completion.sh TOP TLSFO
set -u
export LC_ALL=C
top=$1
tlsfo=$2
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=../../tools/tlsfo/tlsfo.bash
. "$top/tools/tlsfo/tlsfo.bash"

# What is offered for the last of the words, in one line.
offered()
{
	COMP_WORDS=("$tlsfo" "$@")
	COMP_CWORD=$#
	_tlsfo
	printf '%s' "${COMPREPLY[*]}"
}

expect()
{
	local expected=$1
	shift
	local got
	got=$(offered "$@")
	[ "$got" = "$expected" ] || complain "'tlsfo $*' offers '$got' instead of '$expected'"
}

expect 'connect' c
expect '--help --version connect help probe run store warm' ''
expect 'probe' help p
expect 'clear forget list' store ''
expect '--half-close --help' connect --h
expect '--report --report-file' connect --re
expect 'json' connect --report = j
expect 'line' connect --report l
expect 'always auto' connect --fast-open a
expect "$top/README.md" connect --cafile "$top/READ"
expect '--json' probe --j
expect '' warm --half
expect 'mkfifo' run mkfif
expect '--ports' run --p

# Every option that is offered is one: without a value, or with a host missing, it is another mistake.
for command in connect warm probe run store; do
	for option in $(offered "$command" --); do
		"$tlsfo" "$command" "$option" 2>&1 </dev/null | grep -q 'unknown option' &&
			complain "'tlsfo $command $option' is offered, and unknown"
	done
	[ "$(offered "$command" -- | wc -w)" -ge 4 ] || complain "'tlsfo $command' offers no options"
done
complete -p tlsfo >/dev/null || complain 'nothing is completed for tlsfo'
exit "$failed"
