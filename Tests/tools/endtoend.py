#!/usr/bin/env python3
"""endtoend.py --hls2mp4 BINARY --serve BINARY: every fixture through the command, the result compared with the source.

Then parts of the fixtures, compared with the same part of the source (cliptool.py). Serves Fixtures/streams with serve-fixtures, converts each stream, and checks the file's structure (mp4check.py), its packets and
times (comparetool.py) and, where ffprobe is there, seeks (seekcheck.py). Prints one line a case and, last, the counts.
"""
import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple, Optional

import changecheck
import cliptool
import comparetool
import flatcheck
import hlssource
import mkvreader
import mp4check
import mp4reader
import seekcheck
import subtitlecheck
import tspackets

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
STREAMS = os.path.normpath(os.path.join(ROOT, 'Fixtures', 'streams'))
SOURCES = os.path.normpath(os.path.join(ROOT, 'Fixtures', 'sources'))


class Case(NamedTuple):
    """A stream, and how its output may differ from the common one."""
    stream: str
    nals: str = 'all'
    seeks: bool = False
    pipe: bool = False
    gaps: bool = False
    options: str = ''
    # (language, what is put behind the output's stem; none: in the MP4 itself) of subtitles to compare with truth.json
    subtitles: tuple = ()
    source: str = ''  # what the stream was made of, in Fixtures/sources; several are runs; '': the stream itself is read
    dts: bool = True
    only: str = ''  # the handler of the tracks that count in the source
    audio_shift: float = 0  # seconds that sound comes later than in the source
    entry: str = ''  # the sample entry that must be there
    decode: bool = False  # compare the decoded pictures too: parameter sets are moved
    container: str = 'mp4'
    data: bool = False  # timed ID3 is there as in the stream, at its times
    twin: str = ''  # the clear stream that the packets are compared with, where it is another one


CASES = [
    Case('clear', seeks=True),
    Case('clear', pipe=True),
    Case('aes128-explicit-iv', seeks=True),
    Case('aes128-implicit-iv'),
    Case('aes128-implicit-iv', pipe=True),
    Case('demo', seeks=True),
    Case('multivariant'),
    Case('byteranges'),
    Case('discontinuity', gaps=True),  # the audio of a run may end before the next run's begins
    Case('wrap33'),
    Case('hevc', nals='media'),  # hvc1: parameter sets move into the sample entry
    Case('audio-only'),
    Case('video-only', seeks=True),
    Case('late-audio'),
    Case('long-gop'),
    Case('aes128-rotation', twin='clear'),
    Case('aes256-gcm', twin='clear'),
    Case('sample-aes-ts', twin='clear'),
    Case('open-gop'),
    Case('subtitles', seeks=True, gaps=True, options='--subtitles all --audio all', subtitles=(('en', ''), ('de', ''))),
    Case('subtitles', pipe=True, gaps=True, options='--subtitles en', subtitles=(('en', ''),)),
    Case('subtitles', gaps=True, options='--subtitles all --sidecar vtt', subtitles=(('en', '.en.vtt'), ('de', '.de.forced.vtt'))),
    Case('subtitles', gaps=True, options='--subtitles en --sidecar srt', subtitles=(('en', '.en.srt'),)),
    Case('subtitles-mp4', seeks=True, gaps=True, options='--subtitles all', subtitles=(('wvtt', ''), ('stpp', ''))),
    Case('subtitles-mp4', pipe=True, gaps=True, options='--subtitles de', subtitles=(('stpp', ''),)),
    Case('subtitles-mp4', gaps=True, options='--subtitles en --sidecar srt', subtitles=(('wvtt', '.en.srt'),)),
    # Recorded for the flat layout; every other file is made flat besides.
    Case('clear', seeks=True, options='--layout flat'),
    Case('discontinuity', gaps=True, options='--layout flat'),
    Case('late-audio', options='--layout flat'),
    Case('audio-only', options='--layout flat'),
    Case('subtitles', seeks=True, gaps=True, options='--layout flat --subtitles all --audio all', subtitles=(('en', ''), ('de', ''))),
    Case('fmp4-negative-offsets', source='av', dts=False, seeks=True, decode=True, options='--layout flat'),
    Case('fmp4-maps', source='av small av', only='vide', nals='media', decode=True, options='--layout flat'),
    # Movie fragments.
    Case('fmp4', source='av', seeks=True),
    Case('fmp4', source='av', pipe=True),
    Case('fmp4-byteranges', source='av'),
    Case('fmp4-separate', source='av'),
    Case('fmp4-many-fragments', source='av'),
    Case('fmp4-defaults', source='av'),
    Case('fmp4-no-offsets', source='av'),
    Case('fmp4-absolute', source='av'),
    Case('fmp4-absolute-data', source='av', only='vide'),
    # Decoding times may come as late as nothing is shown before it is decoded.
    Case('fmp4-negative-offsets', source='av', dts=False, seeks=True, decode=True),
    Case('fmp4-negative-offsets-version0', source='av', dts=False),
    Case('fmp4-empty-edit', source='av'),
    Case('fmp4-large-tfdt', source='av'),
    Case('fmp4-no-tfdt', source='av'),
    Case('fmp4-own-movie', source='av'),
    Case('fmp4-aes128', source='av'),
    Case('fmp4-avc3-inband', source='av', nals='media', entry='avc1', seeks=True, decode=True),
    Case('fmp4-hev1', source='hevc', entry='hvc1', decode=True),
    Case('fmp4-hev1-inband', source='hevc', nals='media', entry='hvc1', dts=False, seeks=True, decode=True),
    Case('fmp4-maps', source='av small av', only='vide', nals='media', decode=True),
    Case('fmp4-maps-discontinuity', source='av small av', nals='media', gaps=True, decode=True),
    Case('fmp4-av1', source='av1', entry='av01'),
    Case('fmp4-vp9', source='vp9', entry='vp09'),
    Case('fmp4-mpeg2', source='mpeg2'),
    Case('fmp4-mp3', source='mp3'),
    Case('fmp4-ac3', source='ac3'),
    Case('fmp4-eac3', source='eac3'),
    # Packed audio.
    Case('packed-aac', source='aac'),
    Case('packed-aac-no-time', source='aac'),
    Case('packed-mp3', source='mp3'),
    Case('packed-ac3', source='ac3'),
    Case('packed-eac3', source='eac3'),
    # The sound begins with the picture, as the playlist has it; in the source its priming comes before.
    Case('packed-aac-no-time-rendition', source='av', nals='media', audio_shift=1024 / 48000),
    # Transport streams.
    Case('ts-latm', source='av', nals='media'),
    Case('ts-latm-called-adts', source='av', nals='media'),
    Case('ts-opus', source='opus'),
    Case('ts-mpeg2', source='mpeg2', decode=True),
    Case('ts-ac3', source='ac3'),
    Case('ts-eac3', source='eac3'),
    Case('ts-mp3', source='mp3'),
    Case('ts-192', source='av', nals='media'),
    Case('ts-204', source='av', nals='media'),
    Case('ts-tables-in-map', source='av', nals='media'),
    Case('ts-private-streams', source='av', nals='media'),
    Case('ts-two-audio', source='two-audio', nals='media'),
    Case('ts-pids', source='av small', nals='media', gaps=True, decode=True),
    Case('ts-programs', source='plain', nals='media'),
    Case('ts-plain-rendition', source='plain', nals='media'),
    Case('ts-wrap-fmp4-audio', source='av', nals='media'),
    # Timestamps that jump, wrap, stray and stop: packets and times are those of the source all the same.
    Case('seams-1000', gaps=True, seeks=True),
    Case('tags-only', source='seams', nals='media'),
    Case('jumps', source='seams', nals='media', seeks=True),
    Case('jumps', source='seams', nals='media', pipe=True),
    Case('jumps-everywhere', source='seams', nals='media'),
    Case('jumps-inside', source='seams', nals='media'),
    Case('jumps-separate', source='seams', nals='media'),
    Case('jumps-fmp4', source='seams', seeks=True),
    Case('jumps-packed', source='aac'),
    Case('strays', source='seams', nals='media'),
    Case('wraps', gaps=True, seeks=True),
    Case('fmp4-single-samples', source='seams', only='vide', dts=False, decode=True),
    Case('sizes', source='av small av', nals='media', gaps=True, decode=True, seeks=True),
    # Media behind what it is not.
    Case('disguised-png', source='av', nals='media'),
    Case('disguised-html', source='av', nals='media'),
    Case('disguised-aes128-outside', source='av', nals='media'),
    Case('disguised-aes128-inside', source='av', nals='media'),
    Case('disguised-fmp4', source='av'),
]
# Other containers: the same packets at the same times. In a transport stream parameter sets are repeated.
for container in ('mkv', 'ts', 'mov'):
    CASES += [
        Case('clear', container=container, nals='media', seeks=container != 'ts'),
        Case('clear', container=container, nals='media', pipe=True),
        Case('hevc', container=container, nals='media', seeks=container != 'ts'),
        Case('open-gop', container=container, nals='media'),
        Case('discontinuity', container=container, nals='media', gaps=True),
        Case('wrap33', container=container, nals='media'),
        Case('late-audio', container=container, nals='media'),
        Case('long-gop', container=container, nals='media'),
        Case('fmp4-separate', container=container, source='av', nals='media'),
        Case('fmp4', container=container, source='av', nals='media'),
        Case('fmp4-hev1-inband', container=container, source='hevc', nals='media', dts=False, decode=True),
        Case('fmp4-avc3-inband', container=container, source='av', nals='media', decode=True),
        Case('fmp4-mp3' if container == 'mov' else 'fmp4-mpeg2', container=container,
             source='mp3' if container == 'mov' else 'mpeg2', decode=container != 'mov'),
        Case('fmp4-eac3', container=container, source='eac3'),
        Case('packed-aac', container=container, source='aac'),
        Case('ts-latm', container=container, source='av', nals='media'),
        Case('ts-two-audio', container=container, source='two-audio', nals='media'),
        Case('ts-mp3', container=container, source='mp3'),
        Case('ts-ac3', container=container, source='ac3'),
        Case('sample-aes-ts', container=container, nals='media', twin='clear'),
    ]
CASES += [
    Case('ts-private-streams', container='ts', source='av', nals='media', data=True),
    Case('fmp4-av1', container='mkv', source='av1'),
    Case('fmp4-vp9', container='mkv', source='vp9'),
    Case('ts-opus', container='mkv', source='opus'),
    Case('subtitles', container='mov', gaps=True, options='--subtitles all', subtitles=(('en', ''), ('de', ''))),
    Case('subtitles', container='mkv', options='--subtitles all', subtitles=(('en', ''), ('de', ''))),
    Case('subtitles-mp4', container='mkv', options='--subtitles en', subtitles=(('wvtt', ''),)),
    Case('clear', container='m4a'),
    Case('clear', container='m4a', options='--layout flat'),
    Case('clear', container='mov', options='--layout flat'),
    Case('fmp4', container='m4a', source='av', nals='media'),
]


class Part(NamedTuple):
    """A part of a stream; times in seconds."""
    stream: str
    start: float
    end: Optional[float] = None
    from_start: bool = False  # the first segment is fetched: time 0 is the first packet, not the first picture
    decode: bool = True
    nals: str = 'all'
    pipe: bool = False
    sources: tuple = ('index.m3u8',)
    options: str = ''
    clock: str = ''  # the date of media time 0: the range is given by the clock
    languages: tuple = ()  # of text tracks to compare with truth.json
    text_lead: float = 0.0  # ms from media time 0 of a part to that of the truth


PARTS = [
    Part('clear', 2.5, 3.7),
    Part('clear', 2.5, 3.7, pipe=True),
    # Where a picture begins before the start, ffmpeg leaves it out of a flat file and begins with the next one at 0.
    Part('clear', 2.5, 3.7, options='--layout flat', decode=False),
    Part('clear', 2.52, 3.7, options='--layout flat'),
    Part('clear', 2.0, 4.0),
    Part('clear', 1.999, 2.001),
    Part('clear', 0.5, 1.5, from_start=True),
    Part('clear', 0.0, 2.2, from_start=True),
    Part('clear', 3.0),
    Part('long-gop', 2.5, 3.5, from_start=True),
    Part('long-gop', 5.3, pipe=True, from_start=True),
    Part('open-gop', 2.02, 2.96),
    Part('open-gop', 1.95, 3.0),
    Part('open-gop', 2.0, 4.0),
    Part('aes128-implicit-iv', 3.33, 5.01),
    Part('byteranges', 2.5, 4.0),
    Part('wrap33', 1.2),
    Part('wrap33', 2.2, 4.4),
    Part('hevc', 2.5, 4.1, nals='media', decode=False),
    Part('video-only', 5.98),
    Part('audio-only', 2.5, 4.0, decode=False),
    Part('audio-only', 1.01, 2.0, decode=False, from_start=True),
    Part('late-audio', 2.0, 5.0),
    Part('late-audio', 1.0, 2.0),
    Part('late-audio', 3.2, 4.5),
    Part('discontinuity', 1.5, 4.5, decode=False),
    Part('discontinuity', 2.9, decode=False),
    Part('discontinuity', 4.0, 5.0, decode=False),
    Part('separate-audio', 2.5, 3.7, sources=('video/index.m3u8', 'audio/index.m3u8')),
    Part('separate-audio', 2.12, 2.8, sources=('video/index.m3u8', 'audio/index.m3u8')),
    Part('separate-audio', 2.233, sources=('video/index.m3u8', 'audio/index.m3u8')),
    # Time 0 of the truth is the first sound, 1024 samples before the first picture, from which a part counts.
    Part('subtitles', 2.25, 5.6, decode=False, sources=('v3/index.m3u8', 'en/index.m3u8'), options='--subtitles all',
         languages=('en', 'de'), text_lead=1024 / 48),
    Part('subtitles', 2.25, 5.6, decode=False, sources=('v3/index.m3u8', 'en/index.m3u8'), options='--subtitles all',
         languages=('en', 'de'), text_lead=1024 / 48, clock='2026-11-24T10:00:%06.3fZ'),
    Part('separate-audio', 0.05, 2.0, from_start=True, sources=('video/index.m3u8', 'audio/index.m3u8')),
]


class Server:
    """serve-fixtures on a free port, for the life of a `with` block."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def __enter__(self):
        self.process = subprocess.Popen([self.binary, self.folder], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit('%s did not start' % self.binary)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def convert(command, url, out, pipe):
    """Runs the command; what went wrong, as sentences."""
    words = [word.format(url=url, out='-' if pipe else out) for word in shlex.split(command)]
    with open(out, 'wb') if pipe else open(os.devnull, 'wb') as sink:
        run = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.PIPE, text=True, timeout=120)
    problems = ['exit %d: %s' % (run.returncode, run.stderr.strip())] if run.returncode else []
    if not os.path.exists(out):
        problems.append('no output file')
    if os.path.exists(out + '.part'):
        problems.append('a .part is left')
    return problems


def pictures(paths):
    """MD5 of each decoded picture, in its own size."""
    lines = []
    for path in paths:
        lines += subprocess.run(
            ['ffmpeg', '-nostdin', '-v', 'fatal', '-i', path, '-map', '0:v', '-autoscale', '0', '-vsync', 'passthrough', '-f',
             'framemd5', '-'], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return [line.split(',')[-1].strip() for line in lines if not line.startswith('#')]


def run_flat(binary, out, seeks):
    """What is wrong with the flat file that `hls2mp4 repair` makes of a finished one, as sentences."""
    flat = os.path.splitext(out)[0] + '-flat.mp4'
    shutil.copyfile(out, flat + '.part')
    run = subprocess.run([binary, 'repair', '-q', '--layout', 'flat', flat + '.part'], capture_output=True, text=True, timeout=60)
    if run.returncode or run.stderr or os.path.exists(flat + '.part'):
        return ['flat: exit %d: %s' % (run.returncode, run.stderr.strip())]
    problems = flatcheck.compare(out, flat)
    if seeks and not problems and shutil.which('ffprobe'):
        problems += seekcheck.check(flat, flat)
    os.remove(flat)
    return ['flat: ' + problem for problem in problems]


def run_case(case, command, url, folder, binary=None):
    """What is wrong with one case, as sentences."""
    kind = '-pipe' if case.pipe else '-recorded' if 'flat' in case.options else ''
    out = os.path.join(folder, case.stream + kind + '.' + case.container)
    format = '' if case.container == 'mp4' else ' --format ' + case.container
    problems = convert(command + format + ' ' + case.options, '%s%s/index.m3u8' % (url, case.stream), out, case.pipe)
    if problems:
        return problems
    if case.container in ('mp4', 'mov', 'm4a'):
        problems += mp4check.Checker(out, pipe=case.pipe, gaps=case.gaps, flat='flat' in case.options, front=True).problems
    elif case.container == 'mkv':
        problems += mkvreader.check(out, pipe=case.pipe)
    if binary and not problems and not case.pipe and case.container == 'mp4' and 'flat' not in case.options:
        problems += run_flat(binary, out, case.seeks)
    if case.subtitles:
        truth = os.path.join(STREAMS, case.stream, 'truth.json')
        for language, suffix in case.subtitles:
            path = os.path.splitext(out)[0] + suffix if suffix else out
            problems += subtitlecheck.check(truth, language, path)
            if suffix and shutil.which('ffmpeg'):
                problems += reads_back(path)
            if suffix:
                os.remove(path)
        if case.seeks and shutil.which('ffprobe'):
            problems += seekcheck.check(out, out)
        os.remove(out)
        return problems
    try:
        sources = [os.path.join(SOURCES, name + '.mp4') for name in case.source.split()]
        sources = sources or [os.path.join(STREAMS, case.twin or case.stream, 'index.m3u8')]
        problems += comparetool.compare(sources, out, case.nals, case.dts, case.only, case.audio_shift)
        if case.data:
            problems += compare_data(os.path.join(STREAMS, case.stream, 'index.m3u8'), out)
        if case.decode and not problems and shutil.which('ffmpeg'):
            if pictures([out]) != pictures(sources):
                problems.append('the decoded pictures are others than those of %s' % case.source)
        if case.entry:
            entries = [entry[0] for track in mp4reader.File(out).tracks.values() for entry in track.entries]
            problems += [] if case.entry in entries else ['the sample entries are %s' % entries]
    except (tspackets.StreamError, mp4reader.BoxError, mkvreader.MatroskaError) as error:
        problems.append(str(error))
    if case.seeks and not problems and shutil.which('ffprobe'):
        problems += seekcheck.check(out, out)
    return problems


def timed_data(path):
    """(ms from the first picture, SHA-1) of each ID3 tag of a transport stream."""
    rows = []
    # The counters of the fixture's own packets begin anew in each segment.
    for run in hlssource.runs([path]):
        codecs, streams = tspackets.demux(run, continuous=path.endswith('.ts'))
        zero = min(packet.pts90k for packet in streams[codecs.index('h264')] if packet.pts90k is not None)
        rows += [((packet.pts90k - zero) / 90, packet.sha1) for packet in streams[codecs.index('id3')]]
    return rows


def compare_data(source, out):
    """The tags of both; one before the first sample may come with it."""
    want, have = timed_data(source), timed_data(out)
    if [row[1] for row in want] != [row[1] for row in have]:
        return ['%d ID3 tags, the stream has %d' % (len(have), len(want))]
    return ['an ID3 tag is %.2f ms off' % (b[0] - a[0]) for a, b in zip(want, have)
            if abs(a[0] - b[0]) > 1 and (a[0] >= 0 or b[0] > 0)]


def run_part(part, command, url, folder):
    """What is wrong with one part, as sentences."""
    out = os.path.join(folder, '%s-%g%s.mp4' % (part.stream, part.start, '-pipe' if part.pipe else '-clock' if part.clock else '-flat' if 'flat' in part.options else ''))

    def point(seconds):
        return part.clock % seconds if part.clock else '%g' % seconds
    command += ' %s --start %s' % (part.options, point(part.start)) + ('' if part.end is None else ' --end %s' % point(part.end))
    problems = convert(command, '%s%s/index.m3u8' % (url, part.stream), out, part.pipe)
    if problems:
        return problems
    problems += mp4check.Checker(out, pipe=part.pipe, gaps=part.stream == 'discontinuity', flat='flat' in part.options,
                                 front=True).problems
    paths = [os.path.join(STREAMS, part.stream, source) for source in part.sources]
    try:
        problems += cliptool.compare(paths, out, part.start, part.end, part.from_start, part.decode and bool(shutil.which('ffmpeg')),
                                     part.nals)
    except (tspackets.StreamError, mp4reader.BoxError) as error:
        problems.append(str(error))
    truth = os.path.join(STREAMS, part.stream, 'truth.json')
    for language in part.languages:
        problems += subtitlecheck.check_part(truth, language, out, part.start * 1000, part.end * 1000, part.text_lead)
    return problems


def reads_back(path):
    """FFmpeg reads a file of subtitles, and as many cues as there are."""
    run = subprocess.run(['ffmpeg', '-v', 'error', '-i', path, '-f', 'srt', '-'], capture_output=True, text=True, timeout=60)
    with open(path, encoding='utf-8') as file:
        wanted = file.read().count('-->')
    if run.returncode or run.stderr or run.stdout.count('-->') != wanted:
        return ['ffmpeg reads %d of %d cues: %s' % (run.stdout.count('-->'), wanted, run.stderr.strip())]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--hls2mp4', help='the command, as a path')
    parser.add_argument('--command', help='another converter: words with {url} and {out}')
    parser.add_argument('--serve', required=True, help='serve-fixtures, as a path')
    parser.add_argument('--keep', help='keep the outputs in this folder')
    parser.add_argument('--container', help='only cases of this one')
    parser.add_argument('stream', nargs='*', help='only these streams')
    arguments = parser.parse_args()
    if not arguments.hls2mp4 and not arguments.command:
        parser.error('--hls2mp4 or --command is needed')
    command = arguments.command or shlex.quote(os.path.abspath(arguments.hls2mp4)) + ' -q {url} -o {out}'
    passed = failed = 0
    with tempfile.TemporaryDirectory() as temporary, Server(arguments.serve, STREAMS) as server:
        folder = arguments.keep or temporary
        os.makedirs(folder, exist_ok=True)
        for case in CASES + ([] if arguments.command else PARTS + changecheck.CHANGES):
            if arguments.stream and case.stream not in arguments.stream:
                continue
            if arguments.container and getattr(case, 'container', 'mp4') != arguments.container:
                continue
            start = time.monotonic()
            try:
                if isinstance(case, changecheck.Change):
                    problems = changecheck.run(case, command, server.url, folder, convert, pictures)
                elif isinstance(case, Case):
                    problems = run_case(case, command, server.url, folder, arguments.hls2mp4)
                else:
                    problems = run_part(case, command, server.url, folder)
            except subprocess.TimeoutExpired:
                problems = ['no end after 120 s']
            name = case.stream + (' (pipe)' if case.pipe else '')
            if isinstance(case, changecheck.Change):
                name = 'changes/%s, %s' % (name, case.policy)
            elif 'flat' in case.options:
                name += ' (flat)'
            if isinstance(case, Case) and case.container != 'mp4':
                name += ' (%s)' % case.container
            if isinstance(case, Part):
                name += ' from %g' % case.start + ('' if case.end is None else ' to %g' % case.end)
            print('%s %s %.2f s' % ('FAIL' if problems else 'ok  ', name, time.monotonic() - start), flush=True)
            for problem in problems:
                print('     ' + problem)
            passed, failed = passed + (not problems), failed + bool(problems)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == '__main__':
    main()
