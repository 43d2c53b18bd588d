/// Which samples belong to which group, as patterns that repeat (`csgp`, ISO/IEC 14496-12 §8.9.5). Pure.
struct CompactSampleGroups {
    var groupingType: FourCC
    /// As `sbgp` has them: groups numbered above 0x10000 are described in the fragment itself.
    private(set) var runs: [(count: UInt32, group: UInt32)] = []

    /// - Parameter payload: that of the box.
    init?(_ payload: ArraySlice<UInt8>) {
        var fields = ByteReader(payload)
        guard let word = fields.read32(), let type = fields.readCode(), word & 0x40 == 0 || fields.skip(4),
            let count = fields.read32(), Int(count) <= payload.count
        else { return nil }
        groupingType = type
        // Widths of 4, 8, 16 or 32 bits.
        let indexBits = 4 << Int(word & 3)
        let countBits = 4 << Int(word >> 2 & 3)
        let patternBits = 4 << Int(word >> 4 & 3)
        let isLocal = word & 0x80 != 0
        let read = fields.rest.withUnsafeBytes { bytes -> [(count: UInt32, group: UInt32)]? in
            var reader = BitReader(bytes)
            var patterns: [(length: UInt32, samples: UInt32)] = []
            for _ in 0..<count {
                guard let length = reader.bits(patternBits), let samples = reader.bits(countBits) else { return nil }
                patterns.append((length, samples))
            }
            var runs: [(count: UInt32, group: UInt32)] = []
            var left = UInt32(MovieFragmentReader.maximumSamples)
            for (length, samples) in patterns {
                guard Int(length) <= bytes.count * 2, samples <= left else { return nil }
                left -= samples
                var groups: [UInt32] = []
                for _ in 0..<length {
                    guard let index = reader.bits(indexBits) else { return nil }
                    groups.append(Self.group(index, bits: indexBits, isLocal: isLocal))
                }
                guard !groups.isEmpty else { continue }
                for position in 0..<Int(samples) { Self.add(groups[position % groups.count], to: &runs) }
            }
            return runs
        }
        guard let read else { return nil }
        runs = read
    }

    /// With the flag, the first bit of an index tells that its group is described in the fragment.
    private static func group(_ index: UInt32, bits: Int, isLocal: Bool) -> UInt32 {
        let first = UInt32(1) << UInt32(bits - 1)
        guard isLocal, index & first != 0 else { return index }
        return index & ~first | SampleGroups.fragmentBase
    }

    private static func add(_ group: UInt32, to runs: inout [(count: UInt32, group: UInt32)]) {
        if let last = runs.indices.last, runs[last].group == group {
            runs[last].count += 1
        } else {
            runs.append((1, group))
        }
    }
}
