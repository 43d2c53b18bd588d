/// Samples of WebVTT in MP4 (`wvtt`, ISO/IEC 14496-30 §7.4): boxes with the parts of a cue, whose times are the sample's. Pure;
/// takes any bytes.
enum WebVTTSample {
    /// The cues of a sample; none where it is empty (`vtte`) or cannot be read.
    ///
    /// - Parameters:
    ///   - startMilliseconds: presentation time of the sample.
    ///   - endMilliseconds: its end.
    static func cues(
        _ sample: ArraySlice<UInt8>,
        startMilliseconds: Int64,
        endMilliseconds: Int64,
        limits: WebVTTLimits = WebVTTLimits()
    ) -> [WebVTTCue] {
        var cues: [WebVTTCue] = []
        forEachBox(in: sample) { type, payload in
            guard type == "vttc", cues.count < limits.cues, endMilliseconds > startMilliseconds else { return }
            var cue = WebVTTCue(startMilliseconds: startMilliseconds, endMilliseconds: endMilliseconds, text: "")
            forEachBox(in: payload) { type, payload in
                switch type {
                case "payl": cue.text = text(payload.prefix(limits.cueTextBytes))
                case "sttg": cue.settings = text(payload.prefix(limits.lineBytes))
                case "iden": cue.identifier = text(payload.prefix(limits.lineBytes))
                default: break
                }
            }
            cues.append(cue)
        }
        return cues
    }

    /// Calls `visit` with each box; ends at the first whose size contradicts what holds it.
    private static func forEachBox(in bytes: ArraySlice<UInt8>, _ visit: (FourCC, ArraySlice<UInt8>) -> Void) {
        var rest = bytes
        while let size = rest.read32(at: 0), let type = rest.read32(at: 4), size >= 8, Int(size) <= rest.count {
            visit(FourCC(type), rest.prefix(Int(size)).dropFirst(8))
            rest = rest.dropFirst(Int(size))
        }
    }

    /// Lines as cue text has them: no blank one, none that ends in CR.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let bytes = bytes.map { $0 == 0 ? UInt8(ascii: " ") : $0 }
        return String(decoding: bytes, as: UTF8.self)
            .split(whereSeparator: { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }).joined(separator: "\n")
    }
}
