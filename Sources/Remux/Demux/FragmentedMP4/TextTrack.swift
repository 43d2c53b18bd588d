/// The text track of a Media Initialization Section, `wvtt` or `stpp` (ISO/IEC 14496-30): its sample entry, and its samples
/// in the segments. Pure.
struct TextTrack: Equatable, Sendable {
    enum Format: Equatable, Sendable {
        /// WebVTT (§7): a sample holds boxes, each of which is a cue.
        case webVTT
        /// TTML (§5), IMSC among it: a sample is a document.
        case ttml
    }

    /// A sample with the times of its track.
    struct Sample: Equatable, Sendable {
        /// Ticks of the track.
        var start: Int64
        var duration: Int64
        var payload: [UInt8]
    }

    let format: Format
    /// The sample entry, which goes into the output as it is.
    let sampleEntry: [UInt8]
    let scale: TimeScale
    private let id: UInt32
    private let movie: MovieInitialization

    /// Reads a section.
    ///
    /// - Throws: ``DamagedBoxes`` where it has no track that can be taken, saying what it has.
    init(_ section: [UInt8]) throws(DamagedBoxes) {
        movie = try MovieInitialization(section[...])
        for track in movie.tracks {
            guard let entry = track.entries.first else { continue }
            guard let format = Self.format(of: entry) else { continue }
            guard entry.protection == nil else { throw DamagedBoxes("its text is encrypted sample by sample") }
            self.format = format
            sampleEntry = entry.clearBytes
            scale = TimeScale(Int64(track.timescale))
            id = track.id
            return
        }
        let found = movie.tracks.compactMap { $0.entries.first.map { "\($0.codingFormat)" } }.joined(separator: ", ")
        throw DamagedBoxes("it has no text that is known, but \(found.isEmpty ? "nothing" : found)")
    }

    private static func format(of entry: SampleEntry) -> Format? {
        switch entry.codingFormat {
        case "wvtt": .webVTT
        case "stpp": .ttml
        default: nil
        }
    }

    /// `hdlr` of such a track in the output.
    var handler: FourCC { format == .webVTT ? "text" : "subt" }

    /// A sample that shows nothing.
    var emptySample: [UInt8] {
        switch format {
        case .webVTT: [0, 0, 0, 8] + Array("vtte".utf8)
        case .ttml: Array("<tt xmlns=\"http://www.w3.org/ns/ttml\" xml:lang=\"\"/>".utf8)
        }
    }

    /// The samples of a segment, in its order; what is damaged is left out and counted.
    ///
    /// - Parameter playlistStart: where the playlist puts the segment, for fragments that do not say; ticks of the track.
    func samples(of segment: [UInt8], playlistStart: Int64) -> (samples: [Sample], damagedCount: Int) {
        let shift = movie.tracks.first { $0.id == id }?.presentationShift ?? 0
        var found: [Sample] = []
        var damagedCount = 0
        func take(_ fragment: TrackFragment, from base: Int) {
            for sample in fragment.samples where sample.size > 0 {
                let (start, overflows) = Int64(base).addingReportingOverflow(sample.offset)
                guard !overflows, (0...Int64(segment.count)).contains(start), sample.size <= segment.count - Int(start)
                else {
                    damagedCount += 1
                    continue
                }
                let decodeTime = fragment.baseDecodeTime == nil ? sample.dts &+ playlistStart : sample.dts
                found.append(
                    Sample(
                        start: decodeTime &+ sample.compositionOffset &- shift,
                        duration: Int64(sample.duration),
                        payload: Array(segment[Int(start)..<Int(start) + sample.size])
                    )
                )
            }
        }
        // Those whose offsets count from the media data.
        var unplaced: [TrackFragment] = []
        for box in BoxList(segment[...]) {
            switch box.type {
            case "moof":
                do throws(DamagedBoxes) {
                    let fragments = try MovieFragmentReader.read(box.payload, boxBytes: box.whole.count, movie: movie)
                        .filter { $0.trackID == id }
                    for fragment in fragments where !fragment.isUnplaced { take(fragment, from: box.whole.startIndex) }
                    unplaced = fragments.filter(\.isUnplaced)
                } catch {
                    damagedCount += 1
                }
            case "mdat":
                for fragment in unplaced { take(fragment, from: box.payload.startIndex) }
                unplaced = []
            default: continue
            }
        }
        return (found, damagedCount)
    }
}
