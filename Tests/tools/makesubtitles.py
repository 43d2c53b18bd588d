#!/usr/bin/env python3
"""makesubtitles.py FOLDER: makes the WebVTT Renditions of the fixture `subtitles`, and truth.json, which says what is shown when.

FOLDER holds v1/index.m3u8 and en/index.m3u8 with two runs. Times of the truth are milliseconds of the output: the first run's
earliest packet is 0, the second run's first picture is the end of the first run's video. English maps its clock in every way there
is; German has no X-TIMESTAMP-MAP, and its times are presentation times.
"""
import json
import os
import sys

import hlssource
import tspackets

WRAP = 1 << 33


def times(folder):
    """For each run: (earliest pts, first picture's pts, end of video, end of all), 90 kHz."""
    result = []
    for runs in zip(*(hlssource.runs([os.path.join(folder, name, 'index.m3u8')]) for name in ('v1', 'en'))):
        spans = []
        for run in runs:
            codecs, streams = tspackets.demux(run, 'all')
            frame = 3600 if codecs[0] == 'h264' else 1920
            pts = [packet.pts90k for packet in streams[0] if packet.pts90k is not None]
            spans.append((min(pts), max(pts) + frame))
        video, audio = spans
        result.append((min(video[0], audio[0]), video[0], video[1], max(video[1], audio[1])))
    return result


def clock(seconds, hours=True, point='.'):
    ms = round(seconds * 1000)
    text = '%02d:%02d%s%03d' % (ms // 60000 % 60, ms // 1000 % 60, point, ms % 1000)
    return '%02d:%s' % (ms // 3600000, text) if hours else text


def cue(start, end, text, shift=0.0, hours=True, settings='', identifier=''):
    return '%s%s --> %s%s\n%s\n' % (identifier + '\n' if identifier else '', clock(start + shift, hours),
                                    clock(end + shift, hours), settings and ' ' + settings, text)


def playlist(folder, runs):
    lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:6', '#EXT-X-PLAYLIST-TYPE:VOD']
    number = 0
    for run in runs:
        if number:
            lines.append('#EXT-X-DISCONTINUITY')
        for duration, data in run:
            name = '%d.vtt' % number
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(data)
            lines += ['#EXTINF:%g,' % duration, name]
            number += 1
    with open(os.path.join(folder, 'index.m3u8'), 'w', encoding='ascii') as file:
        file.write('\n'.join(lines + ['#EXT-X-ENDLIST', '']))


def main():
    folder = sys.argv[1]
    (zero_a, _, end_a, _), (_, zero_b, _, end_b) = times(folder)
    seam = (end_a - zero_a) / 90000
    end = seam + (end_b - zero_b) / 90000
    long = 'Over three <u>segments</u>'
    cut = 'Cut at the seam'

    first = ('\ufeffWEBVTT - English\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:%d\n\n' % (zero_a % WRAP)
             + 'STYLE\n::cue { color: yellow }\n\nNOTE nobody reads this\n\n'
             + cue(0.2, 1.0, 'Bold <b>and</b> &amp; <i>italic</i>', identifier='1', settings='line:0 align:start') + '\n'
             + cue(1.5, 5.0, long, identifier='2')).replace('\n', '\r\n')
    shift = 100 * 3600 - 2
    second = ('WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:%d,LOCAL:100:00:00.000\n\n' % ((zero_a + 180000) % WRAP)
              + cue(1.5, 5.0, long, shift) + '\n' + cue(2.5, 3.0, 'One', shift) + '\n'
              # No blank line in front of the next cue.
              + cue(2.8, 3.4, '<v Ann>Two</v> of <c.loud>them</c>', shift) + cue(3.5, 4.0, cut, shift))
    # The clock has wrapped at this moment, and has not at the segment's start.
    third = ('WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:01.500,MPEGTS:%d\n\n' % ((zero_a + 495000) % WRAP)
             + cue(0, 0.6, cut, hours=False) + '\n' + '00:01.000 --> 00:00.500\nbackwards\n\n'
             + '00:0x.000 --> 00:02.000\nno time\n\n' + cue(1.5, 2.8, 'Until the run ends', hours=False)).replace('\n', '\r')
    fifth = ('WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:%d\n\n' % zero_b
             + cue(2.1, 3.0, 'After the Discontinuity\nin two lines') + '\n' + cue(3.5, 30.0, 'Until the end') + '\n'
             + cue(40, 41, 'Behind the end'))
    os.makedirs(os.path.join(folder, 'subtitles-en'))
    playlist(os.path.join(folder, 'subtitles-en'),
             [[(2, first.encode()), (2, second.encode()), (2, third.encode())], [(2, b''), (2, fifth.encode())]])
    os.makedirs(os.path.join(folder, 'subtitles-de'))
    playlist(os.path.join(folder, 'subtitles-de'),
             [[(2, ('WEBVTT\n\n' + cue(1, 2, 'Schild: Zürich')).encode()), (4, b'WEBVTT')],
              [(4, ('WEBVTT\n\n' + cue(7, 8, 'Schild: Bern')).encode())]])

    def row(start, stop, text):
        return {'start': round(start * 1000, 3), 'end': round(stop * 1000, 3), 'text': text}
    truth = {
        'en': [row(0.2, 1.0, 'Bold and & italic'), row(1.5, 5.0, 'Over three segments'), row(2.5, 3.0, 'One'),
               row(2.8, 3.4, 'Two of them'), row(3.5, 4.6, cut), row(5.5, seam, 'Until the run ends'),
               row(seam + 2.1, seam + 3.0, 'After the Discontinuity\nin two lines'), row(seam + 3.5, end, 'Until the end')],
        'de': [row(1, 2, 'Schild: Zürich'), row(7, 8, 'Schild: Bern')],
        'duration': round(end * 1000, 3),
    }
    with open(os.path.join(folder, 'truth.json'), 'w', encoding='utf-8') as file:
        json.dump(truth, file, ensure_ascii=False, indent=1)
        file.write('\n')


if __name__ == '__main__':
    main()
