/// Where a fault of the matrix is put.
enum Place: String, CaseIterable, Sendable {
    case first = "first segment"
    case middle = "middle segment"
    case last = "last segment"
    case playlist
    case key
    case map = "MAP"
    /// Not at one resource.
    case stream

    static let segments: [Place] = [.first, .middle, .last]
    static let media: [Place] = segments + [.map]
    static let all: [Place] = media + [.playlist, .key]

    /// One resource of a fixture.
    struct Target: Sendable {
        /// With slashes around it.
        var folder: String
        var name: String
        /// The Media Sequence Number of a segment.
        var number: UInt64?

        var path: String { folder + name }
        var input: String { folder + "index.m3u8" }
        /// What an error that concerns it says: one of these.
        var names: [String] {
            if let number { return ["Media Segment \(number)"] }
            return switch name {
            case "key.bin": [name, "the key"]
            case "init.mp4": [name, "Media Initialization Section"]
            default: [name, "the playlist"]
            }
        }
        var body: [UInt8] { Files.bytes(Files.fixtures + path) }
    }

    private static let encrypted = "/aes128-explicit-iv/"

    /// Segments are those of an encrypted MPEG-2 Transport Stream and of fragmented MP4.
    var targets: [Target] {
        switch self {
        case .first:
            [
                Target(folder: Self.encrypted, name: "000.ts", number: 0),
                Target(folder: "/fmp4/", name: "0.m4s", number: 0),
            ]
        case .middle:
            [
                Target(folder: Self.encrypted, name: "003.ts", number: 3),
                Target(folder: "/fmp4/", name: "1.m4s", number: 1),
            ]
        case .last:
            [
                Target(folder: Self.encrypted, name: "005.ts", number: 5),
                Target(folder: "/fmp4/", name: "2.m4s", number: 2),
            ]
        case .playlist, .stream: [Target(folder: Self.encrypted, name: "index.m3u8")]
        case .key: [Target(folder: Self.encrypted, name: "key.bin")]
        case .map: [Target(folder: "/fmp4/", name: "init.mp4")]
        }
    }
}
