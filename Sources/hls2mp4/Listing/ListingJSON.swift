import Remux

/// `list --json`: one JSON document, an element of its lists a line. Keys whose value is absent are left out.
struct ListingJSON {
    let listing: StreamListing

    /// Writes the document piece by piece: a playlist may have a million segments.
    func write<Failure: Error>(to output: (String) throws(Failure) -> Void) throws(Failure) {
        switch listing.content {
        case .media(let media):
            try write(
                head(kind: "media") + Self.fields(of: media),
                [("segments", media.segments.lazy.map(Self.value))],
                to: output
            )
        case .multivariant(let playlist):
            let facts = [
                playlist.title.map { ("title", JSONValue.string($0)) },
                playlist.selectionFailure.map { ("selectionFailure", JSONValue.string($0.message)) },
            ]
            try write(
                head(kind: "multivariant") + facts.compactMap(\.self),
                [
                    ("variants", playlist.variants.lazy.map(Self.value)),
                    ("renditions", playlist.renditions.lazy.map(Self.value)),
                    ("iFrameVariants", playlist.iFrameStreams.lazy.map(Self.value)),
                    ("sessionKeys", playlist.sessionKeys.lazy.map(Self.value)),
                ],
                to: output
            )
        }
    }

    private func head(kind: String) -> [(String, JSONValue)] {
        [
            ("kind", .string(kind)), ("url", .string(listing.url)), ("version", .unsigned(listing.version)),
            ("warnings", .array(listing.warnings.map { .string($0) })),
        ]
    }

    private func write<Failure: Error>(
        _ fields: [(String, JSONValue)],
        _ lists: [(String, any Sequence<JSONValue>)],
        to output: (String) throws(Failure) -> Void
    ) throws(Failure) {
        // The fields as an object, without its brace.
        try output(String(JSONValue.object(fields).text.dropLast()))
        for (name, values) in lists {
            try output(",\n" + JSONValue.string(name).text + ":[")
            var separator = "\n"
            for value in values {
                try output(separator + value.text)
                separator = ",\n"
            }
            try output("]")
        }
        try output("}\n")
    }

    private static func fields(of media: StreamListing.Media) -> [(String, JSONValue)] {
        let dates = media.dates
        let fields: KeyValuePairs<String, JSONValue?> = [
            "targetDuration": .unsigned(media.targetDurationSeconds),
            "mediaSequence": .unsigned(media.mediaSequence),
            "discontinuitySequence": .unsigned(media.discontinuitySequence),
            "playlistType": media.playlistType?.json,
            "endList": .bool(media.hasEndList),
            "duration": .microseconds(media.durationMicroseconds),
            "iFramesOnly": media.isIFramesOnly ? .bool(true) : nil,
            "partTarget": media.partTargetMicroseconds.map(JSONValue.microseconds),
            "startDate": dates?.start.json,
            "endDate": dates?.end.json,
            "dateRanges": media.dateRanges.isEmpty ? nil : .array(media.dateRanges.map(value)),
        ]
        return fields.compactMap { name, value in value.map { (name, $0) } }
    }

    private static func value(_ segment: StreamListing.Segment) -> JSONValue {
        .present([
            "uri": segment.uri.json,
            "duration": .microseconds(segment.durationMicroseconds),
            "title": segment.title?.json,
            "byteRange": segment.byteRange?.json,
            "mediaSequenceNumber": .unsigned(segment.mediaSequenceNumber),
            "discontinuitySequence": .unsigned(segment.discontinuitySequence),
            "discontinuity": .bool(segment.hasDiscontinuity),
            "gap": .bool(segment.isGap),
            "programDateTime": segment.programDateTime?.json,
            "bitrate": segment.bitrateKbps.map(JSONValue.unsigned),
            "key": segment.key.map(value),
            "keys": segment.keys.count > 1 ? .array(segment.keys.map(value)) : nil,
            "map": segment.map.map { .present(["uri": $0.uri.json, "byteRange": $0.byteRange?.json]) },
        ])
    }

    private static func value(_ key: StreamListing.Key) -> JSONValue {
        .present([
            "method": key.method.json, "uri": key.uri.json, "iv": key.iv?.json, "keyFormat": key.keyFormat.json,
        ])
    }

    private static func value(_ range: StreamListing.DateRange) -> JSONValue {
        .present([
            "id": range.id.json, "class": range.className?.json, "startDate": range.startDate?.json,
            "endDate": range.endDate?.json, "duration": range.durationMicroseconds.map(JSONValue.microseconds),
        ])
    }

    private static func value(_ variant: StreamListing.Variant) -> JSONValue {
        .present([
            "uri": variant.uri.json,
            "bandwidth": variant.bandwidth.map(JSONValue.unsigned),
            "averageBandwidth": variant.averageBandwidth.map(JSONValue.unsigned),
            "resolution": variant.resolution?.json,
            "frameRate": variant.frameRateThousandths.map { .decimal($0, decimals: 3) },
            "codecs": variant.codecs?.json,
            "supplementalCodecs": variant.supplementalCodecs?.json,
            "videoRange": variant.videoRange.json,
            "score": variant.scoreMillionths.map(JSONValue.microseconds),
            "hdcpLevel": variant.hdcpLevel?.json,
            "stableVariantId": variant.stableID?.json,
            "pathwayId": variant.pathwayID.json,
            "audio": variant.audio?.json,
            "video": variant.video?.json,
            "subtitles": variant.subtitles?.json,
            "closedCaptions": variant.closedCaptions?.json,
            "selected": .bool(variant.isSelected),
            "failover": variant.isFailover ? .bool(true) : nil,
            "skipped": variant.skipReason?.json,
        ])
    }

    private static func value(_ rendition: StreamListing.Rendition) -> JSONValue {
        .present([
            "type": rendition.type.json,
            "groupId": rendition.groupID.json,
            "name": rendition.name.json,
            "language": rendition.language?.json,
            "assocLanguage": rendition.associatedLanguage?.json,
            "uri": rendition.uri?.json,
            "default": .bool(rendition.isDefault),
            "autoselect": .bool(rendition.isAutoselect),
            "forced": .bool(rendition.isForced),
            "channels": rendition.channels?.json,
            "sampleRate": rendition.sampleRate.map(JSONValue.unsigned),
            "characteristics": rendition.characteristics.isEmpty
                ? nil : .array(rendition.characteristics.map { .string($0) }),
            "instreamId": rendition.instreamID?.json,
            "stableRenditionId": rendition.stableID?.json,
            "selected": .bool(rendition.isSelected),
        ])
    }
}

extension JSONValue {
    /// Seconds, exactly; millionths of any unit.
    fileprivate static func microseconds(_ value: Int64) -> JSONValue { .decimal(value, decimals: 6) }
}
