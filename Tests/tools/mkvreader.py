"""Reads Matroska files (RFC 9559) with no library: tracks, blocks with their times, cues, chapters.

Raises `MatroskaError` where the structure is broken, or is not what a file that can be sought in has.
"""
from typing import NamedTuple, Optional

MASTERS = {0x18538067: 'Segment', 0x114D9B74: 'SeekHead', 0x4DBB: 'Seek', 0x1549A966: 'Info', 0x1654AE6B: 'Tracks',
           0xAE: 'TrackEntry', 0xE0: 'Video', 0xE1: 'Audio', 0x1F43B675: 'Cluster', 0xA0: 'BlockGroup', 0x1C53BB6B: 'Cues',
           0xBB: 'CuePoint', 0xB7: 'CueTrackPositions', 0x1043A770: 'Chapters', 0x45B9: 'EditionEntry', 0xB6: 'ChapterAtom',
           0x80: 'ChapterDisplay'}
UNKNOWN = None
CODECS = {'V_MPEG4/ISO/AVC': 'h264', 'V_MPEGH/ISO/HEVC': 'hevc', 'A_AAC': 'aac', 'A_AC3': 'ac3', 'A_EAC3': 'eac3',
          'A_MPEG/L3': 'mp3', 'A_OPUS': 'opus', 'A_FLAC': 'fLaC', 'V_VP9': 'vp09', 'V_AV1': 'av01', 'V_MPEG2': 'mpeg2', 'S_TEXT/UTF8': 'subrip'}


class MatroskaError(Exception):
    """An element that does not fit where it stands."""


class Block(NamedTuple):
    """A frame: seconds, payload."""
    time: float
    data: bytes
    key: bool
    cluster: int
    duration: Optional[float]


class Track:
    """What TrackEntry says, and the blocks."""

    def __init__(self, fields):
        self.number = uint(fields.get(0xD7, b''))
        self.codec_id = fields.get(0x86, b'').decode()
        self.codec = CODECS.get(self.codec_id, self.codec_id)
        self.private = fields.get(0x63A2, b'')
        self.language = fields.get(0x22B59C, b'eng').rstrip(b'\0').decode()
        self.name = fields.get(0x536E, b'').decode()
        self.default = uint(fields.get(0x88, b'\1'))
        self.forced = uint(fields.get(0x55AA, b'\0'))
        self.blocks = []

    def nal_units(self, block):
        """The units of a block, each behind a length of as many bytes as the private data says."""
        if self.codec not in ('h264', 'hevc'):
            return
        width = (self.private[4 if self.codec == 'h264' else 21] & 3) + 1
        at = 0
        while at + width <= len(block.data):
            size = int.from_bytes(block.data[at:at + width], 'big')
            yield block.data[at + width:at + width + size]
            at += width + size
        if at != len(block.data):
            raise MatroskaError('%s: lengths of NAL units do not fit at %.3f s' % (self.codec, block.time))


def uint(data):
    return int.from_bytes(data, 'big')


class File:
    """One file; `size` of Segment and Clusters may be unknown, as in a live stream."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = file.read()
        self.tracks, self.cues, self.chapters, self.seeks, self.offsets = [], [], [], {}, {}
        self.duration = self.title = self.date = None
        self.scale = 1000000
        self.segment = None
        self.is_live = False
        self.truncated = False
        at = 0
        while at < len(self.data):
            kind, body, stop = self.element(at, len(self.data))
            if kind == 0x18538067:
                self.segment = body
                self.is_live = stop is UNKNOWN
                self.read_segment(body, len(self.data) if stop is UNKNOWN else stop)
                break
            at = stop
        if self.segment is None:
            raise MatroskaError('no Segment')
        self.tracks_by_number = {track.number: track for track in self.tracks}

    def element(self, at, limit):
        """(ID, where the data begins, where it ends)."""
        first = self.data[at]
        width = 9 - first.bit_length()
        if first == 0 or width > 4:
            raise MatroskaError('no element ID at %d' % at)
        kind = uint(self.data[at:at + width])
        at += width
        if at >= limit:
            raise MatroskaError('an element without a size at %d' % at)
        width = 9 - self.data[at].bit_length()
        size = uint(self.data[at:at + width]) & ((1 << 7 * width) - 1)
        body = at + width
        if size == (1 << 7 * width) - 1:
            return kind, body, UNKNOWN
        return kind, body, body + size

    def children(self, at, limit):
        while at < limit:
            kind, body, stop = self.element(at, limit)
            if stop is UNKNOWN or stop > limit:
                raise MatroskaError('element %X at %d is longer than what holds it' % (kind, at))
            yield kind, body, stop
            at = stop

    def fields(self, at, limit):
        """Children by ID, the last of each; those of masters inside too."""
        found = {}
        for kind, body, stop in self.children(at, limit):
            if kind in (0xE0, 0xE1):
                found.update(self.fields(body, stop))
            else:
                found[kind] = self.data[body:stop]
        return found

    def read_segment(self, at, limit):
        while at < limit:
            start = at
            try:
                kind, body, stop = self.element(at, limit)
            except (MatroskaError, IndexError):
                self.truncated = True
                return
            if stop is UNKNOWN or stop > limit:
                self.truncated = True  # a file that was cut off ends in such a Cluster
                return
            self.offsets.setdefault(kind, start - self.segment)
            if kind == 0x1549A966:
                fields = self.fields(body, stop)
                self.scale = uint(fields.get(0x2AD7B1, b'\x0f\x42\x40'))
                if 0x4489 in fields:
                    self.duration = float_of(fields[0x4489]) * self.scale / 1e9
                self.title = fields.get(0x7BA9, b'').decode() or None
                self.date = fields.get(0x4461)
            elif kind == 0x1654AE6B:
                self.tracks += [Track(self.fields(b, s)) for k, b, s in self.children(body, stop) if k == 0xAE]
            elif kind == 0x114D9B74:
                for k, b, s in self.children(body, stop):
                    fields = self.fields(b, s) if k == 0x4DBB else {}
                    if 0x53AB in fields:
                        self.seeks[uint(fields[0x53AB])] = uint(fields[0x53AC])
            elif kind == 0x1C53BB6B:
                for _, b, s in filter(lambda child: child[0] == 0xBB, self.children(body, stop)):
                    time = 0
                    for kk, bb, ss in self.children(b, s):
                        if kk == 0xB3:
                            time = uint(self.data[bb:ss]) * self.scale / 1e9
                        elif kk == 0xB7:
                            fields = self.fields(bb, ss)
                            self.cues.append((time, uint(fields[0xF7]), uint(fields[0xF1])))
            elif kind == 0x1043A770:
                self.read_chapters(body, stop)
            elif kind == 0x1F43B675:
                self.read_cluster(start - self.segment, body, stop)
            at = stop

    def read_chapters(self, at, limit):
        for kind, body, stop in self.children(at, limit):
            if kind == 0x45B9:
                self.read_chapters(body, stop)
            elif kind == 0xB6:
                start, title = 0, ''
                for k, b, s in self.children(body, stop):
                    if k == 0x91:
                        start = uint(self.data[b:s]) / 1e9
                    elif k == 0x80:
                        title = self.fields(b, s).get(0x85, b'').decode()
                self.chapters.append((start, title))

    def read_cluster(self, offset, at, limit):
        time = 0
        for kind, body, stop in self.children(at, limit):
            if kind == 0xE7:
                time = uint(self.data[body:stop])
            elif kind == 0xA3:
                self.read_block(time, offset, body, stop, bool(self.data[body + 3] & 0x80), None)
            elif kind == 0xA0:
                fields, place = {}, None
                for k, b, s in self.children(body, stop):
                    fields[k] = self.data[b:s]
                    if k == 0xA1:
                        place = (b, s)
                duration = uint(fields[0x9B]) * self.scale / 1e9 if 0x9B in fields else None
                self.read_block(time, offset, place[0], place[1], 0xFB not in fields, duration)

    def read_block(self, cluster_time, offset, at, limit, key, duration):
        number = self.data[at] & 0x7F
        relative = int.from_bytes(self.data[at + 1:at + 3], 'big', signed=True)
        track = next((track for track in self.tracks if track.number == number), None)
        if not self.data[at] & 0x80 or track is None:
            raise MatroskaError('a block of no track at %d' % at)
        if self.data[at + 3] & 0x06:
            raise MatroskaError('lacing at %d' % at)
        time = (cluster_time + relative) * self.scale / 1e9
        track.blocks.append(Block(time, self.data[at + 4:limit], key, offset, duration))


def float_of(data):
    import struct
    return struct.unpack('>d' if len(data) == 8 else '>f', data)[0]


def check(path, pipe=False):
    """What is wrong with the structure of a finished file, as sentences."""
    try:
        file = File(path)
    except MatroskaError as error:
        return [str(error)]
    problems = []
    if file.truncated:
        problems.append('the last element is cut off')
    end = max((block.time for track in file.tracks for block in track.blocks), default=0)
    for track in file.tracks:
        times = [block.cluster for block in track.blocks]
        if times != sorted(times):
            problems.append('track %d: blocks are not in order' % track.number)
    if pipe:
        return problems
    if file.is_live:
        problems.append('the Segment has no size')
    if not file.duration or not 0 <= file.duration - end < 1:
        problems.append('Duration is %s, the last block is at %.3f' % (file.duration, end))
    for kind, place in file.seeks.items():
        if file.offsets.get(kind) != place:
            problems.append('SeekHead: %X is at %s, not at %d' % (kind, file.offsets.get(kind), place))
    for kind in (0x1549A966, 0x1654AE6B, 0x1C53BB6B):
        if kind not in file.seeks:
            problems.append('SeekHead does not name %X' % kind)
    video = next((track for track in file.tracks if track.codec_id.startswith('V_')), None)
    if video:
        keys = {(block.cluster, round(block.time, 3)) for block in video.blocks if block.key}
        cues = {(place, round(time, 3)) for time, number, place in file.cues if number == video.number}
        if not cues or not cues <= keys:
            problems.append('Cues do not lead to key frames')
        first = sorted({cluster for cluster, _ in keys})
        if len(cues) < len(first):
            problems.append('%d cues for %d clusters with key frames' % (len(cues), len(first)))
    return problems
