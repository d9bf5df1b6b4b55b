#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What "meson install" installs is enough: a program outside the tree builds with pkg-config against
# it, starts, and the manual pages are found by every name.
#
#	install.sh TOP BUILD CC
set -u
top=$1
build=$2
cc=$3
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

meson install -C "$build" --no-rebuild --destdir "$scratch/root" >"$scratch/log" 2>&1 || {
	cat "$scratch/log"
	complain 'meson install failed'
	exit 1
}
pc=$(find "$scratch/root" -name tlsfo.pc)
[ -n "$pc" ] || complain 'no tlsfo.pc is installed'
PKG_CONFIG_PATH=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$scratch/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$(pkg-config --cflags --libs tlsfo) || complain 'pkg-config does not know tlsfo'
libdir=$(dirname "$(dirname "$pc")")
prefix=$(sed -n 's/^prefix=//p' "$pc")

for example in visit first-data gnutls-one-line connect-session poll-loop early-data-loop; do
	cp "$top/examples/$example.c" "$scratch/$example.c"
	# shellcheck disable=SC2086 # flags are words
	(cd "$scratch" && "$cc" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$example" \
		"$example.c" ${TLSFO_TEST_CFLAGS-} $flags) ||
		complain "$example.c does not build outside the tree"
done
if [ -x "$scratch/visit" ]; then
	# Without arguments it exits with 2; that it gets there shows that the library loads.
	LD_LIBRARY_PATH=$libdir "$scratch/visit" >"$scratch/said" 2>&1
	[ $? -eq 2 ] || complain "visit does not start: $(cat "$scratch/said")"
fi

for header in "$top"/include/tlsfo/*.h "$top"/include/tlsfo/compat/*.h; do
	[ -f "$scratch/root$prefix/include/tlsfo/${header#"$top/include/tlsfo/"}" ] ||
		complain "$(short "$header") is not installed"
done
[ -n "$(find "$scratch/root" -name 'libtlsfo.so.0')" ] || complain 'libtlsfo.so.0 is not installed'
[ -n "$(find "$scratch/root" -path '*/bin/tlsfo')" ] || complain 'the command is not installed'
[ -n "$(find "$scratch/root" -path '*/bash-completion/completions/tlsfo')" ] ||
	complain 'the completion is not installed'

pages=$(find "$scratch/root" -type d -name man3)
if [ -n "$pages" ]; then
	sed -n 's/^[[:space:]]*\(tlsfo_[a-z0-9_]*\);.*/\1/p' "$top/lib/tlsfo.map" >"$scratch/names"
	while read -r name; do
		[ -f "$pages/$name.3" ] || complain "man $name finds nothing"
	done <"$scratch/names"
	for link in "$pages"/*.3; do
		to=$(sed -n 's/^\.so //p' "$link")
		[ -z "$to" ] || [ -f "${pages%/man3}/$to" ] || complain "$(basename "$link") leads to no page"
	done
fi
exit "$failed"
