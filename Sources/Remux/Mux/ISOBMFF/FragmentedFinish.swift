/// Completes a fragmented file in place: the reserve becomes one `sidx` per track, the durations are filled in.
///
/// At every instant the file is one that plays: what stands in a `free` box is nothing, until one write of its header.
struct FragmentedFinish {
    let sink: any ByteSink
    let header: MovieHeader
    /// Of `moov` in the file.
    let movieOffset: UInt64

    /// - Parameters:
    ///   - reserve: the `free` box for the index, if there is one.
    ///   - end: the first byte behind the last fragment.
    ///   - chapters: as many as `moov` lists, with the same titles.
    func run(
        index: SegmentIndex,
        ends: TrackEnds,
        reserve: (offset: UInt64, byteCount: Int)?,
        end: UInt64,
        chapters: [Chapter] = []
    ) throws {
        if let offset = header.chapterListOffset {
            try sink.patch(ChapterList.box(chapters), at: movieOffset + UInt64(offset))
        }
        for patch in ends.patches(header) {
            try sink.patch(patch.bytes, at: movieOffset + UInt64(patch.offset))
        }
        guard let reserve,
            let boxes = index.boxes(
                tracks: header.tracks,
                start: reserve.offset,
                end: end,
                capacity: reserve.byteCount
            )
        else { return }
        try sink.patch(Array(boxes[8...]), at: reserve.offset + 8)
        try (sink as? any StoredSink)?.synchronize()
        try sink.patch(Array(boxes[..<8]), at: reserve.offset)
    }
}
