/// A `moof` as this program writes it (ISO/IEC 14496-12 §8.8.4): per track its time span and whether it starts with a sync
/// sample, and, for whoever asks, its samples. Pure.
struct MovieFragment: Equatable {
    struct Run: Equatable {
        var trackID: UInt32
        /// `tfdt`: decoding time of the first sample, media ticks.
        var decodeTime: UInt64
        /// Sum of the sample durations, media ticks.
        var duration: UInt64
        /// Latest end of a sample in composition time, media ticks.
        var compositionEnd: Int64
        /// Earliest composition time, media ticks.
        var compositionStart = Int64.max
        var startsWithSync: Bool
        var sampleCount: Int
    }

    /// A sample as `trun` describes it.
    struct Sample: Equatable {
        var trackID: UInt32
        /// Counted from 1.
        var descriptionIndex: UInt32 = 1
        /// It begins a run: its data need not follow that of the sample before.
        var startsRun: Bool
        /// Bytes from the start of the `moof`.
        var offset: Int64
        var size: UInt32
        /// Media ticks.
        var decodeTime: UInt64
        var compositionOffset: Int32
        var duration: UInt32
        var isSync: Bool
    }

    /// What `trex` gives samples that say nothing of their own (§8.8.3).
    struct Defaults: Equatable {
        var descriptionIndex: UInt32 = 1
        var duration: UInt32 = 0
        var size: UInt32 = 0
        var flags: UInt32 = 0
    }

    /// A run of more samples is none of ours.
    private static let maximumSamples = 500_000

    private(set) var runs: [Run] = []

    /// Reads a `moof`; `nil` when it is none, a box contradicts its size, or offsets do not count from the `moof`.
    ///
    /// - Parameters:
    ///   - defaults: by track ID.
    ///   - visit: called with each sample, in order.
    init?(_ bytes: [UInt8], defaults: [UInt32: Defaults] = [:], visit: (Sample) -> Void = { _ in }) {
        guard let fragment = Box(bytes[...]), fragment.type == "moof" else { return nil }
        for track in fragment.children where track.type == "traf" {
            guard let run = Self.run(of: track, defaults, visit) else { return nil }
            if run.sampleCount > 0 { runs.append(run) }
        }
    }

    private static func run(of track: Box, _ all: [UInt32: Defaults], _ visit: (Sample) -> Void) -> Run? {
        guard let header = track.first("tfhd")?.payload, let flags = header.read32(at: 0),
            let id = header.read32(at: 4), flags & 0x1 == 0, let time = track.first("tfdt")?.payload,
            let decodeTime = time.first == 1 ? time.read64(at: 4) : time.read32(at: 4).map({ UInt64($0) })
        else { return nil }
        var fields = ByteReader(header[8...])
        var defaults = all[id] ?? Defaults()
        if flags & 0x2 != 0 { defaults.descriptionIndex = fields.read32() ?? 1 }
        if flags & 0x8 != 0 { defaults.duration = fields.read32() ?? 0 }
        if flags & 0x10 != 0 { defaults.size = fields.read32() ?? 0 }
        if flags & 0x20 != 0 { defaults.flags = fields.read32() ?? 0 }
        var run = Run(
            trackID: id,
            decodeTime: decodeTime,
            duration: 0,
            compositionEnd: 0,
            startsWithSync: false,
            sampleCount: 0
        )
        var position: Int64?
        for samples in track.children where samples.type == "trun" {
            guard add(samples.payload, to: &run, position: &position, defaults, visit) else { return nil }
        }
        return run
    }

    /// Adds the samples of one `trun` (§8.8.8).
    private static func add(
        _ payload: [UInt8],
        to run: inout Run,
        position: inout Int64?,
        _ defaults: Defaults,
        _ visit: (Sample) -> Void
    ) -> Bool {
        var reader = ByteReader(payload)
        guard let flags = reader.read32(), let count = reader.read32() else { return false }
        if flags & 0x1 != 0 {
            guard let offset = reader.read32() else { return false }
            position = Int64(Int32(bitPattern: offset))
        }
        let firstFlags = flags & 0x4 != 0 ? reader.read32() : nil
        let fieldBytes = 4 * (flags >> 8 & 0xF).nonzeroBitCount
        guard let start = position, count <= maximumSamples, reader.remaining >= Int(count) * fieldBytes else {
            return false
        }
        var offset = start
        for index in 0..<count {
            let duration = flags & 0x100 != 0 ? reader.read32() ?? 0 : defaults.duration
            let size = flags & 0x200 != 0 ? reader.read32() ?? 0 : defaults.size
            var sampleFlags = flags & 0x400 != 0 ? reader.read32() ?? 0 : defaults.flags
            let composition = flags & 0x800 != 0 ? Int32(bitPattern: reader.read32() ?? 0) : 0
            if index == 0, let firstFlags { sampleFlags = firstFlags }
            let isSync = sampleFlags & 0x1_0000 == 0
            if run.sampleCount == 0 { run.startsWithSync = isSync }
            let decodeTime = run.decodeTime &+ run.duration
            let presented = Int64(clamping: decodeTime) &+ Int64(composition)
            visit(
                Sample(
                    trackID: run.trackID,
                    descriptionIndex: defaults.descriptionIndex,
                    startsRun: index == 0,
                    offset: offset,
                    size: size,
                    decodeTime: decodeTime,
                    compositionOffset: composition,
                    duration: duration,
                    isSync: isSync
                )
            )
            run.duration &+= UInt64(duration)
            run.compositionStart = min(run.compositionStart, presented)
            run.compositionEnd = max(run.compositionEnd, presented &+ Int64(duration))
            run.sampleCount += 1
            offset = offset &+ Int64(size)
        }
        position = offset
        return true
    }
}
