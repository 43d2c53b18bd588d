"""Reads boxes and samples of MP4 files (ISO 14496-12), fragmented or not, with no library.

Raises `BoxError` where the structure itself is broken; the rules a good file keeps besides are in mp4check.py.
"""
import mmap
import struct
from typing import NamedTuple, Optional

CONTAINERS = {b'moov', b'trak', b'edts', b'mdia', b'minf', b'dinf', b'stbl', b'mvex', b'moof', b'traf', b'udta', b'mfra'}
# Sample entries and the bytes of fields before their child boxes (14496-12 §12.1.3, §12.2.3).
VISUAL = {b'avc1', b'avc3', b'hvc1', b'hev1', b'av01', b'vp09', b'mp4v', b'encv'}
AUDIO = {b'mp4a', b'ac-3', b'ec-3', b'Opus', b'fLaC', b'.mp3', b'enca'}


class BoxError(Exception):
    """A box that does not fit where it stands."""


class Box(NamedTuple):
    """One box: its type, where it starts and ends, and where its payload starts."""
    kind: bytes
    start: int
    body: int
    end: int

    @property
    def name(self):
        return self.kind.decode('latin-1')


class Sample(NamedTuple):
    """One sample, in the track's timescale, before edit lists."""
    dts: int
    cts: int
    duration: int
    offset: int
    size: int
    sync: bool
    entry: int = 1  # the number of its sample entry


class Fragment(NamedTuple):
    """One track fragment of a movie fragment."""
    moof: int
    track: int
    base_dts: Optional[int]
    samples: list
    flags: int


class Track:
    """What `moov` says of one track, and its samples."""

    def __init__(self):
        self.id = 0
        self.handler = ''
        self.timescale = 0
        self.media_duration = 0
        self.header_duration = 0
        self.edits = []  # (segment duration, media time)
        self.entries = []  # (type, {child type: payload}, the entry's fields)
        self.defaults = None  # of trex: sample entry, duration, size, flags
        self.fragments = []
        self.flat = []

    @property
    def samples(self):
        return self.flat + [sample for fragment in self.fragments for sample in fragment.samples]


class File:
    """An MP4 file, mapped into memory."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.view = memoryview(self.data)
        self.boxes = list(self.children(0, len(self.data)))
        self.tracks = {}
        self.movie_timescale = 0
        self.movie_duration = 0
        self.fragments_duration = None  # mehd
        self.fragmented = False  # mvex
        self.sequence_numbers = []
        for box in self.boxes:
            if box.kind == b'moov':
                self.read_moov(box)
            elif box.kind == b'moof':
                self.read_moof(box)

    # Boxes

    def u32(self, at):
        return struct.unpack_from('>I', self.data, at)[0]

    def u64(self, at):
        return struct.unpack_from('>Q', self.data, at)[0]

    def children(self, start, end):
        """The boxes between two offsets, which they must fill exactly."""
        at = start
        while at < end:
            if end - at < 8:
                raise BoxError('%d bytes at %d are no box' % (end - at, at))
            size, kind, body = self.u32(at), bytes(self.data[at + 4:at + 8]), at + 8
            if size == 1:
                if end - at < 16:
                    raise BoxError('box %r at %d: no room for its size' % (kind, at))
                size, body = self.u64(at + 8), at + 16
            elif size == 0:
                if end != len(self.data):
                    raise BoxError('box %r at %d reaches to the end of the file, inside another box' % (kind, at))
                size = end - at
            if size < body - at or at + size > end:
                raise BoxError('box %r at %d: %d bytes, past the end of what holds it (%d)' % (kind, at, size, end))
            yield Box(kind, at, body, at + size)
            at += size

    def walk(self, box):
        """Reads a box's whole tree, so that one which does not close is found."""
        if box.kind in CONTAINERS:
            for child in self.children(box.body, box.end):
                self.walk(child)
        elif box.kind == b'stsd':
            for entry in self.children(box.body + 8, box.end):
                self.entry_children(entry)

    def entry_children(self, entry):
        if entry.kind in VISUAL:
            return list(self.children(entry.body + 78, entry.end))
        if entry.kind in AUDIO:
            # QuickTime's version 1 has four fields more, and a box 'wave' around what describes the codec; its end is marked.
            version = int.from_bytes(self.data[entry.body + 8:entry.body + 10], 'big')
            children = list(self.children(entry.body + (44 if version == 1 else 28), entry.end))
            for wave in [child for child in children if child.kind == b'wave']:
                children += [child for child in self.children(wave.body, wave.end) if child.kind not in (b'mp4a', b'frma')]
            return children
        return []

    def find(self, box, *path):
        """The first box at a path below `box`, or None."""
        for kind in path:
            box = next((child for child in self.children(box.body, box.end) if child.kind == kind), None)
            if box is None:
                return None
        return box

    # moov

    def read_moov(self, moov):
        self.walk(moov)
        header = self.find(moov, b'mvhd')
        if header is None:
            raise BoxError('moov without mvhd')
        self.movie_timescale, self.movie_duration = self.timing(header, 0)
        for trak in self.children(moov.body, moov.end):
            if trak.kind == b'trak':
                track = self.read_trak(trak)
                self.tracks[track.id] = track
        extends = self.find(moov, b'mvex')
        if extends is None:
            return
        self.fragmented = True
        for box in self.children(extends.body, extends.end):
            if box.kind == b'mehd':
                self.fragments_duration = self.u64(box.body + 4) if self.data[box.body] else self.u32(box.body + 4)
            elif box.kind == b'trex' and self.u32(box.body + 4) in self.tracks:
                self.tracks[self.u32(box.body + 4)].defaults = struct.unpack_from('>IIII', self.data, box.body + 8)

    def timing(self, box, extra):
        """(timescale, duration) of mvhd or mdhd; of tkhd, with `extra` = 4, (track id, duration)."""
        if self.data[box.body]:
            return self.u32(box.body + 20), self.u64(box.body + 24 + extra)
        return self.u32(box.body + 12), self.u32(box.body + 16 + extra)

    def read_trak(self, trak):
        track = Track()
        boxes = [self.find(trak, *path) for path in (
            (b'tkhd',), (b'mdia', b'mdhd'), (b'mdia', b'hdlr'), (b'mdia', b'minf', b'stbl', b'stsd'))]
        if None in boxes:
            raise BoxError('trak at %d without tkhd, mdhd, hdlr or stsd' % trak.start)
        track.id, track.header_duration = self.timing(boxes[0], 4)
        track.timescale, track.media_duration = self.timing(boxes[1], 0)
        if track.timescale == 0:
            raise BoxError('track %d: timescale 0' % track.id)
        if track.media_duration in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):
            track.media_duration = 0
        track.handler = bytes(self.data[boxes[2].body + 8:boxes[2].body + 12]).decode('latin-1')
        for entry in self.children(boxes[3].body + 8, boxes[3].end):
            parts = {child.kind: bytes(self.data[child.body:child.end]) for child in self.entry_children(entry)}
            track.entries.append((entry.name, parts, bytes(self.data[entry.body:min(entry.body + 28, entry.end)])))
        edits = self.find(trak, b'edts', b'elst')
        if edits is not None:
            long = self.data[edits.body]
            form = '>QqI' if long else '>IiI'
            for index in range(self.u32(edits.body + 4)):
                track.edits.append(struct.unpack_from(form, self.data, edits.body + 8 + index * struct.calcsize(form))[:2])
        track.flat = self.read_tables(self.find(trak, b'mdia', b'minf', b'stbl'))
        return track

    def table(self, stbl, kind, form):
        box = self.find(stbl, kind)
        if box is None:
            return None
        rows = list(struct.iter_unpack('>' + form, self.data[box.body + 8:box.end]))
        if len(rows) != self.u32(box.body + 4):
            raise BoxError('%s at %d: %d entries, not %d' % (box.name, box.start, len(rows), self.u32(box.body + 4)))
        return rows

    def read_tables(self, stbl):
        sizes = self.find(stbl, b'stsz')
        count = self.u32(sizes.body + 8) if sizes else 0
        if count == 0:
            return []
        same = self.u32(sizes.body + 4)
        if sizes.end - sizes.body != 12 + (0 if same else 4 * count):
            raise BoxError('stsz at %d: %d sizes do not fit' % (sizes.start, count))
        sizes = [same] * count if same else [row[0] for row in struct.iter_unpack('>I', self.data[sizes.body + 12:sizes.end])]
        durations = [value for number, value in self.table(stbl, b'stts', 'II') for _ in range(number)]
        shifts = self.find(stbl, b'ctts')
        shifts = self.table(stbl, b'ctts', 'Ii' if shifts and self.data[shifts.body] else 'II') or [(count, 0)]
        shifts = [value for number, value in shifts for _ in range(number)]
        if (len(durations), len(shifts)) != (count, count):
            raise BoxError('stbl at %d: %d sizes, %d durations, %d offsets' % (stbl.start, count, len(durations), len(shifts)))
        sync = self.table(stbl, b'stss', 'I')
        if sync and (sync != sorted(set(sync)) or not 1 <= sync[0][0] <= sync[-1][0] <= count):
            raise BoxError('stbl at %d: stss is not in order' % stbl.start)
        sync = None if sync is None else {row[0] for row in sync}
        chunks = [row[0] for row in self.table(stbl, b'stco', 'I') or self.table(stbl, b'co64', 'Q') or []]
        layout = self.table(stbl, b'stsc', 'III')
        if not layout or layout[0][0] != 1 or layout[-1][0] > len(chunks):
            raise BoxError('stbl at %d: stsc does not fit %d chunks' % (stbl.start, len(chunks)))
        samples, dts = [], 0
        for index, (first, per_chunk, entry) in enumerate(layout):
            last = layout[index + 1][0] if index + 1 < len(layout) else len(chunks) + 1
            for chunk in range(first, last):
                offset = chunks[chunk - 1]
                for _ in range(per_chunk):
                    number = len(samples)
                    if number == count:
                        raise BoxError('stbl at %d: the chunks hold more than %d samples' % (stbl.start, count))
                    samples.append(Sample(dts, dts + shifts[number], durations[number], offset, sizes[number],
                                          sync is None or number + 1 in sync, entry))
                    offset += sizes[number]
                    dts += durations[number]
        if len(samples) != count:
            raise BoxError('stbl at %d: the chunks hold %d of %d samples' % (stbl.start, len(samples), count))
        return samples

    # moof

    def read_moof(self, moof):
        for box in self.children(moof.body, moof.end):
            if box.kind == b'mfhd':
                self.sequence_numbers.append(self.u32(box.body + 4))
            elif box.kind == b'traf':
                self.read_traf(moof, box)

    def read_traf(self, moof, traf):
        header = self.find(traf, b'tfhd')
        if header is None:
            raise BoxError('traf at %d without tfhd' % traf.start)
        flags, number = self.u32(header.body) & 0xFFFFFF, self.u32(header.body + 4)
        track = self.tracks.get(number)
        if track is None:
            raise BoxError('traf at %d: no track %d in moov' % (traf.start, number))
        entry, duration, size, sample_flags = track.defaults or (1, 0, 0, 0)
        at, base = header.body + 8, moof.start
        if flags & 1:
            base, at = self.u64(at), at + 8
        if flags & 2:
            entry, at = self.u32(at), at + 4
        if flags & 8:
            duration, at = self.u32(at), at + 4
        if flags & 0x10:
            size, at = self.u32(at), at + 4
        if flags & 0x20:
            sample_flags = self.u32(at)
        time = self.find(traf, b'tfdt')
        base_dts = None if time is None else self.u64(time.body + 4) if self.data[time.body] else self.u32(time.body + 4)
        dts = base_dts
        if dts is None:
            dts = track.samples[-1].dts + track.samples[-1].duration if track.samples else 0
        fragment = Fragment(moof.start, number, base_dts, [], flags)
        offset = base
        for run in self.children(traf.body, traf.end):
            if run.kind == b'trun':
                dts, offset = self.read_trun(run, base, offset, dts, (entry, duration, size, sample_flags), fragment.samples)
        track.fragments.append(fragment)

    def read_trun(self, run, base, offset, dts, defaults, samples):
        version, flags, count = self.data[run.body], self.u32(run.body) & 0xFFFFFF, self.u32(run.body + 4)
        at, first_flags = run.body + 8, None
        if flags & 1:
            offset, at = base + struct.unpack_from('>i', self.data, at)[0], at + 4
        if flags & 4:
            first_flags, at = self.u32(at), at + 4
        fields = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
        if at + 4 * len(fields) * count != run.end:
            raise BoxError('trun at %d: %d samples do not fit its size' % (run.start, count))
        for index in range(count):
            entry, duration, size, sample_flags = defaults
            shift = 0
            for field in fields:
                value = self.u32(at)
                at += 4
                if field == 0x100:
                    duration = value
                elif field == 0x200:
                    size = value
                elif field == 0x400:
                    sample_flags = value
                else:
                    shift = value - (1 << 32) if version and value >> 31 else value
            if index == 0 and first_flags is not None:
                sample_flags = first_flags
            samples.append(Sample(dts, dts + shift, duration, offset, size, not sample_flags & 0x10000, entry))
            dts += duration
            offset += size
        return dts, offset

    # Times

    def start_shift(self, track):
        """Seconds to add to a media time of the track to get movie time: edit lists of the common shapes."""
        empty, media_time = 0, 0
        for duration, time in track.edits:
            if time < 0:
                empty += duration
            else:
                media_time = time
                break
        return empty / self.movie_timescale - media_time / track.timescale

    def presentation_end(self, track):
        """When the last sample has been shown, in seconds of movie time; at most the end of an edit list that has one."""
        end = max(sample.cts + sample.duration for sample in track.samples) / track.timescale + self.start_shift(track)
        if track.edits and track.edits[-1][0]:
            end = min(end, sum(duration for duration, _ in track.edits) / self.movie_timescale)
        return end

    def nal_units(self, track, sample):
        """The NAL units of a video sample, by the length size of its configuration."""
        parts = track.entries[sample.entry - 1][1]
        size = (parts[b'avcC'][4] if b'avcC' in parts else parts[b'hvcC'][21]) % 4 + 1
        at, end = sample.offset, sample.offset + sample.size
        while at < end:
            length = int.from_bytes(self.data[at:at + size], 'big')
            at += size
            if at + length > end:
                raise BoxError('track %d: a NAL unit at %d is longer than its sample' % (track.id, at))
            yield bytes(self.view[at:at + length])
            at += length

    def codec(self, track):
        """The codec of a track, in tspackets.py's words."""
        kind = track.entries[0][0] if track.entries else ''
        return {'avc1': 'h264', 'avc3': 'h264', 'hvc1': 'hevc', 'hev1': 'hevc', 'mp4a': 'aac', 'ac-3': 'ac3',
                'ec-3': 'eac3'}.get(kind, kind)
