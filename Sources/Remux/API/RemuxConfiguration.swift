import HLS
import Transport

/// What a session is to do. A value; every property has a documented default.
public struct RemuxConfiguration: Sendable {
    /// Where the output goes.
    public enum Output: Sendable {
        /// A file: written as `PATH.part` and renamed when complete. A pipe or device that stands there is written to.
        case file(path: String)
        /// Standard output of the process.
        case standardOutput
        /// A sink of the client's, made on the thread that uses it.
        case custom(@Sendable () throws -> any ByteSink)
    }

    /// What to do about a Media Segment that cannot be had after all retries.
    public enum MissingSegmentPolicy: String, Sendable, CaseIterable {
        /// Stop and say which (``RemuxError/Code/incomplete``); what came before stays in the `.part`.
        case fail
        /// Go on and keep the gap on the timeline; the session still ends as incomplete, the file gets its name.
        case gap
    }

    /// A header field sent with requests; credentials go to the input's origin only.
    public struct HeaderField: Sendable, Equatable {
        let field: HTTPHeader

        public var name: String { field.name }
        public var value: String { field.value }

        /// - Throws: ``RemuxError`` with code `configuration` if `name` is no token (RFC 9110 §5.1) or `value` has a line
        ///   break or NUL in it; its message repeats neither.
        public init(name: String, value: String) throws(RemuxError) {
            do {
                field = try HTTPHeader(name: name, value: value)
            } catch {
                throw RemuxError(.configuration, "\(error)", underlying: error)
            }
        }
    }

    /// A header field for one host.
    public struct HostHeaderField: Sendable, Equatable {
        let field: HostHeader

        public var host: String { field.host }
        public var name: String { field.header.name }

        /// - Parameter host: `HOST` or `HOST:PORT`; without a port: every port of that host.
        /// - Throws: ``RemuxError`` with code `configuration` if `host` is no host.
        public init(host: String, _ header: HeaderField) throws(RemuxError) {
            do {
                field = try HostHeader(host: host, header: header.field)
            } catch {
                throw RemuxError(.configuration, "\(error)", underlying: error)
            }
        }
    }

    /// A key given by hand. In no description: a secret.
    public struct ContentKey: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
        /// Samples that name this key ID (16 bytes; CENC's `KID`) are decrypted with it. `nil`: it takes the place of every
        /// key of the playlists; of several such the last one counts.
        public var keyID: [UInt8]?
        /// 16 bytes (AES-128, SAMPLE-AES, SAMPLE-AES-CTR) or 32 (AES-256-GCM).
        public var bytes: [UInt8]

        public init(keyID: [UInt8]? = nil, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }

        public var description: String { "<\(bytes.count) bytes>" }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Where the playlist is: an http or https URL, the path or `file:` URL of a local file, or a `data:` URI.
    public var input: String
    /// The playlist itself, where the client has it already: ``input`` is not loaded then.
    public var playlist: [UInt8]?
    /// The most bytes a playlist may have.
    public static let maximumPlaylistBytes = PlaylistLimits().bytes
    /// What the playlist's relative URIs are resolved against: an http or https URL, or a local path. Its network rules
    /// hold as if the playlist had come from there: one with a remote base may not name local files. Default: where the
    /// playlist is.
    public var baseURL: String?
    public var output: Output
    /// What the output is. Default: what the extension of the file's name says (``Container/init(fileName:)``), else MP4.
    public var container: Container?
    /// With ``Container/copy`` to a file: the extension of what the segments hold is put behind the path (`.ts`, `.mp4`,
    /// `.aac` …; see ``RemuxSummary/outputPath``). Default: the path is the file's name.
    public var addsExtension = false
    /// Replace an existing output once the new one is complete. Default: refuse.
    public var overwrites = false
    /// Discard a `.part` of an earlier run. Default: refuse.
    public var restarts = false
    public var missingSegments = MissingSegmentPolicy.fail
    /// What to do where the format of a track changes.
    public var formatChange = FormatChangePolicy.inBand
    /// Refuse playlists that only leniency can read.
    public var isStrict = false

    /// What is taken of a Multivariant Playlist.
    public var selection = Selection()
    /// The part of the presentation to take. Default: all of it.
    public var timeRange: TimeRange?
    /// Write subtitles to files beside the output instead of into it: `OUT-stem.LANGUAGE.vtt`. Only where the output is a
    /// file. Default: into it.
    public var sidecar: Sidecar?

    /// The title of the output. Default: what the Multivariant Playlist says (EXT-X-SESSION-DATA whose DATA-ID ends in
    /// `title`), if anything.
    public var title: String?
    /// Make chapters of the playlist's Date Ranges (EXT-X-DATERANGE) and Discontinuities. Default: none.
    public var takesChapters = false
    /// When the output was made, in milliseconds since 1970, as far as the container says such. Default: nothing is said, so
    /// that the same input gives the same bytes.
    public var creationTimeMilliseconds: Int64?

    /// Parallel transfers of Media Segments, 1…64.
    public var jobs = 10
    public var headers: [HeaderField] = []
    /// Header fields for single hosts, besides those for the input's origin.
    public var hostHeaders: [HostHeaderField] = []
    /// A file of cookies in Netscape's format; each goes where its own domain, path and security flag say.
    public var cookieFile: String?
    /// Default: `hls2mp4`.
    public var userAgent: String?
    public var referer: String?
    /// PEM certificates that replace the system's.
    public var caFile: String?
    /// A file with a certificate and its unencrypted key, PEM or PKCS #12, that the input's origin is shown.
    public var clientCertificate: String?
    /// Accept any certificate of any server. A warning tells of it. Default: certificates are checked.
    public var isInsecure = false
    /// `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`, scheme http, https, socks4, socks4a, socks5 or socks5h; empty: no proxy.
    /// Default: what the environment says.
    public var proxy: String?
    /// The most bytes a second that all transfers of segments receive together. Default: no limit.
    public var maximumBytesPerSecond: Int?
    /// How often a request that fails without any progress is made again; nil: 7 for segments and keys, 4 for playlists.
    public var retryCount: Int?
    /// How long a transfer may bring nothing, or next to nothing, before it is given up; more than 0. Default: 20 s, and 15 s
    /// for the first byte.
    public var stallSeconds: Double?
    /// A public input may lead to private addresses. Default: refused.
    public var allowsPrivateAddresses = false
    /// Bytes held between network and demuxer: in flight and in rings. At least 4 MiB.
    public var maximumMemoryBytes = 32 << 20

    /// Keys that were given by hand: see ``ContentKey``.
    public var keys: [ContentKey] = []
    /// A file with a key that takes the place of every key of the playlists, as a key server sends it: 16 or 32 bytes.
    public var keyFile: String?
    /// An initialization vector that replaces those of the playlist: 16 bytes. Those that samples carry stay.
    public var initializationVector: [UInt8]?

    /// How the MP4 is laid out in the end. ``MP4Layout/flat`` needs a file. Default: fragmented.
    public var layout = MP4Layout.fragmented

    /// Movie fragments are at least this long; they start at sync samples of the video.
    public var minimumFragmentSeconds = 1.0

    public init(input: String, output: Output) {
        self.input = input
        self.output = output
    }
}
