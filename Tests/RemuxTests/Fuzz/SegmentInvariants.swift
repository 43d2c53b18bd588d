// What must hold for any bytes of a segment at all. The fuzz entry points (Tests/Fuzz/Segment…Fuzzer.swift) compile this file
// together with the sources that script/fuzz names; the replay test imports the target.
#if canImport(Remux)
@testable import Remux
#endif

/// A broken invariant.
struct SegmentViolation: Error, CustomStringConvertible {
    var description: String
}

enum SegmentInvariants {
    private static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(SegmentViolation) {
        if !condition { throw SegmentViolation(description: message()) }
    }

    /// Where bytes are cut, by themselves.
    private static func cut(_ bytes: [UInt8]) -> Int {
        bytes.isEmpty ? 0 : Int(bytes[bytes.count / 2]) * bytes.count / 256
    }

    // MARK: - ISO/IEC 14496-12

    /// Boxes as a Media Initialization Section, a movie fragment, a segment, and codec configurations.
    static func checkBoxes(_ bytes: [UInt8]) throws(SegmentViolation) {
        var list = BoxList(bytes[...])
        var total = 0
        while let entry = list.next() {
            total += entry.whole.count
            try require(entry.payload.endIndex == entry.whole.endIndex, "a payload that goes beyond its box")
        }
        try require(total <= bytes.count, "boxes of more bytes than there are")
        try require(list.isDamaged || total == bytes.count || bytes.count - total == 4, "bytes in no box")
        _ = Box(bytes[...])
        if let movie = try? MovieInitialization(bytes[...]) {
            try require((1...MovieInitialization.maximumTracks).contains(movie.tracks.count), "tracks")
            for track in movie.tracks {
                try require(track.timescale > 0, "a time scale of 0")
                try require(track.entries.count <= SampleEntry.maximumCount, "sample entries")
                for entry in track.entries { _ = entry.outputBytes }
            }
            try checkFragment(bytes, movie)
        }
        try checkFragment(bytes, Self.movie)
        var trackers = (BoxTracker(), BoxTracker())
        let place = cut(bytes)
        bytes.withUnsafeBytes { trackers.0.watch($0) }
        bytes[..<place].withUnsafeBytes { trackers.1.watch($0) }
        bytes[place...].withUnsafeBytes { trackers.1.watch($0) }
        let count = UInt64(bytes.count)
        try require(trackers.0.isBoundary(count) == trackers.1.isBoundary(count), "a boundary that depends on the cut")
        for configuration in [CodecConfiguration(avc: bytes), CodecConfiguration(hevc: bytes)] {
            guard let configuration else { continue }
            try require((1...4).contains(configuration.lengthBytes), "bytes of a length")
            try require(configuration.parameterSets.reduce(0) { $0 + $1.count } <= bytes.count, "parameter sets")
            _ = NALForm.lengths(configuration.lengthBytes).joined(configuration.parameterSets)
        }
    }

    private static func checkFragment(_ bytes: [UInt8], _ movie: MovieInitialization?) throws(SegmentViolation) {
        guard let movie,
            let fragments = try? MovieFragmentReader.read(bytes[...], boxBytes: bytes.count + 8, movie: movie)
        else { return }
        try require(
            fragments.reduce(0) { $0 + $1.samples.count } <= MovieFragmentReader.maximumSamples,
            "more samples than allowed"
        )
        for fragment in fragments {
            for (index, sample) in fragment.samples.enumerated() {
                try require(sample.index == index && sample.size >= 0, "sample \(sample)")
                try require(sample.trackID == fragment.trackID, "track of \(sample)")
            }
        }
    }

    /// A movie with one track, number 1.
    private static let movie: MovieInitialization? = {
        func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] {
            let payload = Array(parts.joined())
            return [0, 0, UInt8(payload.count + 8 >> 8), UInt8(payload.count + 8 & 0xFF)] + Array(type.utf8) + payload
        }
        let zeros = { [UInt8](repeating: 0, count: $0) }
        let media = box(
            "mdia",
            box("mdhd", zeros(14), [0x10, 0], zeros(8)),
            box("hdlr", zeros(8), Array("vide".utf8), zeros(13)),
            box("minf", box("stbl", box("stsd", zeros(8))))
        )
        let track = box("trak", box("tkhd", zeros(15), [1], zeros(8)), media)
        return try? MovieInitialization(box("moov", box("mvhd", zeros(14), [0x10, 0], zeros(8)), track)[...])
    }()

    // MARK: - Sound

    /// ID3 tags, and frames with tags between them.
    static func checkTags(_ bytes: [UInt8]) throws(SegmentViolation) {
        if let tag = ID3Tag(bytes) {
            try require((ID3Tag.headerBytes...bytes.count).contains(tag.byteCount), "a tag of \(tag.byteCount) bytes")
            if let time = tag.timestamp90k { try require((0..<1 << 33).contains(time), "a time of \(time)") }
        }
        let place = cut(bytes)
        for codec in [FrameWalker.Codec.aac, .mp3, .ac3] {
            var walkers = (FrameWalker(codec), FrameWalker(codec))
            let whole = walkers.0.take(bytes[...]) + walkers.0.finish()
            let parts = walkers.1.take(bytes[..<place]) + walkers.1.take(bytes[place...]) + walkers.1.finish()
            try require(whole.elementsEqual(parts), "frames that depend on the cut")
            try require(whole.count <= bytes.count, "more bytes than there were")
        }
    }

    /// Elements of LATM, configurations, and headers of frames and pictures.
    static func checkHeaders(_ bytes: [UInt8]) throws(SegmentViolation) {
        var parser = LATMParser()
        var offset = 0
        while offset < bytes.count {
            let rest = Array(bytes[offset...])
            let length = rest.withUnsafeBytes { LATMParser.elementBytes($0) }
            let end = min(rest.count, LATMParser.headerBytes + (length ?? 60))
            let element = Array(rest[min(LATMParser.headerBytes, end)..<end])
            if let frames = element.withUnsafeBytes({ parser.frames($0) }) {
                try require(frames.count <= 64, "frames in an element")
                try require(frames.reduce(0) { $0 + $1.payload.count } <= element.count, "payloads of an element")
            }
            if let config = parser.config {
                // A program config element may name three times fifteen pairs, and three low-frequency channels.
                try require((1...93).contains(config.channelCount), "channels of \(config)")
                try require(
                    config.coreRate > 0 && config.sampleRate >= 0 && config.frameSamples > 0,
                    "rates of \(config)"
                )
                try require(AudioConfig(config.bytes) != nil, "a configuration that does not read back: \(config)")
            }
            offset += max(1, end)
        }
        _ = AudioConfig(bytes)
        if let header = bytes.withUnsafeBytes({ SequenceHeader($0) }) {
            try require(header.width > 0 && header.height > 0 && header.bytes.count <= bytes.count, "\(header.width)")
        }
        for header in bytes.withUnsafeBytes({ bytes in
            [AudioFrameHeader(mpegAudio: bytes), AudioFrameHeader(ac3: bytes), AudioFrameHeader(opus: bytes)]
        }) {
            guard let header else { continue }
            try require(header.sampleRate > 0 && header.sampleCount > 0, "\(header)")
            if let length = header.frameBytes { try require(length > 0, "\(header)") }
        }
        _ = bytes.withUnsafeBytes { ADTSHeader($0) }
        _ = bytes.withUnsafeBytes { ProgramConfigElement(rawDataBlock: $0, objectType: 2, frequencyIndex: 3) }
    }

    // MARK: - Heads and packets

    /// The head of a segment, whatever stands before it.
    static func checkHead(_ bytes: [UInt8]) throws(SegmentViolation) {
        for isWhole in [true, false] {
            let search = DisguisePrefix.search(bytes, isWhole: isWhole)
            if case .media(let start) = search { try require((0..<max(1, bytes.count)).contains(start), "\(search)") }
            if case .needsMore = search {
                try require(!isWhole && bytes.count < DisguisePrefix.maximumBytes, "more is asked for than there is")
            }
        }
        if let end = DisguisePrefix.end(of: bytes) { try require((0...bytes.count).contains(end), "an end at \(end)") }
        let head = Array(bytes.prefix(SegmentInspector.headBytes))
        for isEncrypted in [true, false] {
            let finding = SegmentInspector.judge(head: head, received: head, isEncrypted: isEncrypted)
            try require(finding != nil || SegmentInspector.container(head: head) != nil, "media of no container")
            _ = finding?.description
        }
    }

    /// Packets of a transport stream.
    static func checkPackets(_ bytes: [UInt8]) throws(SegmentViolation) {
        let place = cut(bytes)
        for layout in [TransportPacketLayout.plain, .timeStamped, .withParity] {
            var monitor = TransportStreamMonitor()
            monitor.beginSegment(layout)
            bytes[..<place].withUnsafeBytes { monitor.watch($0) }
            bytes[place...].withUnsafeBytes { monitor.watch($0) }
            monitor.endSegment()
            let damage = monitor.damage
            try require(
                damage.packets * layout.bytes + damage.junkBytes == bytes.count,
                "\(damage) of \(bytes.count) bytes"
            )
            try require(damage.missingPackets >= 0 && damage.damagedPackets >= 0, "\(damage)")
        }
        _ = TransportPacketLayout(head: bytes)
        _ = TransportPacketLayout(damagedHead: bytes)
    }
}
