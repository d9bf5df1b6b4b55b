#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tree holds what its layout names and no private key, every source names its licence and is built, and
# lines end where they end.
#
#	tree.sh TOP BUILD
set -u
top=$1
build=$2
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

names_licence()
{
	head -n 3 "$1" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later'
}

# Is the file $1 compiled in this build, or named by the meson.build beside or above it for another?
is_built()
{
	grep -Fq "/$(short "$1")\"" "$build/compile_commands.json" && return
	directory=${1%/*}
	until [ -f "$directory/meson.build" ] || [ "$directory" = "$top" ]; do
		directory=${directory%/*}
	done
	grep -Fq "${1#"$directory/"}'" "$directory/meson.build"
}

# The names at the top: git's, because there tests leave behind why they failed; where it knows of no tree, all.
top_names()
{
	if [ -e "$top/.git" ] && git -C "$top" ls-files >/dev/null 2>&1; then
		git -C "$top" ls-files | sed 's|/.*||' | sort -u
		return
	fi
	for file in "$top"/*; do
		[ -d "$file/meson-private" ] || short "$file"
		printf '\n'
	done
}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
top_names >"$list"
while read -r name; do
	case $name in
	'' | .* | include | lib | tests | certs | tools | doc | examples) ;;
	meson.build | meson_options.txt | README.md | CHANGELOG.md | CONTRIBUTING.md | SECURITY.md | COPYING) ;;
	*) complain "$name: the layout knows nothing of that name at the top" ;;
	esac
done <"$list"
tree_files >"$list"
while read -r file; do
	if grep -q -- '^-----BEGIN .*PRIVATE KEY' "$file"; then
		complain "$(short "$file"): holds a private key"
	fi
	case $file in
	*.[ch] | *.sh | *.py | *.tmpl | */meson.build | */meson_options.txt | \
		"$top"/tools/* | "$top"/certs/* | "$top"/.ci/*)
		names_licence "$file" || complain "$(short "$file"): names no licence (SPDX)"
		;;
	esac
	case $file in
	*.c)
		is_built "$file" || complain "$(short "$file"): is not built"
		;;
	esac
	case $file in
	*.[ch] | *.sh | *.md | *.scd | */meson.build)
		if grep -qn '[[:space:]]$' "$file"; then
			complain "$(short "$file"): white space at the end of a line"
		fi
		;;
	esac
done <"$list"
exit "$failed"
