#!/usr/bin/env python3
"""tspackets.py SOURCE...: lists the packets of an MPEG transport stream, found without any library.

SOURCE is a .ts file (several are read as one), or a local Media Playlist whose segments are read, and decrypted with openssl.
One line a packet: stream index, codec, pts90k, dts90k, size, SHA-1 of the payload.

A demultiplexer of its own, so that tests compare hls2mp4 with something that shares no code with it. It knows PAT, PMT and PES
(ISO 13818-1), access units of H.264 and HEVC (by access unit delimiters, parameter sets, SEI and the first slice), and ADTS
frames, also those that straddle PES packets. Other stream types give one packet a PES.

The payload of video is its NAL units, each behind a length of four bytes, so that Annex B and MP4 samples can be compared; that
of AAC is the raw frame without its ADTS header. A time belongs to the first access unit or frame that starts in the PES; frames
of AAC after it follow at their exact rate, further access units have no time of their own (None).
"""
import argparse
import hashlib
import re
import sys
from typing import NamedTuple, Optional

CODECS = {0x0F: 'aac', 0x1B: 'h264', 0x24: 'hevc', 0x03: 'mp3', 0x04: 'mp3', 0x81: 'ac3', 0x87: 'eac3', 0x15: 'id3'}
VIDEO = ('h264', 'hevc')
ADTS_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
WRAP = 1 << 33
# What --nals media leaves out: access unit delimiters, parameter sets, filler and end markers.
NOT_MEDIA = {'h264': {7, 8, 9, 10, 11, 12, 13}, 'hevc': {32, 33, 34, 35, 36, 37, 38}}
START_CODE = re.compile(b'\0\0\1')


class StreamError(Exception):
    """The input is not the transport stream that this reader understands."""


class Packet(NamedTuple):
    """One access unit or audio frame."""
    stream: int
    pts90k: Optional[float]
    dts90k: Optional[float]
    size: int
    sha1: bytes
    key: bool
    partial: bool = False


def nal_type(codec, nal):
    """The nal_unit_type in a NAL unit's header."""
    return nal[0] & 31 if codec == 'h264' else nal[0] >> 1 & 63


def hash_nals(codec, nals, selection='all'):
    """SHA-1 and size of NAL units behind four-byte lengths; zero bytes at a unit's end are no part of it."""
    digest, size = hashlib.sha1(), 0
    for nal in nals:
        if selection == 'media' and nal_type(codec, nal) in NOT_MEDIA[codec]:
            continue
        digest.update(len(nal).to_bytes(4, 'big'))
        digest.update(nal)
        size += 4 + len(nal)
    return digest.digest(), size


def is_key(codec, nals):
    """Whether an access unit holds an IDR picture or a recovery point (H.264), or an IRAP picture (HEVC)."""
    types = [nal_type(codec, nal) for nal in nals]
    if codec == 'h264':
        return 5 in types or any(kind == 6 and nal[1:2] == b'\6' for kind, nal in zip(types, nals))
    return any(16 <= kind <= 23 for kind in types)


class Clock:
    """Unwraps 33-bit times of all streams against one reference."""

    def __init__(self):
        self.last = None

    def unwrap(self, value):
        if value is None:
            return None
        if self.last is not None:
            value += (self.last - value + WRAP // 2) // WRAP * WRAP
        self.last = value
        return value


class Video:
    """Splits an elementary stream of H.264 or HEVC into access units."""

    def __init__(self, index, codec, nals):
        self.index, self.codec, self.selection = index, codec, nals
        self.buffer = b''  # from the last start code found
        self.base = 0  # offset of the buffer in the elementary stream
        self.end = 0
        self.times = []  # (offset of a PES, pts, dts) that no access unit has taken yet
        self.unit, self.unit_has_slice, self.unit_time = [], False, (None, None)

    def pes(self, payload, pts, dts):
        if pts is not None:
            self.times.append((self.end, pts, dts))
        searched = max(0, len(self.buffer) - 2)
        self.buffer += payload
        self.end += len(payload)
        starts = [0] if self.buffer[:3] == b'\0\0\1' else []
        starts += [match.start() for match in START_CODE.finditer(self.buffer, max(searched, len(starts)))]
        for start, stop in zip(starts, starts[1:]):
            yield from self.nal(start, stop)
        if starts:
            self.base += starts[-1]
            self.buffer = self.buffer[starts[-1]:]

    def finish(self):
        if self.buffer[:3] == b'\0\0\1':
            yield from self.nal(0, len(self.buffer))
        yield from self.flush()

    def nal(self, start, stop):
        nal = self.buffer[start + 3:stop].rstrip(b'\0')
        if not nal:
            return
        kind = nal_type(self.codec, nal)
        if self.codec == 'h264':
            is_slice = 1 <= kind <= 5
            first_slice = is_slice and len(nal) > 1 and nal[1] & 0x80  # first_mb_in_slice = 0
            opens = kind in (6, 7, 8, 9) or 14 <= kind <= 18
        else:
            is_slice = kind < 32
            first_slice = is_slice and len(nal) > 2 and nal[2] & 0x80  # first_slice_segment_in_pic_flag
            opens = 32 <= kind <= 35 or kind == 39 or 41 <= kind <= 44 or 48 <= kind <= 55
        if self.unit and (kind == (9 if self.codec == 'h264' else 35) or self.unit_has_slice and (first_slice or opens)):
            yield from self.flush()
        if not self.unit:
            self.unit_time = self.take_time(self.base + start + 3)
        self.unit.append(nal)
        self.unit_has_slice = self.unit_has_slice or is_slice

    def take_time(self, offset):
        """The time of the PES that holds this offset, if no access unit before has taken it."""
        time = (None, None)
        while self.times and self.times[0][0] <= offset:
            time = self.times.pop(0)[1:]
        return time

    def flush(self):
        if self.unit and self.unit_has_slice:
            sha1, size = hash_nals(self.codec, self.unit, self.selection)
            yield Packet(self.index, *self.unit_time, size, sha1, is_key(self.codec, self.unit))
        self.unit, self.unit_has_slice = [], False


class ADTS:
    """Splits an elementary stream of AAC in ADTS into raw frames."""

    def __init__(self, index):
        self.index = index
        self.buffer, self.offset, self.end = b'', 0, 0
        self.times = []
        self.next_pts = None
        self.config = None  # (audio object type, rate, channel configuration) of the first frame

    def pes(self, payload, pts, dts):
        if pts is not None:
            self.times.append((self.end, pts))
        self.buffer += payload
        self.end += len(payload)
        position = 0
        data = self.buffer
        while len(data) - position >= 7:
            if data[position] != 0xFF or data[position + 1] & 0xF6 != 0xF0:
                raise StreamError('stream %d: no ADTS sync at byte %d' % (self.index, self.offset + position))
            length = (data[position + 3] & 3) << 11 | data[position + 4] << 3 | data[position + 5] >> 5
            if length < 7:
                raise StreamError('stream %d: ADTS frame of %d bytes' % (self.index, length))
            if len(data) - position < length:
                break
            yield self.frame(data[position:position + length], self.offset + position)
            position += length
        self.buffer = data[position:]
        self.offset += position

    def frame(self, frame, offset, partial=False):
        while self.times and self.times[0][0] <= offset:
            self.next_pts = self.times.pop(0)[1]
        pts = self.next_pts
        rate = ADTS_RATES[frame[2] >> 2 & 15]
        if self.config is None:
            self.config = ((frame[2] >> 6) + 1, rate, (frame[2] & 1) << 2 | frame[3] >> 6)
        if pts is not None:
            self.next_pts = pts + 1024 * ((frame[6] & 3) + 1) * 90000 / rate
        raw = frame[7 if frame[1] & 1 else 9:]
        return Packet(self.index, pts, pts, len(raw), hashlib.sha1(raw).digest(), True, partial)

    def finish(self):
        if len(self.buffer) >= 7:
            yield self.frame(self.buffer, self.offset, partial=True)


class Whole:
    """A stream whose PES payloads are taken as they are."""

    def __init__(self, index):
        self.index = index

    def pes(self, payload, pts, dts):
        yield Packet(self.index, pts, dts, len(payload), hashlib.sha1(payload).digest(), True)

    def finish(self):
        return ()


class Demuxer:
    """Transport stream bytes in, packets out; `codecs[i]` is the codec of stream i."""

    def __init__(self, nals='all', clock=None, continuous=True):
        self.nals = nals
        self.continuous = continuous
        self.clock = clock or Clock()
        self.codecs = []
        self.splitters = []
        self.by_pid = {}
        self.pieces = {}  # PID -> payloads of the PES under way
        self.sections = {}
        self.continuity = {}
        self.program_map_pid = None
        self.rest = b''

    def feed(self, data):
        """Packets that these further bytes complete."""
        data = self.rest + data if self.rest else data
        whole = len(data) // 188 * 188
        self.rest = data[whole:]
        pieces, continuity = self.pieces, self.continuity
        for at in range(0, whole, 188):
            if data[at] != 0x47:
                raise StreamError('no sync byte where a transport packet should start')
            second, flags = data[at + 1], data[at + 3]
            pid = (second & 0x1F) << 8 | data[at + 2]
            if not flags & 0x10 or pid == 0x1FFF:
                continue
            start = at + 4
            if flags & 0x20:
                start += 1 + data[start]
                if start > at + 188:
                    raise StreamError('adaptation field longer than its packet')
            previous = continuity.get(pid)
            count = flags & 15
            continuity[pid] = count
            if self.continuous and previous is not None and count != (previous + 1) & 15:
                announced = flags & 0x20 and data[at + 4] and data[at + 5] & 0x80
                if count == previous and not second & 0x40:
                    continue  # a repeated packet
                if not announced and pid in self.by_pid:
                    raise StreamError('PID %d: continuity counter %d after %d, packets are missing' % (pid, count, previous))
            if pid in self.by_pid:
                if second & 0x40:
                    if pid in pieces:
                        yield from self.complete(pid)
                    pieces[pid] = [data[start:at + 188]]
                elif pid in pieces:
                    pieces[pid].append(data[start:at + 188])
            elif pid == 0 or pid == self.program_map_pid:
                self.section(pid, data[start:at + 188], second & 0x40)

    def finish(self):
        """The packets that only the end completes."""
        for pid in list(self.pieces):
            yield from self.complete(pid)
        for splitter in self.splitters:
            yield from splitter.finish()

    def section(self, pid, payload, starts):
        if starts:
            self.sections[pid] = payload[1 + payload[0]:]
        elif pid in self.sections:
            self.sections[pid] += payload
        section = self.sections.get(pid, b'')
        if len(section) < 3 or len(section) < 3 + ((section[1] & 15) << 8 | section[2]):
            return
        body = section[8:3 + ((section[1] & 15) << 8 | section[2]) - 4]
        if section[0] == 0:
            for at in range(0, len(body) - 3, 4):
                if body[at] or body[at + 1]:
                    self.program_map_pid = (body[at + 2] & 31) << 8 | body[at + 3]
                    break
        elif section[0] == 2:
            at = 4 + ((body[2] & 15) << 8 | body[3])
            while at + 5 <= len(body):
                self.stream(body[at], (body[at + 1] & 31) << 8 | body[at + 2])
                at += 5 + ((body[at + 3] & 15) << 8 | body[at + 4])

    def stream(self, kind, pid):
        if pid in self.by_pid or kind == 0x86:  # sections, not PES
            return
        index = len(self.splitters)
        codec = CODECS.get(kind, 'type%02x' % kind)
        splitter = Video(index, codec, self.nals) if codec in VIDEO else ADTS(index) if codec == 'aac' else Whole(index)
        self.by_pid[pid] = splitter
        self.splitters.append(splitter)
        self.codecs.append(codec)

    def complete(self, pid):
        pes = b''.join(self.pieces.pop(pid))
        if len(pes) < 9 or pes[:3] != b'\0\0\1':
            raise StreamError('PID %d: no PES where one should start' % pid)
        length = pes[4] << 8 | pes[5]
        stop = 6 + length if length else len(pes)
        pts = self.clock.unwrap(time33(pes, 9)) if pes[7] & 0x80 else None
        dts = self.clock.unwrap(time33(pes, 14)) if pes[7] & 0x40 else pts
        return self.by_pid[pid].pes(pes[9 + pes[8]:stop], pts, dts)


def time33(data, at):
    """A 33-bit PTS or DTS field (ISO 13818-1 §2.4.3.6)."""
    return (data[at] >> 1 & 7) << 30 | data[at + 1] << 22 | (data[at + 2] >> 1) << 15 | data[at + 3] << 7 | data[at + 4] >> 1


def demux(chunks, nals='all', clock=None, continuous=True):
    """(codecs, packets by stream) of transport stream bytes that come in pieces."""
    demuxer = Demuxer(nals, clock, continuous)
    streams = []

    def collect(packets):
        for packet in packets:
            while len(streams) < len(demuxer.splitters):
                streams.append([])
            streams[packet.stream].append(packet)

    for chunk in chunks:
        collect(demuxer.feed(chunk))
    collect(demuxer.finish())
    while len(streams) < len(demuxer.splitters):
        streams.append([])
    return demuxer.codecs, streams


def main():
    import hlssource
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', nargs='+')
    parser.add_argument('--nals', choices=('all', 'media'), default='all')
    arguments = parser.parse_args()
    clock = Clock()
    for run in hlssource.runs(arguments.source):
        codecs, streams = demux(run, arguments.nals, clock)
        for codec, packets in zip(codecs, streams):
            for packet in packets:
                print(packet.stream, codec, packet.pts90k, packet.dts90k, packet.size, packet.sha1.hex(),
                      'K' if packet.key else '-', 'partial' if packet.partial else '')


if __name__ == '__main__':
    try:
        main()
    except (StreamError, OSError) as error:
        sys.exit('tspackets.py: %s' % error)
