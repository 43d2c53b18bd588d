/// The parameter sets of one kind seen in a stream, each once, in order of appearance.
struct ParameterSets {
    private(set) var all: [[UInt8]] = []

    /// A stream that never repeats itself is not followed for ever.
    private static let maximumCount = 31

    /// Whether the NAL unit is known.
    func contains(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ length: Int) -> Bool {
        let unit = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
        return all.contains { $0.elementsEqual(unit) }
    }

    /// Takes one NAL unit; `true` when it was not known.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ length: Int) -> Bool {
        let unit = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
        guard all.count < Self.maximumCount, !all.contains(where: { $0.elementsEqual(unit) }) else { return false }
        all.append(Array(unit))
        return true
    }
}
