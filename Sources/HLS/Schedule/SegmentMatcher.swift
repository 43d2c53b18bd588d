/// Finds the Media Segments of one Media Playlist in another one that holds the same content by its author's word
/// (redundant Variant Streams, RFC 8216bis §4.4.6.2).
///
/// Media Sequence Numbers alone do not say that (§6.2.4): a segment is the same one where it has the same duration and, in
/// playlists that are complete, the same place in the presentation.
package struct SegmentMatcher: Sendable {
    /// By how much durations may differ that were rounded in another way.
    private static let durationTolerance: Int64 = 1_000
    /// By how much starts may differ where the Media Sequence Numbers do.
    private static let startTolerance: Int64 = 10_000

    /// The playlist in which segments are found.
    package let candidate: MediaPlaylist
    private let primary: MediaPlaylist
    /// Where each segment starts, in microseconds; empty where a playlist may still lose segments at its start.
    private let primaryStarts: [Int64]
    private let candidateStarts: [Int64]

    /// A matcher from one snapshot to another.
    package init(primary: MediaPlaylist, candidate: MediaPlaylist) {
        self.primary = primary
        self.candidate = candidate
        let areComplete = primary.isComplete && candidate.isComplete
        primaryStarts = areComplete ? Self.starts(of: primary) : []
        candidateStarts = areComplete ? Self.starts(of: candidate) : []
    }

    /// The candidate's segment that is the primary's with this Media Sequence Number; `nil` where there is none that can
    /// be fetched.
    package func segment(for mediaSequenceNumber: UInt64) -> MediaSegment? {
        guard let index = Self.index(of: mediaSequenceNumber, in: primary) else { return nil }
        return segmentByNumber(index) ?? segmentByStart(index)
    }

    private func segmentByNumber(_ index: Int) -> MediaSegment? {
        let wanted = primary.segments[index]
        guard let other = Self.index(of: wanted.mediaSequenceNumber, in: candidate),
            candidate.segments[other].discontinuitySequence == wanted.discontinuitySequence,
            Self.isSame(wanted, candidate.segments[other])
        else { return nil }
        if !primaryStarts.isEmpty {
            // Roundings add up; numbers that are one off do not pass.
            let distance = abs(primaryStarts[index] - candidateStarts[other])
            guard distance <= wanted.durationMicroseconds / 2 else { return nil }
        }
        return candidate.segments[other]
    }

    private func segmentByStart(_ index: Int) -> MediaSegment? {
        guard !primaryStarts.isEmpty, let firstWanted = primary.segments.first, let first = candidate.segments.first
        else { return nil }
        let wanted = primary.segments[index]
        // One that lacks its beginning has other content at the same place.
        let lengths = (primary.durationMicroseconds, candidate.durationMicroseconds)
        guard abs(lengths.0 - lengths.1) <= wanted.durationMicroseconds / 2 else { return nil }
        let start = primaryStarts[index]
        var other = candidateStarts.partitioningIndex { $0 >= start - Self.startTolerance }
        while other < candidateStarts.count, candidateStarts[other] - Self.startTolerance <= start {
            let segment = candidate.segments[other]
            let hasSameRun =
                segment.discontinuitySequence &- first.discontinuitySequence
                == wanted.discontinuitySequence &- firstWanted.discontinuitySequence
            if hasSameRun, Self.isSame(wanted, segment) { return segment }
            other += 1
        }
        return nil
    }

    private static func isSame(_ wanted: MediaSegment, _ other: MediaSegment) -> Bool {
        !other.isGap && abs(wanted.durationMicroseconds - other.durationMicroseconds) <= durationTolerance
    }

    private static func index(of number: UInt64, in playlist: MediaPlaylist) -> Int? {
        guard let first = playlist.segments.first?.mediaSequenceNumber, number >= first,
            let index = Int(exactly: number - first), index < playlist.segments.count
        else { return nil }
        return index
    }

    /// Saturating: durations are below 2^37 each.
    private static func starts(of playlist: MediaPlaylist) -> [Int64] {
        var next: Int64 = 0
        return playlist.segments.map { segment in
            let start = next
            next = min(next, .max - segment.durationMicroseconds) + segment.durationMicroseconds
            return start
        }
    }
}

extension [Int64] {
    /// The first index for which `isBehind` holds, in a list that is sorted by it.
    fileprivate func partitioningIndex(where isBehind: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension SegmentOrder {
    /// The same segment, fetched as another Media Playlist says.
    package func relocated(to segment: MediaSegment, of playlist: MediaPlaylist) -> SegmentOrder {
        var order = self
        // The parser has resolved it once already.
        order.uri = (try? playlist.uri.resolving(segment.uri)) ?? .unresolvable
        order.byteRange = segment.byteRange
        order.encryption = SegmentEncryption(keys: segment.keys, mediaSequenceNumber: segment.mediaSequenceNumber)
        order.initializationSection = segment.initializationSection.map(InitializationSectionOrder.init)
        return order
    }
}
