import CFFmpeg
import HLS

/// Reads packed audio (RFC 8216bis §3.1.3): frames of AAC, MP3, AC-3 or Enhanced AC-3, one segment after the other, each
/// behind an ID3 tag that says when it is due. Confined to the thread `remux`.
final class PackedAudioDemuxer: StretchDemuxer {
    private static let bufferBytes = 64 << 10

    private let reader: RingReader
    private let history: SourceHistory
    private let takesAudio: Bool
    private var streamReader: (any StreamReader)?
    private var codec: AVCodecID?
    private var walker = FrameWalker(.aac)
    private var endedCounts = DemuxCounts()
    /// The rest of the segment cannot be read.
    private var isSkipping = false
    /// Of the segment, behind its tags.
    private var audioBytes = 0
    private var samplesInSegment = 0
    /// Bytes read since the stretch began.
    private var position: Int64 = 0
    /// The start of a segment while its tags are not whole.
    private var head: [UInt8]?
    private var timestamp90k: Int64?
    private var buffer = [UInt8](repeating: 0, count: bufferBytes)
    private(set) var currentSegment: SegmentMark
    private var isFirstSegment = true
    private var clock = MediaClock.mpeg

    init(reader: RingReader, mark: SegmentMark, kinds: Set<TrackFormat.Kind>, history: SourceHistory) {
        self.reader = reader
        self.history = history
        takesAudio = kinds.contains(.audio)
        currentSegment = mark
        head = []
    }

    private let key = TrackKey(kind: .audio, ordinal: 0)

    var expectedTracks: [TrackKey] { takesAudio ? [key] : [] }

    var counts: DemuxCounts {
        var counts = endedCounts
        if let streamReader { counts += streamReader.counts }
        return counts
    }

    func read(_ emit: (Event) -> Void) throws -> Bool {
        let result = buffer.withUnsafeMutableBytes { reader.blockingRead(into: $0) }
        guard case .bytes(let count) = result else {
            if !reader.isCut {
                try readHead(isWhole: true, emit)
                try pass(walker.finish(), emit)
            }
            try streamReader?.finish { pass($0, emit) }
            if !reader.isCut, !reader.isStopped { endSegment() }
            return false
        }
        if let mark = reader.segment(at: position), mark.identity != currentSegment.identity {
            try readHead(isWhole: true, emit)
            try pass(walker.finish(), emit)
            endSegment()
            currentSegment = mark
            reader.forgetSegments(before: position)
            head = []
            isSkipping = false
        }
        position += Int64(count)
        guard takesAudio, !isSkipping else { return true }
        guard head != nil else {
            try take(buffer[..<count], emit)
            return true
        }
        head?.append(contentsOf: buffer[..<count])
        try readHead(isWhole: false, emit)
        return true
    }

    /// A segment that brought nothing is damaged: its bytes are no frames.
    private func endSegment() {
        if takesAudio, !isSkipping, audioBytes > 0, samplesInSegment == 0, streamReader?.holdsSample != true {
            history.note("nothing in it is audio that is known", of: currentSegment)
        }
        audioBytes = 0
        samplesInSegment = 0
    }

    /// Passes over the tags at the start of a segment, as soon as they are here.
    private func readHead(isWhole: Bool, _ emit: (Event) -> Void) throws {
        guard let bytes = head, !bytes.isEmpty else { return }
        var rest = bytes[...]
        var timestamp: Int64?
        while true {
            if rest.count < ID3Tag.headerBytes, !isWhole { return }
            guard let count = ID3Tag.byteCount(header: rest) else { break }
            guard count <= ID3Tag.maximumBytes else { return skip("it begins with an ID3 tag of \(count) bytes") }
            guard rest.count >= count else {
                guard isWhole else { return }
                rest = []
                break
            }
            if let tag = ID3Tag(Array(rest.prefix(count))), let found = tag.timestamp90k { timestamp = found }
            rest = rest.dropFirst(count)
        }
        // What the first frame is must be seen to name its codec.
        if rest.count < SegmentFormat.audioHeadBytes, !isWhole { return }
        guard try choose(rest, emit) else { return skip("what stands behind the ID3 tag is no audio that is known") }
        head = nil
        if isFirstSegment, timestamp == nil { clock = .playlist }
        // Segments behind one without a timestamp follow it: its clock is not that of the tags.
        timestamp90k = clock == .playlist ? (isFirstSegment ? playlistTime : nil) : timestamp
        isFirstSegment = false
        try take(rest, emit)
    }

    /// Where the playlist puts the segment: what is left where no tag says when it is due.
    private var playlistTime: Int64 {
        TimeScale(1_000_000).convert(currentSegment.startMicroseconds, to: .mpeg)
    }

    private func take(_ bytes: ArraySlice<UInt8>, _ emit: (Event) -> Void) throws {
        try pass(walker.take(bytes), emit)
    }

    private func pass(_ bytes: [UInt8], _ emit: (Event) -> Void) throws {
        guard !bytes.isEmpty, let streamReader, let codec else { return }
        audioBytes += bytes.count
        let packet = try Packet(count: bytes.count) { $0.copyBytes(from: bytes) }
        packet.pts = timestamp90k
        packet.dts = timestamp90k
        timestamp90k = nil
        do {
            let reader = try SampleAESReaders.reader(streamReader, of: codec, opening: currentSegment.streamKeys)
            self.streamReader = reader
            try reader.accept(packet) { pass($0, emit) }
        } catch let error as RemuxError {
            throw placed(error)
        }
    }

    /// Looks at the first frame of a segment; `false`: there is none that can be read.
    private func choose(_ bytes: ArraySlice<UInt8>, _ emit: (Event) -> Void) throws -> Bool {
        let codec: AVCodecID? =
            switch SegmentFormat(head: Array(bytes.prefix(SegmentFormat.audioHeadBytes))) {
            case .adts: AV_CODEC_ID_AAC
            case .mp3: AV_CODEC_ID_MP3
            case .ac3: AV_CODEC_ID_AC3
            case .enhancedAC3: AV_CODEC_ID_EAC3
            default: nil
            }
        // A segment may go on in the middle of a frame, or hold nothing.
        guard let codec, codec != self.codec else { return streamReader != nil || bytes.isEmpty }
        try streamReader?.finish { pass($0, emit) }
        if let streamReader { endedCounts += streamReader.counts }
        streamReader = try StreamReaders.reader(for: codec)
        walker = FrameWalker(codec == AV_CODEC_ID_AAC ? .aac : codec == AV_CODEC_ID_MP3 ? .mp3 : .ac3)
        self.codec = codec
        return true
    }

    private func skip(_ damage: String) {
        history.note(damage, of: currentSegment)
        head = nil
        isSkipping = true
    }

    private func pass(_ sample: DemuxedSample, _ emit: (Event) -> Void) {
        if let format = streamReader?.takeNewFormat() { emit(.format(key, format, clock)) }
        if history.firstPts90k[key] == nil { history.firstPts90k[key] = sample.pts }
        samplesInSegment += 1
        emit(.sample(key, sample))
    }
}
