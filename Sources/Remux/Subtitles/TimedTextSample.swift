/// Samples and sample description of 3GPP Timed Text (3GPP TS 26.245), which MP4 players know as `tx3g`.
enum TimedTextSample {
    /// `text-length` is a 16-bit field.
    static let maximumTextBytes = 65_535

    /// Nothing is shown.
    static let empty: [UInt8] = [0, 0]

    /// A sample (§5.17): its text, and a `styl` box where parts of it are styled.
    static func bytes(_ text: StyledText) -> [UInt8] {
        var utf8: [UInt8] = []
        var records: [UInt8] = []
        var count = 0
        var characters = 0
        for run in text.runs {
            let scalars = run.text.unicodeScalars.prefix { scalar in
                let size = UTF8.width(scalar)
                guard utf8.count + size <= maximumTextBytes else { return false }
                utf8 += Array(String(Character(scalar)).utf8)
                return true
            }
            if !run.style.isEmpty, !scalars.isEmpty {
                records.append16(UInt16(clamping: characters))
                records.append16(UInt16(clamping: characters + scalars.count))
                records += style(run.style)
                count += 1
            }
            characters += scalars.count
        }
        var sample: [UInt8] = []
        sample.append16(UInt16(clamping: utf8.count))
        sample += utf8
        guard count > 0, count <= 65_535 else { return sample }
        sample.append32(UInt32(clamping: 10 + records.count))
        sample.append(code: "styl")
        sample.append16(UInt16(clamping: count))
        return sample + records
    }

    /// What stands in the `tx3g` sample entry behind the data reference index (§5.16): white text, at the bottom.
    ///
    /// - Parameter isForced: every sample is shown although subtitles are off (display flags of QuickTime).
    static func description(isForced: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append32(isForced ? 0xC000_0000 : 0)
        // Horizontal justification: centred; vertical: at the bottom. Background: transparent.
        bytes += [1, 0xFF, 0, 0, 0, 0]
        // The default box: as large as the track.
        bytes += [UInt8](repeating: 0, count: 8)
        bytes += [0, 0, 0, 0] + style([])
        // The font table: one font.
        let name = Array("Arial".utf8)
        bytes.append32(UInt32(13 + name.count))
        bytes.append(code: "ftab")
        bytes += [0, 1, 0, 1, UInt8(name.count)] + name
        return bytes
    }

    /// The end of a style record (§5.15): font, face, size, colour.
    private static func style(_ style: StyledText.Style) -> [UInt8] {
        [0, 1, style.rawValue, 16, 0xFF, 0xFF, 0xFF, 0xFF]
    }
}
