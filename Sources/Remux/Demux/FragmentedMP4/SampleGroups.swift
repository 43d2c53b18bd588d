/// The sample groups of type `seig` (ISO/IEC 23001-7 §6): samples whose encryption is not that of their sample entry. Pure.
struct SampleGroups: Equatable {
    /// Groups numbered above this are described in the fragment itself (ISO/IEC 14496-12 §8.9.4).
    private static let fragmentBase: UInt32 = 0x1_0000
    private static let maximumGroups = 4096

    private var trackGroups: [SampleEncryptionDefaults]
    private var fragmentGroups: [SampleEncryptionDefaults] = []
    private var runs: [(count: UInt32, group: UInt32)] = []

    init(trackFragment payload: ArraySlice<UInt8>, trackGroups: [SampleEncryptionDefaults]) {
        self.trackGroups = trackGroups
        fragmentGroups = Self.descriptions(in: payload)
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
            let length = version == 1 ? reader.read32() : 0
            guard let length, version < 2 || reader.skip(4), let count = reader.read32() else { continue }
            var groups: [SampleEncryptionDefaults] = []
            for _ in 0..<min(Int(count), maximumGroups) {
                // Version 1 says how long entries are; without that, they are what they need.
                let size =
                    version == 1 ? (length > 0 ? length : reader.read32() ?? 0) : UInt32(clamping: reader.remaining)
                let before = reader.rest
                guard let entry = SampleEncryptionDefaults(groupEntry: before.prefix(Int(size))) else { return groups }
                groups.append(entry)
                guard reader.skip(version == 1 ? Int(size) : entry.groupEntryBytes) else { return groups }
            }
            return groups
        }
        return []
    }
}
