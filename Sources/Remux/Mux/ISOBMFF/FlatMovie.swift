/// The `moov` of an ordinary MP4 (ISO/IEC 14496-12 §8.2): that of the fragmented recording with sample tables in place of
/// `mvex`. Pure.
enum FlatMovie {
    /// - Parameters:
    ///   - recorded: the `moov` that stands before the fragments.
    ///   - header: what was read of it.
    ///   - tables: finished, by track ID.
    static func box(recorded: Box, header: MovieHeader, tables: [UInt32: SampleTable]) -> Box {
        var movie = recorded
        movie.children.removeAll { $0.type == "mvex" }
        var index = 0
        var movieTicks: UInt64 = 0
        for child in movie.children.indices where movie.children[child].type == "trak" {
            guard header.tracks.indices.contains(index) else { break }
            let track = header.tracks[index]
            index += 1
            let ticks = rewrite(&movie.children[child], track, tables[track.id] ?? SampleTable())
            movieTicks = max(movieTicks, ticks)
        }
        movie.change(path: ["mvhd"]) { put(movieTicks, into: &$0.payload, at: 24) }
        return movie
    }

    /// Returns the duration of the track in movie ticks.
    private static func rewrite(_ trak: inout Box, _ track: MovieHeader.Track, _ table: SampleTable) -> UInt64 {
        let scale = TimeScale(Int64(max(1, track.timescale)))
        var edit = track.edit
        edit.startTable(at: table.firstDecodeTime, scale: scale)
        let hasEdits = edit.box != nil && table.sampleCount > 0
        // An edit list ends where the last sample does, never before: one that ends earlier makes readers discard it.
        let media = max(1, roundedUp(table.compositionEnd &- edit.mediaTime, scale, to: TrackEdit.movieScale))
        let end = min(edit.emptyMovieTicks &+ media, edit.presentationMovieTicks ?? .max)
        edit.presentationMovieTicks = end
        trak.children.removeAll { $0.type == "edts" }
        if hasEdits, let list = edit.box, let place = trak.children.firstIndex(where: { $0.type == "tkhd" }) {
            trak.children.insert(list, at: place + 1)
        }
        let ticks = table.sampleCount == 0 ? 0 : UInt64(clamping: end)
        trak.change(path: ["tkhd"]) { put(ticks, into: &$0.payload, at: 28) }
        trak.change(path: ["mdia", "mdhd"]) { put(table.duration, into: &$0.payload, at: 24) }
        trak.change(path: ["mdia", "minf", "stbl"]) { stbl in
            stbl.children.removeAll { SampleTable.types.contains($0.type) }
            let place = (stbl.children.firstIndex { $0.type == "stsd" } ?? -1) + 1
            stbl.children.insert(contentsOf: table.boxes, at: place)
        }
        return ticks
    }

    private static func roundedUp(_ ticks: Int64, _ scale: TimeScale, to other: TimeScale) -> Int64 {
        let nearest = scale.convert(ticks, to: other)
        guard ticks > 0 else { return nearest }
        let wanted = ticks.magnitude.multipliedFullWidth(by: other.ticksPerSecond.magnitude)
        let given = nearest.magnitude.multipliedFullWidth(by: scale.ticksPerSecond.magnitude)
        return (given.high, given.low) < (wanted.high, wanted.low) ? nearest &+ 1 : nearest
    }

    private static func put(_ value: UInt64, into payload: inout [UInt8], at offset: Int) {
        guard payload.count >= offset + 8 else { return }
        var bytes: [UInt8] = []
        bytes.append64(value)
        payload.replaceSubrange(offset..<(offset + 8), with: bytes)
    }
}

extension TrackEdit {
    /// Counts media time from the first sample: the first decoding time of fragments need not be 0, that of tables is.
    fileprivate mutating func startTable(at decodeTime: UInt64, scale: TimeScale) {
        guard decodeTime > 0 else { return }
        let first = Int64(clamping: decodeTime)
        emptyMovieTicks = emptyMovieTicks &+ scale.convert(max(0, first &- mediaTime), to: Self.movieScale)
        mediaTime = max(0, mediaTime &- first)
    }
}
