/// Timestamps that leave their course and come back: they were wrong.
extension Timeline {
    private static func nearer(to value: Int64, _ first: Int64, _ second: Int64) -> Int64 {
        (first &- value).magnitude <= (second &- value).magnitude ? first : second
    }

    /// The runs that a track has been in since a position, none of them certain.
    private func visited(_ track: Int, since left: TrackCourse.Position) -> [RunKey] {
        let keys = courses[track].left.map(\.key) + [courses[track].now?.key].compactMap(\.self)
        return Array(keys.drop { $0 != left.key }.dropFirst())
    }

    func comesBack(_ track: Int, at dts: Int64, to left: TrackCourse.Position) -> Bool {
        guard let last = left.lastDts else { return false }
        var count: Int64 = 1
        for run in visited(track, since: left) {
            guard let start = runs[run]?.start, !start.isCertain(track) else { return false }
            count &+= Int64(start.count(track))
        }
        let usual90k = tracks[track].sourceScale.convert(left.step, to: .mpeg)
        return !isJump(distance90k(track, from: last, to: dts), usual90k: usual90k &* count)
    }

    /// Timestamps that left their course and came back were wrong: their samples lie between those around them.
    mutating func takeBack(_ track: Int, to index: Int, at dts: Int64, placed: inout [PlacedSample<Payload>]) {
        let left = courses[track].left[index]
        guard let last = left.lastDts else { return }
        let visited = visited(track, since: left)
        let strays = visited.flatMap { runs[$0]?.start?.take(track) ?? [] }
        courses[track].now = left
        courses[track].left.removeSubrange(index...)
        let scale = tracks[track].sourceScale
        let distance = TimeScale.mpeg.convert(distance90k(track, from: last, to: dts), to: scale)
        let count = Int64(strays.count)
        note(.strays(strays.count), track: track, in: visited.first.flatMap { runs[$0]?.jump?.mediaSequenceNumber })
        for (index, stray) in strays.enumerated() {
            var stray = stray
            let dts = last &+ distance * (Int64(index) &+ 1) / (count &+ 1)
            // Both its timestamps were wrong, or only the decoding time.
            let both = (stray.pts ?? 0) &- (stray.dts ?? 0)
            let usual = courses[track].reordering
            let alone = TimeScale.mpeg.convert(distance90k(track, from: dts, to: stray.pts ?? 0), to: scale)
            let reordering = Self.nearer(to: usual, both, alone)
            stray.dts = dts
            stray.pts = dts &+ ((reordering &- usual).magnitude <= UInt64(scale.ticksPerSecond) ? reordering : usual)
            courses[track].advance(to: dts, dts90k: scale.convert(dts, to: .mpeg), place: nil)
            deliver(stray, to: &placed)
        }
        for run in visited where runs[run]?.start?.held.isEmpty == true {
            guard !courses.contains(where: { $0.now?.key == run || $0.left.contains { $0.key == run } }) else {
                continue
            }
            runs[run] = nil
            pending.removeAll { $0 == run }
        }
    }
}
