#!/usr/bin/env python3
"""comparetool.py SOURCE... OUT: whether OUT (.mp4, .mov, .m4a, .mkv, .ts) holds exactly the packets of the source, at its times.
Silent and 0 if so.

SOURCE is a .ts file (several are one stream), a local Media Playlist (decrypted with openssl), or an ordinary MP4 that a stream was
made of (several are runs one after the other). Compared are, for each elementary stream: the number of packets, the SHA-1 of each
payload (NAL units behind four-byte lengths; raw AAC frames), the sync flags, and each presentation and decoding time relative to the
first video's (without video, the first audio's) presentation time, within 1 ms, edit lists counted. Both sides are read by code of
this folder alone.

At a Discontinuity the expected times are those of the design: the new run's first video presentation time is the end of the
previous run's video (without video: of its audio), audio of the new run that ends before the old audio's end is left out.
"""
import argparse
import hashlib
import sys

import hlssource
import mkvreader
import mp4reader
import tspackets

TOLERANCE_SECONDS = 0.001
# Whole milliseconds, rounded on both sides of a difference.
MATROSKA_TOLERANCE_SECONDS = 0.00101


def is_video(codec):
    return codec in tspackets.VIDEO or codec in ('mp4v', 'av01', 'vp09')


class Expected:
    """The packets a source should give: per stream a codec and (pts s, dts s, sha1, partial, sync) rows."""

    def __init__(self, paths, nals, only=''):
        self.codecs, self.streams, self.pts_ends = [], [], []
        if paths[0].endswith('.mp4'):
            for path in paths:
                self.add(*mp4_packets(path, nals, only))
            return
        for run in hlssource.runs(paths):
            self.add(*tspackets.demux(run, nals))

    def add(self, codecs, streams):
        if not self.codecs:
            self.codecs = codecs
            self.streams = [[] for _ in codecs]
            self.ends = [None] * len(codecs)
        if codecs != self.codecs:
            raise tspackets.StreamError('the streams change from %s to %s at a Discontinuity' % (self.codecs, codecs))
        lead = next((index for index, codec in enumerate(codecs) if is_video(codec)), 0)
        first = min(packet.pts90k for packet in streams[lead] if packet.pts90k is not None)
        shift = -first if self.ends[lead] is None else self.ends[lead] - first
        for index, packets in enumerate(streams):
            old_end = self.ends[index]
            for packet, duration in zip(packets, durations(packets)):
                pts = None if packet.pts90k is None else packet.pts90k + shift
                dts = None if packet.dts90k is None else packet.dts90k + shift
                if old_end is not None and index != lead and pts is not None and pts + duration <= old_end + 0.5:
                    continue
                self.streams[index].append((pts, dts, packet.sha1, packet.partial, packet.key))
                if pts is not None:
                    self.ends[index] = max(self.ends[index] or 0, pts + duration)


def mp4_packets(path, nals, only=''):
    """(codecs, packets by track) of an MP4, of all tracks or of those with one handler."""
    file = mp4reader.File(path)
    tracks = [track for track in file.tracks.values() if only in ('', track.handler)]
    codecs = [file.codec(track) for track in tracks]
    return codecs, [[tspackets.Packet(index, pts * 90000, dts * 90000, 0, sha1, sync)
                     for pts, dts, sha1, sync in track_rows(file, track, codecs[index], nals)]
                    for index, track in enumerate(tracks)]


def durations(packets):
    """How long each packet lasts in 90 kHz ticks: to the next decoding time; the last as the one before it."""
    times = [packet.dts90k for packet in packets]
    result = []
    for time, following in zip(times, times[1:]):
        known = time is not None and following is not None
        result.append(following - time if known else result[-1] if result else 0)
    return result + result[-1:] if result else [0] * len(packets)


def track_rows(file, track, codec, nals):
    """(pts s, dts s, sha1, sync) of a track's samples in movie time."""
    shift = file.start_shift(track)
    for sample in track.samples:
        if codec in tspackets.VIDEO:
            sha1, _ = tspackets.hash_nals(codec, (nal.rstrip(b'\0') for nal in file.nal_units(track, sample)), nals)
        else:
            sha1 = hashlib.sha1(file.view[sample.offset:sample.offset + sample.size]).digest()
        yield sample.cts / track.timescale + shift, sample.dts / track.timescale + shift, sha1, sample.sync


def output_rows(out, nals):
    """(codec, [(pts s, dts s or None, sha1, sync or None)]) of each track of an output."""
    if out.endswith('.mkv') or out.endswith('.mka'):
        file = mkvreader.File(out)
        return [(track.codec, list(block_rows(track, nals))) for track in file.tracks if track.codec != 'subrip']
    if out.endswith('.ts'):
        codecs, streams = tspackets.demux(hlssource.file_chunks([out]), nals)
        return [(codec, [(packet.pts90k / 90000, packet.dts90k / 90000, packet.sha1, packet.key if codec in tspackets.VIDEO else None)
                         for packet in packets])
                for codec, packets in zip(codecs, streams) if codec not in ('id3', 'scte35')]
    file = mp4reader.File(out)
    return [(file.codec(track), list(track_rows(file, track, file.codec(track), nals))) for track in file.tracks.values()]


def block_rows(track, nals):
    for block in track.blocks:
        if track.codec in tspackets.VIDEO:
            sha1, _ = tspackets.hash_nals(track.codec, (nal.rstrip(b'\0') for nal in track.nal_units(block)), nals)
        else:
            sha1 = hashlib.sha1(block.data).digest()
        yield block.time, None, sha1, block.key


def compare(sources, out, nals='all', dts=True, only='', audio_shift=0):
    """What differs, as sentences; none: equal. `only`: of the source the tracks with this handler."""
    problems = []
    expected = Expected(sources, nals, only)
    outputs = output_rows(out, nals)
    codecs = [family(codec) for codec, _ in outputs]
    wanted = [family(codec) for codec, rows in zip(expected.codecs, expected.streams) if rows]
    if out.endswith('.m4a') or out.endswith('.mka'):
        wanted = [codec for codec in wanted if not is_video(codec)]
    if sorted(codecs) != sorted(wanted):
        return ['tracks: %s, the source has %s' % (codecs, wanted)]
    pairs = []
    for codec, rows in zip(expected.codecs, expected.streams):
        if rows and family(codec) in codecs:
            index = codecs.index(family(codec))
            codecs[index] = None
            pairs.append((codec, rows, outputs[index][1]))
    lead = next((pair for pair in pairs if is_video(pair[0])), pairs[0] if pairs else None)
    if lead is None or not lead[2]:
        return ['no samples']
    source_zero = min(row[0] for row in lead[1] if row[0] is not None) / 90000
    out_zero = min(row[0] for row in lead[2])
    tolerance = MATROSKA_TOLERANCE_SECONDS if out.endswith('.mkv') else TOLERANCE_SECONDS
    for codec, want, have in pairs:
        zero = source_zero - (0 if is_video(codec) else audio_shift)
        problems += compare_rows(codec, want, have, zero, out_zero, dts, tolerance)
    earliest = min(row[0] for _, _, have in pairs for row in have)
    # A transport stream begins when its decoder has had time to fill its buffers.
    if abs(earliest) > TOLERANCE_SECONDS and not out.endswith('.ts'):
        problems.append('the presentation starts at %.4f s, not at 0' % earliest)
    return problems


def family(codec):
    """One word for what containers call differently: MP4 has one sample entry for AAC and MP3."""
    return {'.mp3': 'aac', 'mp3': 'aac', 'mpeg2': 'mp4v', 'type02': 'mp4v', 'Opus': 'opus', 'type06': 'opus'}.get(codec, codec)


def compare_rows(codec, want, have, source_zero, out_zero, with_dts, tolerance=TOLERANCE_SECONDS):
    # A last frame that the source cuts off may be there or not: readers of the source differ about it.
    if want and want[-1][3] and len(have) == len(want) - 1:
        want = want[:-1]
    if len(want) != len(have):
        yield '%s: %d packets, the source has %d' % (codec, len(have), len(want))
    for index, ((pts, dts, sha1, _, sync), (out_pts, out_dts, out_sha1, out_sync)) in enumerate(zip(want, have)):
        if sha1 != out_sha1:
            yield '%s: packet %d at %.3f s has another payload' % (codec, index, out_pts)
            return
        if out_sync is not None and sync != out_sync:
            yield '%s: packet %d at %.3f s %s a sync sample' % (codec, index, out_pts, 'is' if out_sync else 'is not')
            return
        for name, time, out_time in (('presentation', pts, out_pts), ('decoding', dts if with_dts else None, out_dts)):
            if time is None or out_time is None:
                continue
            distance = (out_time - out_zero) - (time / 90000 - source_zero)
            if abs(distance) > tolerance:
                yield '%s: packet %d: %s time is %+.2f ms off' % (codec, index, name, distance * 1000)
                return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', nargs='+')
    parser.add_argument('out')
    parser.add_argument('--nals', choices=('all', 'media'), default='all',
                        help='media: leave access unit delimiters, parameter sets and filler out of the comparison')
    parser.add_argument('--no-dts', action='store_true', help='compare presentation times only')
    arguments = parser.parse_args()
    try:
        problems = compare(arguments.source, arguments.out, arguments.nals, not arguments.no_dts)
    except (tspackets.StreamError, mp4reader.BoxError, mkvreader.MatroskaError, OSError) as error:
        problems = [str(error)]
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
