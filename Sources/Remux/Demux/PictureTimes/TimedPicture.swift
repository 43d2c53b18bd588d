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
