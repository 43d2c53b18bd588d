/// Why a session ended without a complete output.
///
/// The message says what happened and what to do next; it is safe for a terminal and holds no secret.
public struct RemuxError: Error, Sendable, CustomStringConvertible {
    /// The class of a failure. More may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// A playlist could not be loaded.
        public static let playlistUnreachable = Code(description: "playlist-unreachable")
        /// A playlist is invalid, empty, unsupported, or refused by policy.
        public static let playlistRefused = Code(description: "playlist-refused")
        /// Media Segments are missing from the output.
        public static let incomplete = Code(description: "incomplete")
        /// A key, the decryption, or DRM.
        public static let key = Code(description: "key")
        /// The media is damaged or cannot be put into the container.
        public static let media = Code(description: "media")
        /// The output could not be written.
        public static let output = Code(description: "output")
        /// The reader of standard output went away.
        public static let readerGone = Code(description: "reader-gone")
        /// Something in a ``RemuxConfiguration`` cannot be.
        public static let configuration = Code(description: "configuration")
        /// A mistake of this program.
        public static let internalError = Code(description: "internal")
    }

    /// Where it happened; what is not known is `nil`.
    public struct Context: Sendable, Equatable {
        /// The stage of the data flow, for example `Fetch`.
        public var stage: String?
        /// Redacted: no credentials, no query values.
        public var url: String?
        public var mediaSequenceNumber: UInt64?
        /// Bytes from the start of the resource.
        public var byteOffset: UInt64?

        public init(
            stage: String? = nil,
            url: String? = nil,
            mediaSequenceNumber: UInt64? = nil,
            byteOffset: UInt64? = nil
        ) {
            self.stage = stage
            self.url = url
            self.mediaSequenceNumber = mediaSequenceNumber
            self.byteOffset = byteOffset
        }
    }

    public var code: Code
    public var message: String
    public var context: Context
    /// What the failing stage threw.
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, context: Context = Context(), underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.context = context
        self.underlying = underlying
    }

    public var description: String { message }
}
