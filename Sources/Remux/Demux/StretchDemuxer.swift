import HLS

/// One container's way from bytes to samples, over one stretch of a source: the Media Segments that can be read on from
/// one to the next. Confined to the thread `remux`.
protocol StretchDemuxer: AnyObject {
    typealias Event = DemuxCursor.Event
    typealias TrackKey = DemuxCursor.TrackKey

    /// Reads on until there is something to tell; `false`: the stretch has ended, and everything was told. Blocks while
    /// the ring is empty.
    ///
    /// - Throws: ``RemuxError`` where the bytes cannot be demuxed.
    func read(_ emit: (Event) -> Void) throws -> Bool

    /// The tracks that the container promises, in order.
    var expectedTracks: [TrackKey] { get }
    /// The Media Segment that reading has got to.
    var currentSegment: SegmentMark { get }
    var counts: DemuxCounts { get }
}

extension StretchDemuxer {
    /// An error of decryption, with its place.
    func placed(_ error: RemuxError) -> RemuxError {
        guard error.context.mediaSequenceNumber == nil, error.code == .key else { return error }
        let number = currentSegment.identity.mediaSequenceNumber
        var error = error
        error.message = "Media Segment \(number): \(error.message)"
        error.context.mediaSequenceNumber = number
        return error
    }

    /// An error of the media, with its place.
    func mediaError(_ text: String, underlying: (any Error)? = nil) -> RemuxError {
        let number = currentSegment.identity.mediaSequenceNumber
        return RemuxError(
            .media,
            "Media Segment \(number): \(text)" + (underlying.map { " (\($0))" } ?? ""),
            context: RemuxError.Context(stage: "Demux", mediaSequenceNumber: number),
            underlying: underlying
        )
    }
}
