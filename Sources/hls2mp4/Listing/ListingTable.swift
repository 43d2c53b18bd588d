import Remux

/// `list`: what a person reads at a glance.
struct ListingTable {
    let listing: StreamListing
    /// Columns of the terminal.
    let width: Int

    var lines: [String] {
        switch listing.content {
        case .media(let media): ["Media Playlist, version \(listing.version)"] + Self.facts(of: media)
        case .multivariant(let playlist): lines(of: playlist)
        }
    }

    // MARK: - Multivariant Playlist

    private func lines(of playlist: StreamListing.Multivariant) -> [String] {
        var lines = ["Multivariant Playlist, version \(listing.version)"]
        var variants = TextTable([
            .init(title: ""), .init(title: "RESOLUTION"), .init(title: "FPS", isRightAligned: true),
            .init(title: "BANDWIDTH", isRightAligned: true), .init(title: "RANGE"),
            .init(title: "CODECS", shrinks: true), .init(title: "AUDIO", shrinks: true),
            .init(title: "SUBS", shrinks: true), .init(title: "PATHWAY", shrinks: true),
        ])
        let hasRanges = playlist.variants.contains { $0.videoRange != "SDR" }
        let hasPathways = playlist.variants.contains { $0.pathwayID != "." }
        for variant in playlist.variants {
            variants.append(
                [
                    Self.mark(variant), variant.resolution ?? "",
                    variant.frameRateThousandths.map { JSONValue.decimal($0, decimals: 3).text } ?? "",
                    variant.bandwidth.map { BitRateText.text(bitsPerSecond: $0) } ?? "",
                    hasRanges ? variant.videoRange : "", variant.codecs ?? "", variant.audio ?? "",
                    variant.subtitles ?? "", hasPathways ? variant.pathwayID : "",
                ],
                note: variant.skipReason.map { "cannot be used: \($0)" }
            )
        }
        lines += section("Variant Streams", variants)
        lines += section("Renditions", renditions(playlist.renditions))
        lines += facts(of: playlist)
        let marks = [
            (playlist.variants.contains(where: \.isSelected), "> taken"),
            (playlist.variants.contains(where: \.isFailover), "+ taken when that fails"),
            (playlist.variants.contains { $0.skipReason != nil }, "x cannot be used"),
        ]
        let legend = marks.filter(\.0).map(\.1)
        return legend.isEmpty ? lines : lines + ["", legend.joined(separator: "   ")]
    }

    private func renditions(_ renditions: [StreamListing.Rendition]) -> TextTable {
        var table = TextTable([
            .init(title: ""), .init(title: "TYPE"), .init(title: "LANGUAGE", shrinks: true),
            .init(title: "NAME", shrinks: true), .init(title: "CHANNELS"), .init(title: "FLAGS"),
            .init(title: "GROUP", shrinks: true),
        ])
        for rendition in renditions {
            let flags = [
                rendition.isDefault ? "default" : rendition.isAutoselect ? "autoselect" : nil,
                rendition.isForced ? "forced" : nil,
                rendition.uri == nil && rendition.type == "AUDIO" ? "in stream" : nil,
            ]
            table.append([
                rendition.isSelected ? ">" : "", rendition.type.lowercased(), rendition.language ?? "",
                rendition.name, rendition.channels ?? "", flags.compactMap(\.self).joined(separator: ","),
                rendition.groupID,
            ])
        }
        return table
    }

    private func facts(of playlist: StreamListing.Multivariant) -> [String] {
        var facts: [(String, String)] = []
        if let title = playlist.title { facts.append(("title", title)) }
        if !playlist.iFrameStreams.isEmpty { facts.append(("I-frame streams", "\(playlist.iFrameStreams.count)")) }
        let systems = Self.unique(playlist.sessionKeys.map(\.system))
        if !systems.isEmpty { facts.append(("encryption", systems.joined(separator: ", "))) }
        return facts.isEmpty ? [] : [""] + Self.aligned(facts)
    }

    private func section(_ title: String, _ table: TextTable) -> [String] {
        table.rows.isEmpty ? [] : ["", title] + table.lines(width: width)
    }

    private static func mark(_ variant: StreamListing.Variant) -> String {
        variant.isSelected ? ">" : variant.isFailover ? "+" : variant.skipReason != nil ? "x" : ""
    }

    // MARK: - Media Playlist

    private static func facts(of media: StreamListing.Media) -> [String] {
        let segments = media.segments
        let seconds = Double(media.durationMicroseconds) / 1_000_000
        var facts: [(String, String)] = [("kind", kind(of: media))]
        var count = "\(segments.count)"
        if let first = segments.first, let last = segments.last {
            count += ", Media Sequence Numbers \(first.mediaSequenceNumber) to \(last.mediaSequenceNumber)"
        }
        facts.append(("segments", count))
        if media.skippedSegmentCount > 0 { facts.append(("left out", "\(media.skippedSegmentCount) (EXT-X-SKIP)")) }
        if media.partialSegmentCount > 0 { facts.append(("parts", "\(media.partialSegmentCount)")) }
        facts.append(
            ("duration", "\(ClockText.text(seconds: seconds)), target duration \(media.targetDurationSeconds) s")
        )
        facts.append(("encryption", encryption(of: segments)))
        facts.append(("container", container(of: segments)))
        let discontinuities = segments.count(where: \.hasDiscontinuity)
        if discontinuities > 0 { facts.append(("discontinuities", "\(discontinuities)")) }
        let gaps = segments.count(where: \.isGap)
        if gaps > 0 { facts.append(("gaps", "\(gaps) segment\(gaps == 1 ? "" : "s") (EXT-X-GAP)")) }
        let ranges = segments.count { $0.byteRange != nil }
        if ranges > 0 { facts.append(("byte ranges", "\(ranges) segment\(ranges == 1 ? "" : "s")")) }
        if let dates = media.dates { facts.append(("dates", "\(dates.start) to \(dates.end)")) }
        if !media.dateRanges.isEmpty { facts.append(("date ranges", "\(media.dateRanges.count)")) }
        return aligned(facts)
    }

    private static func kind(of media: StreamListing.Media) -> String {
        var text: String
        switch (media.isComplete, media.playlistType) {
        case (true, "EVENT"?): text = "event, ended"
        case (true, _): text = "VOD"
        case (false, "EVENT"?): text = "live (event: it only grows)"
        case (false, _): text = "live"
        }
        if media.partTargetMicroseconds != nil { text += ", low latency" }
        return media.isIFramesOnly ? text + ", I-frames only" : text
    }

    private static func encryption(of segments: StreamListing.Segments) -> String {
        var systems: [String] = []
        var (encrypted, last) = (0, "")
        for segment in segments {
            let names = segment.keys.map(\.system)
            if !names.isEmpty { encrypted += 1 }
            let text = unique(names).joined(separator: ", ")
            if text != last, !text.isEmpty { systems.append(text) }
            last = text
        }
        guard encrypted > 0 else { return "none" }
        let share = encrypted == segments.count ? "" : " (\(encrypted) of \(segments.count) segments)"
        return unique(systems).joined(separator: "; ") + share
    }

    /// What the playlist lets one guess; the bytes decide.
    private static func container(of segments: StreamListing.Segments) -> String {
        if segments.contains(where: { $0.map != nil }) { return "fragmented MP4 (EXT-X-MAP)" }
        let path = segments.first.map { $0.uri.prefix { $0 != "?" && $0 != "#" } } ?? ""
        let names = [
            ".ts": "MPEG-TS", ".aac": "packed AAC", ".mp3": "packed MP3", ".ac3": "packed AC-3",
            ".ec3": "packed Enhanced AC-3", ".vtt": "WebVTT", ".webvtt": "WebVTT",
        ]
        guard let name = names.first(where: { path.lowercased().hasSuffix($0.key) })?.value else {
            return "no EXT-X-MAP: MPEG-TS, packed audio or WebVTT"
        }
        return "\(name), by its name"
    }

    // MARK: - Text

    private static func aligned(_ facts: [(String, String)]) -> [String] {
        let width = facts.map(\.0.count).max() ?? 0
        return facts.map { name, text in
            "  " + name + String(repeating: " ", count: width - name.count + 2) + Terminal.safe(text)
        }
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
