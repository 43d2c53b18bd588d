extension RemuxConfiguration {
    /// The form of subtitle files beside the output.
    public enum Sidecar: String, Sendable, CaseIterable {
        case webVTT = "vtt"
        case subRip = "srt"
    }
}
