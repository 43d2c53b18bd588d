"""Streams whose formats change (Fixtures/streams/changes), through the command: what endtoend.py runs of them.

Every output is compared with the sources that the parts of its stream were made of: packets, times within 1 ms, decoded pictures.
"""
import os
import shutil
import subprocess
from typing import NamedTuple

import comparetool
import makechanges
import mp4check
import mp4reader
import tspackets

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SOURCES = os.path.normpath(os.path.join(ROOT, 'Fixtures', 'sources'))
NOT_IN_ONE_TRACK = 'one track cannot hold both; --on-format-change split'


class Change(NamedTuple):
    """A stream of `changes`, and what becomes of it."""
    stream: str
    policy: str = 'inband'
    pipe: bool = False
    fails: str = ''  # a part of the message; else the output is complete
    files: int = 1
    only: str = ''  # the handler of the tracks to compare: others are not whole in every run


CHANGES = [
    Change('size'), Change('size', pipe=True), Change('size-fmp4'), Change('size-fmp4', pipe=True), Change('size-untagged'),
    Change('back-and-forth'), Change('profile'), Change('hev1'), Change('ac3-channels'),
    Change('sound-ends', only='vide'), Change('picture-pauses', only='soun'),
    Change('rate', fails=NOT_IN_ONE_TRACK), Change('rate', pipe=True, fails=NOT_IN_ONE_TRACK),
    Change('rate-fmp4', fails=NOT_IN_ONE_TRACK), Change('channels', fails=NOT_IN_ONE_TRACK),
    Change('sound-codec', fails=NOT_IN_ONE_TRACK), Change('picture-codec', fails=NOT_IN_ONE_TRACK),
    Change('sound-begins', fails='Media Segment 3: an audio track (aac'),
    Change('size', 'fail', fails='--on-format-change fail'), Change('rate', 'fail', fails='--on-format-change fail'),
    Change('size', 'split', files=3), Change('size-fmp4', 'split', files=3), Change('size-untagged', 'split', files=2),
    Change('back-and-forth', 'split', files=8), Change('profile', 'split', files=2), Change('hev1', 'split'),
    Change('rate', 'split', files=3), Change('rate-untagged', 'split', files=2), Change('rate-fmp4', 'split', files=2),
    Change('channels', 'split', files=2), Change('sound-codec', 'split', files=2), Change('picture-codec', 'split', files=2),
    Change('picture-codec-fmp4', 'split', files=2), Change('everything', 'split', files=3),
    Change('sound-begins', 'split', files=2), Change('sound-ends', 'split', files=2), Change('picture-pauses', 'split', only='soun'),
    Change('separate', 'split', files=2), Change('ac3-channels', 'split', files=2),
]


class Part(NamedTuple):
    """A part of a stream, and the sources of its picture and sound; '': it has none."""
    video: str
    sound: str


def parts(stream):
    """The parts of a stream, in order."""
    def source(part):
        return os.path.join(SOURCES, makechanges.source_of(part) + '.mp4')
    if stream == 'separate':
        return [Part(source('av'), source('av')), Part(source('av'), source('rate'))]
    return [Part('' if part.endswith('.a') else source(part), '' if part.endswith('.v') else source(part))
            for part in makechanges.PLAYLISTS[stream].split() if part != '|']


def run(change, command, url, folder, convert, pictures):
    """What is wrong with one change, as sentences. `convert` and `pictures` are those of endtoend.py."""
    out = os.path.join(folder, 'changes-%s-%s%s.mp4' % (change.stream, change.policy, '-pipe' if change.pipe else ''))
    command += ' --on-format-change ' + change.policy
    problems = convert(command, '%schanges/%s.m3u8' % (url, change.stream), out, change.pipe)
    if change.fails:
        return failure(change, problems, out)
    if problems:
        return problems
    stem = out[:-len('.mp4')]
    names = [out] + ['%s-%d.mp4' % (stem, number) for number in range(2, 2 + change.files)]
    there = [name for name in names if os.path.exists(name)]
    if len(there) != change.files:
        return ['%d files, not %d' % (len(there), change.files)]
    for name in there:
        problems += mp4check.Checker(name, pipe=change.pipe, gaps=True).problems
    if problems:
        return problems
    made_of = parts(change.stream)
    try:
        if change.files == 1:
            problems += in_one(change, made_of, out, pictures)
        else:
            problems += split(made_of, there, pictures)
    except (tspackets.StreamError, mp4reader.BoxError) as error:
        problems.append(str(error))
    return problems


def failure(change, problems, out):
    """The session must have ended with status 7, the reason, and a `.part` (or stream) that plays up to the change."""
    text = ' '.join(problems)
    if 'exit 7' not in text or change.fails not in text or 'Media Segment 3' not in text:
        return ['not the failure that was expected: ' + text]
    rest = out if change.pipe else out + '.part'
    found = mp4check.Checker(rest, pipe=change.pipe, gaps=True).problems
    if shutil.which('ffmpeg'):
        found += decode_errors(rest)
    return found


def decode_errors(path):
    """What ffmpeg says where it decodes a file."""
    run_ = subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-xerror', '-f', 'mp4', '-i', path, '-f', 'null', '-'],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return ['%s does not decode: %s' % (os.path.basename(path), run_.stderr.strip()[:200])] if run_.stderr or run_.returncode else []


def in_one(change, made_of, out, pictures):
    sources = [part.video or part.sound for part in made_of]
    if '-untagged' in change.stream:
        problems = kept(made_of, out, 'vide') + kept(made_of, out, 'soun')
    elif change.only:
        problems = kept(made_of, out, change.only)
    else:
        problems = comparetool.compare(sources, out, 'media')
    if change.policy == 'inband' and change.stream != 'picture-pauses' and not change.stream.startswith('ac3'):
        problems += without_sets(out)
    if shutil.which('ffmpeg') and not problems:
        problems += decode_errors(out)
        if pictures([out]) != pictures([part.video for part in made_of if part.video]):
            problems.append('the decoded pictures are others than those of the sources')
    return problems


def without_sets(out):
    """Key frames without a sequence parameter set: after a seek across the change a decoder has that of the other picture."""
    file = mp4reader.File(out)
    for track in file.tracks.values():
        codec = file.codec(track)
        if codec in tspackets.VIDEO:
            wanted = 7 if codec == 'h264' else 33
            for sample in track.samples:
                kinds = [tspackets.nal_type(codec, nal) for nal in file.nal_units(track, sample) if nal] if sample.sync else [wanted]
                if kinds.count(wanted) != 1:
                    return ['the key frame at dts %d has %d sequence parameter sets' % (sample.dts, kinds.count(wanted))]
    return []


def kept(made_of, out, handler):
    """The tracks of one kind hold the packets of all parts that have them."""
    have = [row[2] for row in rows(out, handler)]
    sources = [part.video if handler == 'vide' else part.sound for part in made_of]
    want = [row[2] for source in sources if source for row in rows(source, handler)]
    # Sound at a seam may be left out: two runs overlap by less than its frames.
    rest = iter(want)
    if len(want) - len(have) > 2 * len(sources) or not all(value in rest for value in have):
        return ['%s: %d packets, the sources have %d' % (handler, len(have), len(want))]
    return []


def split(made_of, names, pictures):
    """Each file is one run: its pictures and sounds at their times, from its own 0."""
    problems, sounds = [], 0
    for index, (name, part) in enumerate(zip(names, made_of)):
        found, count = one_file(name, part, [made_of[near].sound for near in (index - 1, index + 1) if 0 <= near < len(names)])
        problems += found
        sounds += count
        if shutil.which('ffmpeg') and not problems:
            problems += decode_errors(name)
            if pictures([name]) != pictures([part.video]):
                problems.append('%s: the decoded pictures are others than those of %s' % (os.path.basename(name), part.video))
    wanted = sum(len(rows(part.sound, 'soun')) for part in made_of if part.sound)
    # Where two runs overlap, frames that the first one covers are left out.
    if not wanted - 3 * len(names) <= sounds <= wanted:
        problems.append('%d packets of sound, the sources have %d' % (sounds, wanted))
    return problems


def rows(path, handler):
    """(pts, dts, sha1, sync) in seconds of the first track of a kind."""
    file = mp4reader.File(path)
    for track in file.tracks.values():
        if track.handler == handler:
            return list(comparetool.track_rows(file, track, file.codec(track), 'media'))
    return []


def one_file(name, part, neighbours):
    """What is wrong with one file of several, and how many packets of sound it has."""
    base = os.path.basename(name)
    problems = []
    have, want = rows(name, 'vide'), rows(part.video, 'vide')
    zero, source_zero = min(row[0] for row in have), min(row[0] for row in want)
    if len(have) != len(want):
        problems.append('%s: %d pictures, the source has %d' % (base, len(have), len(want)))
    for mine, theirs in zip(have, want):
        if mine[2] != theirs[2] or mine[3] != theirs[3]:
            problems.append('%s: a picture at %.3f s is another one' % (base, mine[0]))
            break
        if any(abs(mine[field] - zero - theirs[field] + source_zero) > comparetool.TOLERANCE_SECONDS for field in (0, 1)):
            problems.append('%s: the picture at %.4f s has another time' % (base, mine[0]))
            break
    heard = rows(name, 'soun')
    if heard and not part.sound:
        problems.append('%s: %d sounds where there are none' % (base, len(heard)))
    known = {}
    for row in rows(part.sound, 'soun') if part.sound else ():
        known.setdefault(row[2], []).append(row[0] - source_zero)
    # A frame that begins before the cut is in the file before it.
    seam = {row[2] for source in neighbours if source for row in rows(source, 'soun')[-3:] + rows(source, 'soun')[:5]}
    foreign = 0
    for row in heard:
        if any(abs(row[0] - zero - time) <= comparetool.TOLERANCE_SECONDS for time in known.get(row[2], [])):
            continue
        foreign += 1
        if row[2] not in seam:
            problems.append('%s: the sound at %.4f s is none of the source at that time' % (base, row[0]))
            break
    if foreign > 5:
        problems.append('%s: %d sounds of other runs' % (base, foreign))
    earliest = min(row[0] for row in have + heard)
    if abs(earliest) > comparetool.TOLERANCE_SECONDS:
        problems.append('%s starts at %.4f s' % (base, earliest))
    return problems, len(heard)
