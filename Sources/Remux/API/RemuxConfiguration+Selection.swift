extension RemuxConfiguration {
    /// What is taken of a Multivariant Playlist (RFC 8216bis §4.4.6).
    public struct Selection: Sendable, Equatable {
        public enum Video: Sendable, Equatable {
            /// The most desirable Variant Stream, the least desirable one.
            case best, worst
            /// The tallest whose RESOLUTION is not above this many pixels.
            case height(Int)
            /// Audio only.
            case none
        }

        public enum Audio: Sendable, Equatable {
            /// What the playlist marks as default, else the first.
            case `default`
            case all, none
            /// For each entry the Rendition that fits best; every entry must be found.
            case matching([Match])
        }

        public enum Subtitles: Sendable, Equatable {
            /// What the playlist marks as default, if anything.
            case `default`
            case all, none
            /// For each entry the Rendition that fits best; every entry must be found.
            case matching([Match])
        }

        /// What a Rendition is asked for by.
        public enum Match: Sendable, Equatable {
            /// An RFC 5646 language range: `en` fits `en-US`.
            case language(String)
            /// NAME, without regard to case.
            case name(String)
            /// Of audio.
            case channels(Int)
        }

        public var video = Video.best
        public var audio = Audio.default
        public var subtitles = Subtitles.none
        /// Bits a second, compared with BANDWIDTH.
        public var maximumBandwidth: UInt64?
        /// One of these must be in CODECS: `h264`, `hevc`, `avc1` …; empty: any.
        public var codecs: [String] = []

        public init() {}
    }
}
