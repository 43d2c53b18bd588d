/// What a session has made.
public struct RemuxSummary: Sendable {
    /// A track of the output.
    public struct Track: Sendable, Equatable {
        public enum Kind: String, Sendable { case video, audio, subtitles }

        public var kind: Kind
        /// libavcodec's name, for example `h264`.
        public var codec: String
        /// Pixels; 0 for all but video.
        public var width: Int
        public var height: Int
        /// Hertz; 0 for all but audio.
        public var sampleRate: Int
        public var channelCount: Int
        /// An RFC 5646 tag, where the playlist says.
        public var language: String?
        public var sampleCount: Int
        /// Presentation end of the last sample.
        public var endSeconds: Double
    }

    /// A stretch of the presentation that is missing.
    public struct Gap: Sendable, Equatable {
        public var mediaSequenceNumber: UInt64
        /// Where the playlist puts it.
        public var startSeconds: Double
        public var durationSeconds: Double
        /// Redacted.
        public var cause: String
        /// EXT-X-GAP: the server announced it, so nothing is lost.
        public var isAnnounced: Bool
    }

    /// A file of subtitles beside the output.
    public struct Sidecar: Sendable, Equatable {
        public var path: String
        /// An RFC 5646 tag, where the playlist says.
        public var language: String?
        public var cueCount: Int
    }

    /// One of several files of the output.
    public struct File: Sendable, Equatable {
        public var path: String
        /// Where it begins in the whole presentation.
        public var startSeconds: Double
        public var byteCount: UInt64
        /// Their ends count from the file's own start.
        public var tracks: [Track]

        /// Presentation end of the longest track.
        public var durationSeconds: Double { tracks.map(\.endSeconds).max() ?? 0 }
    }

    /// Of all files, in order; none where the segments were copied as they are.
    public var tracks: [Track] = []
    /// The files, where the output was split (``RemuxConfiguration/FormatChangePolicy/split``); empty where there is one.
    public var files: [File] = []
    /// The file, where its name was found out (``RemuxConfiguration/addsExtension``).
    public var outputPath: String?
    /// By the playlist: the media time of what was copied.
    public var copiedSeconds = 0.0
    public var sidecars: [Sidecar] = []
    public var gaps: [Gap] = []
    /// Segments of subtitles that are missing. Sound and picture are none the worse; the session ends as
    /// ``RemuxError/Code/incomplete`` all the same.
    public var subtitleGaps: [Gap] = []
    /// Media Segments in the output, and planned.
    public var segmentCount = 0
    public var plannedSegmentCount = 0
    public var receivedBytes: UInt64 = 0
    public var outputBytes: UInt64 = 0
    public var retryCount = 0
    /// The most bytes held between network and demuxer at once.
    public var peakBufferedBytes = 0
    public var warnings: [String] = []

    /// Presentation end of the longest track; of all files, one behind the other.
    public var durationSeconds: Double {
        if let last = files.last { return last.startSeconds + last.durationSeconds }
        return tracks.map(\.endSeconds).max() ?? copiedSeconds
    }

    /// Gaps that are losses.
    public var lostSegmentCount: Int { gaps.count { !$0.isAnnounced } }
}
