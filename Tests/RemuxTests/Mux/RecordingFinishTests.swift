import Testing

@testable import Remux

/// Finishing a recording, and stopping that at every instant: what a player finds in the file is every whole fragment, always.
@Suite struct RecordingFinishTests {
    typealias Plan = FragmentedLayout.Plan

    static let front = Plan(fragmentCount: 8, seconds: 10, isFlat: true)
    /// Of unknown length: `moov` goes to the end.
    static let end = Plan(fragmentCount: 8, isFlat: true)
    static let fragmented = Plan(fragmentCount: 8)
    static let plans = [front, end, fragmented]

    private func set(_ samples: [[RecordingFixture.Sample]]) -> Set<RecordingFixture.Sample> { Set(samples.joined()) }

    private func found(_ bytes: [UInt8]) -> Set<RecordingFixture.Sample> { Set(NaiveMovie(bytes)?.samples ?? []) }

    @Test(
        "a flat file has the samples, entries and times of the fragments, and exact edits",
        arguments: plans.indices,
        [0, 500_000]
    )
    func flat(_ plan: Int, _ gap: Int) throws {
        let fixture = try RecordingFixture(plan: Self.plans[plan], gap: gap)
        let file = MemoryFile(fixture.bytes)
        let length = try FlatSwitch(file: file).run()
        #expect(length == file.storedLength)
        let movie = try #require(NaiveMovie(file.bytes))
        #expect(!movie.isFragmented)
        #expect(movie.samples.count == fixture.samples.joined().count)
        let isSame = found(file.bytes) == set(fixture.samples)
        #expect(isSame)
        #expect(movie.boxes == (plan == 0 ? ["ftyp", "moov", "free", "mdat"] : ["ftyp", "mdat", "moov"]))
        // The last picture ends at 30 × 3000 + the gap, 3000 behind its decoding; all is 3000 later in the movie.
        #expect(movie.edits[1]?.map(\.duration) == [3000, 90_000 + gap])
        #expect(movie.edits[1]?.last?.mediaTime == 3000)
        #expect(movie.edits[2] == nil)
        let audio = 5 * 9 * 1024 + gap
        #expect(movie.movieDuration == max(93_000 + gap, TimeScale(48_000).convert(Int64(audio), to: .mpeg).asInt))
    }

    @Test(
        "a recording cut anywhere keeps its whole fragments, and is told what it lost",
        arguments: plans.indices,
        [false, true]
    )
    func cut(_ plan: Int, _ isFlat: Bool) throws {
        let fixture = try RecordingFixture(plan: Self.plans[plan])
        let ends = mediaEnds(fixture.bytes)
        #expect(ends.count == 5)
        for length in cuts(of: fixture.bytes) {
            let whole = ends.count { $0 <= length }
            let file = MemoryFile(Array(fixture.bytes.prefix(length)))
            do {
                let outcome = try RecordingFinish.run(file, layout: isFlat ? .flat : .fragmented, acceptsComplete: true)
                let movie = try #require(NaiveMovie(file.bytes))
                let isSame = Set(movie.samples) == set(Array(fixture.samples.prefix(whole)))
                guard whole > 0, isSame, movie.isFragmented != isFlat, outcome.fragmentCount == whole,
                    outcome.droppedBytes == UInt64(length - ends[whole - 1])
                else {
                    Issue.record(
                        "cut at \(length): \(outcome), \(movie.samples.count) samples, \(whole) whole fragments"
                    )
                    return
                }
                // Done is done.
                let again = MemoryFile(file.bytes)
                _ = try RecordingFinish.run(again, layout: isFlat ? .flat : .fragmented, acceptsComplete: true)
                #expect(again.changes.isEmpty)
                #expect(throws: RecordingError.complete) {
                    try RecordingFinish.run(
                        MemoryFile(file.bytes),
                        layout: isFlat ? .flat : .fragmented,
                        acceptsComplete: false
                    )
                }
            } catch let error as RecordingError {
                guard whole == 0, error == .cutBeforeMedia || (length < 8 && error == .noRecording) else {
                    Issue.record("cut at \(length) of \(ends): \(error)")
                    return
                }
                let isUntouched = file.bytes == Array(fixture.bytes.prefix(length))
                #expect(isUntouched)
            }
        }
    }

    @Test("a recording that is finished from the file alone is the file of an undisturbed run")
    func same() throws {
        let fixture = try RecordingFixture(plan: Self.fragmented)
        var unfinished = fixture.bytes
        // As the session leaves it when it is killed: no index, no durations.
        let file = MemoryFile(unfinished)
        let recording = try Recording(file)
        let reserve = try #require(recording.front.reserve)
        unfinished.replaceSubrange(
            Int(reserve.offset)..<(Int(reserve.offset) + reserve.byteCount),
            with: be32(reserve.byteCount) + Array("free".utf8) + [UInt8](repeating: 0, count: reserve.byteCount - 8)
        )
        for patch in recording.ends.patches(recording.header) {
            let start = Int(recording.front.movieOffset) + patch.offset
            unfinished.replaceSubrange(start..<(start + 8), with: [UInt8](repeating: 0, count: 8))
        }
        #expect(unfinished.count == fixture.bytes.count)
        let repaired = MemoryFile(unfinished)
        _ = try RecordingFinish.run(repaired, layout: nil, acceptsComplete: false)
        let isSame = repaired.bytes == fixture.bytes
        #expect(isSame)
    }

    @Test(
        "stopped at every call, and within it: the file plays, and finishing it again gives the same",
        arguments: plans.indices,
        [false, true]
    )
    func kill(_ plan: Int, _ isFlat: Bool) throws {
        let fixture = try RecordingFixture(plan: Self.plans[plan])
        let cut = Array(fixture.bytes.dropLast(5))
        let kept = set(Array(fixture.samples.dropLast()))
        let undisturbed = MemoryFile(cut)
        _ = try RecordingFinish.run(undisturbed, layout: isFlat ? .flat : .fragmented, acceptsComplete: true)
        #expect(undisturbed.changes.count > 3)
        for calls in 0...undisturbed.changes.count {
            for part in [0, 0.1, 0.5, 0.9] {
                let file = MemoryFile(cut)
                (file.callsLeft, file.tornPart) = (calls, part)
                _ = try? RecordingFinish.run(file, layout: isFlat ? .flat : .fragmented, acceptsComplete: true)
                let plays = found(file.bytes) == kept
                file.callsLeft = nil
                _ = try RecordingFinish.run(file, layout: isFlat ? .flat : .fragmented, acceptsComplete: true)
                let isSame = file.bytes == undisturbed.bytes
                #expect(
                    plays && isSame,
                    "stopped behind \(calls) calls, \(part) of the next: plays \(plays), same \(isSame)"
                )
            }
        }
    }

    @Test(
        "power lost at every call: whichever of the writes since the last fsync reached the disk, the file plays",
        arguments: plans.indices,
        [false, true]
    )
    func power(_ plan: Int, _ isFlat: Bool) throws {
        let fixture = try RecordingFixture(plan: Self.plans[plan])
        let cut = Array(fixture.bytes.dropLast(5))
        let kept = set(Array(fixture.samples.dropLast()))
        var generator = SeededGenerator(seed: UInt64(plan))
        for calls in 0..<40 {
            let file = MemoryFile(cut)
            file.callsLeft = calls
            _ = try? RecordingFinish.run(file, layout: isFlat ? .flat : .fragmented, acceptsComplete: true)
            for _ in 0..<20 {
                var disk = cut
                for (index, change) in file.changes.enumerated()
                where index < file.synchronized || Bool.random(using: &generator) {
                    MemoryFile.apply(change, to: &disk)
                }
                let plays = found(disk) == kept
                #expect(plays, "behind \(calls) calls")
                guard plays else { return }
            }
        }
    }

    @Test("what this program has not begun in a file is left alone")
    func foreign() throws {
        let fixture = try RecordingFixture(plan: Self.fragmented)
        var pipe = fixture.bytes
        pipe.removeSubrange(28..<44)
        for (bytes, error) in [
            (pipe, RecordingError.foreign), (box("ftyp", be32(0)) + box("free", be64(0)) + box("moov", []), .foreign),
            ([UInt8](repeating: 0, count: 100), .noRecording),
            (Array("#EXTM3U\n#EXT-X-VERSION:3\n".utf8), .noRecording),
        ] {
            let file = MemoryFile(bytes)
            #expect(throws: error) { try RecordingFinish.run(file, layout: .flat, acceptsComplete: true) }
            #expect(file.changes.isEmpty)
        }
    }

    @Test("any changed byte is an error or a file, never a trap", arguments: plans.indices)
    func fuzz(_ plan: Int) throws {
        let fixture = try RecordingFixture(fragments: 2, plan: Self.plans[plan])
        var generator = SeededGenerator(seed: UInt64(plan))
        for round in 0..<400 {
            var bytes = fixture.bytes
            for _ in 0...(round % 3) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)].randomElement(
                        using: &generator
                    ) ?? 0
            }
            for layout in MP4Layout.allCases {
                do {
                    _ = try RecordingFinish.run(MemoryFile(bytes), layout: layout, acceptsComplete: true)
                } catch {
                    #expect(error is RecordingError || error is LayoutError, "\(error)")
                }
            }
        }
    }

    @Test("other boxes before a fragment belong to it")
    func journal() throws {
        let fixture = try RecordingFixture(plan: Self.fragmented)
        var bytes: [UInt8] = []
        var at = 0
        while at < fixture.bytes.count {
            let size = Int(fixture.bytes.read32(at: at) ?? 8)
            if fixture.bytes.read32(at: at + 4) == FourCC("moof").value {
                bytes += box("uuid", [UInt8](repeating: 7, count: 40))
            }
            bytes += fixture.bytes[at..<(at + size)]
            at += size
        }
        let file = MemoryFile(bytes + box("uuid", [1, 2, 3]))
        let outcome = try RecordingFinish.run(file, layout: .fragmented, acceptsComplete: true)
        #expect(outcome.droppedBytes == 11)
        #expect(found(file.bytes) == set(fixture.samples))
        #expect(NaiveMovie(file.bytes)?.boxes.count { $0 == "uuid" } == 5)
        let recording = try Recording(file)
        #expect(recording.front.hasIndex)
    }

    /// Around the start of each box, and some within.
    private func cuts(of bytes: [UInt8]) -> [Int] {
        var (cuts, at) = (Set(stride(from: 0, through: bytes.count, by: 61)), 0)
        while let size = bytes.read32(at: at) {
            cuts.formUnion([-1, 0, 1, 4, 7, 8, 9, 16].map { min(max(0, at + $0), bytes.count) })
            at += Int(size)
        }
        return cuts.union([bytes.count - 1, bytes.count]).sorted()
    }

    private func mediaEnds(_ bytes: [UInt8]) -> [Int] {
        var (ends, at) = ([Int](), 0)
        while let size = bytes.read32(at: at), let type = bytes.read32(at: at + 4) {
            at += Int(size)
            if FourCC(type) == "mdat" { ends.append(at) }
        }
        return ends
    }
}

extension Int64 {
    fileprivate var asInt: Int { Int(self) }
}
