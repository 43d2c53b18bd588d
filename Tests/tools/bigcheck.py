#!/usr/bin/env python3
"""bigcheck.py --hls2mp4 BINARY [CASE...]: what is too big or too slow for the ordinary tests, with figures.

  segment  one Media Segment of 3 GiB, made by the server as it is sent: memory, and the bytes that come out
  slow     a reader of standard output that takes 10 KB a second
  pause    a reader that stops for 70 s, more than every limit on silence, while the server closes idle connections
"""
import argparse
import http.server
import os
import subprocess
import sys
import threading
import time

from commandcheck import STREAMS

NULL = (b'\x47\x1f\xff\x10' + b'\xff' * 184) * 4096


def media(number):
    with open(os.path.join(STREAMS, 'clear', '00%d.ts' % number), 'rb') as file:
        return file.read()


class Source(http.server.BaseHTTPRequestHandler):
    """/index.m3u8: SEGMENTS segments, each the fixture's with null packets up to SIZE."""
    protocol_version = 'HTTP/1.1'
    segments, size, idle = 6, 0, None

    def log_message(self, *_):
        pass

    def setup(self):
        self.timeout = type(self).idle
        super().setup()

    def do_GET(self):
        kind = type(self)
        try:
            if self.path.endswith('.m3u8'):
                lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-PLAYLIST-TYPE:VOD']
                for number in range(kind.segments):
                    lines += (['#EXT-X-DISCONTINUITY'] if number and number % 6 == 0 else []) + ['#EXTINF:1,', '%d.ts' % number]
                return self.answer(('\n'.join(lines + ['#EXT-X-ENDLIST', ''])).encode(), 0)
            body = media(int(self.path[1:].split('.')[0]) % 6)
            self.answer(body, max(0, (kind.size - len(body)) // len(NULL)))
        except OSError:
            self.close_connection = True

    def answer(self, body, blocks):
        self.send_response(200)
        self.send_header('Content-Length', str(len(body) + blocks * len(NULL)))
        self.send_header('ETag', '"a"')
        self.end_headers()
        self.wfile.write(body)
        for _ in range(blocks):
            self.wfile.write(NULL)


def serve(segments, size, idle=None):
    kind = type('Kind', (Source,), {'segments': segments, 'size': size, 'idle': idle})
    found = http.server.ThreadingHTTPServer(('127.0.0.1', 0), kind)
    found.daemon_threads = True
    threading.Thread(target=found.serve_forever, daemon=True).start()
    return 'http://127.0.0.1:%d/index.m3u8' % found.server_port


def finish(child):
    """Exit status, words, and peak RSS in MiB."""
    text = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, text, usage.ru_maxrss / 1024


def output(command, url, *words):
    child = subprocess.Popen([command, '-q', url, '-o', '-', *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = child.stdout.read()
    return data, finish(child)


def segment(command):
    """The media of the big segment is that of the small one: so is the output."""
    expected, (status, text, rss) = output(command, serve(1, 0))
    assert status == 0, text
    print('  small: RSS %.0f MiB' % rss)
    start = time.monotonic()
    data, (status, text, rss) = output(command, serve(1, 3 << 30))
    seconds = time.monotonic() - start
    print('  3 GiB: exit %d, %s, RSS %.0f MiB, %.0f s (%.0f MB/s)' % (
        status, 'the same bytes' if data == expected else 'OTHER BYTES', rss, seconds, (3 << 30) / 1e6 / seconds))
    return status == 0 and data == expected and rss < 200


def slow(command):
    url = serve(18, 0)
    expected, _ = output(command, url)
    child = subprocess.Popen([command, '-q', url, '-o', '-'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    start, data = time.monotonic(), b''
    while True:
        piece = child.stdout.read(1_000)
        if not piece:
            break
        data += piece
        time.sleep(0.1)
    status, text, rss = finish(child)
    print('  10 KB/s: exit %d, %s, RSS %.0f MiB, %d bytes in %.0f s' % (
        status, 'the same bytes' if data == expected else 'OTHER BYTES', rss, len(data), time.monotonic() - start))
    return status == 0 and data == expected and rss < 200


def pause(command):
    url = serve(48, 8 << 20, idle=5)
    expected, (status, text, _) = output(command, url)
    assert status == 0, text
    child = subprocess.Popen([command, '-q', url, '-o', '-'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    data = child.stdout.read(10_000)
    time.sleep(70)
    with open('/proc/%d/status' % child.pid) as file:
        waiting = [line.split()[1] for line in file if line.startswith('VmRSS')][0]
    while True:
        piece = child.stdout.read(1 << 20)
        if not piece:
            break
        data += piece
    status, text, rss = finish(child)
    print('  70 s: exit %d, %s, RSS %.0f MiB at most, %.0f MiB while it waited, 48 segments of 8 MiB %s' % (
        status, 'the same bytes' if data == expected else 'OTHER BYTES', rss, int(waiting) / 1024, text.decode(errors='replace')))
    return status == 0 and data == expected and rss < 200


CASES = (segment, slow, pause)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--hls2mp4', required=True)
    parser.add_argument('cases', nargs='*')
    options = parser.parse_args()
    failed = 0
    for case in CASES:
        if options.cases and case.__name__ not in options.cases:
            continue
        print(case.__name__, flush=True)
        if not case(os.path.abspath(options.hls2mp4)):
            print('  FAIL')
            failed += 1
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
