#!/usr/bin/env python3
"""repaircheck.py --hls2mp4 BINARY [--cuts N] [--kills N] [--seed S]: `hls2mp4 repair` from outside.

Records a stream that breaks off, for the fragmented and for the flat layout; then finishes the `.part` into either layout: cut at the
start of boxes and at random bytes, and killed (SIGKILL) at random instants between its first write and its end. After each kill the file must hold every packet, for ffprobe
and for mp4reader.py, and finishing it again must give the bytes of an undisturbed run. Prints one line a case and the counts.
"""
import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import flatcheck
import mp4check
import mp4reader

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
STREAM = os.path.normpath(os.path.join(ROOT, 'Fixtures', 'streams', 'clear'))
LAYOUTS = ('fragmented', 'flat')


def record(binary, folder, layout, repeats):
    """A `.part` whose run ended with a segment missing: the whole stream, some times over."""
    source = os.path.join(folder, 'source')
    if not os.path.exists(source):
        shutil.copytree(STREAM, source)
    with open(os.path.join(source, 'index.m3u8'), encoding='utf-8') as file:
        lines = [line.strip() for line in file]
    head = [line for line in lines if line.startswith('#EXT') and not line.startswith(('#EXTINF', '#EXT-X-ENDLIST'))]
    body = [line for line in lines if line.startswith('#EXTINF') or line and not line.startswith('#')]
    broken = os.path.join(source, 'broken.m3u8')
    with open(broken, 'w', encoding='utf-8') as file:
        file.write('\n'.join(head + (['#EXT-X-DISCONTINUITY'] + body) * repeats + ['#EXTINF:1,', 'missing.ts', '#EXT-X-ENDLIST', '']))
    out = os.path.join(folder, layout + '.mp4')
    run = subprocess.run([binary, '-q', broken, '-o', out, '--layout', layout], capture_output=True, text=True, timeout=120)
    if run.returncode != 5 or not os.path.exists(out + '.part'):
        raise SystemExit('the recording for %s: exit %d, %s' % (layout, run.returncode, run.stderr))
    return out + '.part'


def repair(binary, path, layout, out):
    return subprocess.run([binary, 'repair', '-q', path, '-o', out, '--layout', layout], capture_output=True, text=True, timeout=120)


def packets(path):
    """Every packet for ffprobe, each stream in its order, flags but those of edit lists."""
    found = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'packet=stream_index,pts,dts,size,flags', '-of', 'csv=p=0', path],
                           capture_output=True, text=True, timeout=120)
    return found.returncode, sorted(found.stdout.splitlines())


def samples(path):
    file = mp4reader.File(path)
    return {track.id: [row[:5] for row in flatcheck.rows(file, track)] for track in file.tracks.values()}


def cut_case(binary, part, layout, folder, count, seed):
    """Cuts at the starts of boxes and at random bytes."""
    with open(part, 'rb') as file:
        data = file.read()
    whole = mp4reader.File(part)
    ends = [box.end for box in whole.boxes if box.kind == b'mdat']
    draw = random.Random(seed)
    cuts = {draw.randrange(len(data)) for _ in range(count // 2)}
    cuts |= {min(len(data), max(1, draw.choice(whole.boxes).start + draw.choice((-1, 0, 1, 7, 8, 9, 100)))) for _ in range(count // 2)}
    path, out = os.path.join(folder, 'cut.mp4.part'), os.path.join(folder, 'cut.mp4')
    problems = []
    for cut in sorted(cuts):
        with open(path, 'wb') as file:
            file.write(data[:cut])
        kept = max((end for end in ends if end <= cut), default=0)
        run = repair(binary, path, layout, out)
        if not kept:
            if run.returncode != 7 or not run.stderr or os.path.exists(out):
                problems.append('cut at %d: exit %d, %s' % (cut, run.returncode, run.stderr.strip()))
            continue
        if run.returncode or os.path.exists(path):
            problems.append('cut at %d: exit %d, %s' % (cut, run.returncode, run.stderr.strip()))
            continue
        found = mp4check.Checker(out, gaps=True, flat=layout == 'flat').problems
        wanted = sum(sample.offset < kept for track in whole.tracks.values() for sample in track.samples)
        there = sum(len(track.samples) for track in mp4reader.File(out).tracks.values())
        problems += ['cut at %d: %s' % (cut, problem) for problem in found]
        if wanted != there:
            problems.append('cut at %d: %d samples, not %d' % (cut, there, wanted))
        os.remove(out)
    return problems


def unfinished(file, data):
    """A recording as SIGKILL leaves it: no index, and the last fragment is cut."""
    data = bytearray(data[:-5])
    index = [box for box in file.boxes if box.kind == b'sidx']
    end = next(box.start for box in file.boxes if box.kind == b'moof')
    start = index[0].start
    data[start:end] = (end - start).to_bytes(4, 'big') + b'free' + bytes(end - start - 8)
    return bytes(data)


def start_over(part, path, out):
    for name in (path, out):
        if os.path.exists(name):
            os.remove(name)
    shutil.copyfile(part, path)
    os.utime(path, (0, 0))


def start_repair(binary, path, layout, out):
    return subprocess.Popen([binary, 'repair', '-q', path, '-o', out, '--layout', layout], stderr=subprocess.DEVNULL)


def wait_for_change(child, path):
    """Until the first byte of the file has changed: what comes before is reading."""
    while child.poll() is None:
        try:
            if os.stat(path).st_mtime_ns:
                return
        except FileNotFoundError:
            return


def kill_case(binary, part, layout, folder, count, seed):
    """Kills at random instants; (problems, how often what was found)."""
    path, out = os.path.join(folder, 'kill.mp4.part'), os.path.join(folder, 'kill.mp4')
    whole, part = part, os.path.join(folder, 'cut.part')
    with open(whole, 'rb') as file:
        before = unfinished(mp4reader.File(whole), file.read())
    with open(part, 'wb') as file:
        file.write(before)
    windows = []
    for _ in range(5):
        start_over(part, path, out)
        child = start_repair(binary, path, layout, out)
        wait_for_change(child, path)
        start = time.monotonic()
        if child.wait():
            return ['undisturbed: exit %d' % child.returncode], {}
        windows.append(time.monotonic() - start)
    window = sorted(windows)[2]
    with open(out, 'rb') as file:
        done = file.read()
    wanted, wanted_samples = [packets(out)], samples(out)
    start_over(part, path, out)
    repair(binary, path, 'fragmented', out)
    wanted.append(packets(out))
    draw, found, problems = random.Random(seed), collections.Counter(), []
    for number in range(count):
        start_over(part, path, out)
        child = start_repair(binary, path, layout, out)
        wait_for_change(child, path)
        end = time.monotonic() + window * draw.uniform(0, 1.1)
        while time.monotonic() < end:
            pass
        child.kill()
        child.wait()
        there = path if os.path.exists(path) else out
        with open(there, 'rb') as file:
            data = file.read()
        found['untouched' if data == before else 'renamed' if there == out else 'done' if data == done else 'between'] += 1
        if there == out and data != done:
            problems.append('kill %d: another file has the final name' % number)
        try:
            if samples(there) != wanted_samples:
                problems.append('kill %d: other samples' % number)
        except mp4reader.BoxError:
            # A `moov` that was being put behind the media may be cut: ffprobe has found the first one.
            pass
        if packets(there) not in wanted:
            problems.append('kill %d: other packets for ffprobe' % number)
        if there == path:
            again = repair(binary, path, layout, out)
            with open(out, 'rb') as file:
                if again.returncode or file.read() != done:
                    problems.append('kill %d: finished again it is another file: %d %s' % (number, again.returncode, again.stderr))
    return problems, found


def large_case(binary, part, folder):
    """A hole of 5 GiB in a box that nobody knows, before the third fragment: places beyond 32 bits."""
    path, out, hole = os.path.join(folder, 'large.mp4.part'), os.path.join(folder, 'large.mp4'), 5 << 30
    with open(part, 'rb') as file:
        data = file.read()
    at = [box.start for box in mp4reader.File(part).boxes if box.kind == b'moof'][2]
    with open(path, 'wb') as file:
        file.write(data[:at] + (1).to_bytes(4, 'big') + b'uuid' + hole.to_bytes(8, 'big'))
        file.seek(at + hole)
        file.write(data[at:])
    run = repair(binary, path, 'flat', out)
    if run.returncode:
        return ['a file of 5 GiB: exit %d, %s' % (run.returncode, run.stderr.strip())]
    problems = flatcheck.compare(part, out)
    if b'co64' not in mp4reader.File(out).data[:1 << 20] + mp4reader.File(out).data[-(1 << 20):]:
        problems.append('a file of 5 GiB without co64')
    os.remove(out)
    return ['a file of 5 GiB: ' + problem for problem in problems]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--hls2mp4', required=True, help='the command, as a path')
    parser.add_argument('--cuts', type=int, default=16, help='of each recording into each layout')
    parser.add_argument('--kills', type=int, default=4, help='of each recording into each layout')
    parser.add_argument('--repeats', type=int, default=5, help='times the stream of 6 s is recorded')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--folder', help='where to write; default: a temporary folder')
    arguments = parser.parse_args()
    binary, failed = os.path.abspath(arguments.hls2mp4), 0
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for recorded in LAYOUTS:
            part = record(binary, folder, recorded, arguments.repeats)
            for layout in LAYOUTS:
                problems = mp4check.Checker(part, gaps=True, unfinished=True).problems
                problems += cut_case(binary, part, layout, folder, arguments.cuts, arguments.seed)
                found = {}
                if layout == 'flat':
                    problems += large_case(binary, part, folder)
                if arguments.kills:
                    more, found = kill_case(binary, part, layout, folder, arguments.kills, arguments.seed)
                    problems += more
                failed += bool(problems)
                counts = ', '.join('%d %s' % (number, name) for name, number in sorted(found.items()))
                print('%s recorded %s, finished %s: %d cuts, %d kills (%s)' % (
                    'FAIL' if problems else 'ok  ', recorded, layout, arguments.cuts, arguments.kills, counts), flush=True)
                for problem in problems:
                    print('     ' + problem)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
