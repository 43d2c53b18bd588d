/// What kind of bytes a Media Segment is made of (RFC 8216bis §3.1).
enum SegmentContainer: Sendable, Equatable {
    case transportStream(TransportPacketLayout)
    case fragmentedMP4
    /// Frames of AAC (ADTS), MP3, AC-3 or Enhanced AC-3, behind ID3 tags (§3.1.3).
    case packedAudio
    case webVTT

    /// Of the packets, where they are those of a transport stream.
    var packetLayout: TransportPacketLayout? {
        if case .transportStream(let layout) = self { layout } else { nil }
    }

    /// Each segment can be read by itself: every movie fragment says when its samples are due, so that one demuxer a
    /// segment keeps nothing of those before.
    var isSelfContained: Bool {
        switch self {
        case .fragmentedMP4, .webVTT: true
        case .transportStream, .packedAudio: false
        }
    }
}
