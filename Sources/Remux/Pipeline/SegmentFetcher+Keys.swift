import Decryption
import HLS
import Transport

/// What opens Media Segments: filters for those that are encrypted as a whole, keys for those whose samples are.
extension SegmentFetcher {
    func filter(for order: SegmentOrder) -> FilterSource {
        let number = order.identity.mediaSequenceNumber
        let (content, needsSignature) = (content, order.initializationSection == nil)
        let place = "\(label)Media Segment \(number)"
        let notes = SegmentFilter.Notes(
            paddingMissing: { [status] in
                status.warnOnce(
                    .paddingMissing,
                    "\(place): the padding of its last block is not as it should be; all media in it is kept"
                )
            },
            disguiseRemoved: { [status] in
                status.warnOnce(.disguise, "\(place): an image or a page stands before the media; it is left out")
            }
        )
        guard let lock = Lock(order.encryption), !lock.isOfSamples else {
            if content == .subtitles {
                return .ready { SubtitleFilter(decryptor: nil, needsSignature: needsSignature) }
            }
            return .ready { SegmentFilter(decryptor: nil, notes: notes) }
        }
        let cipher: DecryptingFilter.Cipher =
            lock.method == .aes256GCM
            ? .aes256GCM(limitBytes: options.maximumMemoryBytes)
            : .aes128(vector(of: lock) ?? Decryption.InitializationVector(mediaSequenceNumber: number))
        return .whenKnown { [self] in
            let key = try await key(for: lock)
            // A cipher context that cannot be made (no memory) must not pass ciphertext on as if it were clear.
            return {
                DecryptingFilter.make(key: key, cipher: cipher, disguiseRemoved: notes.disguiseRemoved) { decryptor in
                    switch content {
                    case .media: SegmentFilter(decryptor: decryptor, notes: notes)
                    case .subtitles: SubtitleFilter(decryptor: decryptor, needsSignature: needsSignature)
                    }
                }
            }
        }
    }

    private func key(for lock: Lock) async throws -> DecryptionKey {
        try await keys.key(for: lock) { [status] event in
            status.report(event, subject: lock.keyURI.map { "key \($0)" } ?? "key")
        }
    }

    private func vector(of lock: Lock) -> Decryption.InitializationVector? {
        options.initializationVector ?? lock.vector.flatMap { try? Decryption.InitializationVector($0.bytes) }
    }

    /// What opens the samples of a segment; `nil` where nothing is known that could.
    ///
    /// - Throws: ``RemuxError`` with code `key`.
    func sampleKeys(for order: SegmentOrder) async throws -> SampleKeys? {
        // No scheme encrypts the cues of WebVTT.
        guard content == .media else { return nil }
        guard let lock = Lock(order.encryption), lock.isOfSamples else {
            // Movie fragments say themselves that their samples are encrypted.
            return keys.given.isEmpty ? nil : SampleKeys(given: keys.given)
        }
        var found = SampleKeys(
            method: lock.method == .sampleAES ? .chaining : .counter,
            given: keys.given,
            vector: vector(of: lock)
        )
        guard keys.given.replacement == nil, lock.keyURI != nil else { return found }
        do {
            found.playlistKey = try await key(for: lock)
        } catch let error as RemuxError where !keys.given.byKeyID.isEmpty {
            // The keys given by ID may be all that is needed.
            found.playlistKeyFailure = error.message
        }
        return found
    }
}
