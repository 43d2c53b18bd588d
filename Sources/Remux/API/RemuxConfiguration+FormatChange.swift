extension RemuxConfiguration {
    /// What to do where the format of a track changes: picture size, profile, codec, sample rate, channels, or a track that was
    /// not there at the start.
    public enum FormatChangePolicy: String, Sendable, CaseIterable {
        /// One file: what the samples themselves can say is kept in them (parameter sets before every key frame). What they
        /// cannot say (another codec, another form of AAC, a new track) ends the session with ``RemuxError/Code/media``: a file
        /// whose second part does not decode, or that lacks it, is never called complete.
        case inBand = "inband"
        /// A file for each format: `OUT`, then `OUT-stem-2.mp4`, `OUT-stem-3.mp4` …, each complete and with a start of its own
        /// at 0. Only where the output is a file.
        case split
        /// Every change ends the session with ``RemuxError/Code/media``.
        case fail
    }
}
