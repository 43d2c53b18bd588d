import CFFmpeg
import HLS

/// Reads one stretch of an MPEG transport stream: libavformat takes the packets apart, readers of our own make samples of
/// the payloads. Confined to the thread `remux`.
final class TransportStreamDemuxer: StretchDemuxer {
    private final class Stream {
        let key: TrackKey
        let codec: AVCodecID
        let codecName: String
        var reader: any StreamReader
        /// Its samples are encrypted, or were in a segment before.
        var isDecrypting = false
        /// The history knows its first timestamp, and that it has brought samples.
        var isTimed = false
        var hasSamples = false
        /// Pictures whose times depend on those behind them wait here.
        var clock = PictureClock<Picture>()

        init(key: TrackKey, reader: any StreamReader, codec: AVCodecID, codecName: String) {
            self.key = key
            self.reader = reader
            self.codec = codec
            self.codecName = codecName
        }
    }

    /// A picture, and the format that begins with it.
    private struct Picture {
        var sample: DemuxedSample
        var format: TrackFormat?
    }

    private static let latmStreamType: UInt32 = 0x11

    private let reader: RingReader
    private let kinds: Set<TrackFormat.Kind>
    private let history: SourceHistory
    private let boundary = Boundary()
    private let demuxer: Demuxer
    private var streams: [Int: Stream] = [:]
    private var knownStreams = 0
    /// Of several programs the one that is taken; `nil` while that is not decided.
    private var program: Int?
    /// Packets that wait for that.
    private var undecided: [(output: Demuxer.Output, isBehindBoundary: Bool)] = []
    /// Program maps come several times a second: this is more than stands between two of them.
    private static let maximumUndecided = 256
    /// Streams whose codec libavformat still has to find out from their payload (stream type 0x11).
    private var unnamed: Set<Int> = []
    /// At a cut the last packet of each stream is not whole: it is held back until the kind of the end is known.
    private var last: [Int: Demuxer.Output] = [:]
    private(set) var counts = DemuxCounts()
    private(set) var currentSegment: SegmentMark

    /// Whether libavformat has read up to the end of the stretch: what comes then is what it held.
    private final class Boundary {
        var isReached = false
        /// Finds timed data in what libavformat reads; `nil`: it is left out.
        var data: TransportDataReader?
    }

    /// - Parameter kinds: streams of other kinds are left out.
    /// - Throws: ``RemuxError`` where no transport stream can be read.
    init(
        reader: RingReader,
        mark: SegmentMark,
        kinds: Set<TrackFormat.Kind>,
        takesData: Bool = false,
        history: SourceHistory
    ) throws {
        if takesData { boundary.data = mark.container.packetLayout.map(TransportDataReader.init) }
        self.reader = reader
        self.kinds = kinds
        self.history = history
        currentSegment = mark
        do {
            demuxer = try Demuxer(format: "mpegts") { [reader, boundary] buffer in
                guard case .bytes(let count) = reader.blockingRead(into: buffer) else {
                    boundary.isReached = true
                    return 0
                }
                boundary.data?.watch(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
                return count
            }
        } catch {
            let number = mark.identity.mediaSequenceNumber
            throw RemuxError(
                .media,
                "Media Segment \(number): no transport stream can be read from here (\(error))",
                context: RemuxError.Context(stage: "Demux", mediaSequenceNumber: number),
                underlying: error
            )
        }
    }

    var expectedTracks: [TrackKey] {
        var tracks = streams.sorted { $0.key < $1.key }.map(\.value.key)
        // Of the stream types that libavformat has no name for at first, this one is sound (ISO/IEC 13818-1 table 2-34).
        for index in unnamed
        where kinds.contains(.audio) && demuxer.stream(index)?.parameters.codec_tag == Self.latmStreamType {
            tracks.append(TrackKey(kind: .audio, ordinal: tracks.count { $0.kind == .audio }))
        }
        return tracks
    }

    func read(_ emit: (Event) -> Void) throws -> Bool {
        try learnStreams(emit)
        let output: Demuxer.Output?
        do {
            output = try demuxer.next()
        } catch {
            throw mediaError("the transport stream cannot be read on", underlying: error)
        }
        boundary.data?.take().forEach { emit(.data($0)) }
        try learnStreams(emit)
        let isEnough = output == nil || undecided.count >= Self.maximumUndecided
        guard try isSettled(mustDecide: isEnough, emit) else {
            if let output { undecided.append((output, boundary.isReached)) }
            return true
        }
        for waiting in undecided { try take(waiting.output, isBehindBoundary: waiting.isBehindBoundary, emit) }
        undecided = []
        guard let output else {
            try end(emit)
            return false
        }
        try take(output, isBehindBoundary: boundary.isReached, emit)
        return true
    }

    private func take(_ output: Demuxer.Output, isBehindBoundary: Bool, _ emit: (Event) -> Void) throws {
        // A packet comes out once the codec is known, or cannot be found.
        if unnamed.remove(output.stream) != nil { try learnStream(output.stream, emit) }
        guard isBehindBoundary else { return try accept(output, emit) }
        // Behind the boundary libavformat empties itself: what comes now may be half of a packet.
        if let held = last.updateValue(output, forKey: output.stream) { try accept(held, emit) }
    }

    private func end(_ emit: (Event) -> Void) throws {
        // At a cut the last payload of a stream is not whole; those before it are, also where a reader holds one.
        let isWhole = !reader.isCut && !reader.isStopped
        for output in last.values.sorted(by: { $0.stream < $1.stream }) where isWhole { try accept(output, emit) }
        last = [:]
        for stream in streams.sorted(by: { $0.key < $1.key }).map(\.value) {
            try finish(stream, emit)
            let counts = stream.reader.counts
            let unreadable = counts.unreadablePackets + counts.packetsBeforeFormat
            if isWhole, unreadable > 0, !history.tracksWithSamples.contains(stream.key) {
                throw mediaError("none of the packets of the \(stream.codecName) stream can be read")
            }
            if isWhole, stream.hasSamples, !stream.isTimed {
                throw mediaError("the \(stream.codecName) stream has no timestamps: nothing says when it is due")
            }
            self.counts += counts
        }
    }

    private func accept(_ output: Demuxer.Output, _ emit: (Event) -> Void) throws {
        guard let stream = streams[output.stream] else { return }
        if !stream.isTimed, let pts = output.packet.pts {
            if history.firstPts90k[stream.key] == nil { history.firstPts90k[stream.key] = pts }
            stream.isTimed = true
        }
        if let position = output.position {
            currentSegment = reader.segment(at: position) ?? currentSegment
            reader.forgetSegments(before: position - Int64(InputIO.bufferBytes) * 64)
        }
        do {
            let keys = currentSegment.streamKeys
            if keys != nil || stream.isDecrypting {
                stream.reader = try SampleAESReaders.reader(stream.reader, of: stream.codec, opening: keys)
                stream.isDecrypting = true
            }
            try stream.reader.accept(output.packet) { pass($0, of: stream, emit) }
        } catch let error as RemuxError {
            throw placed(error)
        }
    }

    private func pass(_ sample: DemuxedSample, of stream: Stream, _ emit: (Event) -> Void) {
        if !stream.hasSamples {
            history.tracksWithSamples.insert(stream.key)
            stream.hasSamples = true
        }
        let picture = Picture(sample: sample, format: stream.reader.takeNewFormat())
        guard stream.key.kind == .video else { return give(picture, of: stream, emit) }
        let timed = TimedPicture(
            pts: sample.pts,
            dts: sample.dts,
            order: sample.order,
            byteCount: sample.packet.size,
            payload: picture
        )
        stream.clock.push(timed) { give($0, of: stream, emit) }
    }

    private func finish(_ stream: Stream, _ emit: (Event) -> Void) throws {
        try stream.reader.finish { pass($0, of: stream, emit) }
        stream.clock.finish { give($0, of: stream, emit) }
    }

    private func give(_ timed: TimedPicture<Picture>, of stream: Stream, _ emit: (Event) -> Void) {
        var picture = timed.payload
        (picture.sample.pts, picture.sample.dts) = (timed.pts, timed.dts)
        give(picture, of: stream, emit)
    }

    private func give(_ picture: Picture, of stream: Stream, _ emit: (Event) -> Void) {
        if let format = picture.format { emit(.format(stream.key, format, .mpeg)) }
        emit(.sample(stream.key, picture.sample))
    }

    /// Finds readers for streams that have appeared.
    private func learnStreams(_ emit: (Event) -> Void) throws {
        guard demuxer.streamCount > knownStreams else { return }
        // Which of several programs is taken shows with the first packets.
        guard program != nil || demuxer.programCount < 2 else { return }
        for index in knownStreams..<demuxer.streamCount {
            if isOfAnotherProgram(index) {
                demuxer.discard(index)
            } else if demuxer.stream(index)?.parameters.codec_id == AV_CODEC_ID_NONE {
                unnamed.insert(index)
            } else {
                try learnStream(index, emit)
            }
        }
        knownStreams = demuxer.streamCount
    }

    /// Whether it is known which program is taken, where there are several.
    private func isSettled(mustDecide: Bool, _ emit: (Event) -> Void) throws -> Bool {
        guard program == nil, demuxer.programCount > 1 else { return true }
        let programs = demuxer.programs
        let known = programs.map { program in
            ProgramChoice.Program(
                number: program.number,
                isKnown: !program.streams.isEmpty,
                hasVideoOrAudio: program.streams.contains { index in
                    demuxer.stream(index).flatMap { StreamReaders.kind(of: $0.parameters) } != nil
                }
            )
        }
        guard let chosen = ProgramChoice(before: history.program).decide(known, mustDecide: mustDecide) else {
            return false
        }
        program = chosen
        history.program = chosen
        let numbers = programs.map { String($0.number) }.joined(separator: ", ")
        emit(.leftOut("the transport stream holds several programs (\(numbers)); program \(chosen) is taken"))
        // Packets in front of the tables made streams of no program.
        for index in 0..<knownStreams where isOfAnotherProgram(index) {
            demuxer.discard(index)
            unnamed.remove(index)
            streams[index] = nil
        }
        try learnStreams(emit)
        return true
    }

    private func isOfAnotherProgram(_ index: Int) -> Bool {
        guard let program else { return false }
        let owners = demuxer.programs.filter { $0.streams.contains(index) }
        return !owners.isEmpty && !owners.contains { $0.number == program }
    }

    private func learnStream(_ index: Int, _ emit: (Event) -> Void) throws {
        guard let (parameters, _) = demuxer.stream(index), let kind = StreamReaders.kind(of: parameters) else {
            let codec = demuxer.stream(index)?.parameters.codec_id
            let isTaken =
                boundary.data != nil && (codec == AV_CODEC_ID_TIMED_ID3 || codec == AV_CODEC_ID_SCTE_35)
            if !isTaken { emit(.leftOut("a stream of type \(demuxer.codecName(index)) is left out")) }
            return demuxer.discard(index)
        }
        guard kinds.contains(kind) else { return demuxer.discard(index) }
        let extradata = UnsafeBufferPointer(
            start: parameters.extradata,
            count: Int(max(0, parameters.extradata_size))
        )
        guard let reader = try StreamReaders.reader(for: parameters.codec_id, extradata: Array(extradata)) else {
            throw mediaError("the stream holds \(demuxer.codecName(index)), which MP4 cannot hold")
        }
        streams[index] = Stream(
            key: try key(for: kind, emit),
            reader: reader,
            codec: parameters.codec_id,
            codecName: demuxer.codecName(index)
        )
    }

    /// The key of a new stream: that of one whose PID the program map has given up, else the next of its kind.
    private func key(for kind: TrackFormat.Kind, _ emit: (Event) -> Void) throws -> TrackKey {
        let vanished = streams.filter { $0.value.key.kind == kind && !demuxer.isListed($0.key) }
        if let old = vanished.min(by: { $0.value.key.ordinal < $1.value.key.ordinal }) {
            try finish(old.value, emit)
            counts += old.value.reader.counts
            streams[old.key] = nil
            demuxer.discard(old.key)
            return old.value.key
        }
        return TrackKey(kind: kind, ordinal: streams.values.filter { $0.key.kind == kind }.count)
    }
}
