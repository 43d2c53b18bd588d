#!/usr/bin/env python3
"""chromiumcheck.py [--chromium PROGRAM] MODE FILE: whether Chromium plays an MP4. One line; 0: it does, 1: not, 3: cannot say.

MODE `file`: progressive playback with Range requests, five seeks, then the last two seconds to their end.
MODE `mse`: the same after appending the whole file to a SourceBuffer, with codec strings made of its sample entries.
"""
import argparse
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

import mp4reader

PAGE = r"""<!doctype html><meta charset=utf-8><video id=v muted playsinline></video><script>
const mode = %(mode)s, type = %(type)s, v = document.getElementById('v'), result = {sizes: [], seeks: []};
let done = false;
function report(problem) {
  if (done) return;
  done = true;
  const q = v.getVideoPlaybackQuality();
  Object.assign(result, {problem, duration: v.duration, frames: q.totalVideoFrames, audioBytes: v.webkitAudioDecodedByteCount,
    buffered: v.buffered.length ? [v.buffered.start(0), v.buffered.end(v.buffered.length - 1), v.buffered.length] : []});
  fetch('/result', {method: 'POST', body: JSON.stringify(result)});
}
const within = (promise, seconds, what) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(what), seconds * 1000))]);
const once = (target, name) => new Promise(go => target.addEventListener(name, go, {once: true}));
v.addEventListener('error', () => report('error ' + v.error.code + ': ' + v.error.message));
v.addEventListener('resize', () => result.sizes.push(v.videoWidth + 'x' + v.videoHeight));
async function seek(time) {
  const seeked = once(v, 'seeked');
  v.currentTime = time;
  await within(seeked, 20, 'no picture after seeking to ' + time);
  if (Math.abs(v.currentTime - time) > 0.5) throw 'sought ' + time + ', is at ' + v.currentTime;
  result.seeks.push([time, v.videoWidth]);
}
async function play(from, to) {
  await seek(from);
  const ended = once(v, 'ended');
  v.playbackRate = 4;
  await within(v.play(), 20, 'does not play');
  if (to >= v.duration) await within(ended, 60, 'does not end');
  else await within(new Promise(go => { const t = setInterval(() => v.currentTime >= to && (clearInterval(t), go()), 20); }), 60, 'stops at ' + v.currentTime);
  v.pause();
}
(async () => {
  try {
    if (mode == 'mse') {
      if (!MediaSource.isTypeSupported(type)) { result.unsupported = type; return report('not supported: ' + type); }
      const source = new MediaSource();
      v.src = URL.createObjectURL(source);
      await within(once(source, 'sourceopen'), 20, 'no sourceopen');
      const buffer = source.addSourceBuffer(type);
      let appendError;
      buffer.addEventListener('error', () => { appendError = 'append failed'; });
      const data = await (await fetch('/media.mp4')).arrayBuffer();
      for (let at = 0; at < data.byteLength; at += 1 << 20) {
        buffer.appendBuffer(data.slice(at, at + (1 << 20)));
        await within(once(buffer, 'updateend'), 20, 'no updateend');
        if (appendError) throw appendError;
      }
      source.endOfStream();
    } else v.src = '/media.mp4';
    if (v.readyState < 1) await within(once(v, 'loadedmetadata'), 20, 'no metadata');
    const end = v.duration;
    if (!isFinite(end)) throw 'no duration';
    for (const part of [0.5, 0.1, 0.9, 0.75, 0.25]) await seek(end * part);
    await play(%(whole)s ? 0 : Math.max(0, end - 2), end);
    report('');
  } catch (problem) { report(String(problem)); }
})();
</script>"""


def codec_string(kind, parts):
    """The codecs parameter (RFC 6381) of a sample entry, or None."""
    if kind in ('avc1', 'avc3'):
        return '%s.%s' % (kind, parts[b'avcC'][1:4].hex())
    if kind in ('hvc1', 'hev1'):
        config = parts[b'hvcC']
        compatibility = int('{:032b}'.format(int.from_bytes(config[2:6], 'big'))[::-1], 2)
        constraints = ''.join('.%X' % byte for byte in config[6:12].rstrip(b'\0'))
        return '%s.%s%d.%X.%s%d%s' % (kind, ['', 'A', 'B', 'C'][config[1] >> 6], config[1] & 31, compatibility,
                                      'LH'[config[1] >> 5 & 1], config[12], constraints)
    if kind == 'mp4a':
        match = re.search(rb'\x05(?:\x80\x80\x80)?.(.)', parts[b'esds'][20:], re.DOTALL)
        kind_of_object = parts[b'esds'].find(b'\x04')
        indication = re.search(rb'\x04(?:\x80\x80\x80)?.(.)', parts[b'esds'][4:], re.DOTALL).group(1)[0] if kind_of_object >= 0 else 0x40
        return 'mp4a.%x' % indication + ('.%d' % (match.group(1)[0] >> 3) if match and indication == 0x40 else '')
    return {'ac-3': 'ac-3', 'ec-3': 'ec-3', 'Opus': 'opus', 'fLaC': 'flac', 'vp09': 'vp09.00.10.08', 'av01': 'av01.0.00M.08'}.get(kind)


def content_type(path):
    """The type for addSourceBuffer: the first entry of each audio and video track."""
    codecs = []
    tracks = mp4reader.File(path).tracks.values()
    for track in tracks:
        if track.handler in ('vide', 'soun'):
            codec = codec_string(track.entries[0][0], track.entries[0][1])
            if codec and codec not in codecs:
                codecs.append(codec)
    kind = 'video' if any(track.handler == 'vide' for track in tracks) else 'audio'
    return '%s/mp4; codecs="%s"' % (kind, ', '.join(codecs))


def handler(page, path, box):
    """A request handler for the page, the media with ranges, and the result."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def log_message(self, *_):
            pass

        def answer(self, status, body, kind='text/html', **fields):
            self.send_response(status)
            for name, value in {'Content-Type': kind, 'Content-Length': str(len(body)), **fields}.items():
                self.send_header(name.replace('_', '-'), value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == '/':
                return self.answer(200, page.encode())
            if self.path != '/media.mp4':
                return self.answer(404, b'')
            size = os.path.getsize(path)
            match = re.match(r'bytes=(\d+)-(\d*)$', self.headers.get('Range', ''))
            first = int(match.group(1)) if match else 0
            last = min(size - 1, int(match.group(2))) if match and match.group(2) else size - 1
            if first > last:
                return self.answer(416, b'', Content_Range='bytes */%d' % size)
            with open(path, 'rb') as file:
                file.seek(first)
                body = file.read(last - first + 1)
            try:
                fields = {'Content_Range': 'bytes %d-%d/%d' % (first, last, size)} if match else {}
                self.answer(206 if match else 200, body, 'video/mp4', Accept_Ranges='bytes', **fields)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def do_POST(self):
            box.append(json.loads(self.rfile.read(int(self.headers['Content-Length']))))
            self.answer(204, b'')
            box_filled.set()

    box_filled = threading.Event()
    Handler.filled = box_filled
    return Handler


def run(program, mode, path, whole=False, seconds=120):
    """What the page reported; None where Chromium said nothing."""
    page = PAGE % {'mode': json.dumps(mode), 'type': json.dumps(content_type(path)), 'whole': json.dumps(whole)}
    box = []
    answers = handler(page, path, box)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [program, '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-extensions',
             '--disable-background-networking', '--autoplay-policy=no-user-gesture-required', '--mute-audio',
             '--user-data-dir=' + profile, 'http://127.0.0.1:%d/' % server.server_port],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            answers.filled.wait(seconds)
        finally:
            browser.terminate()
            try:
                browser.wait(10)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
            server.shutdown()
    return box[0] if box else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--chromium', default='chromium', help='the program')
    parser.add_argument('--whole', action='store_true', help='play all of it (at four times its speed)')
    parser.add_argument('--json', action='store_true', help='print everything the page saw')
    parser.add_argument('mode', choices=('file', 'mse'))
    parser.add_argument('file')
    arguments = parser.parse_args()
    result = run(arguments.chromium, arguments.mode, arguments.file, arguments.whole)
    if result is None:
        print('Chromium did not answer')
        sys.exit(3)
    if arguments.json:
        print(json.dumps(result))
    elif result['problem']:
        print(result['problem'])
    else:
        if '0x0' in result['sizes']:
            print('it has no decoder for the picture')
            sys.exit(3)
        print('%.3f s, pictures %s' % (result['duration'], ', '.join(dict.fromkeys(result['sizes'])) or 'none'))
    # Builds differ in the codecs they have.
    lacks_codec = 'unsupported' in result or 'NO_SUPPORTED_STREAMS' in result['problem'] or '0x0' in result['sizes']
    sys.exit(3 if lacks_codec else 1 if result['problem'] else 0)


if __name__ == '__main__':
    main()
