"""Writes what ffmpeg's HLS muxer cannot: packed audio, transport streams in other wrappings, media behind images.

Shares no code with what is tested.
"""
import struct
import zlib


PACKET = 188


# Packed audio (RFC 8216bis §3.1.3)

def id3(*frames, version=4, footer=False):
    body = b''.join(name + (synchsafe(len(data)) if version == 4 else struct.pack('>I', len(data))) + b'\0\0' + data
                    for name, data in frames)
    head = bytes([version, 0, 0x10 if footer else 0]) + synchsafe(len(body))
    return b'ID3' + head + body + (b'3DI' + head if footer else b'')


def synchsafe(value):
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))


def timestamp(pts90k):
    return b'PRIV', b'com.apple.streaming.transportStreamTimestamp\0' + struct.pack('>Q', pts90k & (1 << 33) - 1)


def adts(raw, config):
    """An ADTS frame around a raw data block; `config` is its AudioSpecificConfig."""
    kind, rate, channels = config[0] >> 3, (config[0] & 7) << 1 | config[1] >> 7, config[1] >> 3 & 15
    length = len(raw) + 7
    return bytes([0xFF, 0xF1, kind - 1 << 6 | rate << 2 | channels >> 2, (channels & 3) << 6 | length >> 11,
                  length >> 3 & 255, (length & 7) << 5 | 0x1F, 0xFC]) + raw


def audio_config(track):
    """The AudioSpecificConfig of an esds box: the payload of its descriptor 5."""
    record, at = track.entries[0][1][b'esds'], 4
    while at < len(record):
        tag, size, at = record[at], 0, at + 1
        while True:
            size, byte, at = size << 7 | record[at] & 127, record[at], at + 1
            if byte < 128:
                break
        if tag == 5:
            return record[at:at + size]
        at += 3 if tag == 3 else 13 if tag == 4 else size
    return b''


def packed_segments(file, track, seconds=1.0):
    """(first sample's pts in seconds, frames, seconds) of each segment."""
    is_aac = b'esds' in track.entries[0][1] and track.entries[0][1][b'esds'].find(b'\x40\x15') >= 0
    config = audio_config(track) if is_aac else b''
    shift, group, start = file.start_shift(track), [], None
    for sample in track.samples:
        time = sample.cts / track.timescale + shift
        if start is not None and time >= start + seconds:
            yield start, group, time - start
            group, start = [], None
        start = time if start is None else start
        raw = bytes(file.view[sample.offset:sample.offset + sample.size])
        group.append(adts(raw, config) if is_aac else raw)
    end = track.samples[-1]
    yield start, group, (end.cts + end.duration) / track.timescale + shift - start


# Transport streams (ISO 13818-1)

def packets(data):
    return [data[at:at + PACKET] for at in range(0, len(data), PACKET)]


def pid(packet):
    return (packet[1] & 31) << 8 | packet[2]


def rewrap(data, size):
    """Packets of 192 bytes (a time stamp in front) or 204 (parity behind)."""
    if size == 192:
        return b''.join(struct.pack('>I', 0x40000000 | number * 0x1234 & 0x3FFFFFFF) + packet
                        for number, packet in enumerate(packets(data)))
    return b''.join(packet + bytes((number * 7 + at) & 255 for at in range(16)) for number, packet in enumerate(packets(data)))


def crc32(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value >> 31 else value << 1) & 0xFFFFFFFF
    return value


def table_pids(data):
    """PIDs of the program map tables, by the first program association table."""
    for packet in packets(data):
        if pid(packet) == 0:
            section = packet[5 + packet[4]:]
            count = ((section[1] & 15) << 8 | section[2]) - 9
            return [(section[at + 2] & 31) << 8 | section[at + 3] for at in range(8, 8 + count, 4)
                    if section[at] or section[at + 1]]
    return []


def without_tables(data):
    """(PAT and PMT packets that come first, all other packets but such and SDT)."""
    tables = [0] + table_pids(data)
    first, rest = {}, []
    for packet in packets(data):
        if pid(packet) in tables:
            first.setdefault(pid(packet), packet)
        elif pid(packet) != 17:
            rest.append(packet)
    return b''.join(first[number] for number in tables), b''.join(rest)


def with_private_streams(data, pts90k):
    """Adds timed ID3 (0x15), SCTE 35 sections (0x86) and private PES (0x06) to the program map, and a packet of each."""
    extra = [(0x15, 0x1F0, b'\x26\x0d\xff\xffID3 \xffID3 \x00\x0f'), (0x86, 0x1F1, b'\x8a\x01\x01'), (0x06, 0x1F2, b'')]
    rows = b''.join(struct.pack('>BHH', kind, 0xE000 | number, 0xF000 | len(text)) + text for kind, number, text in extra)
    tables, result, done = table_pids(data), [], False
    for packet in packets(data):
        if pid(packet) not in tables or not packet[1] & 0x40:
            result.append(packet)
            continue
        section = packet[5 + packet[4]:]
        size = (section[1] & 15) << 8 | section[2]
        body = section[:1] + struct.pack('>H', 0xB000 | size + len(rows)) + section[3:3 + size - 4] + rows
        payload = b'\0' + body + struct.pack('>I', crc32(body))
        result.append(packet[:4] + payload + b'\xff' * (184 - len(payload)))
        if not done:
            done = True
            tag = id3((b'TXXX', b'\x03note\0hello'))
            result.append(pes_packet(0x1F0, 0xBD, tag, pts90k))
            splice = b'\xfc\x30\x11\0\0\0\0\0\0\0\xff\xf0\0\0\0\0\0'
            splice += struct.pack('>I', crc32(splice))
            result.append(bytes([0x47, 0x41, 0xF1, 0x10]) + b'\0' + splice + b'\xff' * (183 - len(splice)))
            result.append(pes_packet(0x1F2, 0xBD, b'\0\0\1\x09\x10private', pts90k))
    return b''.join(result)


def pes_packet(number, stream, payload, pts90k):
    """A PES in one packet, stuffed by an adaptation field."""
    time = bytes([0x21 | pts90k >> 29 & 14, pts90k >> 22 & 255, 1 | pts90k >> 14 & 254, pts90k >> 7 & 255, 1 | pts90k << 1 & 254])
    pes = b'\0\0\1' + struct.pack('>BH', stream, 8 + len(payload)) + b'\x84\x80\x05' + time + payload
    stuffing = 184 - len(pes)
    field = bytes([stuffing - 1]) + (b'\0' + b'\xff' * (stuffing - 2) if stuffing > 1 else b'')
    return bytes([0x47, 0x40 | number >> 8, number & 255, 0x30]) + field + pes


def cut(data, count):
    """The stream in `count` parts of about the same number of packets, wherever that is."""
    whole = packets(data)
    return [b''.join(whole[len(whole) * part // count:len(whole) * (part + 1) // count]) for part in range(count)]


# What stands before media

def png(width=1, height=1):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = zlib.compress(b'\0\xff\0\0' * height)
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', rows) + chunk(b'IEND', b''))


JPEG = bytes.fromhex('ffd8ffe000104a46494600010100000100010000ffdb004300' + '10' * 64 + 'ffc0000b080001000101011100'
                     'ffc40014000100000000000000000000000000000009ffda0008010100003f0054ff00d9')
PAGE = b'<!DOCTYPE html>\n<html><head><title>wait</title></head><body>Loading</body></html>\n'


# Timestamps

def retimed(data, move):
    """A transport stream whose timestamps are others: move(kind, decoding time) says by how much, 90 kHz; kind is 'video', 'audio'
    or 'clock' (PCR)."""
    result = []
    for packet in map(bytearray, packets(data)):
        at = 4
        if packet[3] & 0x20:
            if packet[4] >= 7 and packet[5] & 0x10:
                base = packet[6] << 25 | packet[7] << 17 | packet[8] << 9 | packet[9] << 1 | packet[10] >> 7
                base = (base + move('clock', base)) % (1 << 33)
                packet[6:10] = struct.pack('>I', base >> 1)
                packet[10] = packet[10] & 0x7F | (base & 1) << 7
            at += 1 + packet[4]
        if packet[1] & 0x40 and packet[3] & 0x10 and packet[at:at + 3] == b'\0\0\1' and 0xC0 <= packet[at + 3] <= 0xEF:
            flags = packet[at + 7] >> 6
            fields = [at + 9 + 5 * index for index in range({2: 1, 3: 2}.get(flags, 0))]
            times = [pes_time(packet, field) for field in fields]
            for field, time in zip(fields, times):
                moved = (time + move('video' if packet[at + 3] >= 0xE0 else 'audio', times[-1])) % (1 << 33)
                packet[field:field + 5] = bytes([packet[field] & 0xF1 | moved >> 29 & 14, moved >> 22 & 255, moved >> 14 & 254 | 1,
                                                 moved >> 7 & 255, moved << 1 & 254 | 1])
        result.append(bytes(packet))
    return b''.join(result)


def pes_time(data, at):
    return (data[at] >> 1 & 7) << 30 | data[at + 1] << 22 | (data[at + 2] >> 1) << 15 | data[at + 3] << 7 | data[at + 4] >> 1


def first_time(data, kind):
    """The first decoding time of a transport stream, of 'video' or 'audio', 90 kHz."""
    found = []
    retimed(data, lambda which, time: (found.append(time) if which == kind else None) or 0)
    return found[0]


def without_media(data):
    """The tables of a transport stream."""
    keep = {0, 17, *table_pids(data)}
    return b''.join(packet for packet in packets(data) if pid(packet) in keep)


def refragmented(data, change):
    """A segment of movie fragments whose baseMediaDecodeTimes are others: change(track, old)."""
    data, at = bytearray(data), 0
    while (at := data.find(b'tfdt', at)) >= 0:
        form = '>Q' if data[at + 4] else '>I'
        track = struct.unpack_from('>I', data, data.rindex(b'tfhd', 0, at) + 8)[0]
        struct.pack_into(form, data, at + 8, change(track, struct.unpack_from(form, data, at + 8)[0]))
        at += 4
    return bytes(data)


def repacked(data, move90k):
    """Packed audio whose ID3 timestamp is moved."""
    data = bytearray(data)
    at = data.index(b'com.apple.streaming.transportStreamTimestamp\0') + 45
    time = struct.unpack_from('>Q', data, at)[0]
    struct.pack_into('>Q', data, at, (time + move90k) % (1 << 33))
    return bytes(data)
