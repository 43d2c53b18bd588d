/// What segments hold that are copied as they are, and what a file of it is called. Pure.
enum CopiedContent {
    /// The extension of a file of such segments, without the period.
    ///
    /// - Parameter head: the first bytes behind ID3 tags.
    static func fileExtension(_ container: SegmentContainer, head: [UInt8]) -> String {
        switch container {
        case .transportStream(let layout): layout == .timeStamped ? "m2ts" : "ts"
        case .fragmentedMP4: "mp4"
        case .webVTT: "vtt"
        case .packedAudio:
            switch SegmentFormat(head: withoutTags(head)) {
            case .mp3: "mp3"
            case .ac3: "ac3"
            case .enhancedAC3: "ec3"
            default: "aac"
            }
        }
    }

    private static func withoutTags(_ head: [UInt8]) -> [UInt8] {
        var rest = head[...]
        while let count = ID3Tag.byteCount(header: rest), count <= rest.count { rest = rest.dropFirst(count) }
        return Array(rest)
    }

    /// A track of the Media Initialization Section has encrypted samples (ISO/IEC 14496-12 §8.12): copied they stay so.
    static func isEncrypted(_ section: [UInt8]) -> Bool {
        guard let movie = BoxList.first("moov", in: section[...]) else { return false }
        return BoxList(movie).contains { track in
            guard track.type == "trak",
                let entries = BoxList.first(path: "mdia", "minf", "stbl", "stsd", in: track.payload)
            else { return false }
            return BoxList(entries.dropFirst(8)).contains { ["encv", "enca", "enct"].contains($0.type) }
        }
    }
}
