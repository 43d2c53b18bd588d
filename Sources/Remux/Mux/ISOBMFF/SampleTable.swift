/// The sample table of one track (`stbl`, ISO/IEC 14496-12 §8.5–§8.7), coded as it grows: nothing but its bytes is held. Pure.
struct SampleTable {
    /// Entries of a count and a value, neighbours of one value as one (`stts`, `ctts`).
    private struct Runs {
        private(set) var bytes: [UInt8] = []
        private(set) var value: UInt32 = 0
        private(set) var count: UInt32 = 0

        mutating func append(_ next: UInt32) {
            if next != value { flush() }
            value = next
            count += 1
        }

        mutating func flush() {
            guard count > 0 else { return }
            bytes.append32(count)
            bytes.append32(value)
            count = 0
        }
    }

    /// Why a sample cannot be in a table of this form.
    enum Failure: Error, Equatable { case tooManySamples, gapTooLong }

    private(set) var sampleCount: UInt32 = 0
    /// Decoding time of the first sample in the fragments: 0 of the table.
    private(set) var firstDecodeTime: UInt64 = 0
    /// Sum of the durations so far, media ticks.
    private(set) var duration: UInt64 = 0
    /// Latest end of a sample in composition time, media ticks from ``firstDecodeTime``.
    private(set) var compositionEnd: Int64 = 0

    private var durations = Runs()
    private var lastDuration: UInt32?
    private var offsets = Runs()
    private var hasOffsets = false
    private var hasNegativeOffsets = false
    private var sizes: [UInt8] = []
    private var commonSize: UInt32?
    private var syncSamples: [UInt8] = []
    private var syncCount: UInt32 = 0
    private var chunkOffsets: [UInt64] = []
    private var layout: [UInt8] = []
    private var lastLayout: (samples: UInt32, description: UInt32)?
    private var chunk: (samples: UInt32, description: UInt32) = (0, 1)

    /// Takes the next sample in decoding order.
    ///
    /// A gap before it lengthens the sample before, so that every decoding time stays what it was; an overlap shortens it.
    ///
    /// - Parameter offset: bytes from the start of the file.
    mutating func append(_ sample: MovieFragment.Sample, at offset: UInt64) throws(Failure) {
        guard sampleCount < .max else { throw .tooManySamples }
        if sampleCount == 0 {
            firstDecodeTime = sample.decodeTime
            commonSize = sample.size
        }
        try settle(until: sample.decodeTime)
        lastDuration = sample.duration
        if sample.startsRun || chunk.description != sample.descriptionIndex {
            closeChunk()
            chunk.description = sample.descriptionIndex
            chunkOffsets.append(offset)
        }
        chunk.samples += 1
        sampleCount += 1
        sizes.append32(sample.size)
        if commonSize != sample.size { commonSize = nil }
        offsets.append(UInt32(bitPattern: sample.compositionOffset))
        hasOffsets = hasOffsets || sample.compositionOffset != 0
        hasNegativeOffsets = hasNegativeOffsets || sample.compositionOffset < 0
        if sample.isSync {
            syncSamples.append32(sampleCount)
            syncCount += 1
        }
        let end = Int64(clamping: duration) &+ Int64(sample.compositionOffset) &+ Int64(sample.duration)
        compositionEnd = max(compositionEnd, end)
    }

    /// Gives the last sample its duration: up to the next one, or, without one, its own.
    private mutating func settle(until next: UInt64?) throws(Failure) {
        guard let own = lastDuration else { return }
        lastDuration = nil
        var length = own
        if let next {
            let distance = (next &- firstDecodeTime).subtractingReportingOverflow(duration)
            if distance.overflow {
                length = 0
            } else {
                guard let exact = UInt32(exactly: distance.partialValue) else { throw .gapTooLong }
                length = exact
            }
        }
        durations.append(length)
        duration += UInt64(length)
    }

    private mutating func closeChunk() {
        guard chunk.samples > 0 else { return }
        if lastLayout?.samples != chunk.samples || lastLayout?.description != chunk.description {
            layout.append32(UInt32(clamping: chunkOffsets.count))
            layout.append32(chunk.samples)
            layout.append32(chunk.description)
            lastLayout = chunk
        }
        chunk.samples = 0
    }

    /// Ends the table: no sample may follow.
    mutating func finish() throws(Failure) {
        try settle(until: nil)
        durations.flush()
        offsets.flush()
        closeChunk()
    }

    /// The boxes that stand behind `stsd`, after ``finish()``.
    var boxes: [Box] {
        var boxes = [Self.table("stts", durations.bytes, entryBytes: 8)]
        if syncCount < sampleCount { boxes.append(Self.table("stss", syncSamples, entryBytes: 4)) }
        if hasOffsets {
            boxes.append(Self.table("ctts", offsets.bytes, entryBytes: 8, version: hasNegativeOffsets ? 1 : 0))
        }
        boxes.append(Self.table("stsc", layout, entryBytes: 12))
        var sizeFields: [UInt8] = [0, 0, 0, 0]
        sizeFields.append32(commonSize ?? 0)
        sizeFields.append32(sampleCount)
        if (commonSize ?? 0) == 0 { sizeFields += sizes }
        boxes.append(Box(type: "stsz", payload: sizeFields))
        let isLarge = (chunkOffsets.max() ?? 0) > UInt64(UInt32.max)
        var places: [UInt8] = []
        places.reserveCapacity(chunkOffsets.count * (isLarge ? 8 : 4))
        for offset in chunkOffsets {
            if isLarge { places.append64(offset) } else { places.append32(UInt32(clamping: offset)) }
        }
        boxes.append(Self.table(isLarge ? "co64" : "stco", places, entryBytes: isLarge ? 8 : 4))
        return boxes
    }

    /// Boxes that ``boxes`` takes the place of.
    static let types: Set<FourCC> = ["stts", "stss", "ctts", "stsc", "stsz", "stz2", "stco", "co64"]

    private static func table(_ type: FourCC, _ entries: [UInt8], entryBytes: Int, version: UInt8 = 0) -> Box {
        var payload: [UInt8] = [version, 0, 0, 0]
        payload.append32(UInt32(clamping: entries.count / entryBytes))
        payload += entries
        return Box(type: type, payload: payload)
    }
}
