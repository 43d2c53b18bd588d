import CFFmpeg

/// Keeps libav's own words off stderr: what matters is returned as an error or found by our checks.
enum LogBridge {
    /// Silences `av_log` for the process, once; safe from any thread.
    static let install: Void = {
        av_log_set_level(AV_LOG_QUIET)
    }()
}
