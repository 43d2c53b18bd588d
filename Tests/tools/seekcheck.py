#!/usr/bin/env python3
"""seekcheck.py FILE: ten seeded random seeks with ffprobe and ffmpeg land on the right key frame. Silent and 0 if so.

Where the key frames are comes from our own reader. Times are drawn from the middle of the gaps between key frames, where every
player must go to the key frame before. FILE may be an HTTP URL if --local names the same file on disk.
"""
import argparse
import bisect
import random
import subprocess
import sys

import mkvreader
import mp4reader


def key_times(path):
    """(key frame times, end) of the first video track in movie time, in seconds."""
    if path.endswith('.mkv'):
        file = mkvreader.File(path)
        track = next(track for track in file.tracks if track.codec_id.startswith('V_'))
        return sorted(block.time for block in track.blocks if block.key), file.duration
    file = mp4reader.File(path)
    track = next(track for track in file.tracks.values() if track.handler == 'vide')
    shift = file.start_shift(track)
    times = sorted(sample.cts / track.timescale + shift for sample in track.samples if sample.sync)
    return times, max(sample.cts + sample.duration for sample in track.samples) / track.timescale + shift


def ffprobe_lands(url, time):
    """Presentation time and flags of the first video packet after a seek by ffprobe."""
    output = subprocess.run(
        ['ffprobe', '-v', 'error', '-select_streams', 'v:0', '-read_intervals', '%.6f%%+#1' % time, '-show_entries',
         'packet=pts_time,flags', '-of', 'csv=p=0', url], check=True, stdout=subprocess.PIPE, text=True)
    first = output.stdout.split()[0].split(',')
    return float(first[0]), first[1]


def ffmpeg_lands(url, time):
    """Presentation time of the first frame that ffmpeg decodes after `-ss`, and what it complained about."""
    run = subprocess.run(
        ['ffmpeg', '-nostdin', '-v', 'error', '-noaccurate_seek', '-ss', '%.6f' % time, '-copyts', '-i', url, '-map', '0:v:0',
         '-frames:v', '1', '-enc_time_base', '1:90000', '-f', 'framecrc', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [line for line in run.stdout.splitlines() if not line.startswith('#')]
    return (int(lines[0].split(',')[2]) / 90000 if lines else None), run.stderr.strip()


def check(url, local, count=10, seed=1):
    """What went wrong, as sentences."""
    problems = []
    keys, end = key_times(local)
    bounds = keys + [end]
    draw = random.Random(seed)
    for _ in range(count):
        gap = draw.randrange(len(keys))
        time = bounds[gap] + (bounds[gap + 1] - bounds[gap]) * draw.uniform(0.4, 0.8)
        want = keys[bisect.bisect_right(keys, time) - 1]
        at, flags = ffprobe_lands(url, time)
        if abs(at - want) > 0.002 or 'K' not in flags:
            problems.append('ffprobe: seek to %.3f s landed at %.3f s (%s), the key frame is at %.3f s' % (time, at, flags, want))
        at, errors = ffmpeg_lands(url, time)
        if at is None or abs(at - want) > 0.002 or errors:
            problems.append('ffmpeg: seek to %.3f s decoded %s s first, the key frame is at %.3f s %s' % (time, at, want, errors))
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file')
    parser.add_argument('--local', help='the same file on disk')
    parser.add_argument('--count', type=int, default=10)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    problems = check(arguments.file, arguments.local or arguments.file, arguments.count, arguments.seed)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
