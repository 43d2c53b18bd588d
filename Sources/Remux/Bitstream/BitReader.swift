/// Reads bits, most significant first, from a byte sequence; past the end it reports `nil` and never traps.
///
/// With `skipsEmulationPrevention` the bytes are a NAL unit: the 03 of every 00 00 03 is passed over
/// (ITU-T H.264 §7.3.1, H.265 §7.3.1.1).
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private let skipsEmulationPrevention: Bool
    private var next = 0
    private var zeroRun = 0
    private var current: UInt8 = 0
    private var bitsLeft = 0

    /// The reader borrows `bytes`: it must not outlive the call that gave it the pointer.
    init(_ bytes: UnsafeRawBufferPointer, skipsEmulationPrevention: Bool = false) {
        self.bytes = bytes
        self.skipsEmulationPrevention = skipsEmulationPrevention
    }

    /// Bits read so far, emulation prevention bytes included.
    var position: Int { next * 8 - bitsLeft }

    /// One bit, or `nil` at the end.
    mutating func bit() -> UInt32? {
        if bitsLeft == 0 {
            guard loadByte() else { return nil }
        }
        bitsLeft -= 1
        return UInt32((current >> UInt8(bitsLeft)) & 1)
    }

    /// The next `count` bits (0…32) as a number, or `nil` when fewer are left.
    mutating func bits(_ count: Int) -> UInt32? {
        precondition((0...32).contains(count))
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let bit = bit() else { return nil }
            value = (value << 1) | bit
        }
        return value
    }

    /// Passes over `count` bits; `nil` when fewer are left.
    mutating func skip(_ count: Int) -> Void? {
        for _ in 0..<count where bit() == nil { return nil }
        return ()
    }

    /// An unsigned Exp-Golomb code, ue(v) (H.264 §9.1); `nil` at the end or beyond 32 bits.
    mutating func unsignedExpGolomb() -> UInt32? {
        var zeros = 0
        while true {
            guard let bit = bit() else { return nil }
            if bit == 1 { break }
            zeros += 1
            if zeros > 31 { return nil }
        }
        guard let rest = bits(zeros) else { return nil }
        return (UInt32(1) << UInt32(zeros)) &- 1 &+ rest
    }

    /// A signed Exp-Golomb code, se(v) (H.264 §9.1.1).
    mutating func signedExpGolomb() -> Int32? {
        guard let code = unsignedExpGolomb() else { return nil }
        let magnitude = Int64(code) / 2 + Int64(code) % 2
        return Int32(truncatingIfNeeded: code % 2 == 1 ? magnitude : -magnitude)
    }

    /// Passes over the rest of the current byte.
    mutating func alignToByte() { bitsLeft = 0 }

    private mutating func loadByte() -> Bool {
        while next < bytes.count {
            let byte = bytes[next]
            next += 1
            if skipsEmulationPrevention, zeroRun >= 2, byte == 3 {
                zeroRun = 0
                continue
            }
            zeroRun = byte == 0 ? zeroRun + 1 : 0
            current = byte
            bitsLeft = 8
            return true
        }
        return false
    }
}
