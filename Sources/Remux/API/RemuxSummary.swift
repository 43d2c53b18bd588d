/// What a session has made, and how: everything that the command's report says, complete or not.
///
/// Texts are redacted (no user information, query values, keys or cookies) and safe for a terminal, paths and names of
/// Renditions excepted: those are as they were given.
public struct RemuxSummary: Sendable {
    /// A Media Playlist that was taken.
    public struct Source: Sendable, Equatable {
        public enum Kind: String, Sendable {
            /// The Variant Stream's own playlist, or the input itself.
            case variant
            /// A Rendition's.
            case audio, video, subtitles
        }

        public var kind: Kind
        /// After redirects; redacted.
        public var url: String
        /// NAME of the Rendition.
        public var name: String?
        /// LANGUAGE of the Rendition, an RFC 5646 tag.
        public var language: String?
        /// BANDWIDTH of the Variant Stream, in bit/s.
        public var bandwidth: UInt64?
        /// RESOLUTION of the Variant Stream, `1920x1080`.
        public var resolution: String?
        /// CODECS of the Variant Stream, as written.
        public var codecs: String?
        /// Media Segments planned.
        public var segmentCount: Int
        /// By the durations in the playlist, of all of it.
        public var durationSeconds: Double
    }

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
        /// Where the segment is; redacted.
        public var url: String?
        /// NAME of the Rendition that lacks it; `nil`: the Variant Stream's own playlist does.
        public var rendition: String?
        /// Subtitles lack it: sound and picture are none the worse.
        public var isOfSubtitles = false
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

    /// ``RemuxConfiguration/input``, redacted.
    public var input = ""
    /// What was taken, the Variant Stream's own playlist first.
    public var sources: [Source] = []
    /// The part that was asked for, in media time of the presentation; `nil`: all of it.
    public var part: Part?
    /// Of all files, in order; none where the segments were copied as they are.
    public var tracks: [Track] = []
    /// The files, where the output was split (``RemuxConfiguration/FormatChangePolicy/split``); empty where there is one.
    public var files: [File] = []
    /// The file, where its name was found out (``RemuxConfiguration/addsExtension``).
    public var outputPath: String?
    /// The output is finished, and a file has its final name. Else what there is of it is in its `.part`.
    public var isOutputFinished = false
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
    /// By the durations in the playlist: of what was to be taken.
    public var plannedSeconds = 0.0
    /// Of the segments that were received whole; attempts that failed, playlists and keys do not count.
    public var receivedBytes: UInt64 = 0
    public var outputBytes: UInt64 = 0
    public var retryCount = 0
    /// From the start of ``RemuxSession/run()`` to its end, by the wall clock; 0 before.
    public var elapsedSeconds = 0.0
    /// The most bytes held between network and demuxer at once, and the limit. A head-of-line segment is admitted in any
    /// case: a few chunks of 256 KiB may come on top.
    public var peakBufferedBytes = 0
    public var bufferLimitBytes = 0
    /// The most memory that the whole process has had resident, at the end of the session; 0 where the system does not say.
    public var peakResidentBytes: UInt64 = 0
    /// In the order in which they came, at most ``maximumWarningCount``.
    public var warnings: [String] = []
    /// Warnings that are not in ``warnings``, since those are full. The events have them all.
    public var omittedWarningCount = 0

    /// The most warnings that a summary keeps.
    public static let maximumWarningCount = 1000

    /// Presentation end of the longest track; of all files, one behind the other.
    public var durationSeconds: Double {
        if let last = files.last { return last.startSeconds + last.durationSeconds }
        return tracks.map(\.endSeconds).max() ?? copiedSeconds
    }

    /// A part of the presentation, in seconds.
    public struct Part: Sendable, Equatable {
        public var startSeconds: Double
        /// `nil`: to the end.
        public var endSeconds: Double?
    }

    /// Gaps that are losses.
    public var lostSegmentCount: Int { gaps.count { !$0.isAnnounced } }
}
