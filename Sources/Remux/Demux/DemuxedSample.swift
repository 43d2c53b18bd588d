import HLS

/// The clock of a stream's timestamps.
struct MediaClock: Equatable {
    var scale: TimeScale
    var origin: TimelineTrack.Origin

    static let mpeg = MediaClock(scale: .mpeg, origin: .systems)
    /// Nothing but the playlist says when samples are due.
    static let playlist = MediaClock(scale: .mpeg, origin: .playlist)
}

/// A packet as its elementary stream holds it: payload in the form the container wants, timestamps of the source.
struct DemuxedSample {
    var packet: Packet
    /// Ticks of the stream's time base; `nil` where the source says nothing.
    var pts: Int64?
    var dts: Int64?
    /// Ticks of the stream's time base; 0 where nothing is known.
    var duration: Int64
    var isKey: Bool
    /// Among the pictures of its sequence; `nil` where nobody asked.
    var order: PictureOrder?
}

/// What Demux finds unreadable: counted, reported as a warning.
struct DemuxCounts: Equatable {
    /// Packets that do not hold what their stream type says.
    var unreadablePackets = 0
    /// Video before the first parameter sets: nothing says how to read it.
    var packetsBeforeFormat = 0

    static func += (left: inout DemuxCounts, right: DemuxCounts) {
        left.unreadablePackets += right.unreadablePackets
        left.packetsBeforeFormat += right.packetsBeforeFormat
    }
}
