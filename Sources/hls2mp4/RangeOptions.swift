import ArgumentParser
import Remux

/// Which part of the presentation is taken.
struct RangeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Begin here: 90, 1:30, 1:02:03.250; from the end with -; or a date with its offset, 2026-11-24T10:00:00Z, where \
            the playlist has dates.
            """,
            valueName: "time"
        )
    )
    var start: TimeArgument?

    @Option(parsing: .unconditional, help: ArgumentHelp("End here: as --start.", valueName: "time"))
    var end: TimeArgument?

    @Option(help: ArgumentHelp("End after this much: 90, 1:30, 1:02:03.250.", valueName: "time"))
    var duration: TimeArgument?

    func validate() throws {
        guard end == nil || duration == nil else { throw ValidationError("--end and --duration exclude each other") }
        if let duration {
            guard case .mediaTime(let time) = duration.point, time > .zero else {
                throw ValidationError("--duration takes a time above 0, for example 90, 1:30 or 1:02:03.250")
            }
        }
        if let timeRange, timeRange.isEmpty { throw ValidationError("--end must be behind --start") }
    }

    /// `nil`: everything.
    var timeRange: RemuxConfiguration.TimeRange? {
        guard start != nil || end != nil || duration != nil else { return nil }
        var range = RemuxConfiguration.TimeRange(start: start?.point, end: end.map { .at($0.point) })
        if case .mediaTime(let time) = duration?.point { range.end = .after(time) }
        return range
    }
}

/// `--start`, `--end`, `--duration`.
struct TimeArgument: ExpressibleByArgument {
    let point: RemuxConfiguration.TimeRange.Point

    init?(argument: String) {
        guard let point = RemuxConfiguration.TimeRange.Point(argument) else { return nil }
        self.point = point
    }
}
