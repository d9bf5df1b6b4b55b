#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What "meson install" installs is enough, of a shared library, an archive and both: a program outside the tree builds
# with pkg-config or CMake against it, starts, and the manual pages are found by every name. A subproject of meson brings
# the library alone.
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
CC=$cc
export CC

# Runs a command, and shows what it says when it fails.
try()
{
	"$@" >"$scratch/log" 2>&1 && return
	cat "$scratch/log" >&2
	complain "failed: $*"
	exit 1
}

# The program $1 shows that it loads: without arguments it exits with 2. $2 tells what it was made by.
starts()
{
	LD_LIBRARY_PATH=$libdir "$1" >"$scratch/said" 2>&1
	[ $? -eq 2 ] || complain "$2: visit does not start: $(cat "$scratch/said")"
}

# From now on pkg-config finds what was installed below $1. $2 stands before the prefix that it was configured with.
use_root()
{
	root=$1
	pc=$(find "$root" -name tlsfo.pc)
	[ -n "$pc" ] || complain "no tlsfo.pc is installed below $root"
	PKG_CONFIG_PATH=$(dirname "$pc")
	PKG_CONFIG_SYSROOT_DIR=${2-}
	export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
	libdir=$(dirname "$(dirname "$pc")")
	prefix=$(sed -n 's/^prefix=//p' "$pc")
	for header in "$top"/include/tlsfo/*.h "$top"/include/tlsfo/compat/*.h; do
		[ -f "${2-}$prefix/include/tlsfo/${header#"$top/include/tlsfo/"}" ] ||
			complain "$(short "$header") is not installed"
	done
}

# Builds every example outside the tree with the arguments given behind its own, and starts one.
build_examples()
{
	for source in "$top"/examples/*.c; do
		example=$(basename "$source" .c)
		# shellcheck disable=SC2086 # flags are words
		(cd "$scratch" && "$cc" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$example" \
			"$source" ${TLSFO_TEST_CFLAGS-} "$@") ||
			complain "$example.c does not build outside the tree with $*"
	done
	[ ! -x "$scratch/visit" ] || starts "$scratch/visit" "$*"
	rm -f "$scratch/visit"
}

# ------------------------------------------------------------------------------ as this build has it

try meson install -C "$build" --no-rebuild --destdir "$scratch/root"
use_root "$scratch/root" "$scratch/root"
pkg-config --exists 'tlsfo >= 0.1' || complain 'pkg-config does not know tlsfo'
[ "$(pkg-config --print-requires tlsfo | tr -d ' ' | head -n 1)" = 'gnutls>=3.7' ] ||
	complain 'tlsfo.pc does not require gnutls >= 3.7'
# shellcheck disable=SC2046 # flags are words
build_examples $(pkg-config --cflags --libs tlsfo)
[ -n "$(find "$root" -path '*/bin/tlsfo')" ] || complain 'the command is not installed'
[ -n "$(find "$root" -path '*/bash-completion/completions/tlsfo')" ] ||
	complain 'the completion is not installed'
pages=$(find "$root" -type d -name man3)
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
TLSFO_TEST_CFLAGS=

# -------------------------------------------------------------------------- a subproject, an archive

mkdir -p "$scratch/super/subprojects"
ln -s "$(realpath "$top")" "$scratch/super/subprojects/tlsfo"
cp "$top/examples/visit.c" "$scratch/super/main.c"
cat >"$scratch/super/meson.build" <<'MESON'
project('super', 'c', default_options: ['c_std=c11', 'default_library=static'])
executable('super-visit', 'main.c', dependencies: dependency('tlsfo', fallback: 'tlsfo'))
MESON
# What is installed on this machine must not stand in for the subproject.
try env -u PKG_CONFIG_SYSROOT_DIR -u PKG_CONFIG_PATH meson setup --wrap-mode=forcefallback \
	"$scratch/super/build" "$scratch/super"
try ninja -C "$scratch/super/build"
starts "$scratch/super/build/super-visit" 'a subproject'
for unasked in tlsfo visit 'tlsfo*.3' 'ca.pem' 'libsupport.a'; do
	found=$(find "$scratch/super/build/subprojects" ! -type d -name "$unasked")
	[ -z "$found" ] || complain "a subproject builds what nobody asked for: $found"
done
try meson install -C "$scratch/super/build" --no-rebuild --destdir "$scratch/archive"
use_root "$scratch/archive" "$scratch/archive"
[ -f "$libdir/libtlsfo.a" ] || complain 'default_library=static installs no archive'
sh "$top/tests/api/exports.sh" "$top" "$libdir/libtlsfo.a" || failed=1
# shellcheck disable=SC2046
build_examples $(pkg-config --cflags --libs tlsfo)

# ------------------------------------------------------------------------------------ both, and CMake

try meson setup -Ddefault_library=both -Dtests=disabled -Dcommand=disabled -Dman=disabled \
	--prefix "$scratch/both" "$scratch/both-build" "$top"
try ninja -C "$scratch/both-build"
try meson install -C "$scratch/both-build" --no-rebuild
use_root "$scratch/both"
[ -f "$libdir/libtlsfo.a" ] || complain 'default_library=both installs no archive'
[ -e "$libdir/libtlsfo.so.0" ] || complain 'default_library=both installs no shared library'
# shellcheck disable=SC2046
build_examples $(pkg-config --cflags --libs tlsfo)
# GnuTLS has no archive here, so --static of pkg-config would ask for too much.
for private in 'Libs.private:.*-pthread' 'Requires.private: nettle'; do
	grep -q "^$private" "$pc" || complain "tlsfo.pc does not tell what the archive needs: $private"
done
# shellcheck disable=SC2046
build_examples $(pkg-config --cflags --libs tlsfo nettle | sed 's/-ltlsfo/-l:libtlsfo.a/')
if command -v cmake >/dev/null 2>&1; then
	mkdir "$scratch/cmake"
	cp "$top/examples/visit.c" "$scratch/cmake/program.c"
	{
		printf 'cmake_minimum_required(VERSION 3.13)\nproject(program C)\n'
		awk '/^```cmake/ { inside = 1; next } /^```/ { inside = 0 } inside' "$top/README.md"
	} >"$scratch/cmake/CMakeLists.txt"
	try cmake -S "$scratch/cmake" -B "$scratch/cmake/build"
	try cmake --build "$scratch/cmake/build"
	starts "$scratch/cmake/build/program" CMake
else
	printf 'There is no CMake here to be asked.\n' >&2
fi
exit "$failed"
