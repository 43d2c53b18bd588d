#!/usr/bin/env python3
"""sampleaes.py: encrypts streams the way Apple's "MPEG-2 Stream Encryption Format for HTTP Live Streaming" and RFC 8216bis say.

    sampleaes.py ts --key HEX --iv HEX [--keep-types] IN.ts OUT.ts         SAMPLE-AES: H.264, AAC, AC-3, E-AC-3
    sampleaes.py packed [--key HEX --iv HEX] --segments N IN PATTERN       cuts raw AAC (ADTS), AC-3 or E-AC-3 into packed audio,
                                                                           each segment behind an ID3 timestamp; PATTERN has a %d
    sampleaes.py gcm --key HEX --iv HEX IN OUT                             AES-256-GCM: vector, ciphertext, tag

Written from the specifications, and sharing no code with hls2mp4: what one of them gets wrong shows in the other. AES itself is
Cryptodome's, or the openssl program's where that is not installed (not for gcm).
"""
import argparse
import re
import subprocess

try:
    from Cryptodome.Cipher import AES
except ImportError:
    AES = None

ENCRYPTED_TYPES = {0x1B: 0xDB, 0x0F: 0xCF, 0x81: 0xC1, 0x87: 0xC2}
FOURCC = {0xDB: b'zavc', 0xCF: b'aacd', 0xC1: b'ac3d', 0xC2: b'ec3d'}
AC3_KILOBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)


def cbc(key, iv, data):
    """AES-128 CBC over whole blocks, without padding."""
    assert len(data) % 16 == 0
    if not data:
        return b''
    if AES:
        return AES.new(key, AES.MODE_CBC, iv).encrypt(data)
    command = ['openssl', 'enc', '-aes-128-cbc', '-nopad', '-K', key.hex(), '-iv', iv.hex()]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def escape(nal):
    """Emulation prevention (H.264 §7.4.1): a 03 before every byte up to 03 that stands behind two zeros."""
    out, zeros = bytearray(), 0
    for byte in nal:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def encrypt_nal(nal, key, iv):
    """Listing 2-1 of Apple's document, then start code emulation prevention over the whole unit."""
    if nal[0] & 31 not in (1, 5) or len(nal) <= 48:
        return nal
    blocks, at = [], 32
    while len(nal) - at > 0:
        if len(nal) - at > 16:
            blocks.append(at)
            at += 16
        at += min(144, len(nal) - at)
    cipher = cbc(key, iv, b''.join(nal[b:b + 16] for b in blocks))
    out = bytearray(nal)
    for index, block in enumerate(blocks):
        out[block:block + 16] = cipher[index * 16:index * 16 + 16]
    return escape(out)


def encrypt_video(data, key, iv):
    """Every NAL unit of a byte stream."""
    starts = [match.start() for match in re.finditer(b'\0\0\1', data)]
    out = bytearray(data[:starts[0]] if starts else data)
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(data)
        nal = data[start + 3:end]
        body = nal.rstrip(b'\0')
        out += b'\0\0\1' + encrypt_nal(body, key, iv) + nal[len(body):]
    return bytes(out)


def frames(data):
    """The frames of ADTS, AC-3 or E-AC-3: offset, length, clear bytes, samples, sample rate."""
    at = 0
    while at < len(data):
        if data[at] == 0xFF:
            size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
            rate = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)[data[at + 2] >> 2 & 15]
            yield at, size, (7 if data[at + 1] & 1 else 9) + 16, 1024, rate
        elif data[at:at + 2] == b'\x0B\x77' and data[at + 5] >> 3 <= 10:
            rate, code = (48000, 44100, 32000)[data[at + 4] >> 6], data[at + 4] & 63
            kilobits = AC3_KILOBITS[code >> 1]
            size = {48000: 4 * kilobits, 32000: 6 * kilobits, 44100: 2 * (kilobits * 320 // 147 + (code & 1))}[rate]
            yield at, size, 16, 1536, rate
        elif data[at:at + 2] == b'\x0B\x77':
            size = 2 * (((data[at + 2] & 7) << 8 | data[at + 3]) + 1)
            rate = (48000, 44100, 32000)[data[at + 4] >> 6]
            yield at, size, 16, (256, 512, 768, 1536)[data[at + 4] >> 4 & 3], rate
        else:
            raise SystemExit('no frame at byte %d' % at)
        at += size


def encrypt_audio(data, key, iv):
    """Every whole frame; what does not begin with one stays."""
    out = bytearray(data)
    for at, size, clear, _, _ in frames(data):
        blocks = max(0, size - clear) // 16 * 16
        out[at + clear:at + clear + blocks] = cbc(key, iv, data[at + clear:at + clear + blocks])
    return bytes(out)


def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc.to_bytes(4, 'big')


def rewrite_pmt(section, types):
    """The program map with encrypted stream types, each with a private data indicator descriptor; `types` learns PID: clear type."""
    length = (section[1] & 15) << 8 | section[2]
    at = 12 + ((section[10] & 15) << 8 | section[11])
    out = bytearray(section[:at])
    while at < 3 + length - 4:
        kind, pid = section[at], (section[at + 1] & 31) << 8 | section[at + 2]
        size = (section[at + 3] & 15) << 8 | section[at + 4]
        descriptors = section[at + 5:at + 5 + size]
        types[pid] = kind
        new = ENCRYPTED_TYPES.get(kind, kind)
        if new in FOURCC:
            descriptors = b'\x0F\x04' + FOURCC[new] + descriptors
        out += bytes([new]) + section[at + 1:at + 3] + bytes([0xF0 | len(descriptors) >> 8, len(descriptors) & 255]) + descriptors
        at += 5 + size
    out[1:3] = bytes([0xB0 | len(out) + 1 >> 8, len(out) + 1 & 255])
    return bytes(out) + crc32(out)


def payload_start(packet):
    return 4 + (1 + packet[4] if packet[3] & 0x20 else 0)


def packetize(pid, adaptation, pes, counter):
    """TS packets of one PES; the first keeps the adaptation field that the source had there (PCR, random access)."""
    out, first = [], True
    while pes or first:
        field = adaptation if first else b''
        room = 184 - len(field)
        part = pes[:room]
        if len(part) < room:
            stuffing = room - len(part)
            if field:
                field = bytes([field[0] + stuffing]) + field[1:] + b'\xff' * stuffing
            else:
                field = b'\0' if stuffing == 1 else bytes([stuffing - 1, 0]) + b'\xff' * (stuffing - 2)
        header = bytes([0x47, (0x40 if first else 0) | pid >> 8, pid & 255, (0x30 if field else 0x10) | counter[pid] & 15])
        counter[pid] += 1
        packet = header + field + part
        assert len(packet) == 188
        out.append(packet)
        pes, first = pes[room:], False
    return out


def trimmed(field):
    """An adaptation field without its stuffing: flags, and the PCR where there is one."""
    if len(field) < 2:
        return b''
    size = 1 + (6 if field[1] & 0x10 else 0)
    return bytes([size, field[1] & 0xF0]) + field[2:1 + size]


def encrypt_pes(pes, kind, key, iv):
    head = 9 + pes[8]
    body = pes[head:]
    body = encrypt_video(body, key, iv) if kind == 0x1B else encrypt_audio(body, key, iv)
    length = len(pes[6:head]) + len(body)
    size = b'\0\0' if kind == 0x1B or length > 0xFFFF else length.to_bytes(2, 'big')
    return pes[:4] + size + pes[6:head] + body


def transport_stream(data, key, iv, keep_types):
    packets = [data[at:at + 188] for at in range(0, len(data), 188)]
    maps, types, out, open_pes, counter = set(), {}, [], {}, {}
    slots = []  # finished packets, or a key of open_pes that still collects

    def close(pid):
        slot, adaptation, pes = open_pes.pop(pid)
        if types.get(pid) in ENCRYPTED_TYPES:
            pes = encrypt_pes(pes, types[pid], key, iv)
        slots[slot] = (pid, adaptation, pes)

    for packet in packets:
        pid, starts = (packet[1] & 31) << 8 | packet[2], packet[1] & 0x40
        at = payload_start(packet)
        if pid == 0:
            section = packet[at + 1 + packet[at]:]
            for entry in range(8, 3 + ((section[1] & 15) << 8 | section[2]) - 4, 4):
                maps.add((section[entry + 2] & 31) << 8 | section[entry + 3])
            slots.append(packet)
        elif pid in maps:
            section = packet[at + 1 + packet[at]:]
            section = section[:3 + ((section[1] & 15) << 8 | section[2])]
            new = rewrite_pmt(section, types)
            packet = packet if keep_types else (packet[:4] + b'\0' + new).ljust(188, b'\xff')
            assert len(packet) == 188, 'the program map must fit into one packet'
            slots.append(packet)
        elif pid not in types:
            slots.append(packet)
        else:
            if pid not in counter:
                counter[pid] = packet[3] & 15
            if starts:
                if pid in open_pes:
                    close(pid)
                slots.append(None)
                open_pes[pid] = (len(slots) - 1, trimmed(packet[4:at]), packet[at:])
            elif pid in open_pes:
                slot, adaptation, pes = open_pes[pid]
                open_pes[pid] = (slot, adaptation, pes + packet[at:])
    for pid in list(open_pes):
        close(pid)
    for slot in slots:
        out += packetize(*slot, counter) if isinstance(slot, tuple) else [slot]
    return b''.join(out)


def id3(timestamp):
    """The tag that says when a segment of packed audio is due (RFC 8216bis §3.1.3)."""
    def synchsafe(value):
        return bytes(value >> shift & 127 for shift in (21, 14, 7, 0))
    body = b'com.apple.streaming.transportStreamTimestamp\0' + timestamp.to_bytes(8, 'big')
    frame = b'PRIV' + synchsafe(len(body)) + b'\0\0' + body
    return b'ID3\4\0\0' + synchsafe(len(frame)) + frame


def packed(data, count, key, iv):
    """`count` segments."""
    table = list(frames(data))
    starts = [index * len(table) // count for index in range(count + 1)]
    samples = 0
    for first, last in zip(starts, starts[1:]):
        part = table[first:last]
        body = data[part[0][0]:part[-1][0] + part[-1][1]]
        yield id3(900000 + samples * 90000 // part[0][4]) + (encrypt_audio(body, key, iv) if key else body)
        samples += sum(entry[3] for entry in part)


def gcm(data, key, iv):
    if not AES:
        raise SystemExit('AES-256-GCM needs Cryptodome (pip install pycryptodomex)')
    ciphertext, tag = AES.new(key, AES.MODE_GCM, nonce=iv, mac_len=16).encrypt_and_digest(data)
    return iv + ciphertext + tag


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', choices=['ts', 'packed', 'gcm'])
    parser.add_argument('--key', type=bytes.fromhex)
    parser.add_argument('--iv', type=bytes.fromhex)
    parser.add_argument('--keep-types', action='store_true', help='leave the stream types of the program map')
    parser.add_argument('--segments', type=int, default=1)
    parser.add_argument('input')
    parser.add_argument('output')
    arguments = parser.parse_args()
    data = read(arguments.input)
    if arguments.what == 'ts':
        write(arguments.output, transport_stream(data, arguments.key, arguments.iv, arguments.keep_types))
    elif arguments.what == 'gcm':
        write(arguments.output, gcm(data, arguments.key, arguments.iv))
    else:
        for number, segment in enumerate(packed(data, arguments.segments, arguments.key, arguments.iv)):
            write(arguments.output % number, segment)


if __name__ == '__main__':
    main()
