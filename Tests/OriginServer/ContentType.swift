/// Media types by file name extension.
enum ContentType {
    /// The Content-Type of a path; `application/octet-stream` where the extension says nothing.
    static func of(path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return fallback }
        return byExtension[name[name.index(after: dot)...].lowercased()] ?? fallback
    }

    private static let fallback = "application/octet-stream"

    private static let byExtension = [
        "m3u8": "application/vnd.apple.mpegurl",
        "m3u": "application/vnd.apple.mpegurl",
        "ts": "video/mp2t",
        "mp4": "video/mp4",
        "m4s": "video/iso.segment",
        "m4a": "audio/mp4",
        "aac": "audio/aac",
        "ac3": "audio/ac3",
        "ec3": "audio/eac3",
        "mp3": "audio/mpeg",
        "vtt": "text/vtt",
        "json": "application/json",
        "html": "text/html; charset=utf-8",
        "txt": "text/plain; charset=utf-8",
    ]
}
