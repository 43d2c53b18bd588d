import Testing

@testable import Remux

@Suite struct NALUnitsTests {
    /// A slow, obvious reading of Annex B §B.1.1, one byte at a time.
    private func model(_ bytes: [UInt8]) -> [[UInt8]] {
        var starts: [Int] = []
        for index in bytes.indices.dropFirst(2)
        where bytes[index] == 1 && bytes[index - 1] == 0 && bytes[index - 2] == 0 {
            starts.append(index + 1)
        }
        return starts.enumerated().compactMap { number, start in
            let limit = number + 1 < starts.count ? starts[number + 1] - 3 : bytes.count
            var unit = Array(bytes[start..<max(start, limit)])
            while unit.last == 0 { unit.removeLast() }
            return unit.isEmpty ? nil : unit
        }
    }

    private func units(_ bytes: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        bytes.withUnsafeBytes { buffer in
            NALUnits.forEach(in: buffer) { offset, length in found.append(Array(buffer[offset..<(offset + length)])) }
        }
        return found
    }

    @Test("Annex B: random bytes full of zeros and ones give the units of a slow reading")
    func random() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes =
                (0..<count).map { _ in [0, 0, 0, 1, 1, 2, 0x65].randomElement(using: &generator) ?? 0 } as [UInt8]
            #expect(units(bytes) == model(bytes), "\(bytes)")
        }
    }

    @Test("three- and four-byte start codes, leading junk, trailing zeros")
    func forms() {
        #expect(units(hex("0000000167 000001 6502 00000001 41 0000")) == [hex("67"), hex("6502"), hex("41")])
        #expect(units(hex("ff 000001 09f0")) == [hex("09f0")])
        #expect(units(hex("0000")) == [])
        #expect(units([]) == [])
    }
}
