/// An entry of a sample description box (ISO/IEC 14496-12 §8.5.2). Pure.
struct SampleEntry: Equatable {
    /// As written: `avc1`, `mp4a`; `encv` or `enca` where protected.
    var format: FourCC
    /// What it is without protection (`frma`).
    var codingFormat: FourCC
    /// `nil`: clear.
    var protection: SampleProtection?
    /// The entry without its protection: what its samples are once they are decrypted.
    var clearBytes: [UInt8]

    static let maximumCount = 64

    /// Its samples are encrypted, whether it is understood how or not.
    var isProtected: Bool { format == "encv" || format == "enca" || format == "enct" }

    /// - Parameter handler: the track's: it decides how the entry's fields are laid out.
    init(_ entry: BoxList.Entry, handler: FourCC) {
        format = entry.type
        codingFormat = entry.type
        clearBytes = Array(entry.whole)
        guard isProtected else { return }
        let fields = Self.fieldBytes(entry.payload, handler: handler)
        guard fields <= entry.payload.count else { return }
        var children: [UInt8] = []
        for child in BoxList(entry.payload.dropFirst(fields)) {
            guard child.type == "sinf" else {
                children += child.whole
                continue
            }
            if let original = BoxList.first("frma", in: child.payload)?.read32(at: 0) {
                codingFormat = FourCC(original)
            }
            protection = protection ?? SampleProtection(information: child.payload)
        }
        let kept = entry.payload.prefix(fields)
        clearBytes = []
        clearBytes.append32(UInt32(clamping: 8 + kept.count + children.count))
        clearBytes.append(code: codingFormat)
        clearBytes += kept
        clearBytes += children
    }

    /// The entry as it goes into the output: H.265 as `hvc1` (DESIGN §6), which more players take than `hev1`.
    var outputBytes: [UInt8] {
        guard codingFormat == "hev1", clearBytes.count >= 8 else { return clearBytes }
        return clearBytes[..<4] + Array("hvc1".utf8) + clearBytes[8...]
    }

    /// Bytes between the header and the first child box: VisualSampleEntry (§12.1.3), AudioSampleEntry (§12.2.3, and the
    /// versions 1 and 2 of QuickTime), else SampleEntry alone.
    private static func fieldBytes(_ payload: ArraySlice<UInt8>, handler: FourCC) -> Int {
        switch handler {
        case "vide": return 78
        case "soun":
            switch payload.read32(at: 8).map({ $0 >> 16 }) {
            case 1: return 28 + 16
            case 2: return 28 + 36
            default: return 28
            }
        default: return 8
        }
    }
}
