import Testing

@testable import Remux

/// What tells a decrypted sample of Enhanced AC-3 from noise.
@Suite struct SampleSyntaxTests {
    /// A frame of 64 bytes with six blocks, and the checksum bit by bit.
    ///
    /// - Parameter type: 0: an independent substream; 1: a dependent one (ETSI TS 102 366 §E.1.3.1.1).
    private static func frame(type: UInt8, filler: UInt8) -> [UInt8] {
        var frame: [UInt8] = [0x0B, 0x77, type << 6, 31, 0x3F, 0x80] + [UInt8](repeating: filler, count: 56)
        var remainder: UInt16 = 0
        for byte in frame.dropFirst(2) {
            for bit in (0..<8).reversed() {
                let isOdd = remainder >> 15 != UInt16(byte >> UInt8(bit) & 1)
                remainder = remainder << 1 ^ (isOdd ? 0x8005 : 0)
            }
        }
        frame.append16(remainder)
        return frame
    }

    private func hasChecksum(_ sample: [UInt8]) -> Bool {
        sample.withUnsafeBytes { SampleSyntax.hasDolbyChecksum($0) }
    }

    @Test func checksumOfOneFrame() {
        #expect(hasChecksum(Self.frame(type: 0, filler: 0x5A)))
    }

    /// 7.1 channels: the sample holds a dependent substream behind the independent one.
    @Test func checksumOfSampleWithDependentSubstream() {
        #expect(hasChecksum(Self.frame(type: 0, filler: 0x5A) + Self.frame(type: 1, filler: 0xA5)))
    }

    @Test(arguments: [3, 20, 63])
    func wrongChecksum(damaged offset: Int) {
        var sample = Self.frame(type: 0, filler: 0x5A) + Self.frame(type: 1, filler: 0xA5)
        sample[offset] ^= 0x10
        #expect(!hasChecksum(sample))
    }

    @Test func noChecksum() {
        #expect(!hasChecksum([]))
        #expect(!hasChecksum([UInt8](repeating: 0, count: 64)))
        #expect(!hasChecksum(Self.frame(type: 0, filler: 0).dropLast()))
    }
}
