/// Where a picture is shown among those of its coded video sequence: the picture order count of H.264 (§8.2.1) and H.265
/// (§8.3.1), `temporal_reference` of MPEG video (ISO/IEC 13818-2 §6.3.9).
struct PictureOrder: Equatable, Sendable {
    var count: Int
    /// Counts begin anew with this picture.
    var restarts: Bool
}

/// A picture on its way from Demux, in decoding order, with the times of its PES: 33-bit timestamps, 90 kHz.
struct TimedPicture<Payload> {
    var pts: Int64?
    var dts: Int64?
    var order: PictureOrder?
    /// Its times were worked out from those of its neighbours.
    var isInterpolated = false
    var byteCount: Int
    var payload: Payload
}
