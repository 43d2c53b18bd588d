import Testing

@testable import Remux

@Suite struct EncryptedUnitsTests {
    /// Opens a byte stream; `decrypt` leaves the units as they are.
    private func open(_ bytes: [UInt8]) -> (bytes: [UInt8], units: [[UInt8]]) {
        var bytes = bytes
        var units: [[UInt8]] = []
        let count = bytes.withUnsafeMutableBytes { bytes in
            EncryptedUnits.open(bytes) { units.append(Array($0)) }
        }
        return (Array(bytes.prefix(count)), units)
    }

    /// Emulation prevention (H.264 §7.4.1), written here once more.
    private func escaped(_ unit: [UInt8]) -> [UInt8] {
        var (out, zeros) = ([UInt8](), 0)
        for byte in unit {
            if zeros == 2, byte <= 3 {
                out.append(3)
                zeros = 0
            }
            out.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return out
    }

    /// A unit full of zeros and small bytes, escaped as an encoder does it.
    private func unit(_ header: UInt8, count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var unit = [header]
        for _ in 0..<count { unit.append(UInt8([0, 0, 0, 1, 2, 3, 255].randomElement(using: &generator) ?? 0)) }
        return escaped(unit + [0x80])
    }

    @Test(
        "one layer of emulation prevention goes, in slices that are long enough only",
        arguments: 0..<200 as Range<UInt64>
    )
    func oneLayer(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (stream, expected) = ([UInt8](), [UInt8]())
        var slices: [[UInt8]] = []
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let header = UInt8([0x65, 0x41, 0x67, 0x68, 0x06, 0x09].randomElement(using: &generator) ?? 0)
            let clear = unit(header, count: Int.random(in: 0...120, using: &generator), &generator)
            let isSlice = (header == 0x65 || header == 0x41) && clear.count > 48
            let start = [UInt8](repeating: 0, count: Int.random(in: 2...4, using: &generator)) + [1]
            stream += start + (isSlice ? escaped(clear) : clear)
            expected += start + clear
            if isSlice { slices.append(clear) }
        }
        let trailing = [UInt8](repeating: 0, count: Int.random(in: 0...3, using: &generator))
        let (bytes, units) = open(stream + trailing)
        #expect(bytes == expected + trailing)
        #expect(units == slices)
    }

    @Test("48 bytes are clear, 49 are not", arguments: [48, 49])
    func threshold(_ count: Int) {
        let unit = [0x41] + [UInt8](repeating: 7, count: count - 1)
        #expect(open([0, 0, 0, 1] + unit).units.count == (count > 48 ? 1 : 0))
    }

    /// Listing 2-1 of Apple's document, as it is written there.
    @Test("one block of ten, and never the last byte", arguments: 49..<700)
    func pattern(_ count: Int) {
        var encrypted: [Int] = []
        var position = 32
        while count - position > 0 {
            if count - position > 16 {
                encrypted.append(position)
                position += 16
            }
            position += min(144, count - position)
        }
        var unit = [UInt8](repeating: 0, count: count)
        unit.withUnsafeMutableBytes { unit in
            let part = EncryptedUnits.pattern(of: unit)
            for start in stride(from: 0, to: part.count / 16 * 16, by: 160) {
                for byte in start..<start + 16 { part[byte] = 1 }
            }
        }
        let expected = (0..<count).map { byte in encrypted.contains { ($0..<$0 + 16).contains(byte) } ? UInt8(1) : 0 }
        #expect(unit == expected)
    }

    @Test("bytes without a start code stay", arguments: [[], [0], [1, 2, 3], [0, 0, 1]] as [[UInt8]])
    func none(_ bytes: [UInt8]) {
        #expect(open(bytes).bytes == bytes)
    }
}
