import Remux

/// What `--version` prints.
enum Version {
    static let number = "0.1.0"

    static var text: String {
        (["hls2mp4 \(number)"] + RemuxSession.libraryVersions).joined(separator: "\n")
    }
}
