#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The manual pages have no fault that mandoc finds, and the declarations in them are those of the
# headers. tlsfo_strerror(3), the texts and their test have every code of error.h, and no other.
#
#	manual.sh TOP PAGES
set -u
top=$1
pages=$2
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v mandoc >/dev/null 2>&1; then
	echo 'SKIP: mandoc is not installed'
	exit 77
fi
for page in "$pages"/*.[13]; do
	[ -f "$page" ] || {
		echo "SKIP: no manual pages are built in $pages"
		exit 77
	}
	# A link leads to another page of this directory.
	grep -q '^\.so ' "$page" && continue
	# scdoc writes more paragraph macros than are needed, and its version 1.11.5 a date with escaped
	# hyphens, which is shown as it should be.
	said=$(mandoc -Tlint -Wwarning "$page" 2>&1 |
		grep -v -e 'skipping paragraph macro' -e 'cannot parse date.*TH [0-9]*\\-[0-9]*\\-')
	[ -z "$said" ] || complain "$said"
done

python3 - "$top" <<'PYTHON' || complain 'a declaration in a manual page is not that of the header'
import glob
import re
import sys

top = sys.argv[1]


def plain(text):
    return re.sub(r'\( | (?=\))', lambda match: match.group().strip(),
                  re.sub(r'\s+', ' ', text)).strip()


headers = ''
for path in sorted(glob.glob(top + '/include/tlsfo/*.h')):
    headers += open(path, encoding='utf-8').read()
headers = plain(re.sub(r'/\*.*?\*/', '', headers, flags=re.S))
wrong = 0
for path in sorted(glob.glob(top + '/doc/*.3.scd')):
    text = open(path, encoding='utf-8').read()
    synopsis = re.search(r'# SYNOPSIS\n+```\n(.*?)```', text, re.S)
    if not synopsis:
        print(f'{path}: no synopsis')
        wrong += 1
        continue
    for declaration in re.findall(r'[^;]*\([^;]*;', re.sub('#include.*', '', synopsis.group(1))):
        if plain(declaration) not in headers:
            print(f'{path}: {plain(declaration)}')
            wrong += 1


def codes(path, pattern):
    return set(re.findall(pattern, open(f'{top}/{path}', encoding='utf-8').read(), re.M))


defined = codes('include/tlsfo/error.h', r'^#define (TLSFO_E_\w+)')
for path, pattern in (('lib/tls/error.c', r'\{(TLSFO_E_\w+),'),
                      ('tests/unit/error.c', r'\b(TLSFO_E_\w+)'),
                      ('doc/tlsfo_strerror.3.scd', r'^\*(TLSFO_E_\w+)\*$')):
    for code in sorted(defined ^ codes(path, pattern)):
        print(f'{path}: {code} is there or in error.h, not in both')
        wrong += 1
sys.exit(1 if wrong else 0)
PYTHON
exit "$failed"
