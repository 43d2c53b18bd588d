#!/usr/bin/env python3
"""makechanges.py STREAMS SOURCES: makes `changes`, streams whose formats change; called by script/make-fixtures.

Each folder of STREAMS/changes holds the segments of one source; each playlist beside them is some of these, one after the other. So
a test knows what every output must hold: the packets of the sources, run by run.
"""
import os
import sys

import fmp4writer
import makestreams
from fmp4writer import Form
from makestreams import AAC, H264, encode, picture, put, tone

# Name of a playlist: the parts, `|` where a Discontinuity stands between them.
PLAYLISTS = {
    'size': 'av | small | av',
    'size-untagged': 'av@0 small@3200',
    'size-fmp4': 'av.m | small.m | av.m',
    'back-and-forth': ' | '.join(['av.m', 'small.m'] * 4),
    'profile': 'av | baseline',
    'rate': 'av | rate | av',
    'rate-untagged': 'av@0 rate@3200',
    'rate-fmp4': 'av.m | rate.m',
    'channels': 'av | stereo',
    'sound-codec': 'av | ac3',
    'picture-codec': 'av | hevc',
    'picture-codec-fmp4': 'av.m | hevc.m',
    'everything': 'av | hevc-ac3 | av',
    'sound-begins': 'av.v | small',
    'sound-ends': 'av | small.v',
    'picture-pauses': 'av | small.a | av',
    'hev1': 'hevc.m | hevc.i',
    'ac3-channels': 'ac3 | ac3-surround',
}


def make_sources():
    encode('baseline', *picture(), *tone(), *H264, '-profile:v', 'baseline', '-bf', '0', *AAC, seconds=2)
    encode('rate', *picture(), *tone(880, 44100), *H264, *AAC, seconds=2)
    encode('stereo', *picture(), *tone(880), *H264, *AAC, '-ac', '2', seconds=2)
    encode('sound-ac3', *picture(), *tone(880), *H264, *'-c:a ac3 -b:a 64k -ac 2'.split(), seconds=2)
    encode('sound-ac3-surround', *picture(), *tone(more=',pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0'), *H264,
           *'-c:a ac3 -b:a 192k'.split(), seconds=2)
    encode('hevc-ac3', *picture(), *tone(880), *makestreams.HEVC, *'-c:a ac3 -b:a 64k -ac 2 -tag:v hvc1'.split(), seconds=2)


def source_of(part):
    """The source that a part is made of."""
    name = part.split('.')[0].split('@')[0]
    return {'ac3': 'sound-ac3', 'ac3-surround': 'sound-ac3-surround'}.get(name, name)


def make_part(root, part):
    """Writes the segments of a part; the lines of a playlist beside its folder.

    `.v`, `.a`: video or audio alone; `.m`: movie fragments, `.i`: with `hev1` and parameter sets in band; `@N`: N milliseconds later.
    """
    folder = os.path.join(root, part)
    name, _, kind = part.partition('.')
    name, _, later = name.partition('@')
    if not os.path.exists(folder):
        os.makedirs(folder)
        if kind in ('m', 'i'):
            form = Form(entry=b'hev1', inband=True) if kind == 'i' else Form()
            lines = fmp4writer.write(folder, makestreams.reader(source_of(part)), form)
        else:
            words = ['-map', '0:' + kind] if kind else []
            words += ['-output_ts_offset', later + 'ms' if later else '10']
            lines = makestreams.ts(folder, source_of(part), *words, options='' if later else 'mpegts_copyts=1')
        put(os.path.join(folder, 'lines'), '\n'.join(lines).encode())
    lines = makestreams.get(os.path.join(folder, 'lines')).decode().split('\n')
    return [line.replace('URI="', 'URI="%s/' % part) if line.startswith('#EXT-X-MAP') else
            line if line.startswith('#') else '%s/%s' % (part, line) for line in lines]


def make_separate(root):
    """Sound in a playlist of its own whose sample rate changes, while the picture stays."""
    video, audio = [], []
    for number, (sound, offset) in enumerate((('av', 0), ('rate', 0))):
        tag = ['#EXT-X-DISCONTINUITY'] if number else []
        video += tag + make_part(root, 'av.v')
        audio += tag + make_part(root, sound + '.a')
    makestreams.playlist(os.path.join(root, 'separate-video.m3u8'), video)
    makestreams.playlist(os.path.join(root, 'separate-audio.m3u8'), audio)
    makestreams.multivariant(os.path.join(root, 'separate.m3u8'), 'separate-video.m3u8', 'separate-audio.m3u8')


def main():
    makestreams.STREAMS, makestreams.SOURCES = sys.argv[1:3]
    make_sources()
    root = makestreams.folder('changes')
    for name, text in PLAYLISTS.items():
        lines = []
        for part in text.split():
            lines += ['#EXT-X-DISCONTINUITY'] if part == '|' else make_part(root, part)
        makestreams.playlist(os.path.join(root, name + '.m3u8'), lines)
    make_separate(root)
    for folder in os.listdir(root):
        if os.path.isdir(os.path.join(root, folder)):
            os.remove(os.path.join(root, folder, 'lines'))


if __name__ == '__main__':
    main()
