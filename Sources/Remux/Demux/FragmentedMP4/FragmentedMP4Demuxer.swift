import CFFmpeg
import HLS

/// Reads one Media Segment of movie fragments (RFC 8216bis §3.1.2, ISO/IEC 14496-12 §8.8). Confined to the thread `remux`.
///
/// The boxes are read here, not by libavformat's demuxer: that shows video with negative composition offsets late (80 ms in
/// a stream of three B-frames), keeps an index entry for every sample it ever saw, and knows no sample groups.
final class FragmentedMP4Demuxer: StretchDemuxer {
    /// A `moof` or `moov` is not larger.
    private static let maximumBoxBytes: UInt64 = 16 << 20
    /// Nor is a sample.
    private static let maximumSampleBytes = 64 << 20

    private struct Track {
        var key: TrackKey
        var track: MovieInitialization.Track
        var descriptionIndex: UInt32?
        /// Makes the track's format of what its samples hold; `nil`: the sample entry says it.
        var reader: InBandReader?
    }

    private let input: StretchReader
    private let reader: RingReader
    private let kinds: Set<TrackFormat.Kind>
    private let history: SourceHistory
    private var formats: MovieFormats?
    private var tracks: [UInt32: Track] = [:]
    /// Of the movie fragment being read.
    private var queue = FragmentQueue()
    private let protection: ProtectedFragments
    /// Samples whose encryption data lies behind them.
    private var waiting: [(sample: FragmentSample, packet: Packet)] = []
    private var waitingBytes = 0
    /// End of the `mdat` being read; `nil` outside of one.
    private var dataEnd: Int64?
    /// That `mdat` extends to the end of the segment.
    private var isOpenEnded = false
    /// Why nothing of the segment can be read.
    private var refusal: DamagedBoxes?
    private(set) var counts = DemuxCounts()
    let currentSegment: SegmentMark

    init(reader: RingReader, mark: SegmentMark, kinds: Set<TrackFormat.Kind>, history: SourceHistory) {
        self.reader = reader
        input = StretchReader(reader)
        self.kinds = kinds
        self.history = history
        currentSegment = mark
        protection = ProtectedFragments(keys: mark.sampleKeys)
        if mark.continuity != .continues { history.fragmentEnds = [:] }
        guard let section = mark.initialization else { return }
        if let known = history.movie, known.section == section {
            adopt(known)
            return
        }
        do throws(DamagedBoxes) {
            adopt(try MovieFormats(section.bytes, section: section))
        } catch {
            refusal = DamagedBoxes("its Media Initialization Section cannot be used: \(error)")
        }
    }

    var expectedTracks: [TrackKey] {
        tracks.sorted { $0.key < $1.key }.map(\.value.key)
    }

    private func adopt(_ formats: MovieFormats) {
        self.formats = formats
        history.movie = formats
        tracks = [:]
        var ordinals: [TrackFormat.Kind: Int] = [:]
        for track in formats.movie.tracks {
            guard let kind = MovieFormats.kind(of: track), kinds.contains(kind) else { continue }
            tracks[track.id] = Track(key: TrackKey(kind: kind, ordinal: ordinals[kind, default: 0]), track: track)
            ordinals[kind, default: 0] += 1
        }
    }

    func read(_ emit: (Event) -> Void) throws -> Bool {
        do {
            if let refusal { throw refusal }
            while true {
                if let dataEnd {
                    if try readSample(before: dataEnd, emit) { return true }
                    if try passAuxiliary(upTo: dataEnd, emit) { return true }
                    guard try input.skip(to: dataEnd) || isOpenEnded else { return try end(isWhole: false) }
                    self.dataEnd = nil
                }
                let start = input.position
                if try skipZeros() { return try end(isWhole: true) }
                guard try readBox(emit) else { return try end(isWhole: input.position == start) }
            }
        } catch let error as DamagedBoxes {
            note(error)
            try input.skipAll()
            return false
        }
    }

    /// The segment counts as damaged; what can still be read of it is.
    private func note(_ damage: DamagedBoxes) { history.note("\(damage)", of: currentSegment) }

    // MARK: - Boxes

    /// Reads the next box up to its media; `false` at the end of the segment.
    private func readBox(_ emit: (Event) -> Void) throws -> Bool {
        let start = input.position
        guard let header = try input.readBoxHeader() else { return false }
        let size = header.size ?? UInt64(Int64.max - start)
        switch header.type {
        case "moof", "moov":
            guard size <= Self.maximumBoxBytes else {
                note(DamagedBoxes("a \(header.type) box of \(size) bytes"))
                return try input.skip(to: Self.sum(start, size))
            }
            guard let payload = try input.read(count: Int(size) - header.byteCount) else { return false }
            do throws(DamagedBoxes) {
                if header.type == "moof" {
                    try begin(payload, start: start, boxBytes: Int(size))
                } else {
                    try adoptMovie(payload)
                }
            } catch {
                // Its size fits: what stands behind it can be read.
                note(error)
            }
            return true
        case "mdat":
            isOpenEnded = header.size == nil
            dataEnd = Self.sum(start, size)
            if !queue.isDescribed, size > UInt64(header.byteCount) {
                note(DamagedBoxes("no movie fragment describes its media data"))
            }
            queue.place(dataStart: input.position)
            return true
        default:
            _ = try passAuxiliary(upTo: Self.sum(start, size), emit)
            return try input.skip(to: Self.sum(start, size)) || header.size == nil
        }
    }

    /// Some writers fill up a segment with zeros behind its last box; `false`: there are none here.
    private func skipZeros() throws -> Bool {
        guard input.position > 0, input.beginsWithZeros() else { return false }
        guard input.skipZeros() else { throw DamagedBoxes("no box begins \(input.position) bytes into it") }
        return true
    }

    /// A segment that brings its own `moov`.
    private func adoptMovie(_ payload: [UInt8]) throws(DamagedBoxes) {
        let movie = Box(type: "moov", payload: payload)
        var bytes: [UInt8] = []
        movie.write(to: &bytes)
        if let formats, formats.bytes == bytes { return }
        if let known = history.movie, known.section == nil, known.bytes == bytes { return adopt(known) }
        adopt(try MovieFormats(bytes, section: nil))
    }

    private static func sum(_ position: Int64, _ size: UInt64) -> Int64 {
        let (sum, overflows) = position.addingReportingOverflow(Int64(clamping: size))
        return overflows ? .max : sum
    }

    private func begin(_ payload: [UInt8], start: Int64, boxBytes: Int) throws(DamagedBoxes) {
        noteMissingData()
        queue = FragmentQueue()
        guard let formats else {
            throw DamagedBoxes(
                "it is fragmented MP4, and there is no Media Initialization Section for it (EXT-X-MAP)"
            )
        }
        let fragments = try MovieFragmentReader.read(payload[...], boxBytes: boxBytes, movie: formats.movie)
        queue = FragmentQueue(start: start, isDescribed: !fragments.isEmpty)
        let taken = fragments.filter { tracks[$0.trackID] != nil }
        try protection.begin(taken, boxBytes: boxBytes, movieFragment: payload[...], movie: formats.movie)
        for (number, fragment) in taken.enumerated() {
            guard let track = tracks[fragment.trackID] else { continue }
            var timed = timedSamples(of: fragment, track)
            for index in timed.indices { timed[index].fragment = number }
            queue.add(timed, isUnplaced: fragment.isUnplaced)
        }
    }

    /// The samples of a fragment with their decoding times, also where it has no `tfdt`: then they go on from the fragment
    /// before, or from where the playlist puts the segment.
    private func timedSamples(of fragment: TrackFragment, _ track: Track) -> [FragmentSample] {
        let scale = MovieFormats.clock(of: track.track).scale
        var samples = fragment.samples
        if fragment.baseDecodeTime == nil {
            let base =
                history.fragmentEnds[track.key].map { $0.scale.convert($0.ticks, to: scale) }
                ?? TimeScale(1_000_000).convert(currentSegment.startMicroseconds, to: scale)
            for index in samples.indices { samples[index].dts &+= base }
        }
        if !SampleDurations.areKnown(samples) {
            if let format = try? formats?.format(of: track.track, entry: samples[0].descriptionIndex),
                let frame = SampleDurations.frame(of: format)
            {
                SampleDurations.set(frame, scale: scale, &samples)
            } else if samples.count > 1 {
                // One alone may do without: the next fragment begins where it ends.
                note(DamagedBoxes("nothing says how long the samples of track \(track.track.id) last"))
            }
        }
        if let last = samples.last { history.fragmentEnds[track.key] = (last.dts &+ Int64(last.duration), scale) }
        return samples
    }

    /// Samples of the last movie fragment whose media data did not come.
    private func noteMissingData() {
        let missing = queue.missingCount + waiting.count
        (waiting, waitingBytes) = ([], 0)
        guard missing > 0 else { return }
        counts.unreadablePackets += missing
        note(DamagedBoxes("the data of \(missing) samples is missing"))
    }

    // MARK: - Samples

    private func readSample(before end: Int64, _ emit: (Event) -> Void) throws -> Bool {
        while let (sample, start) = queue.next() {
            guard start < end else { return false }
            guard start >= input.position, sample.size <= Self.maximumSampleBytes,
                Self.sum(start, UInt64(sample.size)) <= end
            else {
                queue.advance()
                counts.unreadablePackets += 1
                note(DamagedBoxes("a sample lies outside of the media data"))
                continue
            }
            if try passAuxiliary(upTo: start, emit) { return true }
            guard try input.skip(to: start), let packet = try input.readPacket(count: sample.size) else { return false }
            queue.advance()
            if protection.waits(sample), waitingBytes + packet.size <= Self.maximumSampleBytes {
                waiting.append((sample, packet))
                waitingBytes += packet.size
                continue
            }
            guard try decrypt(packet, sample) else { continue }
            try pass(sample, packet, emit)
            return true
        }
        return false
    }

    /// Reads encryption data that lies before this byte of the segment, and passes on the samples that have waited for it.
    ///
    /// - Returns: whether there were any.
    private func passAuxiliary(upTo position: Int64, _ emit: (Event) -> Void) throws -> Bool {
        var hasPassed = false
        while let range = protection.nextAuxiliary(before: position &- queue.start) {
            let start = queue.start &+ range.offset
            guard start >= input.position, try input.skip(to: start), let bytes = try input.read(count: range.byteCount)
            else {
                protection.passOver()
                continue
            }
            try protection.take(auxiliary: bytes[...], of: range)
            let held = waiting
            (waiting, waitingBytes) = ([], 0)
            for (sample, packet) in held {
                if protection.waits(sample) {
                    waiting.append((sample, packet))
                    waitingBytes += packet.size
                } else if try decrypt(packet, sample) {
                    try pass(sample, packet, emit)
                    hasPassed = true
                }
            }
        }
        return hasPassed
    }

    /// - Returns: `false` where the sample cannot be decrypted, although there is a key.
    private func decrypt(_ packet: Packet, _ sample: FragmentSample) throws -> Bool {
        do {
            try protection.decrypt(packet, sample)
            return true
        } catch let error as RemuxError {
            throw placed(error)
        } catch let error as DamagedBoxes {
            counts.unreadablePackets += 1
            note(error)
            return false
        }
    }

    private func pass(_ sample: FragmentSample, _ packet: Packet, _ emit: (Event) -> Void) throws {
        guard var track = tracks[sample.trackID] else { return }
        let clock = MovieFormats.clock(of: track.track)
        if track.descriptionIndex != sample.descriptionIndex {
            guard let format = try formats?.format(of: track.track, entry: sample.descriptionIndex) else {
                let name = track.track.entries.first.map { "\($0.codingFormat)" } ?? "without a sample entry"
                throw mediaError("a track in a form that is not known: \(name)")
            }
            track.descriptionIndex = sample.descriptionIndex
            track.reader = try formats?.inBandReader(of: track.track, entry: sample.descriptionIndex)
            tracks[sample.trackID] = track
            if track.reader == nil { emit(.format(track.key, format, clock)) }
        }
        history.tracksWithSamples.insert(track.key)
        let shift = track.track.presentationShift
        let pts = sample.dts &+ sample.compositionOffset &- shift
        if history.firstPts90k[track.key] == nil {
            history.firstPts90k[track.key] = clock.scale.convert(pts, to: .mpeg)
        }
        let demuxed = DemuxedSample(
            packet: packet,
            pts: pts,
            dts: sample.dts &- shift,
            duration: Int64(sample.duration),
            isKey: track.key.kind == .audio || sample.isSync
        )
        guard let reader = track.reader else { return emit(.sample(track.key, demuxed)) }
        try reader.accept(demuxed) {
            emit(.format(track.key, $0, clock))
        } emit: {
            emit(.sample(track.key, $0))
        }
        counts += reader.takeCounts()
    }

    /// - Parameter isWhole: the last box ended where the segment does.
    private func end(isWhole: Bool) throws -> Bool {
        guard !reader.isCut, !reader.isStopped else { return false }
        if isWhole {
            noteMissingData()
        } else {
            note(DamagedBoxes("its last box is cut off after \(input.position) bytes"))
        }
        return false
    }
}
