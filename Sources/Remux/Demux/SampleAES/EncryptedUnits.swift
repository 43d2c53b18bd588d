/// NAL units of H.264 as SAMPLE-AES encrypts them (Apple, MPEG-2 Stream Encryption Format for HTTP Live Streaming, "NAL
/// Unit Encryption"). Pure: the cipher is the caller's.
enum EncryptedUnits {
    /// The NAL unit header and what follows it in clear.
    static let clearBytes = 32
    /// A unit of this many bytes or fewer is clear.
    static let longestClearUnit = 48

    /// Opens the units of a byte stream in place: those of slices lose the emulation prevention that was put on top of the
    /// ciphertext, then `decrypt` is called with each; everything else stays, moved up where bytes have gone.
    ///
    /// The encrypted units were escaped before they were encrypted: what comes out is escaped once, as it should be.
    ///
    /// - Parameter decrypt: decrypts one unit, header included, in place.
    /// - Returns: the count of bytes that are left.
    static func open<Failure: Error>(
        _ bytes: UnsafeMutableRawBufferPointer,
        decrypt: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var written = 0
        var read = 0
        var failure: Failure?
        // The scan never looks at bytes that were moved: it is ahead of them.
        NALUnits.forEach(in: UnsafeRawBufferPointer(bytes)) { offset, length in
            written = move(bytes, read..<offset, to: written)
            read = offset + length
            let type = bytes[offset] & 0x1F
            guard type == 1 || type == 5, length > longestClearUnit, failure == nil else {
                written = move(bytes, offset..<read, to: written)
                return
            }
            let end = unescape(bytes, offset..<read, to: written)
            do throws(Failure) {
                try decrypt(UnsafeMutableRawBufferPointer(rebasing: bytes[written..<end]))
            } catch {
                failure = error
            }
            written = end
        }
        if let failure { throw failure }
        return move(bytes, read..<bytes.count, to: written)
    }

    /// The part of an opened unit in which one block of ten is encrypted, the last byte of the unit never.
    static func pattern(of unit: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: unit.dropLast().dropFirst(clearBytes))
    }

    private static func move(_ bytes: UnsafeMutableRawBufferPointer, _ range: Range<Int>, to target: Int) -> Int {
        if target != range.lowerBound, !range.isEmpty {
            UnsafeMutableRawBufferPointer(rebasing: bytes[target..<target + range.count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        return target + range.count
    }

    /// Moves bytes, without the 03 of every 00 00 03; returns where they end.
    private static func unescape(_ bytes: UnsafeMutableRawBufferPointer, _ range: Range<Int>, to target: Int) -> Int {
        var target = target
        var zeros = 0
        for index in range {
            let byte = bytes[index]
            if byte == 3, zeros >= 2 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            bytes[target] = byte
            target += 1
        }
        return target
    }
}
