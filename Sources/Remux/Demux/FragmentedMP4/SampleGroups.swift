/// The sample groups of type `seig` (ISO/IEC 23001-7 §6): samples whose encryption is not that of their sample entry. Pure.
struct SampleGroups: Equatable {
    /// Groups numbered above this are described in the fragment itself (ISO/IEC 14496-12 §8.9.4).
    static let fragmentBase: UInt32 = 0x1_0000
    private static let maximumGroups = 4096

    private var trackGroups: [SampleEncryptionDefaults]
    private var fragmentGroups: [SampleEncryptionDefaults] = []
    private var runs: [(count: UInt32, group: UInt32)] = []

    init(trackFragment payload: ArraySlice<UInt8>, trackGroups: [SampleEncryptionDefaults]) {
        self.trackGroups = trackGroups
        fragmentGroups = Self.descriptions(in: payload)
        for box in BoxList(payload) where box.type == "csgp" {
            guard let compact = CompactSampleGroups(box.payload), compact.groupingType == "seig" else { continue }
            runs = compact.runs
            return
        }
        for box in BoxList(payload) where box.type == "sbgp" {
            var reader = ByteReader(box.payload)
            guard let version = reader.read8(), reader.skip(3), reader.readCode() == "seig",
                version == 0 || reader.skip(4), let count = reader.read32()
            else { continue }
            for _ in 0..<count {
                guard let samples = reader.read32(), let group = reader.read32() else { break }
                runs.append((samples, group))
            }
            break
        }
    }

    static func == (left: SampleGroups, right: SampleGroups) -> Bool {
        left.trackGroups == right.trackGroups && left.fragmentGroups == right.fragmentGroups
            && left.runs.elementsEqual(right.runs, by: ==)
    }

    /// Calls `body` with each run of samples that belongs to a group, the group's number, and what it says.
    ///
    /// - Throws: ``DamagedBoxes`` where a group is not described.
    func forEachRun(
        sampleCount: Int,
        _ body: (Range<Int>, UInt32, SampleEncryptionDefaults) -> Void
    ) throws(DamagedBoxes) {
        var start = 0
        for run in runs {
            let range = start..<start + min(Int(run.count), sampleCount - start)
            start = range.upperBound
            guard run.group > 0, !range.isEmpty else { continue }
            let isLocal = run.group > Self.fragmentBase
            let groups = isLocal ? fragmentGroups : trackGroups
            let position = Int(isLocal ? run.group - Self.fragmentBase : run.group) - 1
            guard groups.indices.contains(position) else {
                throw DamagedBoxes("samples belong to an encryption group that is not described")
            }
            body(range, run.group, groups[position])
        }
    }

    /// The descriptions of groups (`sgpd` of type `seig`, ISO/IEC 14496-12 §8.9.3) among these boxes.
    static func descriptions(in boxes: ArraySlice<UInt8>) -> [SampleEncryptionDefaults] {
        for box in BoxList(boxes) where box.type == "sgpd" {
            var reader = ByteReader(box.payload)
            guard let version = reader.read8(), reader.skip(3), reader.readCode() == "seig" else { continue }
            switch version {
            case 0: return entries(reader, hasLength: false, hasDefaultIndex: false).groups
            case 1: return entries(reader, hasLength: true, hasDefaultIndex: false).groups
            default:
                // From its sixth edition on the standard has the length in version 2 too; before, the index stood in its place.
                let present = entries(reader, hasLength: true, hasDefaultIndex: true)
                let former = entries(reader, hasLength: false, hasDefaultIndex: true)
                return present.isExact || !former.isExact ? present.groups : former.groups
            }
        }
        return []
    }

    /// - Returns: `isExact`: the entries are as many as there should be, and nothing is left behind them.
    private static func entries(
        _ reader: ByteReader,
        hasLength: Bool,
        hasDefaultIndex: Bool
    ) -> (groups: [SampleEncryptionDefaults], isExact: Bool) {
        var reader = reader
        var groups: [SampleEncryptionDefaults] = []
        guard let length = hasLength ? reader.read32() : 0, !hasDefaultIndex || reader.skip(4),
            let count = reader.read32()
        else { return ([], false) }
        for _ in 0..<min(Int(count), maximumGroups) {
            // Without a length, entries are as long as they need to be.
            var size = length
            if hasLength, length == 0 { size = reader.read32() ?? 0 }
            let rest = hasLength ? reader.rest.prefix(Int(size)) : reader.rest
            guard let entry = SampleEncryptionDefaults(groupEntry: rest) else { return (groups, false) }
            groups.append(entry)
            guard reader.skip(hasLength ? Int(size) : entry.groupEntryBytes) else { return (groups, false) }
        }
        return (groups, groups.count == Int(count) && reader.remaining == 0)
    }
}
