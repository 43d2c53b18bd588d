#!/usr/bin/env python3
"""validatetool.py expect FILE | count FRAMECRC | av FILE | mediainfo <JSON: parts of script/validate.

expect: least and most pictures that a reader shows of an MP4, its sound samples, and 1 where it
is fragmented. count: pictures in ffmpeg's framecrc output. av: pictures that PyAV decodes, sound too. mediainfo: fails where it finds the file truncated or at odds with its format.
"""
import json
import sys

import mp4reader


def expect(path):
    """Pictures shown at least (edit lists hide the rest) and decoded at most; sound samples; 1: fragmented."""
    tracks = mp4reader.File(path)
    least = most = sounds = 0
    for track in tracks.tracks.values():
        if track.handler == 'vide':
            shift = tracks.start_shift(track)
            end = sum(duration for duration, _ in track.edits) / tracks.movie_timescale if track.edits and track.edits[-1][0] else 1e12
            shown = [sample for sample in track.samples
                     if (sample.cts + sample.duration) / track.timescale + shift > 0.001
                     and sample.cts / track.timescale + shift < end - 0.001]
            least, most = least + len(shown), most + len(track.samples)
        elif track.handler == 'soun':
            sounds += len(track.samples)
    print(least, most, sounds, int(any(box.kind == b'moof' for box in tracks.boxes)))


def count(path):
    """Pictures in a framecrc file of all streams."""
    videos, pictures = set(), 0
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            if line.startswith('#media_type') and 'video' in line:
                videos.add(line.split()[1].rstrip(':'))
            elif not line.startswith('#') and line.split(',')[0].strip() in videos:
                pictures += 1
    print(pictures)


def pyav(path):
    """Decodes everything with PyAV; an exception is what is wrong."""
    import av
    pictures = 0
    with av.open(path) as container:
        streams = [stream for stream in container.streams if stream.type in ('video', 'audio')]
        for frame in container.decode(*streams):
            pictures += isinstance(frame, av.VideoFrame)
    print(pictures)


def mediainfo():
    problems = []
    for track in json.load(sys.stdin)['media']['track']:
        extra = track.get('extra', {})
        if track.get('IsTruncated') == 'Yes' or extra.get('IsTruncated') == 'Yes':
            problems.append('%s: truncated' % track['@type'])
        if extra.get('ConformanceErrors'):
            problems.append('%s: %s' % (track['@type'], json.dumps(extra['ConformanceErrors'])))
    print('; '.join(problems))
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    if len(sys.argv) < 2 or sys.argv[1] not in ('expect', 'count', 'av', 'mediainfo'):
        sys.exit(__doc__)
    {'expect': expect, 'count': count, 'av': pyav, 'mediainfo': mediainfo}[sys.argv[1]](*sys.argv[2:])
