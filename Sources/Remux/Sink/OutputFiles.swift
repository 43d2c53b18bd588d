/// The sinks of a session's output: one, or one for each format where it is split. Confined to the thread `remux`.
///
/// No file has its name before all of them are complete. The first one is named last: where it is there, all are.
final class OutputFiles {
    /// Opens the n-th file, counted from 1.
    typealias Make = @Sendable (_ number: Int) throws -> any ByteSink

    /// Each file keeps its descriptor, which locks it, to the end.
    static let maximumCount = 200

    private(set) var sinks: [any ByteSink]
    private let makeNext: Make?
    private let path: String?

    /// Opens the first file.
    ///
    /// - Parameters:
    ///   - path: of the first file; `nil` where it has none.
    ///   - makeNext: opens the further ones; `nil`: there is one alone.
    init(first: any ByteSink, path: String?, makeNext: Make?) {
        sinks = [first]
        self.path = path
        self.makeNext = makeNext
    }

    var first: any ByteSink { sinks[0] }
    var canSplit: Bool { makeNext != nil }

    /// Opens the next file.
    ///
    /// - Throws: ``SinkError``.
    func next() throws -> any ByteSink {
        guard let makeNext else { return first }
        guard sinks.count < Self.maximumCount else { throw SinkError.tooManyFiles(count: Self.maximumCount) }
        let sink = try makeNext(sinks.count + 1)
        sinks.append(sink)
        return sink
    }

    /// Names of the files, in order.
    var paths: [String] {
        guard let path else { return [] }
        return (1...sinks.count).map { Self.path(path, number: $0) }
    }

    /// Completes all files, the first one last.
    func finish() throws {
        for sink in sinks.reversed() { try sink.finish() }
    }

    /// Gives all files up: what was written stays as `.part`. The first error is thrown, behind all.
    func abort() throws {
        var failure: (any Error)?
        for sink in sinks {
            do { try sink.abort() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// The n-th name: `film.mp4`, `film-2.mp4`, `film-3.mp4` …
    static func path(_ path: String, number: Int) -> String {
        guard number > 1 else { return path }
        let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        // A leading dot begins the name of a hidden file.
        guard let dot = path[name...].lastIndex(of: "."), dot > name else { return "\(path)-\(number)" }
        return "\(path[..<dot])-\(number)\(path[dot...])"
    }
}
