#!/usr/bin/env python3
"""cliptool.py SOURCE... OUT.mp4 --start S [--end E]: whether the MP4 holds the part of the source from S to E, exactly. Silent if so.

SOURCE is a local Media Playlist, or two: the video's and the audio's. S and E are seconds of media time. Compared are, read by code
of this folder alone: the packets (SHA-1) against those that the part needs (video from the last key frame at or before S, in decoding
order up to the last picture shown before E; audio from the frame before the one that holds S), their presentation times within 1 ms,
the sound to the sample, the durations in the headers, and, with --decode, the decoded pictures.

Media time 0 is the first picture, or with --from-start the first packet of all: what a conversion that fetches the first segment sees.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import comparetool
import hlssource
import mp4reader
import tspackets

TOLERANCE_SECONDS = 0.001


def placed(paths, nals='all'):
    """(codec, rows of (pts s, sha1, key, duration s)) for each stream, placed as a whole conversion places them."""
    expected = comparetool.Expected([paths[0]], nals)
    streams = list(zip(expected.codecs, expected.streams))
    if len(paths) > 1:
        zero = first_video_pts90k(paths[0])
        for path in paths[1:]:
            codecs, packets = tspackets.demux(next(iter(hlssource.runs([path]))), nals)
            for codec, rows in zip(codecs, packets):
                streams.append((codec, [(row.pts90k - zero, row.dts90k - zero, row.sha1, row.partial) for row in rows]))
    return streams


def first_video_pts90k(path):
    codecs, streams = tspackets.demux(next(iter(hlssource.runs([path]))))
    lead = next((index for index, codec in enumerate(codecs) if codec in tspackets.VIDEO), 0)
    return min(packet.pts90k for packet in streams[lead] if packet.pts90k is not None)


def keys(paths):
    """The payloads that are key frames."""
    found = set()
    for path in paths:
        for run in hlssource.runs([path]):
            for packets in tspackets.demux(run)[1]:
                found |= {packet.sha1 for packet in packets if packet.key}
    return found


def window(codec, rows, is_key, start, end):
    """The rows that the part needs, by the words of the design and not by its code."""
    last = max((index for index, row in enumerate(rows) if row[0] < end), default=-1)
    if codec in tspackets.VIDEO:
        first = max((index for index, row in enumerate(rows[:last + 1]) if is_key(row) and row[0] <= start + 1e-6), default=0)
    else:
        covering = [index for index, row in enumerate(rows) if row[0] <= start + 1e-6]
        first = max(0, covering[-1] - 1) if covering else 0
        # A frame that has ended before the start is not heard, nor does one behind a hole need it.
        if covering and (len(rows) == covering[-1] + 1 or rows[covering[-1] + 1][0] - rows[covering[-1]][0] > 0.1):
            first = covering[-1] + 1
    return rows[first:last + 1]


def compare(paths, out, start, end=None, from_start=False, decode=False, nals='all'):
    """What differs, as sentences; none: equal."""
    problems = []
    streams = [(codec, rows) for codec, rows in placed(paths, nals) if rows]
    video = [rows for codec, rows in streams if codec in tspackets.VIDEO]
    zero = min(row[0] for row in (video or [streams[0][1]])[0])
    if from_start:
        zero = min(row[0] for _, rows in streams for row in rows)
    key_hashes = keys(paths) if nals == 'all' else None
    file = mp4reader.File(out)
    tracks = [track for track in file.tracks.values() if track.handler not in ('sbtl', 'text', 'subt')]
    stop = float('inf') if end is None else end
    longest = 0.0
    for codec, rows in streams:
        rows = [((row[0] - zero) / 90000, row[2]) for row in rows if row[0] is not None]
        if key_hashes is None:
            # Without parameter sets a key frame has another hash: take the file's word for where it starts.
            wanted = None
        else:
            wanted = window(codec, rows, lambda row: row[1] in key_hashes, start, stop)
        track = next((track for track in tracks if file.codec(track) == codec), None)
        if track is None:
            if wanted:
                problems.append('%s: no track, the part has %d packets' % (codec, len(wanted)))
            continue
        tracks.remove(track)
        have = list(comparetool.track_rows(file, track, codec, nals))
        if wanted is None:
            at = next((index for index, row in enumerate(rows) if row[1] == have[0][2]), 0)
            last = max(index for index, row in enumerate(rows) if row[0] < stop)
            wanted = rows[at:last + 1]
        problems += compare_rows(codec, wanted, have, start)
        presented = [row[0] for row in have]
        if not any(time <= TOLERANCE_SECONDS for time in presented) and wanted and wanted[0][0] <= start:
            problems.append('%s: nothing is there at 0, the first packet is at %.4f s' % (codec, min(presented)))
        longest = max(longest, file.presentation_end(track))
    if tracks:
        problems.append('further tracks: %s' % [file.codec(track) for track in tracks])
    if end is not None and file.fragments_duration is not None:
        for name, value in (('the samples shown', longest), ('mvhd', file.movie_duration / file.movie_timescale),
                            ('mehd', file.fragments_duration / file.movie_timescale)):
            if abs(value - (end - start)) > TOLERANCE_SECONDS:
                problems.append('%s: %.4f s, the part has %.4f s' % (name, value, end - start))
    if decode and not problems:
        problems += compare_pictures(paths[0], out, start, stop, zero)
    return problems


def compare_rows(codec, wanted, have, start):
    if [row[1] for row in wanted] != [row[2] for row in have]:
        hashes = [row[1] for row in wanted]
        where = [hashes.index(row[2]) if row[2] in hashes else None for row in have]
        yield '%s: %d packets, the part needs %d; they are its numbers %s … %s' % (
            codec, len(have), len(wanted), where[:3], where[-3:])
        return
    for index, ((time, _), (pts, *_)) in enumerate(zip(wanted, have)):
        if abs(pts - (time - start)) > TOLERANCE_SECONDS:
            yield '%s: packet %d is shown at %.4f s, the source has it at %.4f s' % (codec, index, pts, time - start)
            return


def pictures(path, zero=0.0):
    """(time s, MD5) of each decoded picture; times as the container has them, less `zero`."""
    output = subprocess.run(
        ['ffmpeg', '-nostdin', '-v', 'fatal', '-copyts', '-i', path, '-map', '0:v:0', '-vsync', 'passthrough', '-enc_time_base',
         '1:90000', '-f', 'framemd5', '-'], check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = [line.split(',') for line in output.splitlines() if not line.startswith('#')]
    return [(int(row[2]) / 90000 - zero, row[5].strip()) for row in rows]


def compare_pictures(playlist, out, start, end, zero):
    """Pictures shown by the part against those of the source, decoded by ffmpeg; for streams of one run."""
    with tempfile.NamedTemporaryFile(suffix='.ts') as source:
        for run in hlssource.runs([playlist]):
            for chunk in run:
                source.write(chunk)
        source.flush()
        all_pictures = pictures(source.name)
    first = all_pictures[0][0]
    video_zero = (first_video_pts90k(playlist) - first_video_pts90k(playlist) - zero) / 90000
    wanted = [(time - first + video_zero - start, md5) for time, md5 in all_pictures]
    wanted = [row for index, row in enumerate(wanted)
              if row[0] < end - start - 1e-4 and (index + 1 == len(wanted) or wanted[index + 1][0] > 1e-4)]
    have = pictures(out)
    have = [row for index, row in enumerate(have)
            if row[0] < end - start - 1e-4 and (index + 1 == len(have) or have[index + 1][0] > 1e-4)]
    if [row[1] for row in wanted] != [row[1] for row in have]:
        yield '%d decoded pictures, the source has %d there, or others' % (len(have), len(wanted))
    for (time, _), (there, _) in zip(wanted, have):
        if abs(time - there) > TOLERANCE_SECONDS:
            yield 'a picture is decoded at %.4f s, the source has it at %.4f s' % (there, time)
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', nargs='+')
    parser.add_argument('out')
    parser.add_argument('--start', type=float, default=0.0)
    parser.add_argument('--end', type=float)
    parser.add_argument('--from-start', action='store_true')
    parser.add_argument('--decode', action='store_true')
    parser.add_argument('--nals', choices=('all', 'media'), default='all')
    arguments = parser.parse_args()
    problems = compare(arguments.source, arguments.out, arguments.start, arguments.end, arguments.from_start, arguments.decode,
                       arguments.nals)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
