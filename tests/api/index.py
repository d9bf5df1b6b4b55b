#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints tests/README.md: the first sentence of every test's file, by directory.

    python3 tests/api/index.py TOP >tests/README.md

A directory is described by the comment that its meson.build begins with. Where a file says that each row is a
fact of its own, the names of its rows are listed too.
"""
import pathlib
import re
import sys

ORDER = ['unit', 'store', 'resolve', 'loop', 'loop/socket', 'loop/transport', 'loop/connect', 'loop/client', 'wire', 'path',
         'command', 'faults', 'fuzz', 'lab', 'bench', 'api']
HEAD = """# Tests

Made by `python3 tests/api/index.py . >tests/README.md` of the first sentence of each file; the test *index* fails when
it is not up to date. What the tests stand on is in `support` and `lab`; how they are run, in
[the design](../doc/design.md#tests).
"""
A_TEST = re.compile(r'^int main\(|^void fuzz_one\(|LLVMFuzzerTestOneInput', re.M)
COMMENT = re.compile(r'/\*(.*?)\*/', re.S)
SENTENCE = re.compile(r'(.*?[^.]\.)(?=\s|$)', re.S)
ROW = re.compile(r'(?:\.fact = \{?|^\t\{{1,2})"([^"]+)"', re.M)
ROWS = 'Each row is a fact of its own.'


def first_sentence(paragraph):
    text = ' '.join(paragraph.split())
    found = SENTENCE.match(text)
    return (found.group(1) if found else text).rstrip('.:') + '.'


def hashed(lines):
    """The first paragraph of the comment in these lines of a script or a meson.build."""
    words = []
    for line in lines:
        if not line.startswith('#') or (words and line == '#'):
            break
        words.append(line.lstrip('#!').strip())
    return ' '.join(words).strip()


def sentence_of(path):
    """What the file begins with, or None when it is no test."""
    text = path.read_text(encoding='utf-8')
    lines = text.split('\n')
    if path.suffix == '.sh':
        return first_sentence(hashed(lines[3:])) if lines[0].startswith('#!') else None
    if not A_TEST.search(text):
        return None
    found = COMMENT.match('\n'.join(lines[1:]).lstrip('\n'))
    if not found:
        return 'NO COMMENT.'
    paragraph = re.split(r'\n\s*\*\s*\n', found.group(1).strip('*\n '))[0]
    return first_sentence(re.sub(r'\n\s*\* ?', ' ', paragraph))


def rows_of(path):
    text = path.read_text(encoding='utf-8')
    return ROW.findall(text) if re.sub(r'\s*\n \*\s*', ' ', text).find(ROWS) >= 0 else []


def section(directory, name):
    entries = []
    for path in sorted(directory.glob('*.c')) + sorted(directory.glob('*.sh')):
        sentence = sentence_of(path)
        if sentence:
            entries.append((f'- [{path.stem}]({name}/{path.name}): {sentence}', rows_of(path)))
    meson = directory / 'meson.build'
    about = hashed(meson.read_text(encoding='utf-8').split('\n')[1:]) if meson.exists() else ''
    if not entries and not about:
        return
    print(f'\n{"###" if "/" in name else "##"} {name}')
    if about:
        print('\n' + about)
    if entries:
        print()
    for entry, rows in entries:
        print(entry)
        for row in rows:
            print(f'  - {row}')


def main():
    tests = pathlib.Path(sys.argv[1]) / 'tests'
    print(HEAD, end='')
    for name in ORDER:
        section(tests / name, name)


main()
