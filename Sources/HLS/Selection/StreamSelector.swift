/// Chooses a Variant Stream and its Renditions (RFC 8216bis §4.4.6, §6.3.1).
package struct StreamSelector: Sendable {
    /// What is wanted.
    package let preferences: SelectionPreferences

    /// A selector is a value without state.
    package init(preferences: SelectionPreferences = SelectionPreferences()) { self.preferences = preferences }

    private struct Candidate {
        var index: Int
        var variant: VariantStream
        var renditions: [SelectedRendition] = []
    }

    /// The choice, its fail-over candidates and what was skipped.
    package func select(from playlist: MultivariantPlaylist) throws(SelectionError) -> Selection {
        guard !playlist.variants.isEmpty else {
            throw SelectionError(kind: .empty, message: "the playlist offers no streams")
        }
        let skipped = unusableVariants(of: playlist)
        let unusable = Set(skipped.map(\.variantIndex))
        var candidates = playlist.variants.enumerated().filter { !unusable.contains($0.offset) }
            .map { Candidate(index: $0.offset, variant: $0.element) }
        guard !candidates.isEmpty else {
            let reasons = Self.joined(skipped.map(\.reason))
            throw SelectionError(kind: .unsupported, message: "no stream can be used: \(reasons)")
        }
        candidates = try filterByCodec(candidates)
        candidates = try filterByBandwidth(candidates, playlist)
        candidates = try chooseRenditions(candidates, playlist)
        let ranked = try rank(candidates, playlist)
        guard let first = choose(ranked, playlist) else {
            throw SelectionError(kind: .empty, message: "the playlist offers no streams")
        }
        return Selection(
            choice: choice(first),
            failovers: failovers(for: first, among: candidates).map(choice),
            skipped: skipped.map { skipped in
                var skipped = skipped
                skipped.isPreferred = isPreferred(skipped.variant, to: first)
                return skipped
            }
        )
    }

    // MARK: - What cannot be used

    /// The Variant Streams that are left out whatever is asked for, and why.
    package func unusableVariants(of playlist: MultivariantPlaylist) -> [SkippedVariant] {
        playlist.variants.enumerated().compactMap { index, variant in
            reasonToSkip(variant).map { SkippedVariant(variant: variant, variantIndex: index, reason: $0) }
        }
    }

    private func reasonToSkip(_ variant: VariantStream) -> String? {
        if case .unknown(let range) = variant.videoRange {
            return "VIDEO-RANGE \(DisplayText.escaped(range)) is not known"
        }
        // Each entry is one way to present a part of the stream: all of them must be wanted.
        if let layout = variant.videoLayout.joined().first(where: { !preferences.videoLayouts.contains($0) }) {
            return "REQ-VIDEO-LAYOUT \(DisplayText.escaped(layout)) is taken only by explicit choice"
        }
        if let muxable = preferences.muxableCodecs,
            let codec = variant.codecList.first(where: { !muxable.contains(CodecFamily.entryName($0)) })
        {
            return "codec \(DisplayText.escaped(codec)) cannot be written into this container"
        }
        for codec in variant.codecList {
            guard let reason = preferences.unmuxableCodecs[CodecFamily.entryName(codec)] else { continue }
            return "codec \(DisplayText.escaped(codec)) \(reason)"
        }
        return nil
    }

    /// `--codec` asks for one of its codecs.
    private func hasCodec(_ variant: VariantStream) -> Bool {
        let codecs = variant.codecList + variant.supplementalCodecList
        return preferences.codecs.contains { wanted in codecs.contains { CodecFamily.matches(wanted, $0) } }
    }

    private func filterByCodec(_ candidates: [Candidate]) throws(SelectionError) -> [Candidate] {
        guard !preferences.codecs.isEmpty else { return candidates }
        let matching = candidates.filter { hasCodec($0.variant) }
        guard matching.isEmpty else { return matching }
        let wanted = preferences.codecs.map { DisplayText.escaped($0) }.joined(separator: ", ")
        let existing = Self.joined(candidates.flatMap(\.variant.codecList).map { DisplayText.escaped($0) })
        throw SelectionError(
            kind: .noMatch(option: "--codec"),
            message:
                "--codec \(wanted) matches no stream; \(existing.isEmpty ? "none has CODECS" : "there is \(existing)")"
        )
    }

    private func filterByBandwidth(
        _ candidates: [Candidate],
        _ playlist: MultivariantPlaylist
    ) throws(SelectionError) -> [Candidate] {
        guard let maximum = preferences.maximumBandwidth else { return candidates }
        let matching = candidates.filter { $0.variant.bandwidth.map { $0 <= maximum } ?? false }
        guard matching.isEmpty else { return matching }
        let existing = candidates.compactMap(\.variant.bandwidth).sorted().map { "\($0)" }
        let known = existing.isEmpty ? "none has BANDWIDTH" : "there is \(Self.joined(existing)) bit/s"
        throw SelectionError(
            kind: .noMatch(option: "--max-bandwidth"),
            message: "--max-bandwidth \(maximum) excludes every stream; \(known)\(scope(candidates, playlist))"
        )
    }

    // MARK: - Renditions

    /// Keeps the candidates whose groups offer everything asked for.
    private func chooseRenditions(
        _ candidates: [Candidate],
        _ playlist: MultivariantPlaylist
    ) throws(SelectionError) -> [Candidate] {
        var withAudio: [Candidate] = []
        for candidate in candidates {
            let group = playlist.renditions(type: .audio, groupID: candidate.variant.audioGroupID)
            if let chosen = choose(preferences.audio, from: group, falls: true) {
                var candidate = candidate
                candidate.renditions = chosen.map { SelectedRendition(rendition: $0, variant: candidate.variant) }
                withAudio.append(candidate)
            }
        }
        guard !withAudio.isEmpty else {
            throw noMatch("--audio", preferences.audio, .audio, candidates, playlist)
        }
        var complete: [Candidate] = []
        for candidate in withAudio {
            let group = playlist.renditions(type: .subtitles, groupID: candidate.variant.subtitlesGroupID)
            if let chosen = choose(preferences.subtitles, from: group, falls: false) {
                var candidate = candidate
                candidate.renditions += chosen.map { SelectedRendition(rendition: $0, variant: candidate.variant) }
                complete.append(candidate)
            }
        }
        guard !complete.isEmpty else {
            throw noMatch("--subtitles", preferences.subtitles, .subtitles, withAudio, playlist)
        }
        return complete
    }

    /// `nil` where something asked for by name is not there. `falls`: where nothing is marked the first one is taken.
    private func choose(
        _ wanted: SelectionPreferences.Renditions,
        from group: [Rendition],
        falls: Bool
    ) -> [Rendition]? {
        switch wanted {
        case .none: return []
        case .all: return group
        case .default:
            let marked = group.first(where: \.isDefault) ?? group.first { $0.isAutoselect && falls }
            return (marked ?? (falls ? group.first : nil)).map { [$0] } ?? []
        case .matching(let matches):
            var chosen: [Rendition] = []
            for match in matches {
                let fitting = group.filter { candidate in
                    match.accepts(candidate) && !chosen.contains { $0.line == candidate.line }
                }
                // A forced Rendition holds fragments only; a default one is what its author means by the language.
                guard
                    let best = fitting.first(where: { $0.isDefault && !$0.isForced })
                        ?? fitting.first(where: { $0.isAutoselect && !$0.isForced })
                        ?? fitting.first(where: { !$0.isForced }) ?? fitting.first
                else {
                    // Asked for twice, by different words: once is enough.
                    if chosen.contains(where: { match.accepts($0) }) { continue }
                    return nil
                }
                chosen.append(best)
            }
            return chosen
        }
    }

    /// What is offered is what the candidates have: another Variant Stream's groups are out of reach by the other options.
    private func noMatch(
        _ option: String,
        _ wanted: SelectionPreferences.Renditions,
        _ type: Rendition.MediaType,
        _ candidates: [Candidate],
        _ playlist: MultivariantPlaylist
    ) -> SelectionError {
        var text = ""
        if case .matching(let matches) = wanted { text = matches.map(\.description).joined(separator: ", ") }
        let groups = Set(
            candidates.compactMap { type == .audio ? $0.variant.audioGroupID : $0.variant.subtitlesGroupID }
        )
        let offers = Self.joined(
            playlist.renditions.filter { $0.type == type && groups.contains($0.groupID) }.map { Self.label($0) }
        )
        let scope = scope(candidates, playlist)
        let known =
            offers.isEmpty ? (scope.isEmpty ? "the playlist lists none" : "there is none") : "there is \(offers)"
        return SelectionError(
            kind: .noMatch(option: option),
            message: "\(option) \(text) matches nothing; \(known)\(scope)"
        )
    }

    /// Says so where options before this one left less to choose from than `list` shows.
    private func scope(_ candidates: [Candidate], _ playlist: MultivariantPlaylist) -> String {
        let usable = playlist.variants.count - unusableVariants(of: playlist).count
        return candidates.count < usable ? " in the streams that fit the other options" : ""
    }

    private static func label(_ rendition: Rendition) -> String {
        var text = rendition.language.map { DisplayText.escaped($0) + " " } ?? ""
        text += "name=\(DisplayText.escaped(rendition.name))"
        if let channels = rendition.channelCount { text += " channels=\(channels)" }
        return text
    }

    /// Without repetition, bounded.
    private static func joined(_ items: [String]) -> String {
        var seen: Set<String> = []
        let unique = items.filter { seen.insert($0).inserted }
        return unique.prefix(12).joined(separator: ", ") + (unique.count > 12 ? ", …" : "")
    }

    // MARK: - Ranking

    /// Best first, for `--video worst` worst first; equal ones in playlist order.
    private func sorted(_ candidates: [Candidate], worstFirst: Bool = false) -> [Candidate] {
        // SCORE counts only where every Variant Stream has one (§6.3.1).
        let usesScore = candidates.allSatisfy { $0.variant.scoreMillionths != nil }
        let keyed = candidates.map { (candidate: $0, quality: $0.variant.quality(usesScore: usesScore)) }
        return keyed.sorted { left, right in
            let (a, b) = (left.candidate, right.candidate)
            if (a.variant.bandwidth == nil) != (b.variant.bandwidth == nil) { return b.variant.bandwidth == nil }
            if left.quality != right.quality {
                return left.quality.lexicographicallyPrecedes(right.quality) == worstFirst
            }
            return a.index < b.index
        }
        .map(\.candidate)
    }

    /// The candidates that the video option allows, the one to take first.
    private func rank(
        _ candidates: [Candidate],
        _ playlist: MultivariantPlaylist
    ) throws(SelectionError) -> [Candidate] {
        // Streams that hold audio only are for listeners, unless there is nothing else.
        let withVideo = candidates.filter { $0.variant.hasVideo }
        let pool = withVideo.isEmpty ? candidates : withVideo
        switch preferences.video {
        case .best: return sorted(pool)
        case .worst: return sorted(pool, worstFirst: true)
        case .none:
            // Where the audio would have to be cut out of a video stream, one without video does.
            let audioOnly = candidates.filter { !$0.variant.hasVideo }
            let ranked = sorted(candidates)
            let needsStream = ranked.first.map { !$0.renditions.contains { $0.uri != nil } } ?? false
            return needsStream && !audioOnly.isEmpty ? sorted(audioOnly) : ranked
        case .height(let height):
            let fitting = pool.filter { $0.variant.resolution.map { $0.height <= height } ?? false }
            guard let tallest = fitting.compactMap(\.variant.resolution?.height).max() else {
                let heights = Set(candidates.compactMap(\.variant.resolution?.height)).sorted().map { "\($0)" }
                let known = heights.isEmpty ? "no stream states its height" : "there is \(Self.joined(heights))"
                throw SelectionError(
                    kind: .noMatch(option: "--video"),
                    message: "--video \(height) matches no stream; \(known)\(scope(candidates, playlist))"
                )
            }
            return sorted(fitting.filter { $0.variant.resolution?.height == tallest })
        }
    }

    /// The first in rank on the Pathway to begin with (§4.4.6.6), and where that Pathway has none the first at all.
    private func choose(_ ranked: [Candidate], _ playlist: MultivariantPlaylist) -> Candidate? {
        let pathway = playlist.contentSteering?.pathwayID ?? playlist.variants.first?.pathwayID ?? "."
        return ranked.first { $0.variant.pathwayID == pathway } ?? ranked.first
    }

    /// Whether a Variant Stream that cannot be used would have come before the choice.
    private func isPreferred(_ variant: VariantStream, to chosen: Candidate) -> Bool {
        guard preferences.codecs.isEmpty || hasCodec(variant), variant.hasVideo || !chosen.variant.hasVideo
        else { return false }
        if let maximum = preferences.maximumBandwidth, variant.bandwidth.map({ $0 > maximum }) ?? true { return false }
        func comesFirst(worstFirst: Bool = false) -> Bool {
            // By position behind the choice, so that it has to be better, not equal.
            let other = Candidate(index: .max, variant: variant)
            return sorted([chosen, other], worstFirst: worstFirst).first?.index == .max
        }
        switch preferences.video {
        case .best: return comesFirst()
        case .worst: return comesFirst(worstFirst: true)
        case .none: return false
        case .height(let height):
            guard let own = variant.resolution?.height, own <= height else { return false }
            let other = chosen.variant.resolution?.height ?? 0
            return own > other || own == other && comesFirst()
        }
    }

    // MARK: - Fail-over

    private func failovers(for first: Candidate, among candidates: [Candidate]) -> [Candidate] {
        candidates.filter { other in
            other.index != first.index && other.variant.resolvedURI != first.variant.resolvedURI
                && first.variant.isRedundant(with: other.variant)
                && Self.haveSameRenditions(first, other)
        }
    }

    /// Their Renditions say the same of themselves; only where they are differs.
    private static func haveSameRenditions(_ left: Candidate, _ right: Candidate) -> Bool {
        left.renditions.count == right.renditions.count
            && zip(left.renditions, right.renditions).allSatisfy { a, b in
                a.rendition.type == b.rendition.type && a.rendition.name == b.rendition.name
                    && a.rendition.language == b.rendition.language && a.rendition.channels == b.rendition.channels
                    && (a.uri == nil) == (b.uri == nil)
            }
    }

    private func choice(_ candidate: Candidate) -> StreamChoice {
        let audio = candidate.renditions.filter { $0.rendition.type == .audio }
        let hasAudioGroup = candidate.variant.audioGroupID != nil
        let takesAudio: Bool =
            switch preferences.audio {
            case .none: false
            // A group without members does not exist: the audio can only be in the stream itself.
            default: !hasAudioGroup || audio.isEmpty || audio.contains { $0.uri == nil }
            }
        return StreamChoice(
            variant: candidate.variant,
            variantIndex: candidate.index,
            takesVideo: preferences.video != .none,
            takesAudio: takesAudio,
            renditions: candidate.renditions
        )
    }
}
