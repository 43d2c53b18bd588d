/// What the index needs of one `moof` (ISO/IEC 14496-12 §8.8.4): per track its time span and whether it starts with a
/// sync sample.
struct MovieFragment: Equatable {
    struct Run: Equatable {
        var trackID: UInt32
        /// `tfdt`: decoding time of the first sample, media ticks.
        var decodeTime: UInt64
        /// Sum of the sample durations, media ticks.
        var duration: UInt64
        /// Latest end of a sample in composition time, media ticks.
        var compositionEnd: Int64
        var startsWithSync: Bool
        var sampleCount: Int
    }

    var runs: [Run] = []

    /// Reads libavformat's `moof`; `nil` when it is none or a `trun` contradicts its size.
    init?(_ bytes: [UInt8]) {
        guard let fragment = Box(bytes[...]), fragment.type == "moof" else { return nil }
        for track in fragment.children where track.type == "traf" {
            guard let run = Self.run(of: track) else { return nil }
            if run.sampleCount > 0 { runs.append(run) }
        }
    }

    private static func run(of track: Box) -> Run? {
        guard let header = track.first("tfhd")?.payload, let flags = header.read32(at: 0),
            let id = header.read32(at: 4), let time = track.first("tfdt")?.payload,
            let decodeTime = time.first == 1 ? time.read64(at: 4) : time.read32(at: 4).map({ UInt64($0) })
        else { return nil }
        var offset = 8
        if flags & 0x1 != 0 { offset += 8 }
        if flags & 0x2 != 0 { offset += 4 }
        var defaults = TrackDefaults()
        if flags & 0x8 != 0 { defaults.duration = header.read32(at: offset) ?? 0; offset += 4 }
        if flags & 0x10 != 0 { offset += 4 }
        if flags & 0x20 != 0 { defaults.flags = header.read32(at: offset) ?? 0 }
        var run = Run(
            trackID: id,
            decodeTime: decodeTime,
            duration: 0,
            compositionEnd: 0,
            startsWithSync: false,
            sampleCount: 0
        )
        for samples in track.children where samples.type == "trun" {
            guard add(samples.payload, to: &run, defaults: defaults) else { return nil }
        }
        return run
    }

    private struct TrackDefaults {
        var duration: UInt32 = 0
        var flags: UInt32 = 0
    }

    /// Adds the samples of one `trun` (§8.8.8).
    private static func add(_ payload: [UInt8], to run: inout Run, defaults: TrackDefaults) -> Bool {
        guard let flags = payload.read32(at: 0), let count = payload.read32(at: 4) else { return false }
        var offset = 8
        if flags & 0x1 != 0 { offset += 4 }
        var firstFlags: UInt32?
        if flags & 0x4 != 0 {
            firstFlags = payload.read32(at: offset)
            offset += 4
        }
        let fields = [0x100, 0x200, 0x400, 0x800].filter { flags & UInt32($0) != 0 }.count
        guard Int(count).multipliedReportingOverflow(by: fields * 4).overflow == false,
            offset + Int(count) * fields * 4 <= payload.count
        else { return false }
        for index in 0..<Int(count) {
            var duration = defaults.duration
            var sampleFlags = defaults.flags
            var composition: Int32 = 0
            if flags & 0x100 != 0 { duration = payload.read32(at: offset) ?? 0; offset += 4 }
            if flags & 0x200 != 0 { offset += 4 }
            if flags & 0x400 != 0 { sampleFlags = payload.read32(at: offset) ?? 0; offset += 4 }
            if flags & 0x800 != 0 { composition = Int32(bitPattern: payload.read32(at: offset) ?? 0); offset += 4 }
            if index == 0, let firstFlags { sampleFlags = firstFlags }
            if run.sampleCount == 0 { run.startsWithSync = sampleFlags & 0x1_0000 == 0 }
            let decode = Int64(clamping: run.decodeTime &+ run.duration)
            run.duration &+= UInt64(duration)
            run.compositionEnd = max(run.compositionEnd, decode &+ Int64(composition) &+ Int64(duration))
            run.sampleCount += 1
        }
        return true
    }
}
