import Decryption

/// Decrypts the samples of movie fragments in place (ISO/IEC 23001-7 §9, §10), with one cipher for each key. Confined to the
/// thread `remux`.
final class SampleDecryptor {
    /// A protection scheme (`schm`, ISO/IEC 23001-7 §10).
    enum Scheme: Equatable {
        /// Counter mode over all protected bytes of a sample.
        case cenc
        /// Counter mode, by a pattern.
        case cens
        /// Chaining over all protected blocks of a sample.
        case cbc1
        /// Chaining by a pattern, beginning again in each subsample.
        case cbcs

        init?(_ code: FourCC) {
            switch code {
            case "cenc", "piff": self = .cenc
            case "cens": self = .cens
            case "cbc1": self = .cbc1
            case "cbcs": self = .cbcs
            default: return nil
            }
        }

        var mode: SampleCipher.Mode {
            switch self {
            case .cenc, .cens: .counter
            case .cbc1, .cbcs: .chaining
            }
        }
    }

    private struct Address: Hashable {
        var keyID: [UInt8]
        var mode: SampleCipher.Mode
    }

    private let keys: SampleKeys
    private var ciphers: [Address: SampleCipher] = [:]

    init(keys: SampleKeys) { self.keys = keys }

    /// Decrypts one sample.
    ///
    /// - Parameters:
    ///   - sample: an element of `encryption`.
    ///   - onProtected: told of each range of the sample that was decrypted.
    /// - Throws: ``RemuxError`` with code `key`; ``DamagedBoxes``; `DecryptionError`.
    func decrypt(
        _ bytes: UnsafeMutableRawBufferPointer,
        _ sample: FragmentEncryption.Sample,
        of encryption: FragmentEncryption,
        scheme: Scheme
    ) throws {
        let parameters = encryption.parameters[sample.parameters]
        guard parameters.isProtected else { return }
        let cipher = try cipher(parameters, scheme.mode)
        let vector = try vector(sample, parameters)
        try cipher.begin(vector)
        guard !sample.subsamples.isEmpty else { return try decrypt(bytes, cipher, parameters, scheme) }
        var rest = bytes
        for subsample in encryption.subsamples[sample.subsamples] {
            guard subsample.clearBytes <= rest.count, subsample.protectedBytes <= rest.count - subsample.clearBytes
            else {
                throw DamagedBoxes("the encrypted parts of a sample are longer than the sample")
            }
            let end = subsample.clearBytes + subsample.protectedBytes
            if scheme == .cbcs { try cipher.begin(vector) }
            let part = UnsafeMutableRawBufferPointer(rebasing: rest[subsample.clearBytes..<end])
            try decrypt(part, cipher, parameters, scheme)
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[end...])
        }
    }

    private func decrypt(
        _ bytes: UnsafeMutableRawBufferPointer,
        _ cipher: SampleCipher,
        _ parameters: SampleEncryptionDefaults,
        _ scheme: Scheme
    ) throws(DecryptionError) {
        switch scheme {
        case .cenc, .cbc1: try cipher.decrypt(bytes)
        case .cens, .cbcs:
            try cipher.decrypt(
                bytes,
                encryptedBlocks: parameters.encryptedBlocks,
                clearBlocks: parameters.clearBlocks
            )
        }
    }

    private func cipher(_ parameters: SampleEncryptionDefaults, _ mode: SampleCipher.Mode) throws -> SampleCipher {
        let address = Address(keyID: parameters.keyID, mode: mode)
        if let known = ciphers[address] { return known }
        let cipher = try SampleCipher(key: try keys.key(KeyID(parameters.keyID)), mode: mode)
        ciphers[address] = cipher
        return cipher
    }

    private func vector(
        _ sample: FragmentEncryption.Sample,
        _ parameters: SampleEncryptionDefaults
    ) throws -> InitializationVector {
        if let vector = sample.vector { return InitializationVector(high: vector.high, low: vector.low) }
        if let high = parameters.constantVector.read64(at: 0) {
            return InitializationVector(high: high, low: parameters.constantVector.read64(at: 8) ?? 0)
        }
        guard parameters.vectorBytes == 0, let vector = keys.vector else {
            throw DamagedBoxes("an encrypted sample has no initialization vector")
        }
        return vector
    }
}
