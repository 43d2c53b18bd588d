import Decryption

/// The name of a content key (`default_KID`, ISO/IEC 23001-7 §8.2): 16 bytes, no secret.
struct KeyID: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// As `--key` takes it: 32 hexadecimal digits.
    var description: String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// The keys that were given by hand (`--key`, `--key-file`).
struct GivenKeys: Sendable, Equatable {
    /// Takes the place of every key of the playlists.
    var replacement: DecryptionKey?
    var byKeyID: [KeyID: DecryptionKey] = [:]

    var isEmpty: Bool { replacement == nil && byKeyID.isEmpty }
}

/// What opens the samples of a Media Segment (METHOD=SAMPLE-AES and SAMPLE-AES-CTR, RFC 8216bis §4.4.4.4), where the
/// segment's bytes as a whole are clear. Travels with the segment, so that each sample meets the key of its own segment.
struct SampleKeys: Sendable, Equatable {
    /// What the playlist says.
    enum Method: Sendable, Equatable {
        /// SAMPLE-AES.
        case chaining
        /// SAMPLE-AES-CTR.
        case counter
    }

    /// `nil`: the playlist says nothing of encrypted samples. Movie fragments may hold some all the same, and keys for them
    /// may have been given.
    var method: Method?
    var given = GivenKeys()
    /// The key at the URI of EXT-X-KEY.
    var playlistKey: DecryptionKey?
    /// Why that is not here, although it was asked for.
    var playlistKeyFailure: String?
    /// The one given by hand, else the IV attribute, else the Media Sequence Number; `nil` where there is none of them.
    var vector: InitializationVector?

    /// The key of samples that name no key ID: those of transport streams and packed audio.
    ///
    /// - Throws: ``RemuxError`` with code `key`.
    func key() throws(RemuxError) -> DecryptionKey {
        if let key = given.replacement ?? playlistKey { return key }
        throw RemuxError(
            .key,
            "its samples are encrypted, and there is no key without a key ID for them\(failureClause); --key HEX gives one",
            context: RemuxError.Context(stage: "Decrypt")
        )
    }

    /// The key with an ID.
    ///
    /// - Throws: ``RemuxError`` with code `key` that names the ID.
    func key(_ id: KeyID) throws(RemuxError) -> DecryptionKey {
        if let key = given.byKeyID[id] ?? given.replacement ?? playlistKey { return key }
        throw Self.missing(id, failureClause)
    }

    /// There is no key with this ID.
    static func missing(_ id: KeyID, _ reason: String = "") -> RemuxError {
        RemuxError(
            .key,
            "its samples are encrypted, and the key with the ID \(id) is not known\(reason); --key \(id):HEX gives it",
            context: RemuxError.Context(stage: "Decrypt")
        )
    }

    private var failureClause: String { playlistKeyFailure.map { " (\($0))" } ?? "" }
}
