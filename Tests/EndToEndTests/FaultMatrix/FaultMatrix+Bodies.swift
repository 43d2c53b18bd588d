import OriginServer
import Remux

/// F09–F19: bodies that are not what their heads say, or that do not come.
extension FaultMatrix {
    static let bodies: [Fault] = pages + cuts + silence + ranges + redirects

    private static let page = "<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n"

    private static let pages: [Fault] = [
        Fault("F09", "200 with an HTML page, then the resource", [.body(page)]).same(at: Place.segments),
        Fault("F09", "200 with an HTML page, for ever", .always(.body(page)))
            .at(Place.media) { .lost($0, "HTML") }
            .ends(at: .playlist, .playlistRefused, "#EXTM3U")
            .ends(at: .key, .key, "HTML"),
        Fault("F10", "200 with no bytes, then the resource", [.empty]).same(at: Place.media),
        Fault("F10", "204, then the resource", [Answer.status(204).empty]).same(),
        Fault("F10", "200 with no bytes, for ever", .always(.empty))
            .at(Place.media) { .lost($0, "no bytes") }
            .ends(at: .playlist, .playlistRefused, "#EXTM3U")
            .ends(at: .key, .key, "0 bytes"),
        Fault("F10", "204 for ever", .always(Answer.status(204).empty)).at(Place.all) { .lost($0, "no bytes") },
    ]

    /// In a body, in thousandths of it.
    private static let positions = [("0", 0), ("1 %", 10), ("50 %", 500), ("99.9 %", 999)]

    private static let cuts: [Fault] =
        positions.flatMap { name, thousandths -> [Fault] in
            [
                Fault("F11", "reset at \(name)") { [.reset(after: $0.count * thousandths / 1000)] }.same(),
                Fault("F12", "closed at \(name)") { [.cut(after: $0.count * thousandths / 1000)] }.same(),
                Fault("F12", "closed at \(name), no validators") { body in
                    let cut = Answer.cut(after: body.count * thousandths / 1000)
                    return [
                        cut.withoutHeader("ETag").withoutHeader("Last-Modified"),
                        .withoutHeader("ETag").withoutHeader("Last-Modified"),
                    ]
                }.same(),
            ]
        } + [
            Fault("F11", "no answer, twice", [.unanswered, .unanswered]).same(),
            Fault("F11", "no answer, for ever", .always(.unanswered)).at(Place.all) {
                .lost($0, "connection was lost")
            },
            Fault("F12", "closed at 50 % for ever") { .always(.cut(after: $0.count / 2).ignoringRange) }
                .at(Place.all) { .lost($0, "ended after") },
            Fault("F13", "no Content-Length, closed at 50 %") { body in
                [.withoutContentLength.cut(after: body.count / 2)]
            }.same(),
            Fault("F13", "no Content-Length, closed at 50 % for ever") { body in
                .always(.withoutContentLength.cut(after: body.count / 2).ignoringRange)
            }
            .at(Place.segments) { .lost($0) }
            .ends(at: .map, .media, "Media Initialization Section")
            .ends(at: .playlist, .playlistRefused, "no Media Segments")
            .ends(at: .key, .key, "8 bytes"),
            Fault("F13", "no Content-Length, closed in front of EXT-X-ENDLIST") { body in
                .always(.withoutContentLength.cut(after: body.count - 15))
            }
            .ends(at: .playlist, .playlistRefused, "EXT-X-ENDLIST", "cut off"),
            Fault("F13", "no Content-Length, closed in front of EXT-X-ENDLIST, once") { body in
                [.withoutContentLength.cut(after: body.count - 15)]
            }
            .same(at: [.playlist]),
            Fault("F13", "no Content-Length, all bytes", .always(.withoutContentLength)).same(),
            Fault("F14", "chunked without the last chunk", [.chunkedWithoutEnd]).same(),
            Fault("F14", "chunked", .always(.chunked)).same(),
            Fault("F14", "chunked, cut at 50 %") { [.chunked.cut(after: $0.count / 2)] }.same(),
            Fault("F15", "bytes behind the declared length") { body in
                .always(.body(body + [UInt8](repeating: 0x47, count: 5_000)).contentLength(body.count))
            }.same(),
        ]

    private static let silence: [Fault] = [
        Fault("F16", "stalled at 50 %") { [.stall(at: $0.count / 2)] }.impatient.same(),
        Fault("F16", "stalled at 50 % for ever") { .always(.stall(at: $0.count / 2).ignoringRange) }.impatient
            .with { $0.configure = { configuration, _ in configuration.retryCount = 1 } }
            .at(Place.all) { .lost($0, "stalled") },
        Fault("F16", "no answer at all, once", [.delay(.seconds(60))]).impatient.same(),
        Fault("F17", "a head of 20 bytes a second", [.normal.slowHead(bytesPerSecond: 20)]).impatient.same(),
        Fault("F17", "a head of 20 bytes a second for ever", .always(.normal.slowHead(bytesPerSecond: 20))).impatient
            .with { $0.configure = { configuration, _ in configuration.retryCount = 1 } }
            .at(Place.all) { .lost($0, "in time") },
        Fault("F17", "a body of 200 bytes a second", [.slow(bytesPerSecond: 200)]).impatient.same(at: Place.media),
    ]

    private static let ranges: [Fault] = [
        ("another range", Answer.contentRange("bytes 0-9/10")),
        ("no Content-Range", .withoutContentRange),
        ("another length in Content-Range", .contentRange("bytes 100-200/300")),
        ("nonsense in Content-Range", .contentRange("bytes x-y/z")),
        ("the whole", .ignoringRange),
        ("416", .status(416)),
        ("multipart/byteranges", .withoutContentRange.header("Content-Type", "multipart/byteranges; boundary=a")),
    ].map { row in
        Fault("F18", "cut, and the rest is answered with \(row.0)") { [.cut(after: $0.count / 2), row.1] }
            .same(at: Place.segments)
    }

    private static let redirects: [Fault] =
        [
            Fault("F19", "a redirect to itself") { _ in
                .deciding { _, request in .redirect(to: request.target) }
            }.at(Place.all) { .lost($0, "redirects") },
            Fault("F19", "ten redirects", hops(10)).same(),
            Fault("F19", "eleven redirects", hops(11)).at(Place.all) { .lost($0, "redirects") },
            Fault("F19", "a redirect without Location", .always(.status(302))).at(Place.all) { .lost($0, "redirect") },
        ]
        + ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/a", "data:,a"].map { location in
            let scheme = String(location.prefix { $0 != ":" })
            return Fault("F19", "a redirect to \(scheme):", .always(.redirect(to: location)))
                .at(Place.media + [.key]) { .lost($0, "refused", "\(scheme):") }
                .ends(at: .playlist, .playlistRefused, "refused", "\(scheme):")
        }

    private static func hops(_ count: Int) -> Script {
        .deciding { _, request in
            let hop = Int(request.target.split(separator: "=").last ?? "") ?? 0
            return hop < count ? .redirect(to: request.path + "?hop=\(hop + 1)") : .normal
        }
    }
}
