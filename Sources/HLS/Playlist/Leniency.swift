/// A fault in a playlist whose meaning is clear nevertheless. Each is a warning by default; `--strict` refuses it.
package enum Leniency: String, Sendable, Hashable, CaseIterable {
    // Text (§4.1)
    case byteOrderMark
    case contentBeforeHeader
    case commentedOutLine
    case invalidUTF8
    case controlCharacter
    case loneCarriageReturn
    case surroundingBlanks
    // Structure (§4.4)
    case mixedPlaylistKinds
    case misplacedTag
    case repeatedTag
    case tagAfterFirstSegment
    case missingRequiredTag
    case invalidTagValue
    case versionTooLow
    // Attribute lists (§4.2)
    case malformedAttributeList
    case repeatedAttribute
    case missingRequiredAttribute
    case invalidAttributeValue
    case unquotedString
    case quotedEnumeration
    case conflictingAttributes
    // Media Segments (§4.4.4)
    case missingSegmentDuration
    case missingComma
    case unknownSegmentDuration
    case missingURI
    case segmentTagsWithoutSegment
    case segmentLongerThanTargetDuration
    case initializationSectionWithoutIV
    case byteRangeOfOtherResource
    case invalidDateRange
    case lowLatencyRule
    // Multivariant Playlists (§4.4.6)
    case undefinedRenditionGroup
    case conflictingRenditions

    /// One sentence for people.
    package var summary: String {
        switch self {
        case .byteOrderMark: "a byte order mark was skipped"
        case .contentBeforeHeader: "lines before #EXTM3U were skipped"
        case .commentedOutLine: "a line starting with //# was taken as a comment"
        case .invalidUTF8: "bytes that are not UTF-8 were replaced"
        case .controlCharacter: "control characters were removed, or in the case of TAB kept"
        case .loneCarriageReturn: "a single carriage return was taken as end of line"
        case .surroundingBlanks: "blanks where none may stand were ignored"
        case .mixedPlaylistKinds:
            "tags of Multivariant and Media Playlists are mixed; those of the other kind are ignored"
        case .misplacedTag: "a tag that does not belong here was ignored"
        case .repeatedTag: "a tag that may appear once is repeated; the last one counts"
        case .tagAfterFirstSegment: "a tag that must stand before the first segment came later"
        case .missingRequiredTag: "a required tag is missing; its value was derived"
        case .invalidTagValue: "a tag whose value cannot be read was ignored"
        case .versionTooLow: "the declared EXT-X-VERSION is too low for what the playlist uses"
        case .malformedAttributeList: "a malformed part of an attribute list was skipped"
        case .repeatedAttribute: "a repeated attribute was ignored; the first one counts"
        case .missingRequiredAttribute: "a tag without a required attribute was ignored"
        case .invalidAttributeValue: "an attribute whose value cannot be read was ignored"
        case .unquotedString: "a value that must be quoted is not"
        case .quotedEnumeration: "a value that must not be quoted is"
        case .conflictingAttributes: "an attribute that is not allowed here was ignored"
        case .missingSegmentDuration: "a segment without EXTINF is taken to last the target duration"
        case .missingComma: "the comma after the duration is missing"
        case .unknownSegmentDuration: "a segment of unknown length (EXTINF:-1) counts as 0 s"
        case .missingURI: "a tag without the URI line it needs was ignored"
        case .segmentTagsWithoutSegment: "segment tags at the end have no segment"
        case .segmentLongerThanTargetDuration: "a segment is longer than the target duration"
        case .initializationSectionWithoutIV: "an AES-128 initialization section without IV is decrypted with IV 0"
        case .byteRangeOfOtherResource: "a byte range without offset continues an earlier range of the same URI"
        case .invalidDateRange: "a date range that breaks a rule was ignored"
        case .lowLatencyRule: "a rule for low-latency streams is broken"
        case .undefinedRenditionGroup: "a Variant Stream names a group that does not exist"
        case .conflictingRenditions: "Renditions of one group contradict each other"
        }
    }
}

/// Leniencies that were needed, one entry per kind and tag however often it happened.
package struct PlaylistWarning: Sendable, Equatable, CustomStringConvertible {
    /// What was tolerated.
    package let leniency: Leniency
    /// Where first; 0 where the playlist as a whole is meant.
    package let line: Int
    /// Tag without `#`.
    package let tag: String?
    /// What exactly, the first time; safe for a terminal and redacted.
    package let detail: String
    /// How often it happened.
    package internal(set) var occurrences: Int

    package var description: String {
        var text = line > 0 ? "line \(line): " : ""
        if let tag { text += "\(tag): " }
        text += leniency.summary
        if !detail.isEmpty { text += ": \(detail)" }
        if occurrences > 1 { text += " (\(occurrences) times)" }
        return text
    }
}
