/// The cues of one Rendition on their way to the output: in order of time, each once, although segments repeat and cut them.
/// Pure.
///
/// - A cue that several segments hold is one.
/// - A cue that ends where its segment does, and one of the same text that starts there in the next one, are one.
/// - What lies before the presentation's start, or behind its run's end, is cut off.
struct CueQueue {
    /// Bounds of what is held: cues beyond them are left out and counted.
    static let maximumCues = 200_000
    static let maximumBytes = 32 << 20
    /// Packagers cut cues at times that they round to milliseconds.
    static let seam90k: Int64 = 180
    /// Cues are remembered for this long behind their end, to know their repetitions.
    static let memory90k: Int64 = 120 * 90_000

    private struct Entry {
        var cue: Cue
        var number: Int
    }

    /// By start, then by arrival.
    private var entries: [Entry] = []
    private var head = 0
    private var heldBytes = 0
    private var nextNumber = 0
    /// Copies of the cues held, and of those that have left not long ago, by text.
    private var known: [String: [Entry]] = [:]
    /// Those that have left, by end.
    private var left: [(end90k: Int64, text: String, number: Int)] = []
    private var leftHead = 0
    /// The output is complete up to here: nothing is shown earlier, 90 kHz.
    private(set) var settled90k: Int64 = 0
    /// Cues left out because too many are held.
    private(set) var excessCount = 0
    /// Cues that came when the output had passed their start.
    private(set) var lateCount = 0

    var first: Cue? { head < entries.count ? entries[head].cue : nil }
    /// The cues held, by start.
    var cues: [Cue] { entries[head...].map(\.cue) }
    /// Those that are shown at ``settled90k``, by start.
    var shown: [Cue] { entries[head..<firstIndex(after: settled90k)].map(\.cue).filter { $0.end90k > settled90k } }
    /// When the next cue begins behind ``settled90k``.
    var nextStart90k: Int64? {
        let index = firstIndex(after: settled90k)
        return index < entries.count ? entries[index].cue.start90k : nil
    }

    /// Takes a cue; nothing of it before 0 stays.
    mutating func add(_ added: Cue) {
        var cue = added
        cue.start90k = max(0, added.start90k)
        guard cue.end90k > cue.start90k else { return }
        guard var cue = merged(cue) else { return }
        let whole = cue
        if cue.start90k < settled90k {
            lateCount += 1
            cue.start90k = settled90k
        }
        let bytes = size(of: cue)
        guard entries.count - head < Self.maximumCues, heldBytes + bytes <= Self.maximumBytes else {
            excessCount += 1
            return
        }
        // Known by its own times, so that its repetitions are.
        known[cue.text, default: []].append(Entry(cue: whole, number: nextNumber))
        let entry = Entry(cue: cue, number: nextNumber)
        nextNumber += 1
        guard cue.end90k > cue.start90k else { return leave(entry, bytes: 0) }
        heldBytes += bytes
        entries.insert(entry, at: firstIndex(after: cue.start90k))
    }

    /// Removes the first cue.
    mutating func removeFirst() {
        guard head < entries.count else { return }
        leave(entries[head], bytes: size(of: entries[head].cue))
        head += 1
        compact()
    }

    /// The output has been written up to here: cues that end before leave.
    mutating func settle(through time90k: Int64) {
        settled90k = time90k
        let begun = firstIndex(after: time90k)
        var kept = begun
        for index in (head..<begun).reversed() {
            if entries[index].cue.end90k > time90k {
                kept -= 1
                entries[kept] = entries[index]
            } else {
                leave(entries[index], bytes: size(of: entries[index].cue))
            }
        }
        head = kept
        compact()
    }

    /// The runs up to this one have ended here: nothing of them is shown later.
    mutating func end(runsThrough run: UInt64, at end90k: Int64) {
        trim(at: end90k) { $0 <= run }
    }

    /// The presentation has ended here.
    mutating func end(at end90k: Int64) {
        trim(at: end90k) { _ in true }
    }

    /// Forgets cues that have left and ended long before this time.
    mutating func forget(before time90k: Int64) {
        while leftHead < left.count,
            left[leftHead].end90k < time90k - Self.memory90k || left.count - leftHead > Self.maximumCues
        {
            let (_, text, number) = left[leftHead]
            leftHead += 1
            known[text]?.removeAll { $0.number == number }
            if known[text]?.isEmpty == true { known[text] = nil }
        }
        if leftHead >= 256, leftHead * 2 >= left.count {
            left.removeFirst(leftHead)
            leftHead = 0
        }
    }

    // MARK: -

    private mutating func leave(_ entry: Entry, bytes: Int) {
        heldBytes -= bytes
        left.append((entry.cue.end90k, entry.cue.text, entry.number))
    }

    private mutating func compact() {
        guard head >= 256, head * 2 >= entries.count else { return }
        entries.removeFirst(head)
        head = 0
    }

    private func size(of cue: Cue) -> Int {
        cue.text.utf8.count + cue.settings.utf8.count + cue.identifier.utf8.count + 64
    }

    /// What is new of a cue; `nil` where one that is known already holds it, which it may prolong.
    private mutating func merged(_ cue: Cue) -> Cue? {
        guard var candidates = known[cue.text] else { return cue }
        for index in candidates.indices.reversed() {
            let old = candidates[index].cue
            let isSame = old.start90k == cue.start90k && old.end90k == cue.end90k
            // Within one segment two cues that touch are two: nothing cut them.
            let continues =
                old.segment != cue.segment
                && (old.start90k == cue.start90k || abs(cue.start90k - old.end90k) <= Self.seam90k)
            guard old.settings == cue.settings, isSame || continues else { continue }
            candidates[index].cue.end90k = max(old.end90k, cue.end90k)
            candidates[index].cue.segment = cue.segment
            candidates[index].cue.run = max(old.run, cue.run)
            if let place = place(of: candidates[index]) {
                entries[place] = candidates[index]
            } else if cue.end90k > old.end90k {
                // What has been written stays as it is; the rest is a cue of its own.
                var rest = cue
                rest.start90k = old.end90k
                return rest
            }
            known[cue.text] = candidates
            return nil
        }
        return cue
    }

    private func place(of entry: Entry) -> Int? {
        var index = firstIndex(after: entry.cue.start90k) - 1
        while index >= head, entries[index].cue.start90k == entry.cue.start90k {
            if entries[index].number == entry.number { return index }
            index -= 1
        }
        return nil
    }

    private func firstIndex(after start90k: Int64) -> Int {
        var (low, high) = (head, entries.count)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].cue.start90k <= start90k { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func trim(at end90k: Int64, _ concerns: (UInt64) -> Bool) {
        var kept: [Entry] = []
        for var entry in entries[head...] {
            if concerns(entry.cue.run) {
                guard entry.cue.start90k < end90k else {
                    heldBytes -= size(of: entry.cue)
                    known[entry.cue.text]?.removeAll { $0.number == entry.number }
                    continue
                }
                entry.cue.end90k = min(entry.cue.end90k, end90k)
            }
            kept.append(entry)
        }
        entries = kept
        head = 0
    }
}
