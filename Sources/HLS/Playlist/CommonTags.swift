/// What both kinds of playlists hold.
protocol PlaylistSnapshot {
    /// EXT-X-VERSION.
    var version: UInt64 { get set }
    /// EXT-X-INDEPENDENT-SEGMENTS.
    var hasIndependentSegments: Bool { get set }
    /// EXT-X-START.
    var start: StartPoint? { get set }
    /// Variables defined by EXT-X-DEFINE.
    var variables: [String: String] { get set }
    /// Leniencies that were needed.
    var warnings: [PlaylistWarning] { get set }
}

extension MediaPlaylist: PlaylistSnapshot {}
extension MultivariantPlaylist: PlaylistSnapshot {}

/// Readers of the tags that either kind of playlist may hold (RFC 8216bis §4.4.1, §4.4.2).
struct CommonTags {
    /// EXT-X-VERSION.
    private var version: UInt64?
    /// EXT-X-INDEPENDENT-SEGMENTS.
    private var hasIndependentSegments = false
    /// EXT-X-START.
    private var start: StartPoint?
    private var seen: Set<Tag> = []

    /// Reads the tag; `false` where it is none of these.
    mutating func read(
        _ tag: Tag,
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) -> Bool {
        switch tag {
        case .header:
            try context.tolerate(.repeatedTag, "#EXTM3U must be the first line")
        case .version:
            try refuseRepetition(of: tag, context)
            try readVersion(value, &context)
        case .independentSegments:
            try refuseRepetition(of: tag, context)
            hasIndependentSegments = true
        case .start:
            try refuseRepetition(of: tag, context)
            try readStart(value, &context)
        case .define:
            try readDefine(value, &context)
        default:
            return false
        }
        return true
    }

    /// Hands over what was read, last of all: the version is checked here, and no leniency may follow.
    func finish(
        _ playlist: inout some PlaylistSnapshot,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        playlist.version = version ?? 1
        playlist.hasIndependentSegments = hasIndependentSegments
        playlist.start = start
        playlist.variables = context.variables
        try context.checkVersion(declared: playlist.version)
        playlist.warnings = context.warnings
    }

    /// §4.4.1.2 and §4.4.2: "clients MUST fail to parse the Playlist".
    private mutating func refuseRepetition(of tag: Tag, _ context: ParsingContext) throws(PlaylistError) {
        guard seen.insert(tag).inserted else {
            throw context.error("the tag must not appear more than once")
        }
    }

    private mutating func readVersion(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        guard let number = Numbers.integer(value), number >= 1 else {
            try context.tolerate(.invalidTagValue, "\(DisplayText.excerpt(value)) is no version, expected 1 to 13")
            return
        }
        guard PlaylistParser.supportedVersions.contains(number) else {
            throw context.error(
                .unsupported,
                "version \(number) is newer than \(PlaylistParser.supportedVersions.upperBound), the newest known one"
            )
        }
        version = number
    }

    private mutating func readStart(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        var attributes = try AttributeList(value, &context)
        let written = try attributes.signedMicroseconds("TIME-OFFSET", &context)
        let isPrecise = try attributes.flag("PRECISE", &context) ?? false
        let offset = try attributes.require("TIME-OFFSET", written, &context)
        guard let offset, !attributes.mustIgnoreTag else { return }
        start = StartPoint(timeOffsetMicroseconds: offset, isPrecise: isPrecise)
    }

    /// §4.4.2.3. Every fault here is an error: a variable decides what is fetched.
    private func readDefine(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        context.require(version: 8, for: "EXT-X-DEFINE")
        let attributes = try AttributeList(value, &context)
        guard !attributes.mustIgnoreTag else { return }
        let name = try attributes.string("NAME", &context)
        let imported = try attributes.string("IMPORT", &context)
        let parameter = try attributes.string("QUERYPARAM", &context)
        let written = try attributes.string("VALUE", allowsEmpty: true, &context)
        switch (name, imported, parameter) {
        case (let name?, nil, nil):
            guard let written else { throw context.error("the attribute VALUE is required with NAME") }
            try define(name, as: written, &context)
        case (nil, let imported?, nil):
            guard let value = context.imports[imported] else {
                throw context.error(
                    "the variable \(DisplayText.escaped(imported)) is not defined in the Multivariant Playlist"
                )
            }
            try define(imported, as: value, &context)
        case (nil, nil, let parameter?):
            context.require(version: 11, for: "QUERYPARAM")
            guard let value = context.uri.queryValue(named: parameter), !value.isEmpty else {
                throw context.error(
                    "the playlist's URI has no query parameter \(DisplayText.escaped(parameter)) with a value"
                )
            }
            guard !value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == ASCII.quote }) else {
                throw context.error(
                    "the query parameter \(DisplayText.escaped(parameter)) holds a quote or a line end"
                )
            }
            try define(parameter, as: value, &context)
        default:
            throw context.error("exactly one of the attributes NAME, IMPORT and QUERYPARAM is required")
        }
    }

    private func define(
        _ name: String,
        as value: String,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        guard name.utf8.allSatisfy(ASCII.isVariableNameByte) else {
            throw context.error("\(DisplayText.escaped(name)) is no variable name: only letters, digits, - and _")
        }
        try context.define(name, as: value)
    }
}
