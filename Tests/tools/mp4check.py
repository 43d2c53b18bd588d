#!/usr/bin/env python3
"""mp4check.py FILE...: whether an MP4 is what hls2mp4 promises: valid, and seekable by its front index. Silent and 0 if so.

Rules (V valid, K seekable), for fragmented files:
  V1 every box closes exactly, the last at the end of the file        V2 ftyp with iso6 or qt, moov before the first moof, trex for each track
  V3 default-base-is-moof, tfdt in each traf, no overlap and no gap   V4 sample entries complete (avcC, hvcC, esds, dac3, dec3)
  V5 fragments start with sync samples; sync flags agree with the NAL units
  K1 one sidx per track before the first moof, in the track's timescale, whose references meet the moofs and their times
  K2 the durations of mvhd, tkhd, mdhd and mehd are the real ones
For flat files (--flat) V2 is: one moov, no fragments, and the brands of an ordinary MP4; V3: tables that agree with each other, samples
that do not overlap, sample entries that are there; V5: the video starts with a sync sample; K1: with --front, moov before the media.
"""
import argparse
import sys

import mp4reader
from tspackets import nal_type

# A fragment may start without a sync sample after this much without one (hls2mp4's own limit).
LONGEST_WITHOUT_SYNC_SECONDS = 10
LARGEST_WITHOUT_SYNC_BYTES = 16 << 20


class Checker:
    """Collects what is wrong with one file."""

    def __init__(self, path, pipe=False, gaps=False, unfinished=False, flat=False, front=False):
        self.problems = []
        self.pipe, self.gaps, self.unfinished = pipe, gaps, unfinished
        try:
            self.file = mp4reader.File(path)
        except (mp4reader.BoxError, ValueError, IndexError, mp4reader.struct.error) as error:
            self.say('V1', str(error))
            return
        if flat == self.file.fragmented:
            self.say('V2', 'a %s file' % ('fragmented' if self.file.fragmented else 'flat'))
            return
        if flat:
            self.flat_order(front)
            self.places()
        else:
            self.order()
        for track in self.file.tracks.values():
            if not flat:
                self.continuity(track)
            self.entry(track)
            if track.handler == 'vide':
                self.sync(track)
        self.data_inside_mdat()
        if flat:
            self.durations()
        elif pipe or unfinished:
            self.no_index()
        else:
            self.index()
            self.durations()

    def say(self, rule, text):
        self.problems.append('%s: %s' % (rule, text))

    def brands(self):
        first = self.file.boxes[0]
        return [bytes(self.file.data[at:at + 4]) for at in (first.body, *range(first.body + 8, first.end, 4))]

    def flat_order(self, front):
        file = self.file
        kinds = [box.kind for box in file.boxes]
        if kinds[:1] != [b'ftyp'] or not {b'isom', b'iso2', b'qt  '} & set(self.brands()) or {b'iso5', b'iso6'} & set(self.brands()):
            self.say('V2', 'no ftyp of an ordinary MP4 first: %s' % kinds[:1])
        if kinds.count(b'moov') != 1 or b'moof' in kinds or b'sidx' in kinds or kinds.count(b'mdat') != 1:
            self.say('V2', 'not one moov and one mdat: %s' % kinds)
        elif front and kinds.index(b'moov') > kinds.index(b'mdat'):
            self.say('K1', 'moov stands behind the media')
        if not file.tracks:
            self.say('V2', 'no tracks')

    def places(self):
        """Samples of all tracks: none overlaps another, each names a sample entry, each track's lie in order."""
        spans = sorted((sample.offset, sample.offset + sample.size) for track in self.file.tracks.values()
                       for sample in track.samples if sample.size)
        if any(later[0] < earlier[1] for earlier, later in zip(spans, spans[1:])):
            self.say('V3', 'samples overlap')
        for track in self.file.tracks.values():
            if not track.samples:
                self.say('V3', 'track %d has no samples' % track.id)
            if any(not 1 <= sample.entry <= len(track.entries) for sample in track.samples):
                self.say('V3', 'track %d: a sample entry that is not there' % track.id)
            if any(later.offset < earlier.offset for earlier, later in zip(track.samples, track.samples[1:])):
                self.say('V3', 'track %d: samples out of order' % track.id)
            if track.handler == 'vide' and track.samples and not track.samples[0].sync:
                self.say('V5', 'track %d starts without a sync sample' % track.id)
            if any(not duration for duration, _ in track.edits):
                self.say('V3', 'track %d: an edit without duration' % track.id)

    def order(self):
        file = self.file
        kinds = [box.kind for box in file.boxes]
        if kinds[:1] != [b'ftyp']:
            self.say('V2', 'the first box is no ftyp')
        else:
            if b'iso6' not in self.brands() and self.brands()[:1] != [b'qt  ']:
                self.say('V2', 'brand iso6 is missing: %r' % self.brands())
        if kinds.count(b'moov') != 1:
            self.say('V2', '%d moov boxes' % kinds.count(b'moov'))
            return
        if b'moof' not in kinds:
            self.say('V2', 'no movie fragment')
        elif kinds.index(b'moov') > kinds.index(b'moof'):
            self.say('V2', 'moov after the first moof')
        for index, kind in enumerate(kinds):
            if kind == b'moof' and kinds[index + 1:index + 2] != [b'mdat']:
                self.say('V2', 'no mdat after the moof at %d' % file.boxes[index].start)
        if not file.tracks:
            self.say('V2', 'no tracks')
        for track in file.tracks.values():
            if track.defaults is None:
                self.say('V2', 'track %d has no trex' % track.id)
        numbers = file.sequence_numbers
        if any(later <= earlier for earlier, later in zip(numbers, numbers[1:])):
            self.say('V2', 'the sequence numbers of mfhd do not increase')

    def continuity(self, track):
        previous = None
        for fragment in track.fragments:
            where = 'track %d, moof at %d' % (track.id, fragment.moof)
            if not fragment.flags & 0x20000 or fragment.flags & 1:
                self.say('V3', '%s: not default-base-is-moof' % where)
            if fragment.base_dts is None:
                self.say('V3', '%s: no tfdt' % where)
            elif previous is not None:
                distance = fragment.base_dts - previous
                if distance < -1 or distance > 1 and not self.gaps:
                    self.say('V3', '%s: tfdt is %+d off the end of the fragment before' % (where, distance))
            if not fragment.samples:
                self.say('V3', '%s: no samples' % where)
            else:
                last = fragment.samples[-1]
                previous = last.dts + last.duration
        if not track.samples:
            self.say('V3', 'track %d has no samples' % track.id)
        for sample in track.samples:
            if sample.duration == 0 and sample is not track.samples[-1]:
                self.say('V3', 'track %d: a sample without duration at dts %d' % (track.id, sample.dts))
                break

    def data_inside_mdat(self):
        bodies = [(box.body, box.end) for box in self.file.boxes if box.kind == b'mdat']
        following = {}
        for box, after in zip(self.file.boxes, self.file.boxes[1:]):
            if box.kind == b'moof':
                following[box.start] = (after.body, after.end)
        for track in self.file.tracks.values():
            for fragment in track.fragments:
                body, end = following.get(fragment.moof, (0, 0))
                if any(sample.offset < body or sample.offset + sample.size > end for sample in fragment.samples):
                    self.say('V1', 'track %d, moof at %d: sample data outside its mdat' % (track.id, fragment.moof))
            if any(not any(body <= sample.offset and sample.offset + sample.size <= end for body, end in bodies)
                   for sample in track.flat):
                self.say('V1', 'track %d: sample data outside mdat' % track.id)

    def entry(self, track):
        if not track.entries:
            self.say('V4', 'track %d has no sample entry' % track.id)
        for kind, parts, fields in track.entries:
            problem = entry_problem(kind, parts, fields)
            if problem:
                self.say('V4', 'track %d, %s: %s' % (track.id, kind, problem))

    def sync(self, track):
        codec = self.file.codec(track)
        since_seconds, since_bytes = 0.0, 0
        for fragment in track.fragments:
            if fragment.samples and not fragment.samples[0].sync and \
                    since_seconds < LONGEST_WITHOUT_SYNC_SECONDS and since_bytes < LARGEST_WITHOUT_SYNC_BYTES:
                self.say('V5', 'track %d, moof at %d: starts without a sync sample' % (track.id, fragment.moof))
            for sample in fragment.samples:
                if sample.sync:
                    since_seconds, since_bytes = 0.0, 0
                since_seconds += sample.duration / track.timescale
                since_bytes += sample.size
        if codec not in ('h264', 'hevc') or self.problems and any(problem.startswith('V1') for problem in self.problems):
            return
        for sample in track.samples:
            try:
                kinds = [nal_type(codec, nal) for nal in self.file.nal_units(track, sample) if nal]
            except (mp4reader.BoxError, KeyError, IndexError) as error:
                self.say('V4', 'track %d, sample at dts %d: %s' % (track.id, sample.dts, error))
                return
            random_access = 5 in kinds if codec == 'h264' else any(16 <= kind <= 23 for kind in kinds)
            recovery = (6 if codec == 'h264' else 39) in kinds
            if random_access and not sample.sync or sample.sync and not random_access and not recovery:
                self.say('V5', 'track %d, sample at dts %d: sync flag %s, NAL units %s' % (track.id, sample.dts, sample.sync, kinds))
                return

    # Index and durations

    def no_index(self):
        if self.pipe and self.file.fragments_duration is not None:
            self.say('K2', 'mehd in a file for a pipe')

    def index(self):
        file = self.file
        moofs = [box for box in file.boxes if box.kind == b'moof']
        if not moofs:
            return
        found = {}
        for box in file.boxes:
            if box.kind == b'sidx':
                if box.start > moofs[0].start:
                    self.say('K1', 'sidx at %d, after the first moof' % box.start)
                    continue
                number = file.u32(box.body + 4)
                if number in found:
                    self.say('K1', 'two sidx for track %d' % number)
                found[number] = box
        for track in file.tracks.values():
            if track.id not in found:
                self.say('K1', 'no sidx for track %d before the first moof' % track.id)
            else:
                self.references(track, found[track.id], {box.start for box in moofs})

    def references(self, track, box, moofs):
        file, where = self.file, 'sidx of track %d' % track.id
        timescale = file.u32(box.body + 8)
        if timescale != track.timescale:
            self.say('K1', '%s: timescale %d, the track has %d' % (where, timescale, track.timescale))
            return
        if file.data[box.body]:
            time, first_offset, at = file.u64(box.body + 12), file.u64(box.body + 20), box.body + 28
        else:
            time, first_offset, at = file.u32(box.body + 12), file.u32(box.body + 16), box.body + 20
        count = file.u32(at) & 0xFFFF
        at += 4
        if at + 12 * count != box.end:
            self.say('K1', '%s: %d references do not fit its size' % (where, count))
            return
        position = box.end + first_offset
        starts = []  # (position, time, duration, starts with SAP)
        for index in range(count):
            size, duration, sap = (file.u32(at + 12 * index + 4 * field) for field in range(3))
            if size >> 31:
                self.say('K1', '%s: reference %d is to another sidx' % (where, index))
            if position not in moofs:
                self.say('K1', '%s: reference %d points at byte %d, no moof' % (where, index, position))
                return
            starts.append((position, time, duration, sap >> 31))
            position += size & 0x7FFFFFFF
            time += duration
        last = max((sibling.end for sibling in file.boxes if sibling.kind == b'mdat'), default=0)
        if position != last:
            self.say('K1', '%s: references end at byte %d, the media at %d' % (where, position, last))
        if starts and starts[0][0] != min(moofs):
            self.say('K1', '%s: the first reference is not to the first moof' % where)
        self.reference_times(track, where, starts)

    def reference_times(self, track, where, starts):
        """Each reference starts when the samples it covers do, by the media's or the movie's clock.

        With leading pictures (open GOP) that is the time of the earliest sample or of the sync sample. What an edit list
        hides at the start counts as 0.
        """
        shift = self.file.start_shift(track) * track.timescale
        longest = max((sample.duration for sample in track.samples), default=0)
        for index, (position, time, duration, sap) in enumerate(starts):
            end = starts[index + 1][0] if index + 1 < len(starts) else float('inf')
            covered = [fragment for fragment in track.fragments if position <= fragment.moof < end]
            samples = [sample for fragment in covered for sample in fragment.samples]
            if not samples:
                continue
            begins = {min(sample.cts for sample in samples), samples[0].cts}
            clocks = [begin for begin in begins] + [max(0, begin + shift) for begin in begins]
            if min(abs(time - clock) for clock in clocks) > longest + 1:
                self.say('K1', '%s: reference %d starts at %d, its samples at %s' % (where, index, time, sorted(begins)))
                return
            real = max(sample.cts + sample.duration for sample in samples)
            if end == float('inf') and min(abs(time + duration - real - clock) for clock in (0, shift)) > longest + 1:
                self.say('K1', '%s: the last reference ends at %d, its samples at %d' % (where, time + duration, real))
                return
            if bool(sap) != samples[0].sync:
                self.say('K1', '%s: reference %d: starts_with_SAP is %d, its first sample is %s'
                         % (where, index, sap, 'sync' if samples[0].sync else 'no sync sample'))
                return

    def durations(self):
        file = self.file
        movie = 0.0
        for track in file.tracks.values():
            if not track.samples:
                continue
            frame = max(sample.duration for sample in track.samples) / track.timescale
            last = track.samples[-1]
            media = last.dts + last.duration - track.samples[0].dts
            presented = file.presentation_end(track)
            movie = max(movie, presented)
            self.equal('mdhd of track %d' % track.id, track.media_duration / track.timescale, media / track.timescale, frame)
            self.equal('tkhd of track %d' % track.id, track.header_duration / file.movie_timescale, presented, frame)
        frame = 0.001 + 1 / max(1, file.movie_timescale)
        self.equal('mvhd', file.movie_duration / max(1, file.movie_timescale), movie, frame)
        if not file.fragmented:
            return
        if file.fragments_duration is None:
            self.say('K2', 'no mehd')
        else:
            self.equal('mehd', file.fragments_duration / max(1, file.movie_timescale), movie, frame)

    def equal(self, what, declared, real, tolerance):
        if abs(declared - real) > tolerance:
            self.say('K2', '%s says %.3f s, the samples %.3f s' % (what, declared, real))


def entry_problem(kind, parts, fields):
    """What a sample entry lacks, or None."""
    if kind in ('avc1', 'avc3'):
        config = parts.get(b'avcC', b'')
        if len(config) < 7 or config[0] != 1:
            return 'no avcC'
        sets, at = config[5] & 31, 6
        if not sets:
            return None if kind == 'avc3' else 'no sequence parameter set'
        for _ in range(sets):
            at += 2 + int.from_bytes(config[at:at + 2], 'big')
        return None if at < len(config) and config[at] else 'no picture parameter set'
    if kind in ('hvc1', 'hev1'):
        config = parts.get(b'hvcC', b'')
        if len(config) < 23:
            return 'no hvcC'
        at, types = 23, set()
        for _ in range(config[22]):
            types.add(config[at] & 63)
            count = int.from_bytes(config[at + 1:at + 3], 'big')
            at += 3
            for _ in range(count):
                at += 2 + int.from_bytes(config[at:at + 2], 'big')
        missing = {32, 33, 34} - types
        return 'parameter sets missing: %s' % sorted(missing) if missing and kind == 'hvc1' else None
    if kind == 'mp4a':
        return esds_problem(parts.get(b'esds', b''), fields)
    needed = {'ac-3': b'dac3', 'ec-3': b'dec3', 'Opus': b'dOps', 'av01': b'av1C'}.get(kind)
    return 'no %s' % needed.decode() if needed and not parts.get(needed) else None


def esds_problem(esds, fields):
    """What an esds lacks (14496-1 §7.2.6); its AudioSpecificConfig (14496-3 §1.6.2.1) must fit the entry's sample rate."""
    if not esds:
        return 'no esds'
    found = dict(descriptors(esds[4:]))
    if found.get(4, b'\x40')[0] != 0x40:
        return None  # MPEG-1/2 audio has no AudioSpecificConfig
    config = found.get(5, b'')
    if len(config) < 2:
        return 'esds without AudioSpecificConfig'
    rates = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
    index = (config[0] & 7) << 1 | config[1] >> 7
    rate = int.from_bytes(fields[24:26], 'big')
    if index < len(rates) and rate not in (0, rates[index], 2 * rates[index]):
        return 'AudioSpecificConfig says %d Hz, the entry %d' % (rates[index], rate)
    return None


def descriptors(data):
    """(tag, payload) of descriptors and those inside them."""
    at = 0
    while at + 2 <= len(data):
        tag, length, at = data[at], 0, at + 1
        for _ in range(4):
            if at >= len(data):
                return
            byte, at = data[at], at + 1
            length = length << 7 | byte & 127
            if not byte & 128:
                break
        payload = data[at:at + length]
        yield tag, payload
        if tag == 3 and len(payload) > 3:
            flags = payload[2]
            yield from descriptors(payload[3 + (2 if flags & 128 else 0) + (2 if flags & 32 else 0):])
        elif tag == 4:
            yield from descriptors(payload[13:])
        at += length


def list_samples(path):
    file = mp4reader.File(path)
    for track in file.tracks.values():
        shift = file.start_shift(track)
        for sample in track.samples:
            print(track.id, file.codec(track), '%.6f' % (sample.cts / track.timescale + shift),
                  '%.6f' % (sample.dts / track.timescale + shift), sample.duration, sample.size, 'K' if sample.sync else '-')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file', nargs='+')
    parser.add_argument('--pipe', action='store_true', help='output of a pipe: no index and no durations expected')
    parser.add_argument('--unfinished', action='store_true', help='an interrupted .part: neither index nor durations expected')
    parser.add_argument('--flat', action='store_true', help='an ordinary MP4 is expected, without fragments')
    parser.add_argument('--front', action='store_true', help='a flat file has its moov at the front')
    parser.add_argument('--gaps', action='store_true', help='gaps on the timeline are expected')
    parser.add_argument('--list', action='store_true', help='list the samples: track, codec, pts and dts in seconds, duration, size')
    arguments = parser.parse_args()
    bad = False
    for path in arguments.file:
        if arguments.list:
            list_samples(path)
            continue
        for problem in Checker(path, arguments.pipe, arguments.gaps, arguments.unfinished, arguments.flat, arguments.front).problems:
            print('%s: %s' % (path, problem))
            bad = True
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
