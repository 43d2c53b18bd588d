/// What Variant Streams are compared by.
extension VariantStream {
    /// Whether it holds video, as far as the playlist says.
    var hasVideo: Bool {
        if resolution != nil || codecs == nil { return true }
        return codecList.contains { CodecFamily.video.contains(CodecFamily.entryName($0)) }
    }

    /// What the choice is made by, the weightiest first. A missing BANDWIDTH ranks last whatever else is said, so it is
    /// not part of it.
    func quality(usesScore: Bool) -> [Int64] {
        [
            usesScore ? scoreMillionths ?? 0 : 0,
            Int64(resolution?.area ?? 0),
            Int64(clamping: averageBandwidth ?? bandwidth ?? 0),
            frameRateThousandths ?? 0,
        ]
    }

    /// Whether it is the same content: the same STABLE-VARIANT-ID (RFC 8216bis §7), or without one the same attributes on
    /// another Pathway or in a second tag (§4.4.6.2).
    func isRedundant(with other: VariantStream) -> Bool {
        if stableID != nil || other.stableID != nil { return stableID == other.stableID }
        return bandwidth == other.bandwidth && averageBandwidth == other.averageBandwidth
            && codecs == other.codecs && supplementalCodecs == other.supplementalCodecs
            && resolution == other.resolution && frameRateThousandths == other.frameRateThousandths
            && videoRange == other.videoRange && videoLayout == other.videoLayout
            && scoreMillionths == other.scoreMillionths && bandwidth != nil
    }
}
