#!/usr/bin/env python3
"""flatcheck.py FRAGMENTED FLAT: whether a flat MP4 holds exactly the samples of the fragmented one. Silent and 0 if so.

Compared are, for each track: sample entries, and of every sample its decoding and presentation time in the movie, size, bytes, sync
flag and sample entry. Read by mp4reader.py alone.
"""
import hashlib
import sys

import mp4check
import mp4reader


def rows(file, track):
    """What each sample of a track is, its times in seconds of the movie's clock, to 0.1 microseconds."""
    shift = file.start_shift(track)
    for sample in track.samples:
        data = file.view[sample.offset:sample.offset + sample.size]
        yield (round(sample.dts / track.timescale + shift, 7), round(sample.cts / track.timescale + shift, 7), sample.size, sample.sync,
               sample.entry, hashlib.sha1(data).hexdigest())


def compare(fragmented, flat, front=False):
    """What is wrong, as sentences."""
    problems = mp4check.Checker(flat, flat=True, front=front).problems
    try:
        one, other = mp4reader.File(fragmented), mp4reader.File(flat)
    except mp4reader.BoxError as error:
        return problems + [str(error)]
    if other.fragmented or not one.fragmented:
        return problems + ['%s is not flat, or %s not fragmented' % (flat, fragmented)]
    if list(one.tracks) != list(other.tracks):
        return problems + ['tracks %s, not %s' % (list(other.tracks), list(one.tracks))]
    for track, twin in zip(one.tracks.values(), other.tracks.values()):
        if (track.handler, track.timescale, track.entries) != (twin.handler, twin.timescale, twin.entries):
            problems.append('track %d is described otherwise' % track.id)
        wanted, found = list(rows(one, track)), list(rows(other, twin))
        if wanted != found:
            at = next((index for index, pair in enumerate(zip(wanted, found)) if pair[0] != pair[1]), min(len(wanted), len(found)))
            problems.append('track %d: %d samples, not %d; from sample %d on others: %s, not %s'
                            % (track.id, len(found), len(wanted), at, found[at:at + 1], wanted[at:at + 1]))
        if abs(one.presentation_end(track) - other.presentation_end(twin)) > 0.00002:
            problems.append('track %d ends at %.6f, not %.6f' % (track.id, other.presentation_end(twin), one.presentation_end(track)))
    return problems


if __name__ == '__main__':
    found = compare(sys.argv[1], sys.argv[2])
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)
