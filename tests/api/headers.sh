#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Each public header compiles alone, as C11 and as C++.
#
#	headers.sh TOP CC CXX
set -u
top=$1
cc=$2
cxx=$3
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
gnutls=$(pkg-config --cflags gnutls) || complain 'pkg-config does not know gnutls'

try()
{
	# shellcheck disable=SC2086 # flags are words
	printf 'int nothing_else;\n' | "$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$top/include" $gnutls -include "$header" \
		- || complain "$(short "$header"): $*"
}

for header in "$top"/include/tlsfo/*.h "$top"/include/tlsfo/compat/*.h; do
	# Without _GNU_SOURCE: a header that needs it does not compile alone.
	try "$cc" -std=c11 -xc
	try "$cxx" -std=c++11 -xc++
done

# In C++ an initializer that leaves members out is warned of.
# shellcheck disable=SC2086 # flags are words
printf 'struct tlsfo_report report = TLSFO_REPORT_INIT;\n' | "$cxx" -std=c++11 -xc++ -Wall -Wextra -Wpedantic \
	-Werror -fsyntax-only -I"$top/include" $gnutls -include "$top/include/tlsfo/report.h" - ||
	complain 'TLSFO_REPORT_INIT in C++'
exit "$failed"
