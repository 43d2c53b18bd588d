import Decryption
import HLS

/// What closes a Media Segment or a Media Initialization Section, and where its key is.
struct Lock: Hashable, Sendable {
    var method: EncryptionMethod
    /// `nil`: the key belongs to a DRM system; only one given by hand opens it.
    var keyURI: ResourceURI?
    /// `nil`: the bytes carry it, or the playlist lacks it.
    var vector: HLS.InitializationVector?

    /// `nil` where the bytes are clear, or closed in a way that is not known.
    init?(_ encryption: SegmentEncryption) {
        switch encryption {
        case .none: return nil
        case .identity(let method, let uri, let iv):
            (self.method, keyURI, vector) = (method, uri, iv)
        case .unsupported(_, let method, let iv):
            guard let method else { return nil }
            (self.method, keyURI, vector) = (method, nil, iv)
        }
    }

    /// Bytes of the key: 16, with AES-256 32.
    var keyBytes: Int { method == .aes256GCM ? 32 : 16 }

    /// Samples inside of clear bytes are encrypted, not the bytes as a whole.
    var isOfSamples: Bool { method == .sampleAES || method == .sampleAESCTR }

    /// Whether the keys given by hand are enough, as far as can be seen before any media.
    func isOpened(by given: GivenKeys) -> Bool {
        isOfSamples ? !given.isEmpty : given.replacement?.byteCount == keyBytes
    }
}
