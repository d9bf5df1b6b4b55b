#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Each check of this directory finds what it looks for: it passes on a copy of the tree and fails
# once the fault is planted there.
#
#	planted.sh TOP BUILD LIBRARY CC CXX
set -u
top=$1
build=$2
library=$3
cc=$4
cxx=$5
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
copy=$scratch/copy
number=0

fresh()
{
	rm -rf "$copy"
	mkdir "$copy"
	for part in "$top"/*; do
		case $part in
		# What failed tests left behind.
		"$top"/path-* | "$top"/lab-* | *.pcap) continue ;;
		esac
		[ -d "$part/meson-private" ] || cp -R "$part" "$copy/"
	done
}

run()
{
	check=$1
	shift
	sh "$top/tests/api/$check.sh" "$copy" "$@" >"$scratch/said" 2>&1
}

# The check $1 must pass; the other arguments are its own.
passes()
{
	run "$@" || {
		cat "$scratch/said" >&2
		complain "$1.sh fails on the tree as it is"
	}
}

# What is planted is told by $1; then the check that must fail, and say a word of it ($2).
finds()
{
	what=$1
	word=$2
	shift 2
	number=$((number + 1))
	if run "$@"; then
		complain "$1.sh does not find $what"
	elif ! grep -q -- "$word" "$scratch/said"; then
		complain "$1.sh fails on $what without naming it: $(cat "$scratch/said")"
	fi
	fresh
}

# Source text that goes to the end of a file of the copy.
plant()
{
	cat >>"$copy/$1"
}

some()
{
	find "$copy/$1" -name "$2" | sort | head -n 1
}

mkdir "$scratch/pages"
printf '.TH good 3 2020-01-01\n.SH NAME\ngood \\- a page without a fault\n' >"$scratch/pages/good.3"
fresh
passes exports "$library"
passes headers "$cc" "$cxx"
passes rooms
passes sizes
passes tree "$build"
passes readme
passes index
passes manual "$scratch/pages"
[ "$failed" -eq 0 ] || exit 1

echo 'int tlsfo_planted(void);' | plant include/tlsfo/tlsfo.h
finds 'a function without a symbol' 'tlsfo_planted: declared' exports "$library"
sed -i 's/^global:/global:\n\ttlsfo_planted;/' "$copy/lib/tlsfo.map"
finds 'a symbol without a declaration' 'tlsfo_planted: in the map' exports "$library"
sed -i 's/tlsfo_strerror, */ /; s/^tlsfo_strerror - /x - /' "$copy"/doc/*.3.scd
finds 'a function without a manual page' 'tlsfo_strerror.*missing in the manual' exports "$library"

sed -i '/#include <stddef.h>/d; /#include <sys.types.h>/d; /#include <stdint.h>/d' \
	"$copy/include/tlsfo/socket.h"
finds 'a header that lacks an include' 'socket.h' headers "$cc" "$cxx"
echo 'int tlsfo_planted(int class);' | plant include/tlsfo/error.h
finds 'a header that C++ does not take' 'error.h' headers "$cc" "$cxx"

# The archive is the build's; what is planted is one of its own, with a call down, and then one back up.
archive()
{
	(
		cd "$scratch" && rm -f planted.a &&
			printf 'void down(void);\nvoid up(void);\nvoid up(void)\n{\n\tdown();\n}\n' >up.c &&
			printf '%s\n' "$1" >down.c && "$cc" -c up.c down.c && ar rc planted.a up.o down.o
	) || complain 'two C files make no archive'
}
archive 'void down(void); void down(void) {}'
passes circles "$scratch/planted.a"
archive 'void down(void); void up(void); void down(void) { up(); }'
finds 'a call that runs back up' 'down.* calls up of up' circles "$scratch/planted.a"

echo '#include "tls/transport.h"' >>"$(some lib/net '*.c')"
finds 'net including tls' 'tls/transport.h' rooms
echo '#include "client/conn.h"' >>"$(some lib/report '*.c')"
finds 'report including client' 'client/conn.h' rooms
echo '#include "net/stream.h"' >>"$(some lib/base '*.h')"
finds 'base including net' 'net/stream.h' rooms
echo '#include "client/conn.h"' >>"$(some lib/resolve '*.c')"
finds 'resolve including client' 'client/conn.h' rooms
echo '#include <gnutls/gnutls.h>' >>"$(some lib/net '*.c')"
finds 'GnuTLS in net' GnuTLS rooms
echo '#include "net/stream.h"' >>"$(some lib/store '*.c')"
finds 'store including net' 'net/stream.h' rooms
echo '#include "store/store.h"' >>"$(some lib/tls '*.c')"
finds 'tls including store' 'store/store.h' rooms
echo '#include <gnutls/gnutls.h>' >>"$(some lib/store '*.c')"
finds 'GnuTLS in store' GnuTLS rooms
echo '#include <nettle/sha2.h>' >>"$(some lib/tls '*.c')"
finds 'nettle in tls' nettle rooms
echo '#include <gnutls/gnutls.h>' >>"$(some lib/resolve '*.c')"
finds 'GnuTLS in resolve' GnuTLS rooms
echo 'int planted = MSG_FASTOPEN;' >>"$(some lib/tls '*.c')"
finds 'MSG_FASTOPEN in tls' 'fast-open constants' rooms
echo 'int planted = TCP_FASTOPEN_CONNECT;' >>"$(some lib/net 'attempt.c')"
finds 'TCP_FASTOPEN_CONNECT in attempt.c' 'fast-open constants' rooms
echo 'int planted(void) { return system("ip link"); }' >>"$(some lib/net '*.c')"
finds 'system() in lib' 'a shell' rooms
echo 'void planted(void) { printf("hello"); }' >>"$(some lib/client '*.c')"
finds 'printf() in lib' 'a standard stream' rooms
mkdir "$copy/lib/attic"
finds 'a room that nobody knows' 'lib/attic' rooms

{
	printf 'void planted_long(void)\n{\n'
	awk 'BEGIN { for (i = 0; i < 68; i++) print "\tplanted();" }'
	printf '}\n'
} | plant lib/base/clock.c
finds 'a function of 71 lines' planted_long sizes
printf 'void planted(void)\n{\n\tif (1) {\n\t\tfor (;;) {\n\t\t\twhile (1)\n\t\t\t\tif (1)\n%s' \
	"				planted();
		}
	}
}
" | plant lib/base/clock.c
finds 'four levels of nesting' 'nested 4 deep' sizes
awk 'BEGIN { for (i = 0; i < 601; i++) print "int planted" i ";" }' | plant lib/base/clock.c
finds 'a file of more than 600 lines' 'clock.c: 6' sizes
printf 'void planted(void)\n{\n        return;\n}\n' | plant lib/base/clock.c
finds 'spaces for tabs' 'by spaces' sizes

printf -- '-----BEGIN %s KEY-----\n' 'EC PRIVATE' | plant certs/planted.pem
finds 'a private key' 'certs/planted.pem: holds' tree "$build"
: >"$copy/planted.txt"
finds 'a file that the layout does not name' 'planted.txt: the layout' tree "$build"
sed -i '/SPDX/d' "$copy/lib/base/clock.c"
finds 'a source without its licence' 'clock.c: names no licence' tree "$build"
sed 's/clock/planted/' "$copy/lib/base/clock.c" >"$copy/lib/base/planted.c"
finds 'a source that is not built' 'planted.c: is not built' tree "$build"
sed -i 's/$/ /' "$copy/lib/base/clock.c"
finds 'white space at the ends of lines' 'clock.c: white space' tree "$build"

sed -i 's/tlsfo_connect/tlsfo_planted/' "$copy/examples/visit.c"
finds 'a README that quotes another program' 'visit.c differs' readme
sed -i 's/sh tools.test/make check/' "$copy/README.md"
finds 'a README without its commands' 'tools/test' readme

sed -i 's|^/\*.*SPDX.*|&\n/* Planted. */|' "$copy/tests/unit/json.c"
finds 'a test whose first sentence is another' 'Planted' index
sed -i 's|^/\*.*SPDX.*|&\nint planted;|' "$copy/tests/unit/json.c"
finds 'a test without a first sentence' 'json' index

sed -i 's/(int fd, const/(long fd, const/' "$copy/doc/tlsfo_socket.3.scd"
finds 'a manual page with another declaration' 'long fd' manual "$scratch/pages"
printf '.XY planted\n' >>"$scratch/pages/good.3"
finds 'a manual page with a fault' 'XY' manual "$scratch/pages"

printf '%d planted faults\n' "$number"
exit "$failed"
