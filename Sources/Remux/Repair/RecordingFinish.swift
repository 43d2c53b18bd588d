/// Finishes a recording that was cut off, in its file and from it alone: what is behind the last whole fragment is dropped, index
/// and durations are written, and the layout is switched where that is asked for.
///
/// Stopped at any instant it leaves a file that plays, and that it can be run on again.
enum RecordingFinish {
    struct Outcome: Equatable {
        var layout: MP4Layout
        /// Presentation end of the longest track; `nil` where the file was complete already.
        var seconds: Double?
        var fragmentCount = 0
        /// What was cut off behind the last whole fragment.
        var droppedBytes: UInt64 = 0
        var byteCount: UInt64
    }

    /// - Parameters:
    ///   - layout: `nil`: the one that the recording was made for.
    ///   - acceptsComplete: a file in which nothing is left to do is no error.
    /// - Throws: ``RecordingError``, ``LayoutError``, and what the file throws.
    static func run(_ file: any StoredSink, layout wanted: MP4Layout?, acceptsComplete: Bool) throws -> Outcome {
        let recording: Recording
        do {
            recording = try Recording(file)
        } catch RecordingError.alreadyFlat {
            guard wanted != .fragmented else { throw RecordingError.notFragmentedAgain }
            guard acceptsComplete else { throw RecordingError.complete }
            // Stopped between the switch-over and its last step.
            try FlatSwitch.setBrands(file)
            return Outcome(layout: .flat, byteCount: file.storedLength)
        }
        let isForFlat = recording.front.space.byteCount >= FrontSpace.minimumFlatBytes
        let layout = wanted ?? (isForFlat ? .flat : .fragmented)
        let dropped = file.storedLength - recording.end
        if dropped > 0 { try file.truncate(to: recording.end) }
        let wasComplete = try !finish(recording, file) && dropped == 0
        if wasComplete, layout == .fragmented, !acceptsComplete { throw RecordingError.complete }
        let length = layout == .flat ? try FlatSwitch(file: file).run() : recording.end
        let ticks = TrackEdit.movieScale.ticksPerSecond
        return Outcome(
            layout: layout,
            seconds: Double(recording.movieTicks) / Double(ticks),
            fragmentCount: recording.index.fragments.count,
            droppedBytes: dropped,
            byteCount: length
        )
    }

    /// Writes index and durations where they are not there yet; `false`: they were.
    private static func finish(_ recording: Recording, _ file: any StoredSink) throws -> Bool {
        let front = recording.front
        var changes = false
        for patch in recording.ends.patches(recording.header) {
            let there = recording.header.bytes[patch.offset..<(patch.offset + patch.bytes.count)]
            if !there.elementsEqual(patch.bytes) { changes = true }
        }
        var reserve = front.reserve
        if let (offset, byteCount) = reserve {
            let boxes = recording.index.boxes(
                tracks: recording.header.tracks,
                start: offset,
                end: recording.end,
                capacity: byteCount
            )
            if try boxes == nil || boxes == file.read(byteCount, at: offset) {
                reserve = nil
            } else {
                changes = true
                // An index of another state is none; several boxes become one, so that what is written in them is nothing.
                var free: [UInt8] = []
                free.append32(UInt32(clamping: byteCount))
                free.append(code: "free")
                try file.patch(free, at: offset)
                try file.synchronize()
            }
        }
        guard changes else { return false }
        try FragmentedFinish(sink: file, header: recording.header, movieOffset: front.movieOffset)
            .run(index: recording.index, ends: recording.ends, reserve: reserve, end: recording.end)
        return true
    }
}
