/// A Variant Stream (EXT-X-STREAM-INF, RFC 8216bis §4.4.6.2) or an I-frame stream (§4.4.6.3).
package struct VariantStream: Sendable {
    /// VIDEO-RANGE.
    package enum VideoRange: Sendable, Hashable {
        case sdr, hlg, pq
        /// A value this program does not know: SHOULD NOT be selected.
        case unknown(String)

        init(playlistName: String) {
            switch playlistName {
            case "SDR": self = .sdr
            case "HLG": self = .hlg
            case "PQ": self = .pq
            default: self = .unknown(playlistName)
            }
        }
    }

    /// CLOSED-CAPTIONS.
    package enum ClosedCaptions: Sendable, Hashable {
        /// `NONE`: no Variant Stream has any.
        case none
        /// GROUP-ID.
        case group(String)
    }

    /// URI as written, after variable substitution.
    package internal(set) var uri: String
    /// URI resolved.
    package internal(set) var resolvedURI: ResourceURI
    /// Line of the tag.
    package let line: Int
    /// BANDWIDTH in bit/s; `nil` where missing (a leniency).
    package internal(set) var bandwidth: UInt64?
    /// AVERAGE-BANDWIDTH in bit/s.
    package internal(set) var averageBandwidth: UInt64?
    /// SCORE in millionths.
    package internal(set) var scoreMillionths: Int64?
    /// CODECS as written.
    package internal(set) var codecs: String?
    /// SUPPLEMENTAL-CODECS as written.
    package internal(set) var supplementalCodecs: String?
    /// RESOLUTION.
    package internal(set) var resolution: Resolution?
    /// FRAME-RATE in thousandths of a frame per second.
    package internal(set) var frameRateThousandths: Int64?
    /// HDCP-LEVEL as written; advisory.
    package internal(set) var hdcpLevel: String?
    /// ALLOWED-CPC as written; advisory.
    package internal(set) var allowedCPC: String?
    /// VIDEO-RANGE, SDR where missing.
    package internal(set) var videoRange: VideoRange = .sdr
    /// REQ-VIDEO-LAYOUT: the specifiers of each View Presentation Entry; empty where missing.
    package internal(set) var videoLayout: [[String]] = []
    /// STABLE-VARIANT-ID.
    package internal(set) var stableID: String?
    /// PATHWAY-ID, `.` where missing.
    package internal(set) var pathwayID = "."
    /// GROUP-ID of AUDIO.
    package internal(set) var audioGroupID: String?
    /// GROUP-ID of VIDEO.
    package internal(set) var videoGroupID: String?
    /// GROUP-ID of SUBTITLES.
    package internal(set) var subtitlesGroupID: String?
    /// CLOSED-CAPTIONS.
    package internal(set) var closedCaptions: ClosedCaptions?

    /// A stream of which no attribute is read yet.
    init(uri: String, resolvedURI: ResourceURI, line: Int) {
        self.uri = uri
        self.resolvedURI = resolvedURI
        self.line = line
    }

    /// The members of CODECS, trimmed; empty where missing.
    package var codecList: [String] { Self.members(of: codecs) }

    /// The codecs of SUPPLEMENTAL-CODECS, without their brands.
    package var supplementalCodecList: [String] {
        Self.members(of: supplementalCodecs).map { $0.split(separator: "/").first.map(String.init) ?? $0 }
    }

    private static func members(of list: String?) -> [String] {
        (list ?? "").split(separator: ",")
            .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            .filter { !$0.isEmpty }
    }
}
