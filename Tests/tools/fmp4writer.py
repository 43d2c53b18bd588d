"""Writes HLS streams of fragmented MP4 from the samples of an ordinary MP4, in every form that ISO 14496-12 allows.

Shares no code with what is tested; ffmpeg's muxer knows but one form of each thing.
"""
import os
import struct
from typing import NamedTuple, Optional

SYNC, NON_SYNC = 0x02000000, 0x01010000


def box(kind, *parts):
    payload = b''.join(parts)
    return struct.pack('>I', 8 + len(payload)) + kind + payload


def large_box(kind, payload):
    """A box with a 64-bit size."""
    return struct.pack('>I4sQ', 1, kind, 16 + len(payload)) + payload


def full(kind, version, flags, *parts):
    return box(kind, struct.pack('>I', version << 24 | flags), *parts)


class Form(NamedTuple):
    """How the stream is written."""
    fragment_seconds: float = 1.0
    segment_seconds: float = 1.0
    offset_seconds: float = 0  # added to decoding times
    tfdt: Optional[int] = 1  # version; None: no tfdt
    negative: bool = False  # signed composition offsets in place of video's edit list
    version0: bool = False  # ... in a trun of version 0
    base: str = 'moof'  # 'moof', 'none' (no offset, no flag), 'absolute', 'data' (absolute, of the media data)
    run_samples: int = 0  # a further trun after so many samples; 0: one
    run_offsets: bool = True  # each trun says where its data is
    interleaved: bool = False  # the truns of the tracks alternate in the media data
    defaults: bool = False  # durations, sizes and flags in tfhd where all are alike, else in trun; first-sample-flags
    large: bool = False  # 64-bit box sizes
    noise: bool = False  # boxes that nobody knows, at every level
    own_movie: bool = False  # moov in each segment, no EXT-X-MAP
    entry: Optional[bytes] = None  # another type of the video's sample entry
    inband: bool = False  # parameter sets in front of sync samples, none in the sample entry
    scale: int = 1  # of the video's time scale
    empty: float = 0  # an empty edit of so many seconds before every track
    tracks: Optional[tuple] = None  # handlers of the tracks to write


class Writer:
    """The stream of one source file (an mp4reader.File)."""

    def __init__(self, file, form=Form()):
        self.file, self.form = file, form
        self.tracks = [track for track in file.tracks.values() if not form.tracks or track.handler in form.tracks]
        self.position = 0

    # moov

    def init(self):
        """The Media Initialization Section."""
        file, form = self.file, self.form
        moov = next(item for item in file.boxes if item.kind == b'moov')
        raw = file.data
        header = file.find(moov, b'mvhd')
        parts = [bytes(raw[header.start:header.end])]
        for trak in file.children(moov.body, moov.end):
            if trak.kind == b'trak' and file.timing(file.find(trak, b'tkhd'), 4)[0] in [track.id for track in self.tracks]:
                parts.append(self.trak(trak))
        extends = [full(b'trex', 0, 0, struct.pack('>5I', track.id, 1, 0, 0, 0)) for track in self.tracks]
        noise = [self.noise(b'moov')] if form.noise else []
        result = box(b'ftyp', b'iso6\0\0\0\1iso6cmfc') + box(b'moov', *parts, *noise, box(b'mvex', *extends))
        self.position = self.position or len(result)
        return result

    def noise(self, name):
        return box(b'zzzz', b'unknown in ' + name) + box(b'uuid', bytes(range(16)), b'moof')

    def trak(self, trak):
        raw, file, form = self.file.data, self.file, self.form
        track = file.tracks[file.timing(file.find(trak, b'tkhd'), 4)[0]]
        copy = lambda *path: bytes(raw[file.find(trak, *path).start:file.find(trak, *path).end])
        minf = file.find(trak, b'mdia', b'minf')
        heads = [bytes(raw[child.start:child.end]) for child in file.children(minf.body, minf.end)
                 if child.kind not in (b'stbl', b'hdlr')]
        media_header = bytearray(copy(b'mdia', b'mdhd'))
        struct.pack_into('>I', media_header, 20, track.timescale * self.scale(track))
        table = box(b'stbl', self.stsd(copy(b'mdia', b'minf', b'stbl', b'stsd'), track),
                    full(b'stts', 0, 0, bytes(4)), full(b'stsc', 0, 0, bytes(4)), full(b'stsz', 0, 0, bytes(8)),
                    full(b'stco', 0, 0, bytes(4)))
        edits = self.edits(track)
        return box(b'trak', copy(b'tkhd'), *([edits] if edits else []),
                   box(b'mdia', bytes(media_header), copy(b'mdia', b'hdlr'), box(b'minf', *heads, table)))

    def scale(self, track):
        return self.form.scale if track.handler == 'vide' else 1

    def is_negative(self, track):
        return self.form.negative and track.handler == 'vide'

    def edits(self, track):
        """The track's edit list: what the source has, for ever."""
        empty = [duration for duration, time in track.edits if time < 0]
        empty = sum(empty) + round(self.form.empty * self.file.movie_timescale)
        start = next((time for _, time in track.edits if time >= 0), 0)
        rows = [(empty, -1)] if empty else []
        if not self.is_negative(track) or empty:
            rows.append((0, 0 if self.is_negative(track) else start * self.scale(track)))
        if not rows:
            return b''
        return box(b'edts', full(b'elst', 1, 0, struct.pack('>I', len(rows)),
                                 *[struct.pack('>QqI', duration, time, 0x10000) for duration, time in rows]))

    def stsd(self, table, track):
        form = self.form
        if track.handler != 'vide' or not (form.entry or form.inband):
            return table
        entry = bytearray(table[16:])
        if form.entry:
            entry[4:8] = form.entry
        if form.inband:
            at = next(at for at in range(86, len(entry)) if bytes(entry[at + 4:at + 8]) in (b'avcC', b'hvcC'))
            size = struct.unpack_from('>I', entry, at)[0]
            record = bytes(entry[at + 8:at + size])
            empty = record[:5] + b'\xe0\0' if bytes(entry[at + 4:at + 8]) == b'avcC' else record[:22] + b'\0'
            entry = entry[:at] + box(bytes(entry[at + 4:at + 8]), empty) + entry[at + size:]
            struct.pack_into('>I', entry, 0, len(entry))
        return full(b'stsd', 0, 0, struct.pack('>I', 1), bytes(entry))

    def parameter_sets(self, track):
        """The units of avcC or hvcC, each behind its length."""
        parts = track.entries[0][1]
        units = []
        if b'avcC' in parts:
            record, at = parts[b'avcC'], 5
            for mask in (31, 255):
                count, at = record[at] & mask, at + 1
                for _ in range(count):
                    size = record[at] << 8 | record[at + 1]
                    units.append(record[at + 2:at + 2 + size])
                    at += 2 + size
        else:
            record, at = parts[b'hvcC'], 23
            for _ in range(record[22]):
                count, at = record[at + 1] << 8 | record[at + 2], at + 3
                for _ in range(count):
                    size = record[at] << 8 | record[at + 1]
                    units.append(record[at + 2:at + 2 + size])
                    at += 2 + size
        return b''.join(struct.pack('>I', len(unit)) + unit for unit in units)

    # Segments

    def segments(self):
        """(bytes, seconds) of each Media Segment; the first track decides where they begin: at its sync samples."""
        lead = self.tracks[0]
        borders, step = [], self.form.segment_seconds
        for sample in lead.samples:
            if sample.sync and (not borders or sample.dts / lead.timescale >= borders[-1] + step - 0.001):
                borders.append(sample.dts / lead.timescale)
        end = lead.samples[-1].dts + lead.samples[-1].duration
        for start, stop in zip(borders, borders[1:] + [end / lead.timescale]):
            yield self.segment(start, stop, stop == end / lead.timescale), stop - start

    def segment(self, start, stop, is_last):
        form, parts = self.form, []
        if form.noise:
            parts.append(box(b'styp', b'msdh\0\0\0\0msdh'))
            parts.append(full(b'prft', 1, 0, bytes(20)))
        if form.own_movie:
            parts.append(self.init())
        time = start
        self.position = (0 if form.own_movie else self.position) + sum(map(len, parts))
        while time < stop - 0.001:
            limit = min(stop, time + form.fragment_seconds)
            part = self.fragment(time, float('inf') if is_last and limit >= stop - 0.001 else limit, time == 0)
            self.position += len(part)
            parts.append(part)
            time = limit
        return b''.join(parts)

    def samples(self, track, start, stop, is_first):
        for sample in track.samples:
            time = sample.dts / track.timescale
            if (time >= start - 1e-9 or is_first) and time < stop - 1e-9:
                yield sample

    def fragment(self, start, stop, is_first):
        form, file = self.form, self.file
        trafs = []
        for track in self.tracks:
            samples = list(self.samples(track, start, stop, is_first))
            if samples:
                size = form.run_samples or len(samples)
                trafs.append((track, [samples[at:at + size] for at in range(0, len(samples), size)]))
        order = [(index, run) for index, (_, runs) in enumerate(trafs) for run in range(len(runs))]
        if form.interleaved:
            order.sort(key=lambda pair: (pair[1], pair[0]))
        data, offsets = [], {}
        for index, run in order:
            offsets[index, run] = sum(map(len, data))
            data += [self.payload(trafs[index][0], sample) for sample in trafs[index][1][run]]
        data = b''.join(data)
        media = large_box(b'mdat', data) if form.large else box(b'mdat', data)
        moof = b''
        for _ in range(2):  # the first pass tells its length
            moof = self.moof(trafs, offsets, len(moof) + len(media) - len(data))
        between = self.noise(b'top') if form.noise else b''
        if between:
            moof = self.moof(trafs, offsets, len(moof) + len(between) + len(media) - len(data))
        return moof + between + media

    def payload(self, track, sample):
        data = bytes(self.file.view[sample.offset:sample.offset + sample.size])
        if self.form.inband and track.handler == 'vide' and sample.sync:
            data = self.parameter_sets(track) + data
        return data

    def moof(self, trafs, offsets, data_start):
        form, parts = self.form, [full(b'mfhd', 0, 0, struct.pack('>I', 1))]
        for index, (track, runs) in enumerate(trafs):
            parts.append(self.traf(track, runs, [offsets[index, run] for run in range(len(runs))], data_start, index))
        if form.noise:
            parts.insert(1, self.noise(b'moof'))
        return large_box(b'moof', b''.join(parts)) if form.large else box(b'moof', *parts)

    def traf(self, track, runs, offsets, data_start, index):
        form = self.form
        flags, fields = {'moof': 0x020000, 'none': 0, 'absolute': 1, 'data': 1}[form.base], [struct.pack('>I', track.id)]
        if flags & 1:
            fields.append(struct.pack('>Q', self.position + (data_start if form.base == 'data' else 0)))
        samples = [sample for run in runs for sample in run]
        same = {sample.duration for sample in samples}
        same_size = {len(self.payload(track, sample)) for sample in samples}
        if form.defaults and len(same) == 1:
            flags |= 8
            fields.append(struct.pack('>I', same.pop() * self.scale(track)))
        if form.defaults and len(same_size) == 1:
            flags |= 0x10
            fields.append(struct.pack('>I', same_size.pop()))
        if form.defaults:
            flags |= 0x20
            fields.append(struct.pack('>I', NON_SYNC if track.handler == 'vide' else SYNC))
        parts = [full(b'tfhd', 0, flags, *fields)]
        scale = self.scale(track)
        start = round((samples[0].dts / track.timescale + form.offset_seconds) * track.timescale * scale)
        if form.tfdt is not None:
            parts.append(full(b'tfdt', form.tfdt, 0, struct.pack('>Q' if form.tfdt else '>I', start)))
        if form.noise:
            parts.append(self.noise(b'traf'))
        for number, (run, offset) in enumerate(zip(runs, offsets)):
            says = form.run_offsets or (form.base != 'data' and number == 0 and index == 0 and form.base != 'none')
            parts.append(self.trun(track, run, offset + (0 if form.base == 'data' else data_start) if says else None, flags))
        return box(b'traf', *parts)

    def trun(self, track, run, offset, header_flags):
        flags, head = 0, []
        if offset is not None:
            flags |= 1
            head.append(struct.pack('>i', offset))
        shift = next((time for _, time in track.edits if time >= 0), 0) if self.is_negative(track) else 0
        scale = self.scale(track)
        per_sample_flags = not header_flags & 0x20
        if not per_sample_flags and track.handler == 'vide':
            flags |= 4
            head.append(struct.pack('>I', SYNC if run[0].sync else NON_SYNC))
        flags |= 0 if header_flags & 8 else 0x100
        flags |= 0 if header_flags & 0x10 else 0x200
        flags |= 0x400 if per_sample_flags else 0
        flags |= 0x800 if track.handler == 'vide' else 0
        rows = []
        for sample in run:
            for flag, value in ((0x100, sample.duration * scale), (0x200, len(self.payload(track, sample))),
                                (0x400, SYNC if sample.sync else NON_SYNC),
                                (0x800, (sample.cts - sample.dts - shift) * scale & 0xFFFFFFFF)):
                if flags & flag:
                    rows.append(struct.pack('>I', value))
        version = 1 if shift and not self.form.version0 else 0
        return full(b'trun', version, flags, struct.pack('>I', len(run)), *head, *rows)


def write(folder, file, form=Form(), single=False, name='', head=True):
    """Writes a stream's files into `folder`; its playlist's lines, from EXT-X-MAP on."""
    writer, lines, at = Writer(file, form), [], 0
    init = writer.init()
    if single:
        whole = open(os.path.join(folder, name + 'all.mp4'), 'wb')
        whole.write(init)
        at = len(init)
        lines.append('#EXT-X-MAP:URI="%sall.mp4",BYTERANGE="%d@0"' % (name, at))
    elif not form.own_movie:
        with open(os.path.join(folder, name + 'init.mp4'), 'wb') as out:
            out.write(init)
        lines.append('#EXT-X-MAP:URI="%sinit.mp4"' % name)
    for number, (data, seconds) in enumerate(writer.segments()):
        lines.append('#EXTINF:%.6f,' % seconds)
        if single:
            whole.write(data)
            lines += ['#EXT-X-BYTERANGE:%d@%d' % (len(data), at), name + 'all.mp4']
            at += len(data)
        else:
            path = '%s%d.m4s' % (name, number)
            with open(os.path.join(folder, path), 'wb') as out:
                out.write(data)
            lines.append(path)
    return lines
