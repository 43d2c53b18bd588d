// What must hold for any bytes at all. The fuzz entry point (Tests/Fuzz/WebVTTFuzzer.swift) compiles this file together with
// the sources it names; the replay test imports the target.
#if canImport(Remux)
@testable import Remux
#endif

/// A broken invariant.
struct WebVTTViolation: Error, CustomStringConvertible {
    var description: String
}

enum WebVTTInvariants {
    private static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(WebVTTViolation) {
        if !condition { throw WebVTTViolation(description: message()) }
    }

    /// Parses, places, merges, samples and writes.
    static func check(_ bytes: [UInt8]) throws(WebVTTViolation) {
        var limits = WebVTTLimits()
        limits.cues = 50
        limits.cueTextBytes = 100
        let segment = WebVTTParser.parse(bytes, limits: limits)
        try require(segment.cues.count <= 50, "more cues than allowed")
        for cue in segment.cues {
            try require(cue.startMilliseconds >= 0 && cue.endMilliseconds > cue.startMilliseconds, "times of \(cue)")
            // Bytes that are no UTF-8 become three.
            try require(cue.text.utf8.count <= 300, "text of \(cue)")
            try require(!cue.text.contains("\0") && !cue.text.contains("\r"), "characters of \(cue)")
        }
        let samples = WebVTTSample.cues(bytes[...], startMilliseconds: 0, endMilliseconds: 1, limits: limits)
        try require(samples.count <= 50, "more cues in a sample than allowed")
        var clock = CueClock()
        var queue = CueQueue()
        let anchor = CueAnchor(shift90k: 8_589_000_000, expected90k: 0...540_000)
        for number in 0..<2 {
            for cue in clock.place(segment, at: anchor, run: 0, number: number) { queue.add(cue) }
        }
        for cue in queue.cues {
            let text = SidecarText.subRipText(cue)
            try require(!text.contains("\n\n"), "a blank line in \(cue)")
            try require(TimedTextSample.bytes(StyledText(webVTT: cue.text)).count >= 2, "sample of \(cue)")
        }
        var position: Int64 = 0
        var failure: WebVTTViolation?
        CueSampler.take(through: 100_000, known90k: 600_000, from: &queue) { sample in
            if sample.start90k != position || sample.end90k <= position {
                failure = WebVTTViolation(description: "a gap at \(position)")
            }
            position = sample.end90k
        }
        let end90k = max(position, 500_000)
        CueSampler.finish(at: end90k, from: &queue) { sample in
            if sample.start90k != position || sample.end90k <= position {
                failure = WebVTTViolation(description: "a gap at \(position)")
            }
            position = sample.end90k
        }
        if let failure { throw failure }
        try require(position == end90k, "the track ends at \(position)")
    }
}
