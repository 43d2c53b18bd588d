/// Where data of a movie fragment lies.
struct DataPosition {
    /// Bytes from the start of the `moof` box, or, where ``isUnplaced``, of the media data.
    var offset: Int64
    var isUnplaced = false
    /// An absolute position was given: a run that names no offset begins right there.
    var isSaid = false
}

/// Reads the runs (`trun`, §8.8.8) of one track fragment, one after the other.
struct TrackRunReader {
    let trackID: UInt32
    let defaults: MovieInitialization.FragmentDefaults
    let base: DataPosition
    /// Where a first run starts that names no offset at all, because the start of the `moof` box cannot be meant.
    let fallback: DataPosition?
    var dts: Int64 = 0
    private(set) var samples: [FragmentSample] = []
    /// Where the data of the last run ends.
    private(set) var position: DataPosition?

    init(
        trackID: UInt32,
        defaults: MovieInitialization.FragmentDefaults,
        base: DataPosition,
        fallback: DataPosition?
    ) {
        self.trackID = trackID
        self.defaults = defaults
        self.base = base
        self.fallback = fallback
    }

    mutating func read(_ payload: ArraySlice<UInt8>, budget: inout Int) throws(DamagedBoxes) {
        var reader = ByteReader(payload)
        guard let word = reader.read32(), let count = reader.read32() else { throw DamagedBoxes("a trun box is cut") }
        let flags = word & 0xFF_FFFF
        var position = self.position ?? (base.isSaid ? base : fallback ?? DataPosition(offset: 0, isUnplaced: true))
        if flags & 0x01 != 0 {
            guard let offset = reader.read32() else { throw DamagedBoxes("a trun box is cut") }
            position = base
            position.offset = base.offset &+ Int64(Int32(bitPattern: offset))
        }
        var firstFlags: UInt32?
        if flags & 0x04 != 0 {
            guard let value = reader.read32() else { throw DamagedBoxes("a trun box is cut") }
            firstFlags = value
        }
        guard Int(count) <= budget else {
            throw DamagedBoxes("a movie fragment has more than \(MovieFragmentReader.maximumSamples) samples")
        }
        budget -= Int(count)
        let fieldBytes = 4 * (flags >> 8 & 0x0F).nonzeroBitCount
        guard reader.remaining >= Int(count) * fieldBytes else { throw DamagedBoxes("a trun box is cut") }
        samples.reserveCapacity(samples.count + Int(count))
        for number in 0..<count {
            let duration = flags & 0x100 != 0 ? reader.read32() ?? 0 : defaults.duration
            let size = flags & 0x200 != 0 ? reader.read32() ?? 0 : defaults.size
            var sampleFlags = flags & 0x400 != 0 ? reader.read32() ?? 0 : defaults.flags
            if number == 0, flags & 0x400 == 0, let firstFlags { sampleFlags = firstFlags }
            var offset: Int64 = 0
            // Version 0 is unsigned by the book; writers put negative offsets there all the same, and no real one is so large.
            if flags & 0x800 != 0, let value = reader.read32() { offset = Int64(Int32(bitPattern: value)) }
            samples.append(
                FragmentSample(
                    trackID: trackID,
                    descriptionIndex: defaults.descriptionIndex,
                    offset: position.offset,
                    size: Int(size),
                    dts: dts,
                    compositionOffset: offset,
                    duration: duration,
                    isSync: sampleFlags & 0x1_0000 == 0 && sampleFlags >> 24 & 0x03 != 1,
                    index: samples.count
                )
            )
            dts = dts &+ Int64(duration)
            position.offset = position.offset &+ Int64(size)
        }
        self.position = position
    }
}
