import CFFmpeg

/// The libav libraries in use at run time, and whether they are those this program was compiled for.
enum LibraryVersions {
    /// For example `libavformat 59.27.100`.
    static var libavformat: String { "libavformat " + dotted(avformat_version()) }
    static var libavcodec: String { "libavcodec " + dotted(avcodec_version()) }

    /// FFmpeg's own version string (`av_version_info`), for example `5.1.9-0+deb12u1`.
    static var release: String { String(cString: av_version_info()) }

    /// Structures are laid out by the headers' major version: another library behind them would corrupt memory.
    static var match: Bool {
        avformat_version() >> 16 == UInt32(LIBAVFORMAT_VERSION_MAJOR)
            && avcodec_version() >> 16 == UInt32(LIBAVCODEC_VERSION_MAJOR)
    }

    private static func dotted(_ version: UInt32) -> String {
        "\(version >> 16).\((version >> 8) & 0xFF).\(version & 0xFF)"
    }
}
