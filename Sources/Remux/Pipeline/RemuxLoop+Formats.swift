import CFFmpeg
import HLS

/// Formats of tracks: what they are at the start, and what becomes of those that change (DESIGN §5).
extension RemuxLoop {
    /// A track of the timeline: what it comes from and what its sample entry is made of.
    struct ListedTrack {
        var address: TrackAddress
        var format: TrackFormat
        /// The timeline's number of the track whose stream goes on in this one.
        var replaces: Int?
    }

    /// A track that samples are coming for.
    struct OutputTrack {
        /// On the timeline.
        var number: Int
        /// What its sample entry is made of.
        var format: TrackFormat
        /// What its samples have now.
        var current: TrackFormat
        /// The clock of the track's samples, and that of the timeline's track: another Media Initialization Section may
        /// bring another scale.
        var clock: MediaClock
        var timelineScale: TimeScale
        /// Parameter sets for key frames that bring none, in the form of the track's samples; `nil` while the sample entry holds
        /// those of all samples.
        var inBand: [UInt8]?
        var hasSamples = false
    }

    /// A track has shown its format: a new track, or one whose format may be another one.
    func take(_ format: TrackFormat, _ clock: MediaClock, of address: TrackAddress) throws {
        if let refusal = ContainerRules.refusal(format.codecName, in: plan.output.container) {
            throw mediaError(refusal, source: address.source)
        }
        guard let track = tracks[address] else {
            guard output != nil else { return addTrack(format, clock, of: address) }
            let text =
                "\(format.kind == .video ? "a video" : "an audio") track (\(format.summary)) begins that was not there at the start"
            switch FormatAction(.otherTrack, policy: plan.formatChange) {
            case .split: try beginTrack(format, clock, of: address, text: text)
            case .goOn, .carry, .refuse:
                throw refusal(of: text, "the output cannot take it any more", format.kind, address.source)
            }
            return
        }
        if clock.origin != track.clock.origin { timeline.setOrigin(clock.origin, of: track.number) }
        tracks[address]?.clock = clock
        let change = FormatChange(from: track.current, to: format)
        let text = Self.text(from: track.current, to: format)
        switch FormatAction(change, policy: plan.formatChange) {
        case .goOn: break
        case .carry: carry(format, change, of: address)
        case .split: try beginTrack(format, clock, of: address, text: text)
        case .refuse: throw refusal(of: text, "one track cannot hold both", format.kind, address.source)
        }
    }

    // MARK: - Tracks

    private func addTrack(
        _ format: TrackFormat,
        _ clock: MediaClock,
        of address: TrackAddress,
        replacing replaced: Int? = nil
    ) {
        let number = timeline.addTrack(
            TimelineTrack(
                kind: format.kind,
                source: address.source,
                sourceScale: clock.scale,
                outputScale: format.timeScale,
                origin: clock.origin
            )
        )
        clip?.addTrack(kind: format.kind, scale: format.timeScale, primingSamples: Self.primingSamples(format))
        listedTracks.append(ListedTrack(address: address, format: format, replaces: replaced))
        var track = OutputTrack(
            number: number,
            format: format,
            current: format,
            clock: clock,
            timelineScale: clock.scale
        )
        if plan.formatChange == .inBand, sources[address.source].plan.mayChangeFormat { track.setInBand() }
        tracks[address] = track
    }

    /// The stream goes on in a track of its own, which begins the next file.
    private func beginTrack(_ format: TrackFormat, _ clock: MediaClock, of address: TrackAddress, text: String) throws {
        let replaced = tracks[address]?.number
        addTrack(format, clock, of: address, replacing: replaced)
        if let replaced {
            timeline.replace(replaced, by: listedTracks.count - 1)
            clip?.finish(tracks: [replaced])
        }
        status.warn(place(address.source) + text + "; the next file begins")
        guard let output else { return }
        outputNumbers.append(nil)
        outputNumbers[outputNumbers.count - 1] = output.addTrack(outputTrack(outputNumbers.count - 1))
    }

    // MARK: - Changes

    private func carry(_ format: TrackFormat, _ change: FormatChange, of address: TrackAddress) {
        guard var track = tracks[address] else { return }
        let old = track.current
        track.current = format
        if output == nil, change == .addition, format.sampleEntry == nil, format.nalForm == track.format.nalForm {
            // The sample entry is not written yet: it can hold them all.
            track.format = format
            listedTracks[track.number].format = format
            if track.inBand != nil { track.setInBand() }
        } else {
            track.setInBand()
        }
        tracks[address] = track
        guard change == .carried else { return }
        let how =
            track.inBand == nil
            ? "its frames say so themselves" : "parameter sets are kept in band, before every key frame"
        status.warnOnce(
            .format,
            place(address.source) + Self.text(from: old, to: format) + "; \(how)"
        )
    }

    private static func text(from old: TrackFormat, to new: TrackFormat) -> String {
        old.summary == new.summary
            ? "the parameters of the \(new.summary) track change"
            : "the format changes from \(old.summary) to \(new.summary)"
    }

    private func refusal(of text: String, _ reason: String, _ kind: TrackFormat.Kind, _ source: Int) -> RemuxError {
        let remedy =
            switch plan.formatChange {
            case .fail: "--on-format-change fail was given"
            case .inBand where plan.path != nil: "\(reason); --on-format-change split makes a file for each"
            case .inBand, .split: "\(reason); --on-format-change split makes a file for each, where -o names a file"
            }
        return mediaError(
            "\(text); \(remedy), and \(kind == .video ? "--video none" : "--audio none") leaves it out",
            source: source
        )
    }
}

extension RemuxLoop.OutputTrack {
    /// Ticks of the samples' clock in that of the timeline's track.
    func timelineTicks(_ ticks: Int64) -> Int64 { clock.scale.convert(ticks, to: timelineScale) }

    /// From now on key frames hold the parameter sets of their format.
    fileprivate mutating func setInBand() {
        guard let form = format.nalForm else { return }
        inBand = form.joined(current.parameterSets)
    }

    /// Gives a sample the form that the track's sample entry declares, and a key frame its parameter sets: decoders keep the last
    /// ones, so that after a seek across a change they have those of the other picture.
    ///
    /// - Throws: ``RemuxError`` where a unit is too long for the lengths that the sample entry declares.
    func adapt(_ sample: DemuxedSample, place: () -> String) throws {
        guard let form = format.nalForm else { return }
        if let own = current.nalForm, own != form, try !own.rewrite(sample.packet, as: form) {
            throw RemuxError(
                .media,
                place()
                    + "a sample has units that the lengths of the track's first format cannot tell, or none at all; "
                    + "--on-format-change split makes a file for each format"
            )
        }
        guard sample.isKey, let inBand, !inBand.isEmpty else { return }
        if current.hasParameterSets(sample.packet.bytes, form: form) { return }
        try sample.packet.insert(inBand)
    }
}
