import HLS

extension StreamListing {
    /// A Multivariant Playlist (RFC 8216bis §4.4.6), and what the selection takes of it.
    public struct Multivariant: Sendable {
        /// In playlist order.
        public let variants: [Variant]
        /// In playlist order.
        public let renditions: [Rendition]
        /// EXT-X-I-FRAME-STREAM-INF tags; never taken.
        public let iFrameStreams: [Variant]
        /// EXT-X-SESSION-KEY tags.
        public let sessionKeys: [Key]
        /// What EXT-X-SESSION-DATA calls the presentation (the first DATA-ID that ends in `title`): the title of the output,
        /// unless another one is asked for. As written.
        public let title: String?
        /// Why nothing is taken; `nil` where something is.
        public let selectionFailure: SelectionFailure?

        init(_ playlist: MultivariantPlaylist, _ preferences: SelectionPreferences) {
            let selector = StreamSelector(preferences: preferences)
            var selection: Selection?
            do {
                let selected = try selector.select(from: playlist)
                selection = selected.choice.isEmpty ? nil : selected
                selectionFailure =
                    selected.choice.isEmpty
                    ? SelectionFailure(message: StreamChoice.emptyText, isByOption: true) : nil
            } catch {
                let isByOption = if case .noMatch = error.kind { true } else { false }
                selectionFailure = SelectionFailure(message: error.message, isByOption: isByOption)
            }
            let reasons = Dictionary(
                selector.unusableVariants(of: playlist).map { ($0.variantIndex, $0.reason) },
                uniquingKeysWith: { first, _ in first }
            )
            let failovers = Set(selection?.failovers.map(\.variantIndex) ?? [])
            let taken = Set(selection?.renditions.map(\.rendition.line) ?? [])
            variants = playlist.variants.enumerated().map { index, variant in
                Variant(
                    stream: variant,
                    isSelected: index == selection?.choice.variantIndex,
                    isFailover: failovers.contains(index),
                    skipReason: reasons[index]
                )
            }
            renditions = playlist.renditions.map { Rendition(rendition: $0, isSelected: taken.contains($0.line)) }
            iFrameStreams = playlist.iFrameStreams.map { Variant(stream: $0) }
            title = playlist.title
            sessionKeys = playlist.sessionKeys.map { Key(key: $0) }
        }
    }

    /// Why a selection takes nothing.
    public struct SelectionFailure: Sendable {
        /// Safe for a terminal.
        public let message: String
        /// Something was asked for that is not there; else nothing in the playlist can be used at all.
        public let isByOption: Bool
    }

    /// A Variant Stream (RFC 8216bis §4.4.6.2).
    public struct Variant: Sendable {
        let stream: VariantStream
        /// It would be taken.
        public private(set) var isSelected = false
        /// It has the same content as the one that would be taken, and stands in for it.
        public private(set) var isFailover = false
        /// Why it cannot be used; safe for a terminal.
        public private(set) var skipReason: String?

        /// As written, after variable substitution.
        public var uri: String { stream.uri }
        /// In bit/s.
        public var bandwidth: UInt64? { stream.bandwidth }
        /// In bit/s.
        public var averageBandwidth: UInt64? { stream.averageBandwidth }
        /// In pixels, `1920x1080`.
        public var resolution: String? { stream.resolution?.description }
        /// In thousandths of a frame a second.
        public var frameRateThousandths: Int64? { stream.frameRateThousandths }
        /// As written.
        public var codecs: String? { stream.codecs }
        /// As written.
        public var supplementalCodecs: String? { stream.supplementalCodecs }
        /// `SDR`, where missing too, `HLG`, `PQ`, or what is written.
        public var videoRange: String {
            switch stream.videoRange {
            case .sdr: "SDR"
            case .hlg: "HLG"
            case .pq: "PQ"
            case .unknown(let text): text
            }
        }
        /// SCORE in millionths.
        public var scoreMillionths: Int64? { stream.scoreMillionths }
        public var hdcpLevel: String? { stream.hdcpLevel }
        /// STABLE-VARIANT-ID.
        public var stableID: String? { stream.stableID }
        /// PATHWAY-ID, `.` where missing.
        public var pathwayID: String { stream.pathwayID }
        /// GROUP-ID of the audio Renditions.
        public var audio: String? { stream.audioGroupID }
        /// GROUP-ID of the video Renditions.
        public var video: String? { stream.videoGroupID }
        /// GROUP-ID of the subtitle Renditions.
        public var subtitles: String? { stream.subtitlesGroupID }
        /// GROUP-ID, or `NONE`.
        public var closedCaptions: String? {
            switch stream.closedCaptions {
            case .some(.none): "NONE"
            case .group(let id): id
            case nil: nil
            }
        }
    }

    /// A Rendition (RFC 8216bis §4.4.6.1).
    public struct Rendition: Sendable {
        let rendition: HLS.Rendition
        /// It would be taken.
        public let isSelected: Bool

        /// TYPE as written: `AUDIO`, `VIDEO`, `SUBTITLES`, `CLOSED-CAPTIONS`.
        public var type: String { rendition.type.rawValue }
        public var groupID: String { rendition.groupID }
        public var name: String { rendition.name }
        /// An RFC 5646 tag, as written.
        public var language: String? { rendition.language }
        public var associatedLanguage: String? { rendition.associatedLanguage }
        /// As written, after variable substitution; `nil`: in the Variant Stream's own playlist.
        public var uri: String? { rendition.uri }
        public var isDefault: Bool { rendition.isDefault }
        public var isAutoselect: Bool { rendition.isAutoselect }
        public var isForced: Bool { rendition.isForced }
        /// As written, for example `16/JOC`.
        public var channels: String? { rendition.channels }
        public var characteristics: [String] { rendition.characteristics }
        public var instreamID: String? { rendition.instreamID }
        /// In Hz.
        public var sampleRate: UInt64? { rendition.sampleRate }
        /// STABLE-RENDITION-ID.
        public var stableID: String? { rendition.stableID }
    }
}
