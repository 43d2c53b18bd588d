#!/usr/bin/env python3
"""makestreams.py STREAMS SOURCES: makes streams of every segment format; called by script/make-fixtures.

SOURCES gets one small ordinary MP4 for each set of codecs, straight from ffmpeg's encoders; each stream in STREAMS is made of one of
them without encoding again. So a test knows the packets and times that an output must have: those of the source.
"""
import os
import shutil
import subprocess
import sys

import fmp4writer
import mp4reader
import streamwriters
from fmp4writer import Form

EXACT = '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -threads 1'.split()
H264 = '-c:v libx264 -preset veryfast -crf 40 -bf 2 -g 25 -keyint_min 25 -sc_threshold 0 -pix_fmt yuv420p'.split()
X265 = 'log-level=none:pools=none:frame-threads=1:keyint=25:min-keyint=25:scenecut=0:info=0'
HEVC = ['-c:v', 'libx265', '-preset', 'veryfast', '-crf', '42', '-pix_fmt', 'yuv420p', '-x265-params', X265]
AAC = '-c:a aac -b:a 24k'.split()
KEY = bytes.fromhex('00112233445566778899aabbccddeeff')
STREAMS = SOURCES = ''


def picture(size='160x90', rate=25, more=''):
    return ['-f', 'lavfi', '-i', 'testsrc2=size=%s:rate=%s%s' % (size, rate, more)]


def tone(frequency=440, rate=48000, more=''):
    return ['-f', 'lavfi', '-i', 'sine=frequency=%d:sample_rate=%d%s' % (frequency, rate, more)]


def ffmpeg(*words):
    subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-y', *words], check=True)


def encode(name, *words, seconds=3):
    """A source."""
    print('encoding ' + name, file=sys.stderr)
    ffmpeg(*words, '-t', str(seconds), *EXACT, source(name))


def source(name):
    return os.path.join(SOURCES, name + '.mp4')


def reader(name):
    return mp4reader.File(source(name))


def folder(name):
    print('making ' + name, file=sys.stderr)
    path = os.path.join(STREAMS, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def put(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def get(path):
    with open(path, 'rb') as file:
        return file.read()


def playlist(path, lines, sequence=0):
    head = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:3', '#EXT-X-MEDIA-SEQUENCE:%d' % sequence,
            '#EXT-X-PLAYLIST-TYPE:VOD']
    put(path, '\n'.join(head + lines + ['#EXT-X-ENDLIST', '']).encode())


def multivariant(path, video, audio):
    put(path, ('#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Main",DEFAULT=YES,AUTOSELECT=YES,URI="%s"\n'
               '#EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO="a"\n%s\n' % (audio, video)).encode())


def encrypt(data, vector):
    return subprocess.run(['openssl', 'enc', '-aes-128-cbc', '-K', KEY.hex(), '-iv', vector], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


# Sources

def make_sources():
    encode('av', *picture(), *tone(), *H264, *AAC)
    encode('small', *picture('128x72', more=',negate'), *tone(880), *H264, *AAC, seconds=2)
    encode('two-audio', *picture(), *tone(), *tone(880), *H264, *AAC, '-map', '0', '-map', '1', '-map', '2', seconds=2)
    encode('plain', *picture(), *tone(), *H264, '-bf', '0', *AAC, seconds=2)
    encode('hevc', *picture(), *tone(), *HEVC, *AAC, '-tag:v', 'hvc1', seconds=2)
    encode('av1', *picture('96x54'), *tone(), *'-c:v libaom-av1 -cpu-used 8 -crf 55 -g 25 -row-mt 0'.split(),
           *'-c:a libopus -b:a 24k'.split(), seconds=2)
    encode('vp9', *picture('96x54'), *tone(more=',atrim=end_sample=24000,asetpts=N/SR/TB'),
           *'-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -crf 55 -b:v 0 -g 25'.split(),
           *'-c:a flac -strict -2 -compression_level 12'.split(), seconds=2)
    encode('mp3', *tone(rate=44100), *'-c:a libmp3lame -b:a 32k'.split())
    encode('ac3', *tone(), *'-c:a ac3 -b:a 64k -ac 2'.split())
    encode('eac3', *tone(), *'-c:a eac3 -b:a 64k -ac 2'.split())
    encode('surround', *tone(more=',pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0'), *'-c:a eac3 -b:a 128k'.split(), seconds=1)
    encode('mpeg2', *picture('96x64'), *tone(), *'-c:v mpeg2video -q:v 20 -bf 2 -g 25 -sc_threshold 1000000000'.split(),
           *'-c:a mp2 -b:a 64k'.split(), seconds=2)
    encode('opus', *tone(), *'-c:a libopus -b:a 24k'.split())


# Fragmented MP4

def fmp4(name, file, form=Form(), **options):
    path = folder(name)
    playlist(os.path.join(path, 'index.m3u8'), fmp4writer.write(path, reader(file), form, **options))


def make_fmp4():
    fmp4('fmp4', 'av')
    fmp4('fmp4-byteranges', 'av', single=True)
    fmp4('fmp4-many-fragments', 'av', Form(fragment_seconds=0.2, run_samples=3, interleaved=True))
    fmp4('fmp4-defaults', 'av', Form(defaults=True, run_samples=9, run_offsets=False, base='none', fragment_seconds=0.5))
    fmp4('fmp4-no-offsets', 'av', Form(run_offsets=False, base='none', large=True, noise=True))
    fmp4('fmp4-absolute', 'av', Form(base='absolute', fragment_seconds=0.5))
    fmp4('fmp4-absolute-data', 'av', Form(base='data', run_offsets=False, large=True, tracks=('vide',)))
    fmp4('fmp4-negative-offsets', 'av', Form(negative=True))
    fmp4('fmp4-negative-offsets-version0', 'av', Form(negative=True, version0=True))
    fmp4('fmp4-empty-edit', 'av', Form(empty=0.5))
    fmp4('fmp4-large-tfdt', 'av', Form(offset_seconds=123456.78, scale=7))
    fmp4('fmp4-no-tfdt', 'av', Form(tfdt=None, fragment_seconds=0.5))
    fmp4('fmp4-own-movie', 'av', Form(own_movie=True, noise=True))
    fmp4('fmp4-avc3-inband', 'av', Form(entry=b'avc3', inband=True))
    fmp4('fmp4-hev1', 'hevc', Form(entry=b'hev1'))
    fmp4('fmp4-hev1-inband', 'hevc', Form(entry=b'hev1', inband=True, negative=True))
    for codec in ('av1', 'vp9', 'mp3', 'ac3', 'eac3', 'mpeg2'):
        fmp4('fmp4-' + codec, codec)
    path = folder('fmp4-separate')
    for kind, handler in (('v', 'vide'), ('a', 'soun')):
        os.makedirs(os.path.join(path, kind))
        lines = fmp4writer.write(os.path.join(path, kind), reader('av'), Form(tracks=(handler,), fragment_seconds=0.5))
        playlist(os.path.join(path, kind, 'index.m3u8'), lines)
    multivariant(os.path.join(path, 'index.m3u8'), 'v/index.m3u8', 'a/index.m3u8')
    make_several_maps()
    path = folder('fmp4-aes128')
    lines = fmp4writer.write(path, reader('av'))
    vector, number, result = '0f1e2d3c4b5a69788796a5b4c3d2e1f0', 41, []
    put(os.path.join(path, 'key.bin'), KEY)
    for line in lines:
        target = os.path.join(path, 'init.mp4' if 'MAP' in line else line)
        if 'MAP' in line:
            put(target, encrypt(get(target), vector))
            result += ['#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0X' + vector.upper(), line,
                       '#EXT-X-KEY:METHOD=AES-128,URI="key.bin"']
            continue
        if not line.startswith('#'):
            put(target, encrypt(get(target), '%032x' % number))
            number += 1
        result.append(line)
    playlist(os.path.join(path, 'index.m3u8'), result, sequence=41)


def make_several_maps():
    """Two pictures in one playlist, and back to the first."""
    path = folder('fmp4-maps')
    lines, time = [], 0
    for number, name in enumerate(('av', 'small', 'av')):
        lines += fmp4writer.write(path, reader(name), Form(offset_seconds=time, tracks=('vide',)), name='%d-' % number)
        time += 3 if name == 'av' else 2
    playlist(os.path.join(path, 'index.m3u8'), lines)
    path = folder('fmp4-maps-discontinuity')
    lines = []
    for number, (name, scale) in enumerate((('av', 1), ('small', 7), ('av', 1))):
        lines += ['#EXT-X-DISCONTINUITY'] if number else []
        lines += fmp4writer.write(path, reader(name), Form(scale=scale), name='%d-' % number)
    playlist(os.path.join(path, 'index.m3u8'), lines)


# Packed audio

def packed(path, name, has_time=True, kind='aac', noise=False, seconds=1.0):
    """Writes packed audio into a folder; its playlist's lines. Times start at 10 s."""
    file, lines = reader(name), []
    for number, (start, frames, length) in enumerate(
            streamwriters.packed_segments(file, next(iter(file.tracks.values())), seconds)):
        tags = b''
        if noise:
            tags += streamwriters.id3((b'TXXX', b'\x03a\0b'), version=3) + streamwriters.id3(footer=True)
        if has_time:
            tags += streamwriters.id3(streamwriters.timestamp(round((10 + start) * 90000)))
        put(os.path.join(path, '%d.%s' % (number, kind)), tags + b''.join(frames))
        lines += ['#EXTINF:%.6f,' % length, '%d.%s' % (number, kind)]
    return lines


def make_packed():
    encode('aac', *tone(), *AAC)
    for name, file, options in (
            ('packed-aac', 'aac', {'noise': True}), ('packed-aac-no-time', 'aac', {'has_time': False}),
            ('packed-mp3', 'mp3', {'kind': 'mp3'}), ('packed-ac3', 'ac3', {'kind': 'ac3'}),
            ('packed-eac3', 'eac3', {'kind': 'ec3', 'noise': True})):
        path = folder(name)
        playlist(os.path.join(path, 'index.m3u8'), packed(path, file, **options))
    # Beside video that starts at 95,000 s, which nothing in the audio says.
    path = folder('packed-aac-no-time-rendition')
    os.makedirs(os.path.join(path, 'a'))
    os.makedirs(os.path.join(path, 'v'))
    playlist(os.path.join(path, 'a', 'index.m3u8'), packed(os.path.join(path, 'a'), 'aac', has_time=False))
    lines = ts(os.path.join(path, 'v'), 'av', '-map', '0:v', '-output_ts_offset', '95000')
    playlist(os.path.join(path, 'v', 'index.m3u8'), lines)
    multivariant(os.path.join(path, 'index.m3u8'), 'v/index.m3u8', 'a/index.m3u8')


# Transport streams

def ts(path, file, *words, name='', options='', seconds=1):
    """Writes a transport stream by ffmpeg, in segments; its playlist's lines."""
    index = os.path.join(path, name + 'ffmpeg.m3u8')
    options = ['-hls_segment_options', options] if options else []
    ffmpeg('-i', source(file), *words, *(() if '-map' in words else ('-map', '0')), '-c', 'copy', *EXACT, '-f', 'hls',
           '-hls_time', str(seconds), '-hls_list_size', '0', *options, '-hls_segment_filename', os.path.join(path, name + '%d.ts'), index)
    lines = [line for line in get(index).decode().split('\n') if line and (not line.startswith('#') or 'EXTINF' in line)]
    os.remove(index)
    return lines


def change(path, lines, convert, kind='ts'):
    """Converts the files of a playlist, with their numbers; the lines with their new names."""
    result, number = [], 0
    for line in lines:
        if not line.startswith('#'):
            data = get(os.path.join(path, line))
            os.remove(os.path.join(path, line))
            line = line.rsplit('.', 1)[0] + '.' + kind
            put(os.path.join(path, line), convert(data, number))
            number += 1
        result.append(line)
    return result


def parts(path, count, seconds):
    """Cuts the file whole.ts of a folder anywhere, and writes its playlist."""
    whole, lines = os.path.join(path, 'whole.ts'), []
    for number, part in enumerate(streamwriters.cut(get(whole), count)):
        put(os.path.join(path, '%d.ts' % number), part)
        lines += ['#EXTINF:%.3f,' % seconds, '%d.ts' % number]
    os.remove(whole)
    playlist(os.path.join(path, 'index.m3u8'), lines)


def simple_ts(name, file, *words, convert=None, kind='ts', head=(), **options):
    path = folder(name)
    lines = ts(path, file, *words, **options)
    if convert:
        lines = change(path, lines, convert, kind)
    playlist(os.path.join(path, 'index.m3u8'), list(head) + lines)
    return path


def make_ts():
    # ffmpeg's HLS muxer calls LATM what the program map calls ADTS; its MPEG-TS muxer does not.
    simple_ts('ts-latm-called-adts', 'av', options='mpegts_flags=latm')
    path = folder('ts-latm')
    ffmpeg('-i', source('av'), '-c', 'copy', *EXACT, '-f', 'mpegts', '-mpegts_flags', 'latm', os.path.join(path, 'whole.ts'))
    parts(path, 3, 1)
    simple_ts('ts-opus', 'opus')
    simple_ts('ts-mpeg2', 'mpeg2')
    simple_ts('ts-ac3', 'ac3')
    simple_ts('ts-eac3', 'eac3')
    simple_ts('ts-mp3', 'mp3')
    for size in (192, 204):
        simple_ts('ts-%d' % size, 'av', convert=lambda data, _: streamwriters.rewrap(data, size))
    tables = []

    def cut_tables(data, _):
        map_bytes, rest = streamwriters.without_tables(data)
        tables.append(map_bytes)
        return rest
    path = simple_ts('ts-tables-in-map', 'av', convert=cut_tables, head=['#EXT-X-MAP:URI="tables.ts"'])
    put(os.path.join(path, 'tables.ts'), tables[0])
    simple_ts('ts-private-streams', 'av',
              convert=lambda data, number: streamwriters.with_private_streams(data, 126000 + number * 90000))
    simple_ts('ts-two-audio', 'two-audio')
    path = folder('ts-pids')
    lines = ts(path, 'av', '-streamid', '0:300', '-streamid', '1:301', name='a')
    lines += ['#EXT-X-DISCONTINUITY'] + ts(path, 'small', '-streamid', '0:301', '-streamid', '1:300',
                                           '-mpegts_pmt_start_pid', '0x500', name='b')
    playlist(os.path.join(path, 'index.m3u8'), lines)
    # Program 2 comes first in the table and in the stream; program 1 is to be taken. Cut anywhere.
    path = folder('ts-programs')
    whole = os.path.join(path, 'whole.ts')
    ffmpeg('-i', source('small'), '-i', source('plain'), '-map', '0', '-map', '1', '-c', 'copy', *EXACT, '-program',
           'program_num=2:st=0:st=1', '-program', 'program_num=1:st=2:st=3', '-f', 'mpegts', whole)
    parts(path, 3, 2 / 3)


# Media behind what it is not

def make_disguised():
    simple_ts('disguised-png', 'av', convert=lambda data, _: streamwriters.png(9, 9) + data, kind='jpg')
    simple_ts('disguised-html', 'av', convert=lambda data, _: streamwriters.PAGE + data, kind='html')
    key = ['#EXT-X-KEY:METHOD=AES-128,URI="key.bin"']
    for name, convert in (
            ('outside', lambda data, number: streamwriters.png(9, 9) + encrypt(data, '%032x' % number)),
            ('inside', lambda data, number: encrypt(streamwriters.JPEG + data, '%032x' % number))):
        path = simple_ts('disguised-aes128-' + name, 'av', convert=convert, kind='jpg', head=key)
        put(os.path.join(path, 'key.bin'), KEY)
    path = folder('disguised-fmp4')
    lines = fmp4writer.write(path, reader('av'))
    lines = lines[:1] + change(path, lines[1:], lambda data, _: streamwriters.png() + data, 'css')
    playlist(os.path.join(path, 'index.m3u8'), lines)


def make_mixed():
    """Video of a transport stream whose 33-bit times wrap beside audio whose movie fragments count on."""
    path = folder('ts-wrap-fmp4-audio')
    os.makedirs(os.path.join(path, 'a'))
    os.makedirs(os.path.join(path, 'v'))
    # ffmpeg's transport streams begin 1.4 s later than what they are made of, and the decoding time of the video at 0.
    offset = 2 * (1 << 33) / 90000 + 17
    lines = ts(os.path.join(path, 'v'), 'av', '-map', '0:v', '-output_ts_offset', '17', options='mpegts_copyts=1')
    playlist(os.path.join(path, 'v', 'index.m3u8'), lines)
    form = Form(tracks=('soun',), offset_seconds=offset)
    playlist(os.path.join(path, 'a', 'index.m3u8'), fmp4writer.write(os.path.join(path, 'a'), reader('av'), form))
    multivariant(os.path.join(path, 'index.m3u8'), 'v/index.m3u8', 'a/index.m3u8')
    # Video without B-frames, so that the first picture settles where it begins.
    path = folder('ts-plain-rendition')
    for kind, stream in (('v', '0:v'), ('a', '0:a')):
        os.makedirs(os.path.join(path, kind))
        lines = ts(os.path.join(path, kind), 'plain', '-map', stream, '-output_ts_offset', '10', options='mpegts_copyts=1')
        playlist(os.path.join(path, kind, 'index.m3u8'), lines)
    multivariant(os.path.join(path, 'index.m3u8'), 'v/index.m3u8', 'a/index.m3u8')


def main():
    global STREAMS, SOURCES
    STREAMS, SOURCES = sys.argv[1:3]
    os.makedirs(SOURCES, exist_ok=True)
    make_sources()
    make_fmp4()
    make_packed()
    make_ts()
    make_disguised()
    make_mixed()


if __name__ == '__main__':
    main()
