"""Reads what a test names as its source: .ts files, or a local Media Playlist, with decryption by openssl."""
import os
import re
import subprocess

CHUNK = 188 * 20000


def runs(paths):
    """The runs between Discontinuities, each as an iterator of chunks; files named one by one are one run."""
    if len(paths) == 1 and paths[0].endswith('.m3u8'):
        return [segment_chunks(run) for run in playlist_runs(paths[0])]
    return [file_chunks(paths)]


def file_chunks(paths):
    for path in paths:
        with open(path, 'rb') as file:
            while chunk := file.read(CHUNK):
                yield chunk


def segment_chunks(segments):
    for read in segments:
        yield read()


def playlist_runs(path):
    """Lists of functions that each read one clear segment. Of a Multivariant Playlist the last Variant Stream counts."""
    folder = os.path.dirname(path)
    with open(path, encoding='utf-8') as file:
        lines = [line.strip() for line in file]
    variants = [line for tag, line in zip(lines, lines[1:]) if tag.startswith('#EXT-X-STREAM-INF')]
    if variants:
        return playlist_runs(os.path.join(folder, variants[-1]))
    number, key, byte_range, previous_end, result = 0, None, None, 0, [[]]
    for line in lines:
        name, _, value = line.partition(':')
        if name == '#EXT-X-MEDIA-SEQUENCE':
            number = int(value)
        elif name == '#EXT-X-DISCONTINUITY':
            result.append([])
        elif name == '#EXT-X-BYTERANGE':
            length, _, offset = value.partition('@')
            byte_range = (int(offset) if offset else previous_end, int(length))
            previous_end = sum(byte_range)
        elif name == '#EXT-X-KEY':
            attributes = dict(re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^",]+)', value))
            key = None if attributes['METHOD'] == 'NONE' else (
                os.path.join(folder, attributes['URI'].strip('"')), attributes.get('IV', '')[2:])
        elif line and not line.startswith('#'):
            result[-1].append(reader(os.path.join(folder, line), byte_range, key, number))
            number += 1
            byte_range = None
    return [run for run in result if run]


def reader(path, byte_range, key, number):
    def read():
        with open(path, 'rb') as file:
            if byte_range:
                file.seek(byte_range[0])
            data = file.read(byte_range[1] if byte_range else -1)
        if key is None:
            return data
        with open(key[0], 'rb') as file:
            secret = file.read().hex()
        command = ['openssl', 'enc', '-d', '-aes-128-cbc', '-K', secret, '-iv', key[1] or '%032x' % number]
        return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
    return read
