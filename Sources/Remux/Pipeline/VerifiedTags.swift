import Decryption
import HLS
import Transport

/// Keys of AES-256-GCM that have verified a segment: where the tag of a later one is wrong, that segment is damaged, not the key.
struct VerifiedTags {
    private var locks: Set<Lock> = []

    /// A segment has passed whole.
    mutating func verified(_ order: SegmentOrder) {
        if let lock = lock(order) { locks.insert(lock) }
    }

    /// The error of a segment, as a loss where its key is known to be right.
    func judge(_ error: RemuxError, _ order: SegmentOrder) -> RemuxError {
        guard error.code == .key, let lock = lock(order), locks.contains(lock),
            case .filter(let cause) = (error.underlying as? TransportError)?.kind,
            case .authenticationFailed = cause as? DecryptionError
        else { return error }
        var lost = error
        lost.code = .incomplete
        lost.message += ", although its key has opened others: the segment is lost"
        return lost
    }

    private func lock(_ order: SegmentOrder) -> Lock? {
        guard var lock = Lock(order.encryption), lock.method == .aes256GCM else { return nil }
        // Each segment brings its own.
        lock.vector = nil
        return lock
    }
}
