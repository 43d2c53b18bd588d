import ArgumentParser
import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the output says of itself.
struct MetadataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The title. Left out: what the playlist says, if anything.", valueName: "text"))
    var title: String?

    @Flag(help: "Make chapters of the playlist's date ranges and discontinuities.")
    var chapters = false

    @Option(
        name: .customLong("creation-time"),
        help: ArgumentHelp(
            "When it was made: now, or a date such as 2026-11-24T10:00:00Z. Left out: nothing is said.",
            valueName: "date"
        )
    )
    var creationTime: CreationTime?

    func validate() throws {
        if let title, title.allSatisfy(\.isWhitespace) { throw ValidationError("--title needs a text") }
    }

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.title = title
        configuration.takesChapters = chapters
        switch creationTime {
        case nil: break
        case .now: configuration.creationTimeMilliseconds = Int64(time(nil)) * 1000
        case .date(let milliseconds): configuration.creationTimeMilliseconds = milliseconds
        }
    }
}

/// `--creation-time`.
enum CreationTime: ExpressibleByArgument {
    case now
    case date(millisecondsSince1970: Int64)

    init?(argument: String) {
        if argument == "now" {
            self = .now
        } else if case .date(let milliseconds) = RemuxConfiguration.TimeRange.Point(argument) {
            self = .date(millisecondsSince1970: milliseconds)
        } else {
            return nil
        }
    }
}
