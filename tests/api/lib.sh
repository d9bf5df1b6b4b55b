# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the checks share. A check prints what is wrong and exits with 1; with 0 when all is right.

# The top of the tree, which each check sets.
top=${top:?}
failed=0

complain()
{
	printf '%s\n' "$*" >&2
	# shellcheck disable=SC2034 # the check's exit status
	failed=1
}

# The C files of the given directories below the top of the tree; those that do not exist have none.
c_files()
{
	for directory in "$@"; do
		[ -d "$top/$directory" ] && find "$top/$directory" -name '*.[ch]'
	done | sort
}

# Every file of the tree that is not built and not git's.
tree_files()
{
	find "$top" -path "$top/.git" -prune -o -type d -exec test -d '{}/meson-private' ';' -prune \
		-o -type f -print | sort
}

# A C file without its comments, line numbers kept.
without_comments()
{
	awk '
		{
			line = $0
			text = ""
			while (line != "") {
				if (inside) {
					at = index(line, "*/")
					if (at == 0)
						break
					line = substr(line, at + 2)
					inside = 0
				} else {
					at = index(line, "/*")
					if (at == 0) {
						text = text line
						break
					}
					text = text substr(line, 1, at - 1)
					line = substr(line, at + 2)
					inside = 1
				}
			}
			print text
		}' "$1"
}

short()
{
	printf '%s' "${1#"$top"/}"
}
