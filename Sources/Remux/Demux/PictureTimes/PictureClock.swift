/// Gives every picture of a transport stream both its times: a PES has them for the first access unit that begins in it
/// (ISO/IEC 13818-1 §2.4.3.7), and may lack either. Where each picture has both, nothing waits here and nothing changes. Pure.
struct PictureClock<Payload> {
    private var untimed = UntimedPictures<Payload>()
    private var decoding = DecodingTimes<Payload>()

    /// Takes the next picture in decoding order; gives out those whose times are known now.
    mutating func push(_ picture: TimedPicture<Payload>, _ emit: (TimedPicture<Payload>) -> Void) {
        untimed.push(picture) { decoding.push($0, emit) }
    }

    /// The stream has ended: gives out what is left.
    mutating func finish(_ emit: (TimedPicture<Payload>) -> Void) {
        untimed.finish { decoding.push($0, emit) }
        decoding.finish(emit)
    }
}
