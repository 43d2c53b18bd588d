"""Tests of the verification tools: they agree with ffprobe on good streams, and see every damage done to a file on purpose.

Run in this folder: python3 -m unittest test_tools
"""
import os
import shutil
import struct
import subprocess
import tempfile
import unittest

import comparetool
import endtoend
import flatcheck
import hlssource
import mp4check
import mp4reader
import seekcheck
import tspackets

FRAGMENTED = 'frag_keyframe+delay_moov+default_base_moof'


def stream(name):
    return os.path.join(endtoend.STREAMS, name, 'index.m3u8')


def clear_bytes(name):
    return b''.join(chunk for run in hlssource.runs([stream(name)]) for chunk in run)


class Folder(unittest.TestCase):
    """Tests with a folder of their own, and an MP4 of the stream `clear` made by ffmpeg in it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.source = os.path.join(cls.folder, 'source.ts')
        with open(cls.source, 'wb') as file:
            file.write(clear_bytes('clear'))
        cls.plain = cls.remux('plain.mp4', FRAGMENTED)
        cls.indexed = cls.remux('indexed.mp4', FRAGMENTED + '+global_sidx')
        cls.flat = cls.remux('flat.mp4', 'faststart')

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def remux(cls, name, flags, source=None, *options):
        out = os.path.join(cls.folder, name)
        subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-y', '-i', source or cls.source, '-c', 'copy', *options,
                        '-bsf:a', 'aac_adtstoasc', '-movflags', flags, '-movie_timescale', '90000', out], check=True)
        return out

    def damaged(self, original, change):
        """A copy of a file after `change(bytearray, mp4reader.File)`."""
        file = mp4reader.File(original)
        data = bytearray(file.data[:])
        data = change(data, file) or data
        out = os.path.join(self.folder, 'damaged.mp4')
        with open(out, 'wb') as target:
            target.write(data)
        return out


class TransportStream(Folder):
    def test_agrees_with_ffprobe(self):
        for name in ('clear', 'video-only', 'audio-only', 'late-audio', 'long-gop', 'hevc'):
            path = os.path.join(self.folder, name + '.ts')
            with open(path, 'wb') as file:
                file.write(clear_bytes(name))
            codecs, streams = tspackets.demux(hlssource.file_chunks([path]))
            for index, codec in enumerate(codecs):
                with self.subTest(stream=name, codec=codec):
                    rows = [row.split(',') for row in subprocess.run(
                        ['ffprobe', '-v', 'error', '-select_streams', str(index), '-show_entries', 'packet=pts,dts,size,flags',
                         '-of', 'csv=p=0', path], check=True, stdout=subprocess.PIPE, text=True).stdout.split()]
                    packets = streams[index]
                    self.assertEqual([(round(packet.pts90k), round(packet.dts90k)) for packet in packets],
                                     [(int(row[0]), int(row[1])) for row in rows])
                    self.assertEqual([packet.key for packet in packets], ['K' in row[3] for row in rows])
                    if codec == 'aac':
                        self.assertEqual([packet.size + 7 for packet in packets], [int(row[2]) for row in rows])

    def test_chunks_do_not_matter(self):
        data = clear_bytes('clear')
        whole = tspackets.demux([data])
        self.assertEqual(tspackets.demux(data[at:at + 1000] for at in range(0, len(data), 1000)), whole)

    def test_wrap_is_unwrapped(self):
        _, streams = tspackets.demux([clear_bytes('wrap33')])
        for packets in streams:
            times = [packet.dts90k for packet in packets]
            self.assertTrue(all(0 < later - earlier < 90000 for earlier, later in zip(times, times[1:])))
            self.assertGreater(times[-1], tspackets.WRAP)

    def test_decryption(self):
        for name in ('aes128-explicit-iv', 'aes128-implicit-iv'):
            packets = tspackets.demux([clear_bytes(name)])
            self.assertEqual(packets, tspackets.demux([clear_bytes('clear')]))

    def test_access_units_over_two_pes_and_two_in_one(self):
        codec, nals = 'h264', [b'\x09\xf0', b'\x67abc', b'\x65\x88first']
        second = [b'\x09\xf0', b'\x41\x9asecond', b'\x41\x1amore']
        third = [b'\x41\x9athird']
        join = lambda units: b''.join(b'\0\0\0\1' + unit for unit in units)
        splitter = tspackets.Video(0, codec, 'all')
        first_bytes, rest = join(nals), join(second) + join(third)
        packets = list(splitter.pes(first_bytes[:15], 1000, 900))
        packets += splitter.pes(first_bytes[15:], None, None)
        packets += splitter.pes(rest, 2000, 1900)
        packets += splitter.finish()
        expected = [(units, *time) for units, time in ((nals, (1000, 900)), (second, (2000, 1900)), (third, (None, None)))]
        self.assertEqual([(packet.sha1, packet.pts90k, packet.dts90k) for packet in packets],
                         [(tspackets.hash_nals(codec, units)[0], pts, dts) for units, pts, dts in expected])
        self.assertEqual([packet.key for packet in packets], [True, False, False])

    def test_adts_frames_that_straddle(self):
        frames = [b'\xff\xf1\x4c\x40' + bytes((size >> 3, (size & 7) << 5, 0xFC)) + bytes([number]) * (size - 7)
                  for number, size in enumerate((20, 33, 50, 27))]
        data = b''.join(frames)
        splitter = tspackets.ADTS(0)
        # The second PES starts inside the third frame: its time is the fourth's, the first frame to start in it.
        packets = list(splitter.pes(data[:60], 9000, 9000)) + list(splitter.pes(data[60:-1], 20000, 20000))
        packets += splitter.finish()
        self.assertEqual([packet.size for packet in packets], [13, 26, 43, 19])
        self.assertEqual([packet.pts90k for packet in packets], [9000, 10920, 12840, 20000])
        self.assertEqual([packet.partial for packet in packets], [False, False, False, True])

    def test_lost_packets_and_lost_sync_are_seen(self):
        data = clear_bytes('clear')
        with self.assertRaises(tspackets.StreamError):
            tspackets.demux([data[:188 * 20] + data[188 * 22:]])
        with self.assertRaises(tspackets.StreamError):
            tspackets.demux([data[:1000] + data[1001:]])


class Compare(Folder):
    def problems(self, out, **options):
        return list(comparetool.compare([self.source], out, **options))

    def test_equal_files_are_equal(self):
        for out in (self.plain, self.indexed, self.flat):
            self.assertEqual(self.problems(out), [])
        self.assertEqual(comparetool.compare([stream('aes128-implicit-iv')], self.plain), [])

    def test_one_byte_of_media_is_seen(self):
        def change(data, file):
            data[file.tracks[1].samples[70].offset + 20] ^= 1
        self.assertIn('h264: packet 70', self.problems(self.damaged(self.plain, change))[0])

    def test_times_off_by_two_milliseconds_are_seen(self):
        def shift_fragment(data, file):
            at = data.index(b'tfdt', file.tracks[2].fragments[3].moof)
            at = data.index(b'tfdt', at + 4) + 8  # of the second traf
            data[at:at + 8] = struct.pack('>Q', struct.unpack_from('>Q', data, at)[0] + 96)
        self.assertIn('aac: packet', self.problems(self.damaged(self.plain, shift_fragment))[0])

        def shift_start(data, file):
            at = data.index(b'elst') + 12
            data[at:at + 4] = struct.pack('>I', struct.unpack_from('>I', data, at)[0] + 180)
        self.assertIn('aac: packet 0', self.problems(self.damaged(self.plain, shift_start))[0])

    def test_missing_fragment_and_missing_track_are_seen(self):
        def drop(data, file):
            moofs = [index for index, box in enumerate(file.boxes) if box.kind == b'moof']
            return data[:file.boxes[moofs[2]].start] + data[file.boxes[moofs[3]].start:]
        self.assertIn('packets, the source has', self.problems(self.damaged(self.plain, drop))[0])
        silent = self.remux('silent.mp4', FRAGMENTED, None, '-an')
        self.assertIn('tracks:', self.problems(silent)[0])

    def test_start_not_at_zero_is_seen(self):
        source = os.path.join(self.folder, 'video-only.ts')
        with open(source, 'wb') as file:
            file.write(clear_bytes('video-only'))
        out = self.remux('video-only.mp4', FRAGMENTED, source)
        self.assertEqual(comparetool.compare([source], out), [])

        def forget_edit(data, file):
            at = data.index(b'elst') + 16
            data[at:at + 4] = bytes(4)
        self.assertEqual(comparetool.compare([source], self.damaged(out, forget_edit)),
                         ['the presentation starts at 0.0800 s, not at 0'])

    def test_a_discontinuity_is_laid_out_as_designed(self):
        expected = comparetool.Expected([stream('discontinuity')], 'all')
        video, audio = expected.streams
        self.assertEqual(len(video), 150)
        times = sorted(row[0] for row in video)
        self.assertEqual(times, [3600 * index for index in range(150)])
        ends = [row[0] for row in audio]
        self.assertEqual(ends, sorted(ends))
        self.assertEqual(len(audio), 283)  # 284 in the source: one of the second run lies under the first run's audio


class Structure(Folder):
    def rules(self, path, **options):
        return {problem.split(':')[0] for problem in mp4check.Checker(path, **options).problems}

    def finished(self):
        """`indexed` with its durations patched, as hls2mp4 leaves a file."""
        def change(data, file):
            end = {track.id: max(sample.cts + sample.duration for sample in track.samples) / track.timescale
                   + file.start_shift(track) for track in file.tracks.values()}
            moov = next(box for box in file.boxes if box.kind == b'moov')
            whole = struct.pack('>I', round(max(end.values()) * 90000))
            header = file.find(moov, b'mvhd')
            data[header.body + 16:header.body + 20] = whole
            traks = [box for box in file.children(moov.body, moov.end) if box.kind == b'trak']
            for trak, track in zip(traks, file.tracks.values()):
                header = file.find(trak, b'tkhd')
                data[header.body + 20:header.body + 24] = struct.pack('>I', round(end[track.id] * 90000))
                header = file.find(trak, b'mdia', b'mdhd')
                last = track.samples[-1]
                data[header.body + 16:header.body + 20] = struct.pack('>I', last.dts + last.duration)
            # mehd takes the place of the mvex's first bytes only if the box grows: the sidx offsets are relative, so it may.
            mvex = file.find(moov, b'mvex')
            mehd = struct.pack('>I4sI', 16, b'mehd', 0) + whole
            data[mvex.body:mvex.body] = mehd
            data[mvex.start:mvex.start + 4] = struct.pack('>I', mvex.end - mvex.start + 16)
            data[moov.start:moov.start + 4] = struct.pack('>I', moov.end - moov.start + 16)
            return data
        path = os.path.join(self.folder, 'finished.mp4')
        shutil.copy(self.damaged(self.indexed, change), path)
        return path

    def test_a_finished_file_is_in_order(self):
        self.assertEqual(mp4check.Checker(self.finished()).problems, [])
        self.assertEqual(mp4check.Checker(self.plain, pipe=True).problems, [])

    def test_index_and_durations_are_missed(self):
        self.assertEqual(self.rules(self.plain), {'K1', 'K2'})
        self.assertEqual(self.rules(self.indexed), {'K2'})
        self.assertEqual(self.rules(self.finished(), pipe=True), {'K2'})
        self.assertIn('V2', self.rules(self.flat))

    def broken(self, change):
        return self.rules(self.damaged(self.finished(), change))

    def test_truncation_and_wrong_sizes(self):
        self.assertEqual(self.broken(lambda data, file: data[:-1]), {'V1'})

        def grow(data, file):
            moof = next(box for box in file.boxes if box.kind == b'moof')
            traf = file.find(moof, b'traf')
            data[traf.start + 3] += 1
        self.assertEqual(self.broken(grow), {'V1'})

    def test_fields_of_fragments(self):
        def at_first(kind, offset, value):
            def change(data, file):
                at = data.index(kind, file.tracks[1].fragments[1].moof) + 4 + offset
                data[at:at + len(value)] = value
            return change
        for kind, offset, value, rule in (
                (b'tfhd', 0, b'\0\0\0', 'V3'),  # no default-base-is-moof: the flags are where the test expects others
                (b'tfdt', 11, b'\x99', 'V3'),
                (b'mfhd', 4, b'\0\0\0\0', 'V2'),
                (b'tfdt', -4, b'free', 'V3')):
            with self.subTest(kind=kind, offset=offset):
                self.assertIn(rule, self.broken(at_first(kind, offset, value)))

    def test_sample_entries(self):
        def rename(kind):
            def change(data, file):
                at = data.index(kind)
                data[at:at + 4] = b'free'
            return change
        self.assertIn('V4', self.broken(rename(b'avcC')))
        self.assertIn('V4', self.broken(rename(b'esds')))
        without = self.remux('empty-moov.mp4', 'frag_keyframe+empty_moov+default_base_moof')
        self.assertIn('V4', self.rules(without))  # FFmpeg 5.1 writes an esds without AudioSpecificConfig here

    def test_references(self):
        def change_sidx(offset, value, which=0):
            def change(data, file):
                box = [box for box in file.boxes if box.kind == b'sidx'][which]
                at = box.body + offset
                data[at:at + len(value)] = value
            return change
        for name, change in (
                ('wrong size', change_sidx(35, b'\1')),
                ('wrong first offset', change_sidx(27, b'\1')),
                ('wrong timescale', change_sidx(8, struct.pack('>I', 44100), 1)),
                ('wrong duration', change_sidx(36, struct.pack('>I', 180000))),
                ('no SAP', change_sidx(40, b'\0'))):
            with self.subTest(name):
                self.assertEqual(self.broken(change), {'K1'})

        def drop_second(data, file):
            box = [box for box in file.boxes if box.kind == b'sidx'][1]
            data[box.start + 4:box.start + 8] = b'free'
        self.assertEqual(self.broken(drop_second), {'K1'})

    def test_tables_of_flat_files(self):
        self.assertEqual(self.rules(self.flat, flat=True, front=True), set())
        self.assertEqual(self.rules(self.plain, flat=True), {'V2'})
        self.assertIn('K1', self.rules(self.remux('behind.mp4', 'disable_chpl'), flat=True, front=True))
        for kind, offset, value, rule in (
                (b'stsz', 11, b'\1', 'V1'), (b'stts', 7, b'\0', 'V1'), (b'ctts', 11, b'\x7f', 'V1'), (b'stsc', 15, b'\x7f', 'V1'),
                (b'stco', 8, b'\x7f', 'V1'), (b'stco', 8, b'\0\0\0\x30', 'V1'), (b'stss', 11, b'\2', 'V5'), (b'mdhd', 16, b'\1', 'K2'),
                (b'mvhd', 16, b'\1', 'K2'), (b'elst', 20, b'\0\0\0\0', 'V3'), (b'stsc', 19, b'\2', 'V3'), (b'ftyp', 0, b'none', None),
                (b'ftyp', 12, b'iso6', 'V2')):
            def change(data, file, kind=kind, offset=offset, value=value):
                at = data.index(kind) + 4 + offset
                data[at:at + len(value)] = value
            with self.subTest(kind=kind, offset=offset):
                found = self.rules(self.damaged(self.flat, change), flat=True, front=True)
                self.assertIn(rule, found) if rule else self.assertEqual(found, set())

    def test_flat_files_are_compared(self):
        # ffmpeg gives the sample entries of flat files another bit rate.
        self.assertEqual({problem.split(' ', 2)[2] for problem in flatcheck.compare(self.plain, self.flat)}, {'is described otherwise'})
        file = mp4reader.File(self.flat)
        last = max(sample.offset for sample in file.tracks[1].samples)

        def change(data, file):
            data[last + 9] ^= 1
        self.assertIn('others', ' '.join(flatcheck.compare(self.plain, self.damaged(self.flat, change))))

    def test_sync_flags(self):
        def change(data, file):
            at = data.index(b'trun', file.tracks[1].fragments[2].moof)
            flags = struct.unpack_from('>I', data, at + 4)[0]
            self.assertTrue(flags & 4)
            data[at + 16:at + 20] = struct.pack('>I', 0x01010000)
        self.assertEqual(self.broken(change) & {'V5'}, {'V5'})

    def test_durations(self):
        for kind, offset in ((b'mvhd', 16), (b'mdhd', 16), (b'tkhd', 20), (b'mehd', 4)):
            def change(data, file, kind=kind, offset=offset):
                at = data.index(kind) + 4 + offset
                data[at:at + 4] = struct.pack('>I', struct.unpack_from('>I', data, at)[0] + 18000)
            with self.subTest(kind):
                self.assertEqual(self.broken(change), {'K2'})


class Seek(Folder):
    def test_good_file(self):
        self.assertEqual(seekcheck.check(self.plain, self.plain, count=4), [])

    def test_wrong_landing_is_seen(self):
        keys, end = seekcheck.key_times(self.plain)
        self.assertEqual(len(keys), 6)
        self.assertAlmostEqual(keys[0], 0.02133, places=4)

        def hide(data, file):
            # All key frames but the first are flagged as such no more.
            for number in range(1, 6):
                at = data.index(b'trun', file.tracks[1].fragments[number].moof)
                data[at + 16:at + 20] = struct.pack('>I', 0x01010000)
        self.assertNotEqual(seekcheck.check(self.damaged(self.plain, hide), self.plain, count=6), [])


if __name__ == '__main__':
    unittest.main()
