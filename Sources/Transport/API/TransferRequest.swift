/// One resource to fetch.
package struct TransferRequest: Sendable {
    /// What the resource is for: decides size limit, retries and how strict the network policy is.
    package enum Role: Sendable, CaseIterable {
        case playlist, key, mediaInitializationSection, mediaSegment, subtitleSegment

        /// The most bytes, counted after content decoding, that are accepted unless the request says otherwise.
        package var maximumBytes: UInt64 {
            switch self {
            case .playlist: 64 << 20
            case .key: 4 << 10
            case .mediaInitializationSection, .subtitleSegment: 16 << 20
            case .mediaSegment: 4 << 30
            }
        }

        /// Whether https may fall to http: never for what decides or decrypts the rest.
        var mayDowngrade: Bool {
            switch self {
            case .playlist, .key: false
            case .mediaInitializationSection, .mediaSegment, .subtitleSegment: true
            }
        }

        /// Whether a compressed body is asked for: of text.
        var acceptsCompression: Bool { self == .playlist || self == .subtitleSegment }

        /// Whether an empty body is an error of the transfer.
        var mustHaveBytes: Bool {
            switch self {
            case .playlist, .key, .subtitleSegment: false
            case .mediaInitializationSection, .mediaSegment: true
            }
        }
    }

    /// An absolute http or https URL; with ``isLocal`` a `file:` URL or an absolute path.
    package var url: String
    package var role: Role
    /// A part of the resource (EXT-X-BYTERANGE).
    package var byteRange: ByteRange?
    /// The most bytes accepted, counted after content decoding.
    package var maximumBytes: UInt64
    /// The caller has checked that this local file may be read. Only with a local input.
    package var isLocal: Bool

    package init(
        url: String,
        role: Role,
        byteRange: ByteRange? = nil,
        maximumBytes: UInt64? = nil,
        isLocal: Bool = false
    ) {
        self.url = url
        self.role = role
        self.byteRange = byteRange
        self.maximumBytes = maximumBytes ?? role.maximumBytes
        self.isLocal = isLocal
    }
}

/// Gives a fresh URL for one that a server does not accept any more; nil where there is none. The bytes behind both are
/// the same ones.
///
/// Called with the URL that failed and how.
package typealias URLRenewal = @Sendable (String, TransportError) async -> String?

/// A range of bytes of a resource.
package struct ByteRange: Equatable, Sendable {
    /// The first byte's position.
    package let offset: UInt64
    /// The count of bytes.
    package let length: UInt64

    /// Nil if the range is empty or its last byte's position does not fit into 63 bits.
    package init?(offset: UInt64, length: UInt64) {
        let (end, overflows) = offset.addingReportingOverflow(length)
        guard length > 0, !overflows, end <= UInt64(Int64.max) else { return nil }
        self.offset = offset
        self.length = length
    }

    /// The last byte's position.
    var last: UInt64 { offset + (length - 1) }
}
