/// A Rendition (EXT-X-MEDIA, RFC 8216bis §4.4.6.1).
package struct Rendition: Sendable {
    /// TYPE.
    package enum MediaType: String, Sendable, Hashable {
        case audio = "AUDIO"
        case video = "VIDEO"
        case subtitles = "SUBTITLES"
        case closedCaptions = "CLOSED-CAPTIONS"
    }

    /// TYPE.
    package let type: MediaType
    /// GROUP-ID.
    package let groupID: String
    /// NAME; untrusted text.
    package let name: String
    /// Line of the tag.
    package let line: Int
    /// URI as written, after variable substitution; `nil`: in the Variant Stream's own playlist (§4.4.6.2.1).
    package internal(set) var uri: String?
    /// URI resolved.
    package internal(set) var resolvedURI: ResourceURI?
    /// LANGUAGE, an RFC 5646 tag as written.
    package internal(set) var language: String?
    /// ASSOC-LANGUAGE.
    package internal(set) var associatedLanguage: String?
    /// STABLE-RENDITION-ID.
    package internal(set) var stableID: String?
    /// DEFAULT=YES.
    package internal(set) var isDefault = false
    /// AUTOSELECT=YES.
    package internal(set) var isAutoselect = false
    /// FORCED=YES.
    package internal(set) var isForced = false
    /// INSTREAM-ID.
    package internal(set) var instreamID: String?
    /// BIT-DEPTH.
    package internal(set) var bitDepth: UInt64?
    /// SAMPLE-RATE in Hz.
    package internal(set) var sampleRate: UInt64?
    /// CHARACTERISTICS.
    package internal(set) var characteristics: [String] = []
    /// CHANNELS as written, such as `16/JOC`.
    package internal(set) var channels: String?

    /// With what every EXT-X-MEDIA must have.
    init(type: MediaType, groupID: String, name: String, line: Int) {
        self.type = type
        self.groupID = groupID
        self.name = name
        self.line = line
    }

    /// The first parameter of CHANNELS: the count. `nil` where missing or unreadable.
    package var channelCount: Int? {
        guard let channels, let first = channels.split(separator: "/", omittingEmptySubsequences: false).first else {
            return nil
        }
        return Int(first)
    }
}
