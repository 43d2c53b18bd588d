/// Access units as an MPEG transport stream holds them: start codes before NAL units, parameter sets in every key frame
/// (ITU-T H.222.0 §2.14.1, §2.17.1).
struct AnnexB {
    private let isHEVC: Bool
    /// Bytes of the length before each unit; `nil`: the samples have start codes.
    private let lengthBytes: Int?
    /// The parameter sets behind start codes.
    private let parameterSets: [UInt8]

    private static let startCode: [UInt8] = [0, 0, 0, 1]

    /// `nil` for codecs other than H.264 and H.265.
    init?(_ format: TrackFormat) {
        switch format.codecName {
        case "h264": isHEVC = false
        case "hevc": isHEVC = true
        default: return nil
        }
        if let configuration = format.configuration {
            lengthBytes = configuration.lengthBytes
            parameterSets = configuration.parameterSets.flatMap { Self.startCode + $0 }
        } else {
            lengthBytes = nil
            parameterSets = format.extradata
        }
    }

    /// Rewrites a sample, in place where that fits.
    func rewrite(_ packet: Packet, isKey: Bool) throws(FFmpegError) {
        let units = units(of: packet.bytes)
        let types = units.map { type(packet.bytes[$0.lowerBound]) }
        let needsSets = isKey && !types.contains(isHEVC ? 33 : 7)
        if lengthBytes == nil, !needsSets { return }
        if lengthBytes == 4, !needsSets, units.last?.upperBound == packet.size {
            let bytes = try packet.ownBytes()
            for unit in units {
                for (offset, byte) in Self.startCode.enumerated() { bytes[unit.lowerBound - 4 + offset] = byte }
            }
            return
        }
        let sets = needsSets ? parameterSets : []
        // Nothing stands before an access unit delimiter.
        let delimiters = types.first == (isHEVC ? 35 : 9) ? 1 : 0
        let count = units.reduce(sets.count) { $0 + $1.count + Self.startCode.count }
        let old = try Packet(sharing: packet, offset: 0, length: packet.size)
        try packet.replacePayload(count: count) { target in
            var end = 0
            func append(_ bytes: some Collection<UInt8>) {
                UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyBytes(from: bytes)
                end += bytes.count
            }
            if delimiters == 0 { append(sets) }
            for (index, unit) in units.enumerated() {
                append(Self.startCode)
                append(old.bytes[unit])
                if index + 1 == delimiters { append(sets) }
            }
        }
    }

    private func type(_ header: UInt8) -> UInt8 { isHEVC ? header >> 1 & 0x3F : header & 0x1F }

    /// Where the units are; what does not fit its length is left out.
    private func units(of bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var units: [Range<Int>] = []
        guard let lengthBytes else {
            NALUnits.forEach(in: bytes) { offset, length in units.append(offset..<offset + length) }
            return units
        }
        var offset = 0
        while bytes.count - offset > lengthBytes {
            let length = bytes[offset..<offset + lengthBytes].reduce(0) { $0 << 8 | Int($1) }
            offset += lengthBytes
            guard length <= bytes.count - offset else { break }
            if length > 0 { units.append(offset..<offset + length) }
            offset += length
        }
        return units
    }
}
