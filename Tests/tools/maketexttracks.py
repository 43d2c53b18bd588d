#!/usr/bin/env python3
"""maketexttracks.py FOLDER: makes the fixture `subtitles-mp4`, subtitles in fragmented MP4 (ISO/IEC 14496-30), and its truth.json.

FOLDER/../subtitles holds the video and sound: two runs, of which the first passes the 33-bit wrap. English is `wvtt`, whose times
count on behind the wrap; German is `stpp`, a document for each segment, in a timescale of 1,000. Times of the truth are milliseconds
of the output.
"""
import json
import os
import struct
import sys

import makesubtitles

CUES = [[(0.5, 2.5, 'Hello'), (1.5, 3.25, 'Over the segment'), (4.0, 5.0, 'Behind the wrap')], [(0.5, 1.5, 'Another run')]]


def box(kind, *parts):
    data = b''.join(parts)
    return struct.pack('>I4s', len(data) + 8, kind) + data


def full(kind, flags, *parts, version=0):
    return box(kind, struct.pack('>I', version << 24 | flags), *parts)


def initialization(handler, header, entry, timescale):
    matrix = struct.pack('>9I', 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    table = box(b'stbl', full(b'stsd', 0, struct.pack('>I', 1), entry), *(full(kind, 0, bytes(4)) for kind in (b'stts', b'stsc', b'stco')),
                full(b'stsz', 0, bytes(8)))
    media = box(b'mdia', full(b'mdhd', 0, struct.pack('>4IHH', 0, 0, timescale, 0, 0x55C4, 0)),
                full(b'hdlr', 0, bytes(4), handler, bytes(13)),
                box(b'minf', full(header, 0), box(b'dinf', full(b'dref', 0, struct.pack('>I', 1), full(b'url ', 1))), table))
    track = box(b'trak', full(b'tkhd', 7, struct.pack('>5I', 0, 0, 1, 0, 0), bytes(16), matrix, bytes(8)), media)
    movie = box(b'moov', full(b'mvhd', 0, struct.pack('>4IIH', 0, 0, 1000, 0, 0x10000, 0x100), bytes(10), matrix, bytes(24), struct.pack('>I', 2)),
                track, box(b'mvex', full(b'trex', 0, struct.pack('>5I', 1, 1, 0, 0, 0))))
    return box(b'ftyp', b'iso6', bytes(4), b'iso6') + movie


def fragment(number, start, samples):
    """A segment: samples are (duration, payload)."""
    run = struct.pack('>I', len(samples))
    rows = b''.join(struct.pack('>II', duration, len(payload)) for duration, payload in samples)

    def movie_fragment(offset):
        return box(b'moof', full(b'mfhd', 0, struct.pack('>I', number)),
                   box(b'traf', full(b'tfhd', 0x20000, struct.pack('>I', 1)), full(b'tfdt', 0, struct.pack('>Q', start), version=1),
                       full(b'trun', 0x301, run, struct.pack('>i', offset), rows)))
    size = len(movie_fragment(0))
    return movie_fragment(size + 8) + box(b'mdat', *(payload for _, payload in samples))


def wvtt(cues, start, stop):
    """(duration 90 kHz, payload) rows of a segment: what is shown changes at each start and end."""
    edges = sorted({start, stop} | {edge for cue in cues for edge in cue[:2] if start < edge < stop})
    for begin, end in zip(edges, edges[1:]):
        shown = [text for a, b, text in cues if a <= begin and b >= end]
        payload = b''.join(box(b'vttc', box(b'payl', text.encode())) for text in shown) or box(b'vtte')
        yield round((end - begin) * 90000), payload


def document(number):
    return ('<?xml version="1.0" encoding="UTF-8"?><tt xmlns="http://www.w3.org/ns/ttml" xml:lang="de"><body><div><p begin="0s" end="1s">'
            'Nummer %d</p></div></body></tt>' % number).encode()


def main():
    folder = sys.argv[1]
    (zero_a, _, end_a, _), (_, zero_b, _, end_b) = makesubtitles.times(os.path.join(folder, '..', 'subtitles'))
    seam = (end_a - zero_a) / 90000
    bases = [(zero_a, 0.0, 3), (zero_b, seam, 2)]
    lists = {name: ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-MAP:URI="init.mp4"']
             for name in ('wvtt', 'stpp')}
    for name in lists:
        os.makedirs(os.path.join(folder, name))
    entries = {
        'wvtt': initialization(b'text', b'nmhd', box(b'wvtt', bytes(6), struct.pack('>H', 1), box(b'vttC', b'WEBVTT')), 90000),
        'stpp': initialization(b'subt', b'sthd', box(b'stpp', bytes(6), struct.pack('>H', 1), b'http://www.w3.org/ns/ttml\0\0\0'), 1000),
    }
    truth = {'wvtt': [], 'stpp': [], 'duration': round((seam + (end_b - zero_b) / 90000) * 1000, 3)}
    number = 0
    for run, (base, place, count) in enumerate(bases):
        for segment in range(count):
            start, stop = 2.0 * segment, 2.0 * segment + 2
            data = {'wvtt': fragment(number, base + round(start * 90000), list(wvtt(CUES[run], start, stop))),
                    'stpp': fragment(number, round(base / 90) + round(start * 1000), [(2000, document(number))])}
            for name, bytes_ in data.items():
                if run and not segment:
                    lists[name].append('#EXT-X-DISCONTINUITY')
                lists[name] += ['#EXTINF:2,', '%d.m4s' % number]
                with open(os.path.join(folder, name, '%d.m4s' % number), 'wb') as file:
                    file.write(bytes_)
            end = min(place + stop, seam if not run else truth['duration'] / 1000)
            truth['stpp'].append({'start': round((place + start) * 1000, 3), 'end': round(end * 1000, 3), 'text': document(number).decode()})
            number += 1
        truth['wvtt'] += [{'start': round((place + a) * 1000, 3), 'end': round((place + b) * 1000, 3), 'text': text} for a, b, text in CUES[run]]
    for name, lines in lists.items():
        with open(os.path.join(folder, name, 'init.mp4'), 'wb') as file:
            file.write(entries[name])
        with open(os.path.join(folder, name, 'index.m3u8'), 'w', encoding='ascii') as file:
            file.write('\n'.join(lines + ['#EXT-X-ENDLIST', '']))
    with open(os.path.join(folder, 'truth.json'), 'w', encoding='utf-8') as file:
        json.dump(truth, file, ensure_ascii=False, indent=1)
        file.write('\n')


if __name__ == '__main__':
    main()
