import Decryption

/// What encryption there is in the movie fragment being read, and the way to its samples. Confined to the thread `remux`.
final class ProtectedFragments {
    /// More auxiliary information for one track fragment is none.
    private static let maximumAuxiliaryBytes = 16 << 20

    private struct Fragment {
        var encryption: FragmentEncryption
        var scheme: SampleDecryptor.Scheme
        var syntax: ProtectedSyntax?
    }

    private let decryptor: SampleDecryptor
    private var fragments: [Fragment?] = []
    /// By fragment: why its samples cannot be opened.
    private var refusals: [Int: RemuxError] = [:]
    /// Of all fragments, in the order in which they lie.
    private var auxiliaries: [(fragment: Int, range: FragmentEncryption.AuxiliaryRange)] = []
    /// By track: what its samples looked like so far.
    private var checks: [UInt32: SampleCheck] = [:]

    /// - Parameter keys: `nil`: there are none.
    init(keys: SampleKeys?) {
        decryptor = SampleDecryptor(keys: keys ?? SampleKeys())
    }

    /// A movie fragment begins.
    ///
    /// - Parameters:
    ///   - boxBytes: bytes of `moof`.
    ///   - movieFragment: the payload of `moof`.
    /// - Throws: ``DamagedBoxes``.
    func begin(
        _ trackFragments: [TrackFragment],
        boxBytes: Int,
        movieFragment: ArraySlice<UInt8>,
        movie: MovieInitialization
    ) throws(DamagedBoxes) {
        fragments = []
        refusals = [:]
        auxiliaries = []
        for (number, fragment) in trackFragments.enumerated() {
            fragments.append(try read(fragment, number, movie))
            guard let missing = fragments[number]?.encryption.missing else { continue }
            for range in missing {
                guard range.byteCount <= Self.maximumAuxiliaryBytes else {
                    throw DamagedBoxes("\(range.byteCount) bytes of encryption data for one track fragment")
                }
                guard range.offset < Int64(boxBytes) else {
                    auxiliaries.append((number, range))
                    continue
                }
                // It stands in the movie fragment itself, in a box that is not known.
                let start = Int(range.offset) - (boxBytes - movieFragment.count)
                guard start >= 0, start <= movieFragment.count, range.byteCount <= movieFragment.count - start else {
                    throw DamagedBoxes("saio points out of the movie fragment")
                }
                try fragments[number]?.encryption.take(
                    auxiliary: movieFragment.dropFirst(start).prefix(range.byteCount),
                    of: range
                )
            }
        }
        auxiliaries.sort { $0.range.offset < $1.range.offset }
    }

    private func read(
        _ fragment: TrackFragment,
        _ number: Int,
        _ movie: MovieInitialization
    ) throws(DamagedBoxes) -> Fragment? {
        guard let track = movie.tracks.first(where: { $0.id == fragment.trackID }), let sample = fragment.samples.first,
            case let position = Int(sample.descriptionIndex) - 1, track.entries.indices.contains(position),
            case let entry = track.entries[position], entry.isProtected
        else { return nil }
        guard let protection = entry.protection, let scheme = SampleDecryptor.Scheme(protection.scheme) else {
            let name = entry.protection.map { "by the scheme \($0.scheme)" } ?? "in a way that is not described"
            refusals[number] = RemuxError(
                .key,
                "the samples of track \(track.id) are encrypted \(name), which hls2mp4 does not know",
                context: RemuxError.Context(stage: "Decrypt")
            )
            return nil
        }
        let encryption = try FragmentEncryption(
            trackFragment: fragment.payload,
            sampleCount: fragment.samples.count,
            defaults: protection.encryption,
            trackGroups: track.encryptionGroups
        )
        return Fragment(encryption: encryption, scheme: scheme, syntax: ProtectedSyntax(entry))
    }

    /// Auxiliary information that lies before this place, counted from the start of `moof`, and was not read yet.
    func nextAuxiliary(before offset: Int64) -> FragmentEncryption.AuxiliaryRange? {
        guard let next = auxiliaries.first?.range, next.offset <= offset else { return nil }
        return next
    }

    /// What ``nextAuxiliary(before:)`` has named cannot be had.
    func passOver() { if !auxiliaries.isEmpty { auxiliaries.removeFirst() } }

    /// Whether the encryption data of a sample may still come.
    func waits(_ sample: FragmentSample) -> Bool {
        auxiliaries.contains { $0.fragment == sample.fragment && $0.range.samples.contains(sample.index) }
    }

    /// Takes what ``nextAuxiliary(before:)`` has named.
    func take(auxiliary bytes: ArraySlice<UInt8>, of range: FragmentEncryption.AuxiliaryRange) throws {
        guard let next = auxiliaries.first else { return }
        auxiliaries.removeFirst()
        try fragments[next.fragment]?.encryption.take(auxiliary: bytes, of: range)
    }

    /// Decrypts a sample in place, where it is encrypted, and looks at what comes out.
    ///
    /// - Throws: ``RemuxError`` with code `key`; ``DamagedBoxes``.
    func decrypt(_ packet: Packet, _ sample: FragmentSample) throws {
        if let refusal = refusals[sample.fragment] { throw refusal }
        guard fragments.indices.contains(sample.fragment), let fragment = fragments[sample.fragment],
            fragment.encryption.samples.indices.contains(sample.index)
        else { return }
        let encrypted = fragment.encryption.samples[sample.index]
        guard fragment.encryption.parameters[encrypted.parameters].isProtected else { return }
        guard !fragment.encryption.missing.contains(where: { $0.samples.contains(sample.index) }) else {
            throw DamagedBoxes("the encryption data of a sample stands behind it")
        }
        guard let bytes = packet.writableBytes else {
            throw RemuxError(.internalError, "a sample that others hold cannot be decrypted")
        }
        let wasPlausible = plausibility(of: bytes, encrypted, fragment, sample.trackID)
        do {
            try decryptor.decrypt(bytes, encrypted, of: fragment.encryption, scheme: fragment.scheme)
        } catch let error as DecryptionError {
            throw RemuxError(.key, "\(error)", context: RemuxError.Context(stage: "Decrypt"), underlying: error)
        }
        guard let isPlausible = plausibility(of: bytes, encrypted, fragment, sample.trackID) else { return }
        checks[sample.trackID, default: SampleCheck()]
            .take(isPlausible: isPlausible, wasPlausible: wasPlausible ?? false)
        if let finding = checks[sample.trackID]?.finding {
            throw RemuxError(.key, "\(finding)", context: RemuxError.Context(stage: "Decrypt"))
        }
    }

    /// Whether a sample looks right; `nil` where that cannot be seen, or enough was seen.
    private func plausibility(
        of bytes: UnsafeMutableRawBufferPointer,
        _ sample: FragmentEncryption.Sample,
        _ fragment: Fragment,
        _ trackID: UInt32
    ) -> Bool? {
        guard let syntax = fragment.syntax, checks[trackID]?.isDone != true else { return nil }
        return syntax.isPlausible(UnsafeRawBufferPointer(bytes)) { fragment.encryption.protects($0, of: sample) }
    }
}
