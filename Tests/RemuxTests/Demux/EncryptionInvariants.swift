// What must hold for any bytes at all. The fuzz entry points (Tests/Fuzz) compile this file together with the sources that
// script/fuzz names; the replay test imports the target.
#if canImport(Remux)
@testable import Remux
#endif

/// A broken invariant.
struct EncryptionViolation: Error, CustomStringConvertible {
    var description: String
}

enum EncryptionInvariants {
    private static func require(
        _ condition: Bool,
        _ message: @autoclosure () -> String
    ) throws(EncryptionViolation) {
        if !condition { throw EncryptionViolation(description: message()) }
    }

    // MARK: - sample-encryption

    /// Boxes that say how samples are encrypted: two bytes that choose, then the payload of `traf`.
    static func checkBoxes(_ bytes: [UInt8]) throws(EncryptionViolation) {
        guard bytes.count > 2 else { return }
        let count = Int(bytes[0])
        let vectorBytes: UInt8 = [0, 8, 16, 8][Int(bytes[1] & 3)]
        let track: [UInt8] = [1, 0, 0, 0, 0, 0x19, 1, vectorBytes] + [UInt8](repeating: 7, count: 16)
        guard let defaults = SampleEncryptionDefaults(trackEncryption: track[...]) else { return }
        let payload = bytes.dropFirst(2)
        try checkEntries(payload)
        var encryption: FragmentEncryption
        do {
            encryption = try FragmentEncryption(
                trackFragment: payload,
                sampleCount: count,
                defaults: defaults,
                trackGroups: SampleGroups.descriptions(in: payload)
            )
            for range in encryption.missing.prefix(8) {
                try encryption.take(auxiliary: payload.prefix(range.byteCount), of: range)
            }
        } catch {
            return
        }
        try require(encryption.samples.count == count, "\(encryption.samples.count) samples of \(count)")
        for sample in encryption.samples {
            try require(encryption.parameters.indices.contains(sample.parameters), "parameters of \(sample)")
            let subsamples = sample.subsamples
            try require(
                subsamples.lowerBound >= 0 && subsamples.upperBound <= encryption.subsamples.count,
                "subsamples of \(sample)"
            )
            let parts = encryption.subsamples[subsamples]
            let total = parts.reduce(0) { $0 + $1.clearBytes + $1.protectedBytes }
            try require(parts.isEmpty || !encryption.protects(total, of: sample), "protected behind the end: \(sample)")
        }
    }

    /// Sample entries, and what the samples of each should look like.
    private static func checkEntries(_ payload: ArraySlice<UInt8>) throws(EncryptionViolation) {
        for box in BoxList(payload) {
            for handler in ["vide", "soun", "text"] as [FourCC] {
                let entry = SampleEntry(box, handler: handler)
                try require(entry.clearBytes.count <= box.whole.count + 8, "a clear entry that is larger")
                if let protection = entry.protection {
                    try require(protection.encryption.keyID.count == 16, "a key ID of other than 16 bytes")
                    try require([0, 8, 16].contains(protection.encryption.constantVector.count), "a constant vector")
                }
                guard let syntax = ProtectedSyntax(entry) else { continue }
                payload.withUnsafeBytes { _ = syntax.isPlausible($0) { $0 % 3 == 0 } }
            }
        }
    }

    // MARK: - sample-aes

    /// The walkers of NAL units and frames.
    static func checkWalkers(_ bytes: [UInt8]) throws(EncryptionViolation) {
        var unescaped = bytes
        var units = 0
        let count = unescaped.withUnsafeMutableBytes { bytes in
            EncryptedUnits.open(bytes) { unit in
                units += 1
                // Every byte that a cipher would write.
                let part = EncryptedUnits.pattern(of: unit)
                for index in part.indices { part[index] ^= 0x55 }
            }
        }
        try require(count <= bytes.count, "bytes came from nowhere")
        try require(units > 0 || Array(unescaped.prefix(count)) == bytes, "clear units were changed")
        for codec in [EncryptedFrame.Codec.adts, .dolby] {
            var offset = 0
            var copy = bytes
            while offset < bytes.count {
                let finding = bytes.withUnsafeBytes {
                    EncryptedFrame.find(codec, at: UnsafeRawBufferPointer(rebasing: $0[offset...]))
                }
                guard case .frame(let frame) = finding else {
                    if case .tooShort = finding { try require(bytes.count - offset < 7, "7 bytes are enough") }
                    offset += 1
                    continue
                }
                try require(frame.byteCount > 0, "an empty frame")
                guard frame.byteCount <= bytes.count - offset else { break }
                copy.withUnsafeMutableBytes { bytes in
                    let whole = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + frame.byteCount])
                    let blocks = frame.blocks(of: whole)
                    for index in blocks.indices { blocks[index] = 0 }
                    _ = SampleSyntax.hasDolbyChecksum(UnsafeRawBufferPointer(whole))
                    _ = SampleSyntax.endsRawDataBlock(UnsafeRawBufferPointer(whole))
                }
                offset += frame.byteCount
            }
        }
        bytes.withUnsafeBytes { bytes in
            _ = SampleSyntax.beginsRawDataBlock(bytes)
            for lengthBytes in 1...4 {
                for isHEVC in [true, false] {
                    _ = SampleSyntax.beginsPicture(bytes, lengthBytes: lengthBytes, isHEVC: isHEVC) { _ in true }
                }
            }
        }
    }
}
