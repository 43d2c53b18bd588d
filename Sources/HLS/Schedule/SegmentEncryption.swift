/// How the bytes of a segment or a Media Initialization Section are encrypted, chosen from the keys in force.
package enum SegmentEncryption: Hashable, Sendable {
    /// Clear.
    case none
    /// A key this program can fetch. `iv` is the IV attribute, or for a segment with AES-128 or SAMPLE-AES its Media
    /// Sequence Number (RFC 8216bis §5.2). `nil`: the bytes carry it (AES-256-GCM, SAMPLE-AES-CTR), or it is an
    /// initialization section without the IV that §4.4.4.5 demands (zero is what others use).
    case identity(method: EncryptionMethod, keyURI: ResourceURI, iv: InitializationVector?)
    /// Only DRM systems, unknown METHODs or unreadable IVs apply (§6.3.6). Names for people; and what a content key given by
    /// hand would be used for: `nil` where that is not known.
    case unsupported(systems: [String], method: EncryptionMethod?, iv: InitializationVector?)

    /// Chooses among the keys in force (§4.4.4.4). `mediaSequenceNumber` is `nil` for an initialization section.
    init(keys: [SegmentKey], mediaSequenceNumber: UInt64?) {
        guard !keys.isEmpty else {
            self = .none
            return
        }
        for key in keys where key.isIdentity {
            guard let method = key.method, let uri = key.resolvedURI, !key.hasUnreadableIV else { continue }
            let vector = Self.vector(key, method, mediaSequenceNumber)
            self = .identity(method: method, keyURI: uri, iv: vector)
            return
        }
        let usable = keys.first { $0.method != nil && !$0.hasUnreadableIV }
        self = .unsupported(
            systems: keys.map(\.systemName),
            method: usable?.method,
            iv: usable.flatMap { key in key.method.flatMap { Self.vector(key, $0, mediaSequenceNumber) } }
        )
    }

    private static func vector(
        _ key: SegmentKey,
        _ method: EncryptionMethod,
        _ mediaSequenceNumber: UInt64?
    ) -> InitializationVector? {
        if let vector = key.initializationVector { return vector }
        guard method == .aes128 || method == .sampleAES else { return nil }
        return mediaSequenceNumber.map { InitializationVector(mediaSequenceNumber: $0) }
    }
}
