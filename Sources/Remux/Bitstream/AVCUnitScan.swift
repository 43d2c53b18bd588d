/// What one pass over a PES payload of H.264 shows: whether it is exactly one access unit, and which kind.
///
/// `first_mb_in_slice` is 0 when the top bit of the byte behind the NAL header is set (ue(v) code `1`). Pure.
struct AVCUnitScan {
    /// NAL units in order; the capacity is kept from one scan to the next.
    private(set) var units: [(offset: Int, length: Int)] = []
    /// Parameter sets among them, by index into ``units``.
    private(set) var parameterSets: [Int] = []
    private(set) var hasSlice = false
    /// Decoding can start here: an IDR picture, or a recovery point before the first slice (H.264 §D.2.8).
    private(set) var isKey = false
    /// The payload is one access unit, whole: it starts with a start code, its first slice is the first of a picture and
    /// the only one that is, and nothing of the next access unit follows its slices.
    private(set) var isWholeUnit = false

    /// Scans a payload, replacing what the last scan found.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) {
        units.removeAll(keepingCapacity: true)
        parameterSets.removeAll(keepingCapacity: true)
        hasSlice = false
        isKey = false
        var state = State()
        var (units, parameterSets) = (consumeUnits(), consumeParameterSets())
        NALUnits.forEach(in: bytes) { offset, length in
            let type = bytes[offset] & 0x1F
            if type == 7 || type == 8 { parameterSets.append(units.count) }
            units.append((offset, length))
            state.take(type, UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)]))
        }
        hasSlice = state.hasSlice
        isKey = state.isKey
        isWholeUnit = state.hasSlice && !state.isOdd && (units.first?.offset == 4 || units.first?.offset == 3)
        self.units = units
        self.parameterSets = parameterSets
    }

    // Taking the arrays out keeps them unique while the closure appends to them.
    private mutating func consumeUnits() -> [(offset: Int, length: Int)] {
        let taken = units
        units = []
        return taken
    }

    private mutating func consumeParameterSets() -> [Int] {
        let taken = parameterSets
        parameterSets = []
        return taken
    }

    private struct State {
        var hasSlice = false
        var isKey = false
        var isOdd = false
        private var hasRecoveryPoint = false

        mutating func take(_ type: UInt8, _ unit: UnsafeRawBufferPointer) {
            switch type {
            case 1, 5:
                let isFirst = unit.count > 1 && unit[1] & 0x80 != 0
                if isFirst == hasSlice { isOdd = true }
                if !hasSlice { isKey = type == 5 || hasRecoveryPoint }
                hasSlice = true
            case 6:
                if hasSlice { isOdd = true }
                hasRecoveryPoint = hasRecoveryPoint || SupplementalInformation.hasRecoveryPoint(unit)
            case 7, 8, 9, 13, 15:
                if hasSlice { isOdd = true }
            case 10, 11, 12:
                break
            default:
                isOdd = true
            }
        }
    }
}

/// Supplemental enhancement information (H.264 §7.3.2.3, §D.1).
enum SupplementalInformation {
    private static let recoveryPoint = 6

    /// Whether the NAL unit of type 6 holds a recovery point message. Emulation prevention only lengthens the payloads
    /// before it, which is allowed for.
    static func hasRecoveryPoint(_ unit: UnsafeRawBufferPointer) -> Bool {
        var reader = BitReader(UnsafeRawBufferPointer(rebasing: unit.dropFirst()), skipsEmulationPrevention: true)
        while let type = number(&reader), let size = number(&reader) {
            if type == recoveryPoint { return size > 0 }
            guard reader.skip(size * 8) != nil else { return false }
        }
        return false
    }

    /// A payload type or size: 255 for each FF byte, and the byte that ends them.
    private static func number(_ reader: inout BitReader) -> Int? {
        var value = 0
        while let byte = reader.bits(8) {
            value += Int(byte)
            if byte != 0xFF { return value }
            if value > 1 << 24 { return nil }
        }
        return nil
    }
}
