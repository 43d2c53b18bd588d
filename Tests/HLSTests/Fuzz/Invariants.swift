// What must hold for any bytes at all. The fuzz entry points (Tests/Fuzz) compile this file together with the target's
// sources; the replay test imports the target.
#if canImport(HLS)
@testable import HLS
#endif

/// A broken invariant.
struct Violation: Error, CustomStringConvertible {
    var description: String
}

enum Invariants {
    private static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(description: message()) }
    }

    /// Bounds small enough that a fuzzer reaches them.
    private static var smallLimits: PlaylistLimits {
        var limits = PlaylistLimits()
        limits.bytes = 1 << 20
        limits.segments = 500
        limits.dateRanges = 20
        limits.streams = 20
        limits.attributesPerTag = 20
        limits.keys = 20
        limits.keyFormats = 3
        return limits
    }

    /// Parses, plans and selects.
    static func checkPlaylist(_ bytes: [UInt8]) throws(Violation) {
        guard let uri = ResourceURI("https://u:p@h.example/a/b.m3u8?t=1&v=%22") else { return }
        let lenient = parse(bytes, isStrict: false, uri)
        let strict = parse(bytes, isStrict: true, uri)
        switch (lenient, strict) {
        case (.failure(let error), .success):
            throw Violation(description: "only strict accepts: \(error)")
        case (.success(let playlist), .success):
            try require(playlist.warnings.isEmpty, "strict accepts what is warned of: \(playlist.warnings)")
        case (.success(let playlist), .failure(let error)):
            try require(!playlist.warnings.isEmpty, "strict refuses without a warning: \(error)")
            if case .strict = error.kind {} else { try require(false, "refused only by strict as \(error.kind)") }
        case (.failure(let error), .failure(let strictError)):
            try checkText(error.description)
            try checkText(strictError.description)
        }
        guard case .success(let playlist) = lenient else { return }
        for warning in playlist.warnings { try checkText(warning.description) }
        switch playlist {
        case .media(let playlist): try checkSchedule(playlist)
        case .multivariant(let playlist): try checkSelection(playlist)
        }
    }

    private static func parse(_ bytes: [UInt8], isStrict: Bool, _ uri: ResourceURI) -> Result<Playlist, PlaylistError> {
        let parser = PlaylistParser(options: .init(isStrict: isStrict, limits: smallLimits))
        do {
            return .success(try parser.parse(bytes, uri: uri, imports: ["i": "x y"]))
        } catch {
            return .failure(error)
        }
    }

    private static func checkSchedule(_ playlist: MediaPlaylist) throws(Violation) {
        var schedule = SegmentSchedule()
        do {
            try schedule.ingest(playlist)
        } catch {
            try require(playlist.skip != nil, "a playlist was not taken: \(error)")
            return
        }
        try require(schedule.plannedDurationMicroseconds == playlist.durationMicroseconds, "durations differ")
        var count = 0
        var time: Int64 = 0
        while let order = schedule.next() {
            try require(order.uri != .unresolvable, "a segment's URI does not resolve")
            try require(order.startMicroseconds == time, "start is not the sum of durations")
            try require((0...86_400_000_000).contains(order.durationMicroseconds), "duration out of range")
            try checkURI(order.uri)
            time += order.durationMicroseconds
            count += 1
        }
        try require(count == playlist.segments.count && count == schedule.plannedSegmentCount, "segments are missing")
    }

    private static func checkSelection(_ playlist: MultivariantPlaylist) throws(Violation) {
        for video in [SelectionPreferences.Video.best, .worst, .height(720), .none] {
            var preferences = SelectionPreferences()
            preferences.video = video
            preferences.subtitles = .all
            do {
                let selection = try StreamSelector(preferences: preferences).select(from: playlist)
                try checkURI(selection.variant.resolvedURI)
                for skipped in selection.skipped { try checkText(skipped.reason) }
            } catch let error as SelectionError {
                try checkText(error.message)
            } catch {
                throw Violation(description: "\(error)")
            }
        }
    }

    /// A list that parses strictly parses again, to the same, when written out.
    static func checkAttributeList(_ bytes: [UInt8]) throws(Violation) {
        guard let uri = ResourceURI("http://h/p") else { return }
        func context(isStrict: Bool) -> ParsingContext {
            var context = ParsingContext(uri: uri, options: .init(isStrict: isStrict), imports: [:])
            context.tag = .streamInformation
            return context
        }
        var lenient = context(isStrict: false)
        if var attributes = try? AttributeList(bytes[...], &lenient) {
            _ = try? attributes.string("URI", &lenient)
            _ = try? attributes.integer("BANDWIDTH", &lenient)
            _ = try? attributes.signedMicroseconds("TIME-OFFSET", &lenient)
            _ = try? attributes.resolution("RESOLUTION", &lenient)
            _ = try? attributes.hexadecimal("IV", &lenient)
            _ = try? attributes.flag("DEFAULT", &lenient)
        }
        var strict = context(isStrict: true)
        guard let attributes = try? AttributeList(bytes[...], &strict) else { return }
        var written: [UInt8] = []
        for (name, value, isQuoted) in attributes.pairs {
            if !written.isEmpty { written.append(ASCII.comma) }
            written += Array(name.utf8) + [ASCII.equals]
            written += isQuoted ? [ASCII.quote] + value + [ASCII.quote] : Array(value)
        }
        try require(written == bytes, "a strict list is not written as it was read")
    }

    /// Resolution yields a URI that is a fixed point of parsing, made of permitted bytes only.
    static func checkReference(_ bytes: [UInt8]) throws(Violation) {
        let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = ResourceURI(String(decoding: parts.first ?? [], as: UTF8.self)) else { return }
        try checkURI(base)
        let reference = String(decoding: parts.count > 1 ? parts[1] : [], as: UTF8.self)
        if let resolved = try? base.resolving(reference) { try checkURI(resolved) }
    }

    private static func checkURI(_ uri: ResourceURI) throws(Violation) {
        try require(ResourceURI(uri.text) == uri, "not a fixed point: \(uri.text)")
        try require(uri.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "not ASCII: \(uri.text)")
        try require(!uri.scheme.isEmpty, "no scheme: \(uri.text)")
        if uri.scheme.hasPrefix("http") && (uri.scheme == "http" || uri.scheme == "https") {
            try require(!uri.host.isEmpty, "no host: \(uri.text)")
            try require(!"\(uri.path)/".contains("/../") && !"\(uri.path)/".contains("/./"), "dot segment: \(uri.text)")
        }
        if let query = uri.query, query.contains("secret=") { _ = uri.queryValue(named: "secret") }
        _ = uri.lastPathComponent
        try checkText(uri.description)
    }

    private static func checkText(_ text: String) throws(Violation) {
        try require(text.utf8.count < 1 << 20, "a message is too long")
        for scalar in text.unicodeScalars {
            let category = scalar.properties.generalCategory
            try require(category != .control && category != .format, "a message holds U+\(scalar.value)")
        }
    }
}
