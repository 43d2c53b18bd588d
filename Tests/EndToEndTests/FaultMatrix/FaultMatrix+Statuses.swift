import OriginServer
import Remux

/// The rows of the matrix.
enum FaultMatrix {
    static let all: [Fault] = statuses + bodies + keys + playlists + hostile + connections
}

/// F01–F08: what HTTP says instead of the resource.
extension FaultMatrix {
    static let statuses: [Fault] = notFound + refusals + overload

    private static let notFound: [Fault] = [
        Fault("F01", "404, then the resource", [.status(404)]).same(),
        Fault("F01", "404 twice, then the resource", [.status(404), .status(404)])
            .same(at: Place.media, says: "404")
            .at([.playlist, .key]) { .lost($0, "404") },
        Fault("F02", "404 for ever", .always(.status(404))).at(Place.all) { .lost($0, "404") },
        Fault("F03", "410 for ever", .always(.status(410))).at(Place.all) { .lost($0, "410") },
    ]

    private static let refusals: [Fault] = [
        Fault("F04", "403 until the playlist is loaded again") { _ in .always(.normal) }
            .with { $0.prepare = expire }
            .same(at: Place.media + [.key], says: "expired"),
        Fault("F04", "403 for ever", .always(.status(403))).at(Place.all) { .lost($0, "403") },
        Fault("F05", "401", .always(.status(401))).at(Place.all) { .lost($0, "401", "--header-for") },
        Fault("F05", "407", .always(.status(407))).at(Place.all) { .lost($0, "407", "proxy") },
    ]

    /// Addresses carry the number of the load that brought them, and the first one's are refused at one place.
    private static let expire: @Sendable (OriginServer, Place.Target) -> Void = { server, target in
        let text = Files.text(Files.fixtures + target.input)
        server.script[target.input] = .deciding { number, _ in
            .body(
                text.split(separator: "\n").map { line -> String in
                    if !line.hasPrefix("#") { return line + "?load=\(number)" }
                    guard let name = line.firstRange(of: "URI=\"") else { return String(line) }
                    let end = line[name.upperBound...].firstIndex(of: "\"") ?? line.endIndex
                    return line[..<end] + "?load=\(number)" + line[end...]
                }.joined(separator: "\n")
            )
        }
        server.script[target.path + "?load=0"] = .always(.status(403))
    }

    private static let overload: [Fault] = [
        Fault("F06", "429 with Retry-After: 3", [.status(429).header("Retry-After", "3")])
            .with { $0.waits = 3...3.6 }
            .same(),
        Fault(
            "F06",
            "429 with a date in Retry-After",
            [
                Answer.status(429).header("Date", "Fri, 31 Dec 1999 23:59:52 GMT")
                    .header("Retry-After", "Fri, 31 Dec 1999 23:59:55 GMT")
            ]
        )
        .with { $0.waits = 3...3.6 }
        .same(),
        Fault("F06", "429 with Retry-After: 86400, once", [.status(429).header("Retry-After", "86400")])
            .with { $0.waits = 120...132 }
            .same(),
        Fault("F06", "429 with Retry-After: 86400, for ever", .always(.status(429).header("Retry-After", "86400")))
            .with { $0.waits = 120...132 }
            .at(Place.all) { .lost($0, "429") },
        Fault("F07", "500, 502, 503, 504, then the resource", [.status(500), .status(502), .status(503), .status(504)])
            .with { $0.waits = 5...10 }
            .same(),
        Fault(
            "F07",
            "503 with Retry-After: 2, three times",
            Script([Answer](repeating: Answer.status(503).header("Retry-After", "2"), count: 3))
        )
        .with { $0.waits = 6...9 }
        .same(),
        Fault("F08", "503 for ever", .always(.status(503)))
            .with { $0.waits = 1...198 }
            .at(Place.all) { .lost($0, "503", "attempts") },
        Fault("F08", "503 with Retry-After: 60 for ever", .always(.status(503).header("Retry-After", "60")))
            .with { $0.waits = 60...198 }
            .at(Place.all) { .lost($0, "503", "attempts") },
    ]
}
