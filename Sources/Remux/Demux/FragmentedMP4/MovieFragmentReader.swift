/// A sample as a movie fragment describes it (`moof`, ISO/IEC 14496-12 §8.8): where its bytes are, when it is due. Pure.
struct FragmentSample: Equatable {
    var trackID: UInt32
    /// Counted from 1.
    var descriptionIndex: UInt32
    /// Bytes from the start of the `moof` box, or from that of the media data (``TrackFragment/isUnplaced``).
    var offset: Int64
    var size: Int
    /// Media ticks.
    var dts: Int64
    var compositionOffset: Int64
    var duration: UInt32
    /// A sync sample: not marked as another one, and not depending on others (§8.6.4, §8.8.3.1).
    var isSync: Bool
    /// Position in its track fragment, from 0: what auxiliary information counts by.
    var index: Int
    /// Position of its track fragment in the movie fragment.
    var fragment = 0
}

/// A track's part of a movie fragment (`traf`).
struct TrackFragment: Equatable {
    var trackID: UInt32
    /// `nil`: it has no `tfdt`, although RFC 8216bis §3.1.2 demands one.
    var baseDecodeTime: Int64?
    /// Without ``baseDecodeTime`` their decoding times count from 0.
    var samples: [FragmentSample]
    /// Nothing says where its data lies, or in a way that only the whole resource could tell: offsets count from the start
    /// of the media data (`mdat`).
    var isUnplaced: Bool
    /// The payload of `traf`, for what others read of it (encryption).
    var payload: ArraySlice<UInt8>
}

/// Reads movie fragments.
enum MovieFragmentReader {
    /// More samples in one fragment are no media.
    static let maximumSamples = 500_000

    /// The track fragments of a `moof`.
    ///
    /// - Parameters:
    ///   - payload: what stands behind the header of `moof`.
    ///   - boxBytes: bytes of the whole box.
    /// - Throws: ``DamagedBoxes``.
    static func read(
        _ payload: ArraySlice<UInt8>,
        boxBytes: Int,
        movie: MovieInitialization
    ) throws(DamagedBoxes) -> [TrackFragment] {
        var fragments: [TrackFragment] = []
        var budget = maximumSamples
        // Where data goes on that says nothing of its own (§8.8.7.1, §8.8.8.1), and what absolute positions count from:
        // the start of a segment in its resource is not known here.
        var end: DataPosition?
        var firstAbsolute: UInt64?
        for box in try boxes(payload, of: "moof") where box.type == "traf" {
            let parts = try boxes(box.payload, of: "traf")
            guard let header = parts.first(where: { $0.type == "tfhd" }) else {
                throw DamagedBoxes("a traf box has no tfhd box")
            }
            var fields = ByteReader(header.payload)
            guard let word = fields.read32(), let trackID = fields.read32() else {
                throw DamagedBoxes("a tfhd box is cut")
            }
            let flags = word & 0xFF_FFFF
            // A track that the movie does not know has data too, behind which others' may go on.
            var defaults = movie.tracks.first { $0.id == trackID }?.defaults ?? MovieInitialization.FragmentDefaults()
            var base = DataPosition(offset: 0)
            if flags & 0x01 != 0 {
                guard let position = fields.read64() else { throw DamagedBoxes("a tfhd box is cut") }
                let first = firstAbsolute ?? position
                firstAbsolute = first
                base = DataPosition(offset: Int64(truncatingIfNeeded: position &- first), isSaid: true)
            } else if flags & 0x02_0000 == 0, let end {
                base = end
            }
            try take(flags, 0x02, &fields, &defaults.descriptionIndex)
            try take(flags, 0x08, &fields, &defaults.duration)
            try take(flags, 0x10, &fields, &defaults.size)
            try take(flags, 0x20, &fields, &defaults.flags)
            var run = TrackRunReader(trackID: trackID, defaults: defaults, base: base, fallback: end)
            let decodeTime = parts.first { $0.type == "tfdt" }.flatMap { self.decodeTime($0.payload) }
            run.dts = decodeTime ?? 0
            for entry in parts where entry.type == "trun" {
                try run.read(entry.payload, budget: &budget)
            }
            end = run.position ?? end
            fragments.append(
                TrackFragment(
                    trackID: trackID,
                    baseDecodeTime: decodeTime,
                    samples: run.samples,
                    isUnplaced: run.position?.isUnplaced ?? false,
                    payload: box.payload
                )
            )
        }
        if firstAbsolute != nil { settleAbsolute(&fragments, boxBytes: boxBytes) }
        return fragments
    }

    private static func boxes(_ bytes: ArraySlice<UInt8>, of type: FourCC) throws(DamagedBoxes) -> [BoxList.Entry] {
        var list = BoxList(bytes)
        var boxes: [BoxList.Entry] = []
        while let box = list.next() { boxes.append(box) }
        guard !list.isDamaged else { throw DamagedBoxes("a \(type) box is not made of boxes") }
        return boxes
    }

    /// Absolute positions usually count from the `moof`; where that would put media into it, they count from the media data.
    private static func settleAbsolute(_ fragments: inout [TrackFragment], boxBytes: Int) {
        let first = fragments.lazy.filter { !$0.isUnplaced }.compactMap { $0.samples.map(\.offset).min() }.min()
        guard let first, first < Int64(boxBytes) else { return }
        for index in fragments.indices where !fragments[index].isUnplaced {
            fragments[index].isUnplaced = true
            for sample in fragments[index].samples.indices {
                fragments[index].samples[sample].offset &-= first
            }
        }
    }

    private static func take(
        _ flags: UInt32,
        _ flag: UInt32,
        _ fields: inout ByteReader,
        _ value: inout UInt32
    ) throws(DamagedBoxes) {
        guard flags & flag != 0 else { return }
        guard let field = fields.read32() else { throw DamagedBoxes("a tfhd box is cut") }
        value = field
    }

    private static func decodeTime(_ payload: ArraySlice<UInt8>) -> Int64? {
        guard let version = payload.first else { return nil }
        guard version == 1 else { return payload.read32(at: 4).map(Int64.init) }
        // Writers put times before 0 here, as two's complement.
        return payload.read64(at: 4).map { Int64(bitPattern: $0) }
    }
}
