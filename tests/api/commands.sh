#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The command lines of README.md and tlsfo(1) do what is said of them, when they are typed where
# www.example.org is an nginx: they end with status 0, bring the whole page, and print the lines that
# README.md shows below them. Indented lines of README.md that follow one another are one sitting, and so is an
# example of the manual: what one visit keeps, the next one finds.
#
#	commands.sh TOP TLSFO VISIT CERTS
#
# TLSFO and VISIT are the programs, CERTS the directory of the test CA. Skipped (77) where there is no
# nginx or no namespace is permitted.
set -u
top=$1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
program=$(realpath "$2")
visit=$(realpath "$3")
certs=$4
inside=${5-}
# shellcheck source=site.sh
. "$(dirname "$0")/site.sh"
mkdir "$scratch/bin"
ln -s "$program" "$scratch/bin/tlsfo"
ln -s "$visit" "$scratch/bin/visit"

# ------------------------------------------------------------------------------ what is typed

# Runs the script $1 and looks at what it prints. $2 tells where it stands.
type_in()
{
	script=$1
	# The report is about to say which way it went; the page is what was asked for.
	env -u XDG_STATE_HOME HOME="$scratch/home" PATH="$scratch/bin:$PATH" \
		sh -e "$script" >"$scratch/out" 2>"$scratch/errors" </dev/null
	status=$?
	[ $status -eq 0 ] ||
		complain "$2: status $status of '$(cat "$script")': $(cat "$scratch/errors")"
	if grep -q 'tlsfo connect\|visit ' "$script" && ! grep -qx 'The end\.' "$scratch/out"; then
		complain "$2: no whole page from '$(cat "$script")': $(cat "$scratch/errors")"
	fi
	if grep -q 'early-data' "$script" && ! grep -q 'early data accepted' "$scratch/errors"; then
		complain "$2: no early data in '$(cat "$script")': $(cat "$scratch/errors")"
	fi
	typed=$((typed + 1))
}

# The lines of README.md that show what the command before prints.
shown()
{
	[ "$1" = '...' ] || grep -Fqx -- "$1" "$scratch/out" ||
		complain "README.md shows '$1', and '$(cat "$scratch/script")' prints: $(cat "$scratch/out")"
}

# The commands that a reader types, and what is shown below them.
awk '/^    / { print substr($0, 5); next } { print "" }' "$top/README.md" >"$scratch/readme"
typed=0
sitting=no
while IFS= read -r line; do
	case $line in
	'$ '*)
		[ "$sitting" = yes ] || rm -rf "${scratch:?}/home"
		sitting=yes
		printf '%s\n' "${line#??}" >"$scratch/script"
		type_in "$scratch/script" README.md
		;;
	'') sitting=no ;;
	*) [ "$sitting" = no ] || shown "$line" ;;
	esac
done <"$scratch/readme"
printf 'visit www.example.org 443\n' >"$scratch/script"
grep -qF './visit www.example.org 443' "$top/README.md" && type_in "$scratch/script" README.md
[ $typed -ge 5 ] || complain "README.md has only $typed command lines"

# The examples of the manual, each a script. A backslash is doubled there.
typed=0
awk -v to="$scratch/example" '
	/^# / { within = $2 == "EXAMPLES" }
	/^```/ && within { inside = !inside; if (inside) count++; next }
	inside { gsub(/\\\\/, "\\"); print > (to count) }' "$top/doc/tlsfo.1.scd"
for example in "$scratch"/example*; do
	rm -rf "${scratch:?}/home"
	type_in "$example" 'tlsfo(1)'
done
[ $typed -ge 4 ] || complain "tlsfo(1) has only $typed examples"
exit "$failed"
