import Remux

/// Exit statuses by cause: the one table (DESIGN §7).
enum ExitStatus: Int32 {
    case complete = 0
    case internalError = 1
    case playlistUnreachable = 3
    case playlistRefused = 4
    case incomplete = 5
    case key = 6
    case media = 7
    case output = 8
    case usage = 64
    case interrupted = 130
    case terminated = 143

    init(_ code: RemuxError.Code) {
        switch code {
        case .playlistUnreachable: self = .playlistUnreachable
        case .playlistRefused: self = .playlistRefused
        case .incomplete: self = .incomplete
        case .key: self = .key
        case .media: self = .media
        case .output, .readerGone: self = .output
        case .configuration: self = .usage
        default: self = .internalError
        }
    }

    /// For programs that read reports.
    var word: String {
        switch self {
        case .complete: "complete"
        case .internalError: "internal-error"
        case .playlistUnreachable: "playlist-unreachable"
        case .playlistRefused: "playlist-refused"
        case .incomplete: "incomplete"
        case .key: "key"
        case .media: "media"
        case .output: "output"
        case .usage: "usage"
        case .interrupted: "interrupted"
        case .terminated: "terminated"
        }
    }
}
