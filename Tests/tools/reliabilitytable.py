#!/usr/bin/env python3
"""reliabilitytable.py ROWS DOCUMENT: writes what the fault matrix showed into the document, between its markers.

ROWS has a line a case: fault id, fault, place, promised, shown, with tabs between. Cases of one fault with one promise become one row.
"""
import re
import sys

BEGIN, END = '<!-- fault matrix: written by script/reliability -->', '<!-- end of the fault matrix -->'
PLACES = ['first segment', 'middle segment', 'last segment', 'MAP', 'playlist', 'key', 'stream', 'output', 'process']
LONGEST_SHOWN = 160


def cell(text):
    return text.replace('\\', '\\\\').replace('|', '\\|').replace('<', '&lt;').replace('*', '\\*').replace('{', '&#123;')


def shown(texts, promised):
    """The outcomes in a few words: one of the messages where there are several."""
    different = sorted(set(texts))
    if different == [promised] or all(text == 'exit 0, the same bytes' for text in different):
        return 'as promised'
    first = different[0].split(' (http')[0]
    return first if len(first) <= LONGEST_SHOWN else first[:LONGEST_SHOWN] + '…'


def table(lines):
    groups = {}
    for line in lines:
        fields = line.rstrip('\n').split('\t')
        if len(fields) != 5:
            sys.exit('no row: %r' % line)
        identity, fault, place, promised, text = fields
        places, texts = groups.setdefault((identity, fault, promised), ([], []))
        if place not in places:
            places.append(place)
        texts.append(text)
    out = ['| id | fault | at | promised | shown |', '|---|---|---|---|---|']
    for (identity, fault, promised), (places, texts) in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], item[0][2])):
        at = ', '.join(sorted(places, key=PLACES.index)).replace('first segment, middle segment, last segment', 'first, middle, last segment')
        out.append('| ' + ' | '.join(map(cell, (identity, fault, at, promised, shown(texts, promised)))) + ' |')
    cases = sum(len(texts) for _, texts in groups.values())
    return ['%d cases, %d rows, %d fault ids.' % (cases, len(groups), len({key[0] for key in groups})), ''] + out


def main():
    rows, document = sys.argv[1:]
    with open(rows) as file:
        text = '\n'.join(table(file))
    with open(document) as file:
        old = file.read()
    new = re.sub(re.escape(BEGIN) + '.*?' + re.escape(END), lambda _: '%s\n\n%s\n\n%s' % (BEGIN, text, END), old, flags=re.S)
    with open(document, 'w') as file:
        file.write(new)


if __name__ == '__main__':
    main()
