#!/usr/bin/env python3
"""faultcheck.py --hls2mp4 BINARY [CASE...]: the faults of the fault matrix that only the built command shows, from outside.

Full disks and limits on files, readers that are slow, stop or go away, signals, few file descriptors, name servers, proxies, downgrades
by redirect, compression bombs, and a trace of what a hostile playlist makes the process open. Prints one line a case and the counts; where
HLS2MP4_RELIABILITY names a file, what was promised and shown goes there too, a line a row, for docs/reliability.md.
"""
import argparse
import http.server
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import mp4check
from commandcheck import STREAMS, certificates, run, server

STREAM = 'aes128-explicit-iv'
SAME = 'exit 0, the same bytes'


class Row:
    """One line of the table: what is promised, and whether that was seen."""
    rows = []

    def __init__(self, identity, fault, place, promised):
        self.fields = [identity, fault, place, promised]
        self.problems = []
        self.shown = promised
        Row.rows.append(self)

    def expect(self, condition, text):
        if not condition:
            self.problems.append(text)

    def log(self):
        path = os.environ.get('HLS2MP4_RELIABILITY')
        if path:
            with open(path, 'a') as file:
                file.write('\t'.join(self.fields + [self.shown if not self.problems else 'NOT AS PROMISED']) + '\n')


class Quiet(http.server.ThreadingHTTPServer):
    """A server that does not tell of clients that go away."""
    daemon_threads = True

    def handle_error(self, *_):
        pass


class Scripted(http.server.BaseHTTPRequestHandler):
    """Serves a dictionary of bytes; a value may also be a function that answers."""
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        with type(self).lock:
            type(self).asked.append(self.path)
        body = type(self).content.get(self.path.split('?')[0])
        try:
            if callable(body):
                return body(self)
            self.answer(404 if body is None else 200, body or b'')
        except OSError:
            self.close_connection = True

    def answer(self, status, body=b'', **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, location):
        self.answer(302, Location=location)


def scripted(content, context=None):
    handler = type('Handler', (Scripted,), {'content': content, 'asked': [], 'lock': threading.Lock()})
    found = Quiet(('127.0.0.1', 0), handler)
    found.asked = handler.asked
    if context:
        found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    return found


def fixture(name=STREAM):
    folder = os.path.join(STREAMS, name)
    return {'/' + entry: open(os.path.join(folder, entry), 'rb').read() for entry in os.listdir(folder)}


def url(of, path='/index.m3u8', scheme='http', host='127.0.0.1'):
    return '%s://%s:%d%s' % (scheme, host, of.server_port, path)


def bytes_of(path):
    with open(path, 'rb') as file:
        return file.read()


def whole_fragments(data):
    """A file up to its last whole fragment."""
    offset = end = 0
    while offset + 8 <= len(data):
        size = int.from_bytes(data[offset:offset + 4], 'big')
        if size < 8 or offset + size > len(data):
            break
        offset += size
        if data[offset - size + 4:offset - size + 8] in (b'moov', b'mdat'):
            end = offset
    return data[:end]


class Bench:
    """The command, a folder, and the bytes of a clean run."""

    def __init__(self, command, folder):
        self.command, self.folder = command, folder
        plain = scripted(fixture())
        self.gold_path = self.path('gold.mp4')
        good = self.run(url(plain), '-o', self.gold_path)
        assert good.returncode == 0, good.stderr
        self.gold = bytes_of(self.gold_path)
        plain.shutdown()

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words, **options):
        return run(self.command, '-q', *words, **options)

    def same(self, row, result, out):
        row.expect(result.returncode == 0, 'exit %d, %s' % (result.returncode, result.stderr))
        row.expect(os.path.exists(out) and bytes_of(out) == self.gold, 'the output differs')

    def part_plays(self, row, part):
        row.expect(os.path.exists(part), 'no .part')
        if os.path.exists(part):
            whole = whole_fragments(bytes_of(part))
            with open(self.path('whole.mp4'), 'wb') as file:
                file.write(whole)
            for problem in mp4check.Checker(self.path('whole.mp4'), unfinished=True).problems:
                row.expect(False, problem)


def peak_rss(words):
    """Runs a command; its exit status, its words on stderr, its peak RSS in MiB, and how long it took."""
    start = time.monotonic()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    text = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, text, usage.ru_maxrss / 1024, time.monotonic() - start


# F19: what https leads to

def downgrade(bench):
    context, authority = certificates(bench.folder)
    plain = scripted(fixture())
    for name, place, code in (('/index.m3u8', 'playlist', 4), ('/key.bin', 'key', 6)):
        row = Row('F19', 'a redirect from https to http', place, 'exit %d, nothing asked over http' % code)
        content = fixture()
        content[name] = lambda request: request.redirect(url(plain, request.path))
        secure = scripted(content, context)
        result = bench.run(url(secure, scheme='https'), '-o', bench.path(place + '.mp4'), '--ca-file', authority)
        row.expect(result.returncode == code and b'https' in result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))
        row.expect(not plain.asked, 'asked: %s' % plain.asked)
        secure.shutdown()
    row = Row('F19', 'a redirect from https to http', 'middle segment', SAME + ', warns')
    content = fixture()
    content['/003.ts'] = lambda request: request.redirect(url(plain, request.path))
    secure = scripted(content, context)
    out = bench.path('segment.mp4')
    result = bench.run(url(secure, scheme='https'), '-o', out, '--ca-file', authority)
    bench.same(row, result, out)
    row.expect(b'http' in result.stderr, 'no warning: %s' % result.stderr)


# F32: compression

def bomb(bench):
    row = Row('F32', '1 MB of gzip that become 1 GB', 'playlist', 'exit 4 at 64 MiB, RSS below 200 MiB')
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(fixture()['/index.m3u8'] + b'#')
    for _ in range(1024):
        packed += packer.compress(bytes([0x61]) * (1 << 20))
    packed += packer.flush()
    content = {'/index.m3u8': lambda request: request.answer(200, packed, Content_Encoding='gzip')}
    code, text, rss, seconds = peak_rss([bench.command, '-q', url(scripted(content)), '-o', bench.path('bomb.mp4')])
    row.expect(code == 4 and b'limit' in text, 'exit %d, %s' % (code, text))
    row.expect(rss < 200, 'RSS %.0f MiB' % rss)


# F47, F48: the output cannot be written

def output_fails(bench):
    plain = scripted(fixture())
    folder = bench.path('disk')
    os.mkdir(folder)
    row = Row('F47', 'a disk with no room (tmpfs)', 'output', 'exit 8 at once, the .part plays')
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=100k', 'none', folder], capture_output=True).returncode == 0
    try:
        if mounted:
            out = os.path.join(folder, 'out.mp4')
            start = time.monotonic()
            result = bench.run(url(plain), '-o', out)
            row.expect(result.returncode == 8 and b'space' in result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))
            row.expect(time.monotonic() - start < 5, 'not at once')
            row.expect(not os.path.exists(out), 'it has the final name')
            bench.part_plays(row, out + '.part')
        else:
            row.shown = 'not run: no tmpfs here'
    finally:
        if mounted:
            subprocess.run(['umount', folder], check=True)

    cases = (
        ('F47', '/dev/full', '/dev/full', '', b'space'),
        ('F48', 'RLIMIT_FSIZE (SIGXFSZ)', bench.path('limit.mp4'), 'ulimit -f 100; ', b'large'),
        ('F48', 'a folder that is not there', bench.path('none/out.mp4'), '', b'No such'),
        ('F48', 'a folder in place of the file', folder, '', b''),
        ('F48', 'a file system that takes no files', '/proc/out.mp4', '', b''),
    )
    for identity, name, out, limit, words in cases:
        row = Row(identity, name, 'output', 'exit 8 at once, no file under the final name')
        if out.startswith('/proc') and not os.path.isdir('/proc/self'):
            row.shown = 'not run'
            continue
        start = time.monotonic()
        result = run('bash', '-c', limit + 'exec "$0" -q "$1" -o "$2"', bench.command, url(plain), out)
        row.expect(result.returncode == 8 and result.stderr and words in result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))
        row.expect(time.monotonic() - start < 5, 'not at once')
        row.expect(not os.path.isfile(out), 'it has the final name')

    row = Row('F48', 'the folder is removed meanwhile', 'output', 'exit 8, no file under the final name')
    gone = bench.path('gone')
    os.mkdir(gone)
    content = fixture()

    def last(request):
        shutil.rmtree(gone)
        request.answer(200, fixture()['/005.ts'])
    content['/005.ts'] = last
    result = bench.run('-j', '1', url(scripted(content)), '-o', os.path.join(gone, 'out.mp4'))
    row.expect(result.returncode == 8 and result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))


# F49, F50: standard output

def standard_output(bench):
    plain = scripted(fixture())
    row = Row('F50', 'standard output is a pipe', 'output', 'exit 0, valid, the fragments of the file')
    result = bench.run(url(plain), '-o', '-')
    piped = bench.path('piped.mp4')
    with open(piped, 'wb') as file:
        file.write(result.stdout)
    row.expect(result.returncode == 0, 'exit %d, %s' % (result.returncode, result.stderr))
    for problem in mp4check.Checker(piped, pipe=True).problems:
        row.expect(False, problem)
    fragments = lambda data: data[data.find(b'moof') - 4:]
    row.expect(fragments(result.stdout) == fragments(bench.gold), 'other fragments than the file')
    piped_bytes = result.stdout

    row = Row('F49', 'the reader goes away after 1,000 bytes', 'output', 'exit 8, silently')
    child = subprocess.Popen([bench.command, '-q', url(plain), '-o', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.read(1000)
    child.stdout.close()
    status, text = child.wait(30), child.stderr.read()
    row.expect((status, text) == (8, b''), 'exit %d, %r' % (status, text))

    row = Row('F49', 'a reader of 50 KB/s, --stall-timeout 1', 'output', 'exit 0, valid, no timeout')
    child = subprocess.Popen([bench.command, '-q', '--stall-timeout', '1', url(plain), '-o', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = b''
    while True:
        piece = child.stdout.read(5_000)
        data += piece
        if not piece:
            break
        time.sleep(0.1)
    row.expect(child.wait(30) == 0 and data == piped_bytes, 'exit %d, %r, %d bytes' % (child.returncode, child.stderr.read(), len(data)))

    row = Row('F49', 'a reader that stops for 4 s while the server closes idle connections, --stall-timeout 1', 'output',
              'exit 0, valid, no timeout')
    long = {'/index.m3u8': None}
    # Much more than a pipe and all buffers hold.
    base = fixture('clear')
    lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-PLAYLIST-TYPE:VOD']
    padding = b'\x47\x1f\xff\x10' + b'\xff' * 184
    for number in range(24):
        name = '/%d.ts' % number
        long[name] = base['/00%d.ts' % (number % 6)] + padding * 10_000
        lines += ['#EXT-X-DISCONTINUITY', '#EXTINF:1,', name[1:]]
    long['/index.m3u8'] = '\n'.join(lines + ['#EXT-X-ENDLIST', '']).encode()
    closing = scripted(long)
    closing.RequestHandlerClass.timeout = 1
    expected = bench.run(url(closing), '-o', '-', '-j', '2')
    row.expect(expected.returncode == 0, 'clean: exit %d, %s' % (expected.returncode, expected.stderr))
    child = subprocess.Popen([bench.command, '-q', '-j', '2', '--max-memory', '4', '--stall-timeout', '1', url(closing), '-o', '-'],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = child.stdout.read(1000)
    time.sleep(4)
    data += child.stdout.read()
    row.expect(child.wait(60) == 0 and data == expected.stdout, 'exit %d, %r, %d of %d bytes' % (
        child.returncode, child.stderr.read(), len(data), len(expected.stdout)))


# F51, F53: signals

def grown(part, child, least=1000):
    """Waits until a .part has begun to grow."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.poll() is None:
        if os.path.exists(part) and os.path.getsize(part) > least:
            return
        time.sleep(0.02)


def heeded():
    """A shell that starts something in the background has it ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def signals(bench):
    slow = server(delay=0.3)
    address = url(slow, '/clear/index.m3u8')
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        row = Row('F51', number.name, 'process', 'exit %d in 2 s, the .part is closed and plays' % code)
        out = bench.path('signal-%d.mp4' % code)
        child = subprocess.Popen([bench.command, '-q', '-j', '1', address, '-o', out], stderr=subprocess.PIPE,
                                 preexec_fn=heeded)
        grown(out + '.part', child)
        start = time.monotonic()
        child.send_signal(number)
        row.expect(child.wait(20) == code, 'exit %d, %s' % (child.returncode, child.stderr.read()))
        row.expect(time.monotonic() - start < 2, 'took %.1f s' % (time.monotonic() - start))
        row.expect(not os.path.exists(out), 'it has the final name')
        row.expect(os.path.exists(out + '.part') and mp4check.Checker(out + '.part').problems == [], 'the .part is not closed')
    row = Row('F51', 'SIGINT twice', 'process', 'exit 130 at once, the .part plays')
    stuck = fixture('clear')
    ended = threading.Event()
    stuck['/003.ts'] = lambda request: ended.wait(20)
    out = bench.path('twice.mp4')
    child = subprocess.Popen([bench.command, '-q', '-j', '1', url(scripted(stuck)), '-o', out], stderr=subprocess.PIPE, preexec_fn=heeded)
    grown(out + '.part', child)
    child.send_signal(signal.SIGINT)
    time.sleep(0.01)
    start = time.monotonic()
    try:
        child.send_signal(signal.SIGINT)
    except ProcessLookupError:
        pass
    row.expect(child.wait(20) in (130, -signal.SIGINT), 'exit %d' % child.returncode)
    row.expect(time.monotonic() - start < 1, 'took %.1f s' % (time.monotonic() - start))
    ended.set()
    bench.part_plays(row, out + '.part')

    row = Row('F53', 'SIGSTOP for 4 s within a body, --stall-timeout 1', 'process', SAME + ', nothing asked twice')
    content = fixture()

    def halves(request):
        body = fixture()['/003.ts']
        request.send_response(200)
        request.send_header('Content-Length', str(len(body)))
        request.end_headers()
        request.wfile.write(body[:10_000])
        request.wfile.flush()
        sent.set()
        goes_on.wait(20)
        request.wfile.write(body[10_000:])
    sent, goes_on = threading.Event(), threading.Event()
    content['/003.ts'] = halves
    origin = scripted(content)
    out = bench.path('stopped.mp4')
    child = subprocess.Popen([bench.command, '-q', '--stall-timeout', '1', url(origin), '-o', out], stderr=subprocess.PIPE)
    sent.wait(20)
    child.send_signal(signal.SIGSTOP)
    time.sleep(4)
    child.send_signal(signal.SIGCONT)
    goes_on.set()
    child.wait(30)
    bench.same(row, subprocess.CompletedProcess([], child.returncode, b'', child.stderr.read()), out)
    row.expect(origin.asked.count('/003.ts') == 1, 'asked %d times' % origin.asked.count('/003.ts'))


# F55: few descriptors, names

def descriptors(bench):
    plain = scripted(fixture())
    for limit, jobs in ((32, 10), (32, 64)):
        row = Row('F55', '%d file descriptors, %d jobs' % (limit, jobs), 'process', SAME)
        out = bench.path('fd-%d-%d.mp4' % (limit, jobs))
        result = run('bash', '-c', 'ulimit -n %d; exec "$0" -q -j %d "$1" -o "$2"' % (limit, jobs), bench.command, url(plain), out)
        bench.same(row, result, out)


RESOLVER = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* Names of the test: slow.test comes after a while, never.test much later, hole.test has an address that nothing answers. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!node || !strstr(node, ".test")) return real(node, service, hints, out);
    if (strstr(node, "fails")) return EAI_AGAIN;
    if (strstr(node, "slow")) sleep(2);
    if (strstr(node, "never")) sleep(60);
    if (strstr(node, "hole") && hints && hints->ai_family != AF_INET) {
        struct addrinfo *first = NULL, *second = NULL;
        int code = real("::1", service, hints, &first);
        if (code) return code;
        struct addrinfo four = *hints;
        four.ai_family = AF_INET;
        code = real("127.0.0.1", service, &four, &second);
        if (code) return code;
        first->ai_next = second;
        *out = first;
        return 0;
    }
    return real("127.0.0.1", service, hints, out);
}
'''


def names(bench):
    compiler = shutil.which('cc') or shutil.which('clang')
    rows = [Row('F55', 'a name server that takes 2 s', 'playlist', SAME),
            Row('F55', 'a name server that does not answer', 'playlist', 'exit 3 in less than 60 s, names it'),
            Row('F55', 'a name server that fails', 'playlist', 'exit 3, names it'),
            Row('F55', 'an IPv6 address that nothing answers, and an IPv4 one', 'stream', SAME + ', without the time limit of a connection')]
    library = bench.path('resolver.so')
    with open(bench.path('resolver.c'), 'w') as file:
        file.write(RESOLVER)
    if not compiler or not sys.platform.startswith('linux') or subprocess.run(
            [compiler, '-shared', '-fPIC', '-o', library, bench.path('resolver.c'), '-ldl'], capture_output=True).returncode:
        for row in rows:
            row.shown = 'not run: needs Linux and a C compiler'
        return
    environment = dict(os.environ, LD_PRELOAD=library)
    plain = scripted(fixture())
    out = bench.path('slow-name.mp4')
    bench.same(rows[0], bench.run(url(plain, host='slow.test'), '-o', out, env=environment), out)

    start = time.monotonic()
    result = subprocess.run([bench.command, '-q', '--retries', '1', url(plain, host='never.test'), '-o', bench.path('never.mp4')],
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=environment)
    seconds = time.monotonic() - start
    rows[1].expect(result.returncode == 3 and b'never.test' in result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))
    rows[1].expect(seconds < 60, 'took %.0f s' % seconds)

    result = bench.run('--retries', '1', url(plain, host='fails.test'), '-o', bench.path('fails.mp4'), env=environment)
    rows[2].expect(result.returncode == 3 and b'resolved' in result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))

    # A listener whose queue is full drops what comes.
    import socket
    try:
        hole = socket.socket(socket.AF_INET6)
        hole.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        hole.bind(('::1', plain.server_port))
        hole.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket(socket.AF_INET6)
            filler.setblocking(False)
            filler.connect_ex(('::1', plain.server_port))
            fillers.append(filler)
    except OSError:
        rows[3].shown = 'not run: no IPv6 here'
        return
    start = time.monotonic()
    out = bench.path('hole.mp4')
    bench.same(rows[3], bench.run(url(plain, host='hole.test'), '-o', out, env=environment), out)
    rows[3].expect(time.monotonic() - start < 8, 'took %.1f s' % (time.monotonic() - start))


# F56: proxies of the environment

def proxies(bench):
    plain = scripted(fixture())
    dead = dict(os.environ, http_proxy='http://127.0.0.1:1')
    row = Row('F56', 'http_proxy of the environment, where nobody listens', 'stream', 'exit 3, names the proxy')
    result = bench.run(url(plain), '--retries', '1', '-o', bench.path('proxy.mp4'), env=dead)
    row.expect(result.returncode == 3 and b'prox' in result.stderr, 'exit %d, %s' % (result.returncode, result.stderr))
    row = Row('F56', 'the same with NO_PROXY for the host', 'stream', SAME)
    out = bench.path('no-proxy.mp4')
    bench.same(row, bench.run(url(plain), '-o', out, env=dict(dead, NO_PROXY='127.0.0.1', no_proxy='127.0.0.1')), out)
    row = Row('F56', 'the same with --proxy ""', 'stream', SAME)
    out = bench.path('proxy-empty.mp4')
    bench.same(row, bench.run(url(plain), '--proxy', '', '-o', out, env=dead), out)


# F60: what a hostile playlist makes the process open

OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD|\d+), "([^"]*)"')
CONNECTED = re.compile(r'connect\(\d+, \{sa_family=(AF_\w+)(.*?)\}')


def hostile_playlists(port):
    """Name and text of playlists that ask for what is not theirs."""
    base = fixture()['/index.m3u8'].decode()
    for address in ('file:///etc/passwd', 'file://localhost/etc/passwd', '/etc/passwd', '../../../../../etc/passwd',
                    'concat:file:///etc/passwd|http://127.0.0.1:%d/000.ts' % port, 'subfile,,start,0,end,9,,:/etc/passwd',
                    'crypto:file:///etc/passwd', 'pipe:0', 'tcp://127.0.0.1:1', 'ftp://127.0.0.1:1/a', 'gopher://127.0.0.1:1/a',
                    'data:text/plain,/etc/passwd', 'unix:/run/a', 'http://user@127.0.0.1:%d/003.ts@file:///etc/passwd' % port):
        yield 'segment ' + address, base.replace('003.ts', address)
        yield 'key ' + address, base.replace('key.bin', address)
        yield 'section ' + address, base.replace('#EXTINF', '#EXT-X-MAP:URI="%s"\n#EXTINF' % address, 1).replace('VERSION:3', 'VERSION:6')
        yield 'variant ' + address, '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n%s\n' % address


def media_that_names_files(port):
    """Media Segments whose bytes make a player open something: playlists, lists and redirections of libavformat."""
    yield 'a playlist', b'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'
    yield 'a concat list', b'ffconcat version 1.0\nfile /etc/passwd\n'
    yield 'an SDP', b'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=a\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\n'
    yield 'a DASH manifest', b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>'
    yield 'an AVI', b'RIFF\x00\x01\x00\x00AVI LIST' + b'GAB2\x00\x02\x00' * 20
    # A data reference (dref) to a file: QuickTime's way to keep media elsewhere.
    reference = b'file:///etc/passwd\x00'
    entry = (12 + len(reference)).to_bytes(4, 'big') + b'url \x00\x00\x00\x00' + reference
    dref = (16 + len(entry)).to_bytes(4, 'big') + b'dref\x00\x00\x00\x00\x00\x00\x00\x01' + entry
    box = lambda kind, body: (8 + len(body)).to_bytes(4, 'big') + kind + body
    yield 'an MP4 with its media elsewhere', box(b'ftyp', b'qt  \x00\x00\x00\x00qt  ') + box(
        b'moov', box(b'trak', box(b'mdia', box(b'minf', box(b'dinf', dref)))))


def traced(bench):
    row = Row('F60', 'system calls under hostile playlists and segments', 'stream',
              'no file but the output and the system\'s is opened, no connection but to the server')
    if not shutil.which('strace') or subprocess.run(['strace', '-o', '/dev/null', 'true'], capture_output=True).returncode:
        row.shown = 'not run: needs strace'
        return
    content = fixture()
    origin = scripted(content)
    cases = []
    for number, (name, text) in enumerate(hostile_playlists(origin.server_port)):
        path = '/hostile-%d.m3u8' % number
        content[path] = text.encode()
        cases.append((name, path))
    clear = fixture('clear')
    for number, (name, body) in enumerate(media_that_names_files(origin.server_port)):
        path = '/media-%d' % number
        content[path + '.ts'] = body
        text = clear['/index.m3u8'].decode().replace('003.ts', path[1:] + '.ts')
        for entry, value in clear.items():
            content.setdefault('/clear' + entry, value)
        content[path + '.m3u8'] = re.sub(r'(?m)^(00\d\.ts)$', r'clear/\1', text).encode()
        cases.append((name, path + '.m3u8'))

    def trace(path, out):
        """The result, what was opened, what was connected to, and how many programs were started."""
        log = bench.path('trace')
        result = run('strace', '-f', '-qq', '-s', '400', '-e', 'trace=openat,open,connect,socket,execve', '-o', log, bench.command, '-q',
                     '--retries', '0', '--on-missing', 'gap', url(origin, path), '-o', out)
        with open(log, errors='replace') as file:
            text = file.read()
        name = os.path.basename(out)
        opened = {re.sub(r'^/proc/\d+/', '/proc/self/', found).replace(name, 'OUT') for found in OPENED.findall(text)}
        return result, opened, CONNECTED.findall(text), len(re.findall(r'execve\(', text))

    # The libraries, the system's settings and the output are what a run without malice opens.
    _, usual, _, _ = trace('/index.m3u8', bench.path('usual.mp4'))
    row.expect('/etc/passwd' not in usual, 'a clean run opens /etc/passwd')
    row.expect(any(path.endswith('OUT.part') for path in usual), 'the trace shows nothing')
    for number, (name, path) in enumerate(cases):
        result, opened, connected, programs = trace(path, bench.path('traced-%d.mp4' % number))
        row.expect(result.returncode in (0, 3, 4, 5, 6, 7), '%s: exit %d, %s' % (name, result.returncode, result.stderr))
        row.expect(b'root:' not in result.stderr, '%s: contents of a file' % name)
        # The C library asks the kernel about memory and the processors when it likes.
        strange = {path for path in opened - usual if not path.startswith(('/proc/self/stat', '/proc/sys/', '/sys/'))}
        row.expect(not strange, '%s: opens %s' % (name, ', '.join(sorted(strange))))
        for family, address in connected:
            # The C library asks for a cache of names first.
            row.expect('nscd' in address or family == 'AF_INET' and 'htons(%d)' % origin.server_port in address and '127.0.0.1' in address,
                       '%s: connects to %s%s' % (name, family, address))
        row.expect(programs == 1, '%s: starts a program' % name)
    row.shown = '%d inputs, each as promised' % len(cases)


CASES = (downgrade, bomb, output_fails, standard_output, signals, descriptors, names, proxies, traced)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--hls2mp4', required=True)
    parser.add_argument('cases', nargs='*', help='default: all: ' + ', '.join(case.__name__ for case in CASES))
    options = parser.parse_args()
    command = os.path.abspath(options.hls2mp4)
    for name in list(os.environ):
        if name.lower().endswith('_proxy'):
            del os.environ[name]
    failed = 0
    for case in CASES:
        if options.cases and case.__name__ not in options.cases:
            continue
        start, first = time.monotonic(), len(Row.rows)
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(Bench(command, os.path.realpath(folder)))
            except subprocess.TimeoutExpired as error:
                Row.rows[-1].expect(False, 'no end in time: %s' % error)
        rows = Row.rows[first:]
        print('%s %s %.2f s' % ('FAIL' if any(row.problems for row in rows) else 'ok  ', case.__name__, time.monotonic() - start), flush=True)
        for row in rows:
            for problem in row.problems[:10]:
                print('     %s %s, %s: %s' % (*row.fields[:3], problem))
            row.log()
        failed += sum(1 for row in rows if row.problems)
    print('%d rows, %d failed' % (len(Row.rows), failed))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
