// Readers of the attributes of the Multivariant Playlist tags (RFC 8216bis §4.4.6).

extension VariantStream {
    /// Reads what EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF share. A missing BANDWIDTH is tolerated: such a
    /// stream ranks last.
    mutating func readAttributes(
        _ attributes: inout AttributeList,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        bandwidth = try attributes.integer("BANDWIDTH", &context)
        if bandwidth == nil, !attributes.has("BANDWIDTH") {
            try context.tolerate(.missingRequiredAttribute, "the attribute BANDWIDTH is required")
        }
        averageBandwidth = try attributes.integer("AVERAGE-BANDWIDTH", &context)
        scoreMillionths = try attributes.scaled("SCORE", decimals: 6, &context)
        if scoreMillionths == 0 {
            try context.tolerate(.invalidAttributeValue, "SCORE must be above 0")
            scoreMillionths = nil
        }
        codecs = try attributes.string("CODECS", &context)
        supplementalCodecs = try attributes.string("SUPPLEMENTAL-CODECS", &context)
        resolution = try attributes.resolution("RESOLUTION", &context)
        frameRateThousandths = try attributes.scaled("FRAME-RATE", decimals: 3, &context)
        hdcpLevel = try attributes.enumeration("HDCP-LEVEL", as: HDCPLevel.self, &context)?.rawValue
        allowedCPC = try attributes.string("ALLOWED-CPC", &context)
        if let allowedCPC, !allowedCPC.isEmpty, !allowedCPC.split(separator: ",").allSatisfy({ $0.contains(":") }) {
            try context.tolerate(.invalidAttributeValue, "ALLOWED-CPC must hold KEYFORMAT:LABEL/LABEL, …")
        }
        // "Clients that do not recognize the attribute value SHOULD NOT select the Variant Stream": not ignored.
        if let range = try attributes.enumeration("VIDEO-RANGE", &context) {
            videoRange = VideoRange(playlistName: range)
        }
        if let layout = try attributes.string("REQ-VIDEO-LAYOUT", &context) {
            videoLayout = layout.split(separator: ",").map { $0.split(separator: "/").map(String.init) }
            if !videoLayout.joined().allSatisfy({ Self.knownLayouts.contains($0) }) { attributes.ignoreTag() }
        }
        stableID = try attributes.string("STABLE-VARIANT-ID", &context)
        pathwayID = try attributes.string("PATHWAY-ID", &context) ?? "."
        videoGroupID = try attributes.string("VIDEO", &context)
        guard context.tag == .streamInformation else { return }
        audioGroupID = try attributes.string("AUDIO", &context)
        subtitlesGroupID = try attributes.string("SUBTITLES", &context)
        if attributes.isQuoted("CLOSED-CAPTIONS") {
            closedCaptions = try attributes.string("CLOSED-CAPTIONS", &context).map(ClosedCaptions.group)
        } else if let text = try attributes.enumeration("CLOSED-CAPTIONS", &context) {
            // An unknown enumerated value: the tag counts for nothing (§6.3.1).
            if text == "NONE" { closedCaptions = ClosedCaptions.none } else { attributes.ignoreTag() }
        }
    }

    private enum HDCPLevel: String {
        case type0 = "TYPE-0"
        case type1 = "TYPE-1"
        case none = "NONE"
    }

    /// The specifiers of §4.4.6.2. Which of them are selected is up to the selection.
    private static let knownLayouts: Set<String> = [
        "CH-MONO", "CH-STEREO", "PROJ-RECT", "PROJ-EQUI", "PROJ-HEQU", "PROJ-PRIM",
    ]
}

extension Rendition {
    /// Reads EXT-X-MEDIA; `nil` where the tag counts for nothing.
    init?(_ value: ArraySlice<UInt8>, _ context: inout ParsingContext) throws(PlaylistError) {
        var attributes = try AttributeList(value, &context)
        let writtenType = try attributes.enumeration("TYPE", as: MediaType.self, &context)
        let writtenGroup = try attributes.string("GROUP-ID", &context)
        let writtenName = try attributes.string("NAME", &context)
        guard let type = try attributes.require("TYPE", writtenType, &context),
            let group = try attributes.require("GROUP-ID", writtenGroup, &context)
        else { return nil }
        if writtenName == nil {
            try context.tolerate(.missingRequiredAttribute, "the attribute NAME is required; GROUP-ID stands for it")
        }
        self.init(type: type, groupID: group, name: writtenName ?? group, line: context.line)
        language = try attributes.string("LANGUAGE", &context)
        associatedLanguage = try attributes.string("ASSOC-LANGUAGE", &context)
        stableID = try attributes.string("STABLE-RENDITION-ID", &context)
        isDefault = try attributes.flag("DEFAULT", &context) ?? false
        isAutoselect = try attributes.flag("AUTOSELECT", &context) ?? false
        if isDefault, attributes.has("AUTOSELECT"), !isAutoselect, !attributes.mustIgnoreTag {
            try context.tolerate(.conflictingAttributes, "AUTOSELECT must be YES where DEFAULT is YES")
        }
        isForced = try attributes.flag("FORCED", &context) ?? false
        instreamID = try attributes.string("INSTREAM-ID", &context)
        bitDepth = try attributes.integer("BIT-DEPTH", &context)
        sampleRate = try attributes.integer("SAMPLE-RATE", &context)
        characteristics =
            try attributes.string("CHARACTERISTICS", &context)?.split(separator: ",").map(String.init) ?? []
        channels = try attributes.string("CHANNELS", &context)
        try readURI(&attributes, &context)
        if attributes.mustIgnoreTag { return nil }
        try checkType(attributes, &context)
    }

    /// URI: never with CLOSED-CAPTIONS, always with SUBTITLES (§4.4.6.2.1).
    private mutating func readURI(
        _ attributes: inout AttributeList,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        let written = try attributes.string("URI", &context)
        switch type {
        case .closedCaptions:
            if written != nil { try context.tolerate(.conflictingAttributes, "CLOSED-CAPTIONS must not have a URI") }
            // Kept as written for lists; never resolved, so never fetched.
            uri = written
            guard let instreamID else {
                try context.tolerate(.missingRequiredAttribute, "CLOSED-CAPTIONS need the attribute INSTREAM-ID")
                return
            }
            if !Self.isCaptionChannel(instreamID) {
                try context.tolerate(.invalidAttributeValue, "INSTREAM-ID must be CC1 to CC4 or SERVICE1 to SERVICE63")
            }
            if instreamID.hasPrefix("SERVICE") { context.require(version: 7, for: "a SERVICE of CLOSED-CAPTIONS") }
            return
        case .subtitles:
            uri = try attributes.require("URI", written, &context)
        case .audio, .video:
            uri = written
        }
        resolvedURI = try uri.map { (text) throws(PlaylistError) in try context.resolving(text) }
        if instreamID != nil { context.require(version: 13, for: "INSTREAM-ID") }
    }

    /// `CC1` to `CC4`, `SERVICE1` to `SERVICE63`.
    private static func isCaptionChannel(_ text: String) -> Bool {
        if ["CC1", "CC2", "CC3", "CC4"].contains(text) { return true }
        guard text.hasPrefix("SERVICE"), let number = Int(text.dropFirst(7)) else { return false }
        return (1...63).contains(number)
    }

    /// Attributes that only one TYPE may have. They are ignored elsewhere.
    private mutating func checkType(
        _ attributes: AttributeList,
        _ context: inout ParsingContext
    ) throws(PlaylistError) {
        if type != .subtitles, attributes.has("FORCED") {
            try context.tolerate(.conflictingAttributes, "FORCED is for SUBTITLES only")
            isForced = false
        }
        if type != .audio, bitDepth != nil || sampleRate != nil || channels != nil {
            try context.tolerate(.conflictingAttributes, "BIT-DEPTH, SAMPLE-RATE and CHANNELS are for AUDIO only")
            (bitDepth, sampleRate, channels) = (nil, nil, nil)
        }
    }
}

extension SessionData {
    /// Reads EXT-X-SESSION-DATA; `nil` where the tag counts for nothing.
    init?(_ value: ArraySlice<UInt8>, _ context: inout ParsingContext) throws(PlaylistError) {
        enum Format: String { case json = "JSON", raw = "RAW" }
        var attributes = try AttributeList(value, &context)
        let writtenID = try attributes.string("DATA-ID", &context)
        self.value = try attributes.string("VALUE", allowsEmpty: true, &context)
        uri = try attributes.string("URI", &context)
        language = try attributes.string("LANGUAGE", &context)
        isRaw = try attributes.enumeration("FORMAT", as: Format.self, &context) == .raw
        guard let id = try attributes.require("DATA-ID", writtenID, &context), !attributes.mustIgnoreTag else {
            return nil
        }
        self.id = id
        if (self.value == nil) == (uri == nil) {
            try context.tolerate(.conflictingAttributes, "exactly one of VALUE and URI is required")
        }
    }
}

extension ContentSteering {
    /// Reads EXT-X-CONTENT-STEERING; `nil` where the tag counts for nothing.
    init?(_ value: ArraySlice<UInt8>, _ context: inout ParsingContext) throws(PlaylistError) {
        var attributes = try AttributeList(value, &context)
        let written = try attributes.string("SERVER-URI", &context)
        pathwayID = try attributes.string("PATHWAY-ID", &context)
        guard let uri = try attributes.require("SERVER-URI", written, &context), !attributes.mustIgnoreTag else {
            return nil
        }
        serverURI = uri
    }
}
