#!/usr/bin/env python3
"""subtitlecheck.py TRUTH.json LANGUAGE FILE: whether a file shows the subtitles of the truth, within 1 ms. Silent and 0 if so.

FILE is an MP4 or a Matroska file with a text track of that language (read by mp4reader.py, mkvreader.py), a .vtt or an .srt file.
"""
import json
import os
import re
import struct
import sys

import mkvreader
import mp4reader

TOLERANCE_MS = 1.0
TIME = re.compile(r'(\d+):(\d\d):(\d\d)[.,](\d{3})')


def expected_samples(cues, end):
    """Non-overlapping (start, end, text) rows of what is shown, in ms: the sweep over all starts and ends."""
    edges = sorted({0.0, end} | {cue[key] for cue in cues for key in ('start', 'end') if cue[key] < end})
    rows = []
    for start, stop in zip(edges, edges[1:]):
        texts = [cue['text'] for cue in cues if cue['start'] <= start and cue['end'] >= stop]
        rows.append((start, stop, '\n'.join(texts)))
    return rows


def language(code):
    return ''.join(chr((code >> shift & 31) + 0x60) for shift in (10, 5, 0))


def text_tracks(path):
    """For each text track: (language, enabled, display flags, [(start ms, end ms, text)])."""
    file = mp4reader.File(path)
    moov = next(box for box in file.boxes if box.kind == b'moov')
    for trak in file.children(moov.body, moov.end):
        if trak.kind != b'trak':
            continue
        header, media = file.find(trak, b'tkhd'), file.find(trak, b'mdia', b'mdhd')
        track = file.tracks[file.timing(header, 4)[0]]
        if track.handler not in ('sbtl', 'text', 'subt'):
            continue
        code = struct.unpack_from('>H', file.data, media.body + (32 if file.data[media.body] else 20))[0]
        kind, _, fields = track.entries[0]
        assert kind in ('tx3g', 'wvtt', 'stpp'), kind
        rows = []
        for sample in track.samples:
            data = bytes(file.view[sample.offset:sample.offset + sample.size])
            start = sample.cts * 1000 / track.timescale + file.start_shift(track) * 1000
            rows.append((start, start + sample.duration * 1000 / track.timescale, sample_text(kind, data)))
        yield language(code), file.data[header.body + 3] & 1, int.from_bytes(fields[8:12], 'big'), rows


def sample_text(kind, data):
    if kind == 'tx3g':
        return data[2:2 + int.from_bytes(data[:2], 'big')].decode('utf-8')
    if kind == 'stpp':
        return '' if b'<p' not in data else data.decode('utf-8')
    lines, rest = [], data
    while rest:
        size = int.from_bytes(rest[:4], 'big')
        if rest[4:8] == b'vttc':
            assert rest[12:16] == b'payl', rest
            lines.append(rest[16:size].decode('utf-8'))
        rest = rest[size:]
    return '\n'.join(lines)


def joined(rows):
    """Rows of equal text that follow each other as one."""
    result = []
    for start, stop, text in rows:
        if result and result[-1][2] == text and abs(result[-1][1] - start) < 0.01:
            result[-1] = (result[-1][0], stop, text)
        else:
            result.append((start, stop, text))
    return result


def check_track(cues, end, path, wanted):
    """What is wrong with the text track of a language, as sentences."""
    found = [track for track in text_tracks(path) if track[0] == wanted]
    if len(found) != 1:
        return ['%d text tracks of language %s' % (len(found), wanted)]
    rows = found[0][3]
    problems = ['a gap at %.3f' % a[1] for a, b in zip(rows, rows[1:]) if abs(a[1] - b[0]) > 0.01]
    return problems + compare(expected_samples(cues, end), joined(rows))


def check_matroska(cues, end, path, wanted):
    """The same for SubRip in Matroska: a block where something is shown, none where nothing is."""
    found = [track for track in mkvreader.File(path).tracks if track.codec == 'subrip' and track.language in (wanted, 'ger')]
    if len(found) != 1:
        found = [track for track in found if track.language == wanted]
    if len(found) != 1:
        return ['%d text tracks of language %s' % (len(found), wanted)]
    rows = [(block.time * 1000, (block.time + block.duration) * 1000, re.sub(r'<[^>]*>|\{[^}]*\}', '', block.data.decode()))
            for block in found[0].blocks]
    return compare([row for row in expected_samples(cues, end) if row[2]], joined(rows))


def sidecar_rows(path):
    with open(path, encoding='utf-8') as file:
        blocks = file.read().split('\n\n')
    for block in blocks:
        lines = block.strip('\n').split('\n')
        at = next((index for index, line in enumerate(lines) if '-->' in line), None)
        if at is None:
            continue
        start, stop = (sum(int(value) * unit for value, unit in zip(match, (3600000, 60000, 1000, 1)))
                       for match in TIME.findall(lines[at]))
        text = re.sub(r'<[^>]*>|\{[^}]*\}', '', '\n'.join(lines[at + 1:]))
        yield start, stop, text.replace('&amp;', '&') if path.endswith('.vtt') else text


def compare(want, have):
    if [row[2] for row in want] != [row[2] for row in have]:
        return ['shown is %s, expected %s' % ([row[2] for row in have], [row[2] for row in want])]
    return ['%r is shown from %.3f to %.3f ms, expected %.3f to %.3f' % (b[2], b[0], b[1], a[0], a[1])
            for a, b in zip(want, have) if max(abs(a[0] - b[0]), abs(a[1] - b[1])) > TOLERANCE_MS]


def check(truth, wanted, path):
    with open(truth, encoding='utf-8') as file:
        truth = json.load(file)
    cues = truth[wanted]
    if path.endswith('.mkv'):
        return check_matroska(cues, truth['duration'], path, {'en': 'eng', 'de': 'deu', 'wvtt': 'eng'}[wanted])
    if path.endswith('.mp4') or path.endswith('.mov'):
        return check_track(cues, truth['duration'], path, {'en': 'eng', 'de': 'deu', 'wvtt': 'eng', 'stpp': 'deu'}[wanted])
    return compare([(cue['start'], cue['end'], cue['text']) for cue in cues], list(sidecar_rows(path)))


def check_part(truth, wanted, path, start, end, lead):
    """The text track of a part from `start` to `end`, in ms of the truth less `lead`."""
    with open(truth, encoding='utf-8') as file:
        cues = json.load(file)[wanted]
    shifted = [dict(cue, start=max(0.0, cue['start'] - lead - start), end=min(end - start, cue['end'] - lead - start)) for cue in cues]
    shown = [cue for cue in shifted if cue['end'] > 0 and cue['start'] < end - start]
    return check_track(shown, end - start, path, {'en': 'eng', 'de': 'deu'}[wanted])


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    problems = check(*sys.argv[1:])
    for problem in problems:
        print('%s: %s' % (os.path.basename(sys.argv[3]), problem))
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
