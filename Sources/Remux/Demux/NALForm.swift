import CFFmpeg

/// How the NAL units of a video's samples stand one after the other.
enum NALForm: Equatable {
    /// Behind start codes (ITU-T H.264 and H.265, Annex B).
    case startCodes
    /// Behind lengths of this many bytes, 1…4 (ISO/IEC 14496-15 §5.3.2).
    case lengths(Int)

    /// The most bytes of a unit that a sample of this form can hold.
    var longestUnit: Int {
        switch self {
        case .startCodes: .max
        case .lengths(let bytes): bytes >= 4 ? Int(UInt32.max) : 1 << (8 * bytes) - 1
        }
    }

    /// Offsets and lengths of the units; `nil` where the lengths contradict the size.
    func units(in bytes: UnsafeRawBufferPointer) -> [(offset: Int, length: Int)]? {
        var units: [(offset: Int, length: Int)] = []
        switch self {
        case .startCodes:
            NALUnits.forEach(in: bytes) { units.append(($0, $1)) }
        case .lengths(let size):
            var position = 0
            while position < bytes.count {
                guard bytes.count - position >= size else { return nil }
                let length = bytes[position..<(position + size)].reduce(0) { $0 << 8 | Int($1) }
                position += size
                guard length <= bytes.count - position else { return nil }
                if length > 0 { units.append((position, length)) }
                position += length
            }
        }
        return units
    }

    /// What stands before a unit.
    private func prefix(length: Int) -> [UInt8] {
        switch self {
        case .startCodes: [0, 0, 0, 1]
        case .lengths(let bytes): (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        }
    }

    /// Units one after the other, as a sample holds them.
    func joined(_ units: [[UInt8]]) -> [UInt8] {
        units.reduce(into: []) { bytes, unit in
            bytes += prefix(length: unit.count)
            bytes += unit
        }
    }

    /// Rewrites a sample of this form in another; `false` where it is none, or a unit is too long for the other. The packet
    /// stays as it is then.
    func rewrite(_ packet: Packet, as other: NALForm) throws(FFmpegError) -> Bool {
        if self == other { return true }
        guard let units = units(in: packet.bytes), units.allSatisfy({ $0.length <= other.longestUnit }) else {
            return false
        }
        let source = Array(packet.bytes)
        let rewritten = other.joined(units.map { Array(source[$0.offset..<($0.offset + $0.length)]) })
        try packet.replacePayload(count: rewritten.count) { $0.copyBytes(from: rewritten) }
        return true
    }
}

/// What decoding H.264 and H.265 samples takes from their NAL units.
extension TrackFormat {
    /// The form of the samples; `nil` for codecs without NAL units.
    var nalForm: NALForm? {
        guard codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC else { return nil }
        // Without a record, H.265 is Annex B, which libavformat's muxer rewrites.
        return configuration.map { .lengths($0.lengthBytes) } ?? .startCodes
    }

    /// The parameter sets outside of the samples, without start codes or lengths.
    var parameterSets: [[UInt8]] {
        guard let form = nalForm else { return [] }
        if let configuration { return configuration.parameterSets }
        return extradata.withUnsafeBytes { bytes in
            (form.units(in: bytes) ?? []).map { Array(bytes[$0.offset..<($0.offset + $0.length)]) }
        }
    }

    /// The sequence parameter sets among ``parameterSets``: what the size and profile of the picture are.
    var sequenceSets: Set<[UInt8]> {
        let isHEVC = codec == AV_CODEC_ID_HEVC
        return Set(
            parameterSets.filter { unit in
                guard let head = unit.first else { return false }
                return isHEVC ? head >> 1 & 0x3F == 33 : head & 0x1F == 7
            }
        )
    }

    /// Whether a sample brings a sequence parameter set of its own.
    func hasParameterSets(_ sample: UnsafeRawBufferPointer, form: NALForm) -> Bool {
        let isHEVC = codec == AV_CODEC_ID_HEVC
        return form.units(in: sample)?.contains { unit in
            let head = sample[unit.offset]
            return isHEVC ? head >> 1 & 0x3F == 33 : head & 0x1F == 7
        } ?? false
    }
}
