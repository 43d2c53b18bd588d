/// Builds a ``MultivariantPlaylist`` line by line (RFC 8216bis §4.4.6).
struct MultivariantPlaylistBuilder {
    private var playlist: MultivariantPlaylist
    private var common = CommonTags()
    /// The EXT-X-STREAM-INF that waits for its URI line.
    private var pending: PendingStream = .none
    private var steeringLine: Int?

    private enum PendingStream {
        case none
        case stream(VariantStream, line: Int)
        /// The tag counts for nothing, and so does the URI line (§6.3.1).
        case ignored
    }

    /// Begins a playlist at this URI.
    init(uri: ResourceURI) { playlist = MultivariantPlaylist(uri: uri) }

    /// Takes one line.
    mutating func read(
        _ line: PlaylistLineReader.Content,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        switch line {
        case .uri(let bytes):
            try readURI(bytes, &context)
        case .tag(let tag, let value):
            guard tag.scope != .media else {
                try context.tolerate(.mixedPlaylistKinds, section: "4.4.6")
                return
            }
            if try common.read(tag, value, &context) { return }
            try read(tag, value, &context)
        }
    }

    private mutating func read(
        _ tag: Tag,
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        switch tag {
        case .streamInformation:
            try closePendingStream(&context)
            var attributes = try AttributeList(value, &context)
            var stream = VariantStream(uri: "", resolvedURI: playlist.uri, line: context.line)
            try stream.readAttributes(&attributes, &context)
            pending = attributes.mustIgnoreTag ? .ignored : .stream(stream, line: context.line)
        case .iFrameStreamInformation:
            try countStream(context)
            var attributes = try AttributeList(value, &context)
            var stream = VariantStream(uri: "", resolvedURI: playlist.uri, line: context.line)
            try stream.readAttributes(&attributes, &context)
            let written = try attributes.string("URI", &context)
            guard let uri = try attributes.require("URI", written, &context), !attributes.mustIgnoreTag else { return }
            stream.uri = uri
            stream.resolvedURI = try context.resolving(uri)
            playlist.iFrameStreams.append(stream)
        case .media:
            try countStream(context)
            if let rendition = try Rendition(value, &context) { playlist.renditions.append(rendition) }
        case .sessionData:
            try countSession(playlist.sessionData.count, context)
            if let data = try SessionData(value, &context) { try append(data, &context) }
        case .sessionKey:
            try countSession(playlist.sessionKeys.count, context)
            try readSessionKey(value, &context)
        case .contentSteering:
            if steeringLine != nil { try context.tolerate(.repeatedTag) }
            steeringLine = context.line
            if let steering = try ContentSteering(value, &context) { playlist.contentSteering = steering }
        default: break
        }
    }

    private mutating func readURI(
        _ bytes: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        switch pending {
        case .none:
            try context.tolerate(.misplacedTag, section: "4.4.6.2", "a URI line without EXT-X-STREAM-INF")
        case .ignored:
            break
        case .stream(var stream, _):
            try countStream(context)
            stream.uri = try context.substituting(bytes)
            stream.resolvedURI = try context.resolving(stream.uri)
            playlist.variants.append(stream)
        }
        pending = .none
    }

    private mutating func closePendingStream(_ context: inout ParsingContext) throws(PlaylistError) {
        if case .stream(_, let line) = pending {
            let current = context.line
            context.line = line
            try context.tolerate(.missingURI, section: Tag.streamInformation.section)
            context.line = current
        }
        pending = .none
    }

    private func countStream(_ context: ParsingContext) throws(PlaylistError) {
        let count = playlist.variants.count + playlist.renditions.count + playlist.iFrameStreams.count
        guard count < context.limits.streams else {
            throw context.error(.limit, "more than \(context.limits.streams) Variant Streams and Renditions")
        }
    }

    private func countSession(_ count: Int, _ context: ParsingContext) throws(PlaylistError) {
        guard count < context.limits.streams else {
            throw context.error(.limit, "more than \(context.limits.streams) of these tags")
        }
    }

    private mutating func append(_ data: SessionData, _ context: inout ParsingContext) throws(PlaylistError) {
        if playlist.sessionData.contains(where: { $0.id == data.id && $0.language == data.language }) {
            try context.tolerate(.repeatedTag, "a second one with the same DATA-ID and LANGUAGE")
            return
        }
        playlist.sessionData.append(data)
    }

    /// A hint only: a faulty one is left out, unlike a faulty EXT-X-KEY.
    private mutating func readSessionKey(
        _ value: ArraySlice<UInt8>,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        let attributes = try AttributeList(value, &context)
        guard !attributes.mustIgnoreTag else { return }
        let key: SegmentKey?
        do {
            key = try SegmentKey(attributes, &context)
        } catch {
            guard error.kind == .invalid else { throw error }
            try context.tolerate(.invalidTagValue, error.message)
            return
        }
        guard let key else {
            try context.tolerate(.invalidAttributeValue, "METHOD must not be NONE")
            return
        }
        if playlist.sessionKeys.contains(key) {
            try context.tolerate(.repeatedTag, "the same key a second time")
        } else {
            playlist.sessionKeys.append(key)
        }
    }

    /// Checks what only the whole shows, and hands the snapshot over.
    mutating func finish(_ context: inout ParsingContext) throws(PlaylistError) -> MultivariantPlaylist {
        context.tag = .streamInformation
        try closePendingStream(&context)
        try checkGroups(&context)
        try checkRenditions(&context)
        try checkSteering(&context)
        try common.finish(&playlist, &context)
        return playlist
    }

    private struct Group: Hashable {
        var type: Rendition.MediaType
        var id: String
    }

    /// Every group a Variant Stream names must exist; CLOSED-CAPTIONS=NONE holds for all or none (§4.4.6.2).
    private func checkGroups(_ context: inout ParsingContext) throws(PlaylistError) {
        let groups = Set(playlist.renditions.map { Group(type: $0.type, id: $0.groupID) })
        var withoutCaptions = 0
        for variant in playlist.variants {
            context.line = variant.line
            var named: [(Rendition.MediaType, String?)] = [
                (.audio, variant.audioGroupID), (.video, variant.videoGroupID), (.subtitles, variant.subtitlesGroupID),
            ]
            switch variant.closedCaptions {
            case .group(let id)?: named.append((.closedCaptions, id))
            case VariantStream.ClosedCaptions.none?: withoutCaptions += 1
            case nil: break
            }
            for case (let type, let id?) in named where !groups.contains(Group(type: type, id: id)) {
                try context.tolerate(
                    .undefinedRenditionGroup,
                    "no EXT-X-MEDIA has TYPE=\(type.rawValue) and GROUP-ID \(DisplayText.escaped(id))"
                )
            }
        }
        if withoutCaptions > 0, withoutCaptions < playlist.variants.count {
            try context.tolerate(.conflictingAttributes, "CLOSED-CAPTIONS=NONE must stand in all tags or in none")
        }
    }

    /// The Pathway to begin with must be one of a Variant Stream (§4.4.6.6).
    private func checkSteering(_ context: inout ParsingContext) throws(PlaylistError) {
        guard let id = playlist.contentSteering?.pathwayID, !playlist.variants.contains(where: { $0.pathwayID == id })
        else { return }
        context.line = steeringLine ?? 0
        context.tag = .contentSteering
        try context.tolerate(.conflictingAttributes, "no Variant Stream has PATHWAY-ID \(DisplayText.escaped(id))")
    }

    /// One DEFAULT and different NAMEs in each group (§4.4.6.1.1).
    private func checkRenditions(_ context: inout ParsingContext) throws(PlaylistError) {
        context.tag = .media
        var defaults: Set<Group> = []
        var names: [Group: Set<String>] = [:]
        for rendition in playlist.renditions {
            context.line = rendition.line
            let group = Group(type: rendition.type, id: rendition.groupID)
            if rendition.isDefault, !defaults.insert(group).inserted {
                try context.tolerate(.conflictingRenditions, section: "4.4.6.1.1", "a second DEFAULT=YES in its group")
            }
            if !names[group, default: []].insert(rendition.name).inserted {
                try context.tolerate(.conflictingRenditions, section: "4.4.6.1.1", "the same NAME twice in its group")
            }
        }
    }
}
