#!/usr/bin/env python3
"""maketimelines.py STREAMS SOURCES: makes streams whose timestamps jump, wrap, stray and stop; called by script/make-fixtures.

All are cut from one source without encoding again, into segments of 0.2 s, and their timestamps changed: an output must have the
packets and times of the source all the same.
"""
import os
import sys

import fmp4writer
import makestreams as make
import streamwriters as writers
from fmp4writer import Form

HOUR = 3600 * 90000
SECOND = 90000
# By how much the clock is moved, one value for each stretch: to and fro, by any size, back to where it was.
MOVES = [0, 5 * SECOND, 5 * SECOND - HOUR, -2 * SECOND, 12 * HOUR, 12 * HOUR + 3 * SECOND // 2, 1, 26 * HOUR]


def encode():
    make.encode('seams', *make.picture('96x54'), *make.tone(), *make.H264, '-bf', '2', '-g', '5', '-keyint_min', '5', *make.AAC,
                '-map', '0', '-map', '1', seconds=4)


def segments(path, *words, seconds=0.2):
    """Segments of the source in a folder: (EXTINF, bytes)."""
    lines = make.ts(path, 'seams', *words, '-output_ts_offset', '10', seconds=seconds)
    result = []
    for tag, name in zip(lines[::2], lines[1::2]):
        result.append((tag, make.get(os.path.join(path, name))))
        os.remove(os.path.join(path, name))
    return result


def write(path, parts, between=None, kind='ts', head=()):
    """Writes segments and their playlist; between(number): lines in front of one."""
    lines = list(head)
    for number, (tag, data) in enumerate(parts):
        name = '%d.%s' % (number, kind)
        make.put(os.path.join(path, name), data)
        lines += (between(number) if between else []) + [tag, name]
    playlist(path, lines)


def playlist(path, lines):
    longest = max(float(line[8:].rstrip(',')) for line in lines if line.startswith('#EXTINF'))
    head = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:%d' % (longest + 0.999), '#EXT-X-MEDIA-SEQUENCE:0',
            '#EXT-X-PLAYLIST-TYPE:VOD']
    make.put(os.path.join(path, 'index.m3u8'), '\n'.join(head + lines + ['#EXT-X-ENDLIST', '']).encode())


def moved(data, ticks):
    return writers.retimed(data, lambda *_: ticks)


def tag(number):
    return ['#EXT-X-DISCONTINUITY'] if number else []


def make_seams():
    """A thousand seams: each segment comes fifty times, with a clock of its own."""
    path = make.folder('seams-1000')
    parts = [(line, moved(data, number * number * 7919 * 90001)) for number, (line, data) in enumerate(segments(path))]
    lines = []
    for number in range(1001):
        if number % len(parts) == number:
            make.put(os.path.join(path, '%d.ts' % number), parts[number][1])
        lines += tag(number) + [parts[number % len(parts)][0], '%d.ts' % (number % len(parts))]
    playlist(path, lines)


def make_jumps():
    path = make.folder('jumps')
    parts = segments(path)
    write(path, [(line, moved(data, MOVES[number // 3 % len(MOVES)])) for number, (line, data) in enumerate(parts)])
    # A tag where nothing jumps.
    write(make.folder('tags-only'), parts, between=tag)
    # Each segment begins at the same time.
    start = writers.first_time(parts[0][1], 'video')
    write(make.folder('jumps-everywhere'),
          [(line, moved(data, start - writers.first_time(data, 'video'))) for line, data in parts])
    # Inside of segments and groups of pictures.
    path = make.folder('jumps-inside')
    write(path, [(line, writers.retimed(data, lambda _, time: MOVES[(time - start - 27000) // 63000 % len(MOVES)]))
                 for line, data in segments(path, seconds=1)])
    # Single timestamps that are wrong.
    wrong = {}
    for kind, numbers in (('video', (12, 13, 40)), ('audio', (5, 12))):
        times = []
        writers.retimed(b''.join(data for _, data in parts),
                        lambda which, time: (times.append(time) if which == kind and time not in times else None) or 0)
        for index, number in enumerate(numbers):
            wrong[kind, times[number]] = (-1) ** index * 2 * HOUR
    write(make.folder('strays'),
          [(line, writers.retimed(data, lambda kind, time: wrong.get((kind, time), 0))) for line, data in parts])


def make_separate():
    """Sound in a playlist of its own: its jumps are inside of segments."""
    path = make.folder('jumps-separate')
    for kind in 'va':
        os.makedirs(os.path.join(path, kind))
    video = segments(os.path.join(path, 'v'), '-map', '0:v')
    sound = segments(os.path.join(path, 'a'), '-map', '0:a', seconds=0.7)
    seams = [writers.first_time(data, 'video') for _, data in video[3::3]]

    def move(time):
        return MOVES[sum(time >= seam for seam in seams) % len(MOVES)]
    write(os.path.join(path, 'v'),
          [(line, moved(data, move(writers.first_time(data, 'video')))) for line, data in video])
    write(os.path.join(path, 'a'), [(line, writers.retimed(data, lambda _, time: move(time))) for line, data in sound])
    make.multivariant(os.path.join(path, 'index.m3u8'), 'v/index.m3u8', 'a/index.m3u8')


def make_wraps():
    """The clock wraps three times: four hours are missing behind each segment, and the playlist says so."""
    path = make.folder('wraps')
    parts = segments(path)[:21]
    write(path, [('#EXTINF:14400.2,', moved(data, number * 4 * HOUR)) for number, (_, data) in enumerate(parts)])


def fragments(name, form, change=None):
    """Movie fragments; change(segment, time scale, old): another baseMediaDecodeTime."""
    path, file, number = make.folder(name), make.reader('seams'), 0
    lines = fmp4writer.write(path, file, form)
    tracks = list(file.tracks.values())
    for line in lines:
        if change and not line.startswith('#'):
            data = make.get(os.path.join(path, line))
            make.put(os.path.join(path, line),
                     writers.refragmented(data, lambda track, old: change(number, tracks[track - 1].timescale, old)))
            number += 1
    make.playlist(os.path.join(path, 'index.m3u8'), lines)


def make_fragments():
    moves = [0, 5, -0.4, 1000, 900, 10 ** 6, 3]
    fragments('jumps-fmp4', Form(segment_seconds=0.6, fragment_seconds=0.2, offset_seconds=10),
              lambda number, scale, old: old + round(moves[number % len(moves)] * scale))
    # No time of a stream.
    fragments('fmp4-beyond', Form(tracks=('vide',)), lambda number, _, old: (1 << 63) - 1 if number == 1 else old)
    # One sample a fragment, decoding times later than presentation times.
    fragments('fmp4-single-samples', Form(tracks=('vide',), fragment_seconds=0.03, negative=True))


def make_packed():
    path = make.folder('jumps-packed')
    lines = make.packed(path, 'aac')
    number = 0
    for line in lines:
        if not line.startswith('#'):
            file = os.path.join(path, line)
            make.put(file, writers.repacked(make.get(file), MOVES[number % len(MOVES)]))
            number += 1
    make.playlist(os.path.join(path, 'index.m3u8'), lines)


def make_empty():
    """A Discontinuity Sequence without any media between two others."""
    path = make.folder('empty-run')
    parts = segments(path, seconds=1)
    empty = ('#EXTINF:2.5,', writers.without_media(parts[0][1]))
    write(path, [parts[0], empty, (parts[1][0], moved(parts[1][1], HOUR)), (parts[2][0], moved(parts[2][1], HOUR))],
          between=lambda number: tag(number if number < 3 else 0))


def make_sizes():
    """Two changes of resolution, with jumps."""
    path = make.folder('sizes')
    lines = []
    for name, file, offset in (('a', 'av', '10'), ('b', 'small', '80000'), ('c', 'av', '500')):
        lines += tag(len(lines)) + make.ts(path, file, '-output_ts_offset', offset, name=name)
    playlist(path, lines)


def main():
    make.STREAMS, make.SOURCES = (os.path.abspath(path) for path in sys.argv[1:3])
    encode()
    make_seams()
    make_jumps()
    make_separate()
    make_wraps()
    make_fragments()
    make_packed()
    make_empty()
    make_sizes()


if __name__ == '__main__':
    main()
