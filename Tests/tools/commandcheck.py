#!/usr/bin/env python3
"""commandcheck.py --hls2mp4 BINARY: what only the built command shows, from outside.

HTTPS with a certificate authority of our own (accepted with --ca-file, refused without), a reader of standard output that goes
away, a full disk, and the exit statuses of SIGINT and SIGTERM with a .part that is whole. Prints one line a case and the counts.
"""
import argparse
import functools
import http.server
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import mp4check

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
STREAMS = os.path.normpath(os.path.join(ROOT, 'Fixtures', 'streams'))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing and can be slow."""
    protocol_version = 'HTTP/1.1'
    delay = 0.0

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.endswith('.ts'):
            time.sleep(type(self).delay)
        try:
            super().do_GET()
        except (BrokenPipeError, ConnectionError, ssl.SSLError):
            self.close_connection = True


def server(delay=0.0, context=None):
    """A file server of the fixtures on a free port of this machine."""
    handler = type('Handler', (Quiet,), {'delay': delay})
    found = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(handler, directory=STREAMS))
    found.daemon_threads = True
    if context:
        found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    return found


def certificates(folder):
    """An authority and a certificate for 127.0.0.1, made by openssl."""
    path = lambda name: os.path.join(folder, name)
    run = lambda *words: subprocess.run(words, check=True, capture_output=True, cwd=folder)
    run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj',
        '/CN=hls2mp4 test authority')
    run('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1')
    with open(path('san'), 'w') as file:
        file.write('subjectAltName=IP:127.0.0.1\n')
    run('openssl', 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile',
        'san', '-out', 'server.pem')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path('server.pem'), path('server.key'))
    return context, path('ca.pem')


def run(command, *words, **options):
    return subprocess.run([command, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, **options)


def https(command, folder):
    context, authority = certificates(folder)
    secure = server(context=context)
    url = 'https://127.0.0.1:%d/aes128-explicit-iv/index.m3u8' % secure.server_port
    out = os.path.join(folder, 'https.mp4')
    good = run(command, '-q', url, '-o', out, '--ca-file', authority)
    bad = run(command, '-q', url, '-o', out + '2')
    secure.shutdown()
    problems = []
    if good.returncode != 0:
        problems.append('with the authority: exit %d, %s' % (good.returncode, good.stderr))
    else:
        problems += mp4check.Checker(out).problems
    if bad.returncode != 3 or b'secure connection' not in bad.stderr or os.path.exists(out + '2'):
        problems.append('without the authority: exit %d, %s' % (bad.returncode, bad.stderr))
    return problems


def reader_gone(command, folder):
    plain = server()
    url = 'http://127.0.0.1:%d/clear/index.m3u8' % plain.server_port
    child = subprocess.Popen([command, '-q', url, '-o', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.read(100)
    child.stdout.close()
    status, text = child.wait(30), child.stderr.read()
    plain.shutdown()
    return [] if (status, text) == (8, b'') else ['exit %d, %r' % (status, text)]


def disk_full(command, folder):
    plain = server()
    url = 'http://127.0.0.1:%d/clear/index.m3u8' % plain.server_port
    problems = []
    for place, words in (('/dev/full', []), (os.path.join(folder, 'limit.mp4'), ['-f', '100'])):
        if place == '/dev/full' and not os.path.exists(place):
            continue
        limit = 'ulimit %s %s; ' % tuple(words) if words else ''
        start = time.monotonic()
        result = run('bash', '-c', limit + 'exec "$0" -q "$1" -o "$2"', command, url, place)
        if result.returncode != 8 or not result.stderr:
            problems.append('%s: exit %d, %r' % (place, result.returncode, result.stderr))
        if time.monotonic() - start > 5:
            problems.append('%s: took %.1f s' % (place, time.monotonic() - start))
    if os.path.exists(os.path.join(folder, 'limit.mp4')):
        problems.append('a cut file has the final name')
    plain.shutdown()
    return problems


def stopped(command, folder):
    slow = server(delay=0.4)
    url = 'http://127.0.0.1:%d/clear/index.m3u8' % slow.server_port
    problems = []
    for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        out = os.path.join(folder, 'stopped-%d.mp4' % expected)
        child = subprocess.Popen([command, '-q', '-j', '1', url, '-o', out], stderr=subprocess.PIPE)
        # The .part grows with the second fragment: from then on a stop leaves something whole.
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (os.path.exists(out + '.part') and os.path.getsize(out + '.part') > 1000):
            time.sleep(0.02)
        child.send_signal(number)
        status = child.wait(10)
        if status != expected:
            problems.append('%s: exit %d' % (number.name, status))
        if os.path.exists(out) or not os.path.exists(out + '.part'):
            problems.append('%s: %s' % (number.name, os.listdir(folder)))
        else:
            problems += mp4check.Checker(out + '.part').problems
    slow.shutdown()
    return problems


CASES = (https, reader_gone, disk_full, stopped)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--hls2mp4', required=True)
    command = os.path.abspath(parser.parse_args().hls2mp4)
    passed = failed = 0
    for case in CASES:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                problems = case(command, folder)
            except subprocess.TimeoutExpired:
                problems = ['no end in time']
        print('%s %s %.2f s' % ('FAIL' if problems else 'ok  ', case.__name__, time.monotonic() - start), flush=True)
        for problem in problems:
            print('     ' + problem)
        passed, failed = passed + (not problems), failed + bool(problems)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
