import HLS
import Transport

/// Where else the Media Segments of a source are: the Media Playlists of redundant Variant Streams and Renditions, each
/// loaded when it is first needed.
///
/// The source that failed last is asked again only for what no other one has, and not with all retries.
actor SourceFailover {
    /// Where to fetch a segment.
    struct Place: Sendable {
        /// 0 is the source's own playlist.
        var source = 0
        var order: SegmentOrder
        /// It has failed before: it is asked again, but not with all retries.
        var isSecondChance = false
        /// Another source that has not failed has the segment too: there is no point in asking for long.
        var isBrief = false

        /// - Parameter patient: for a segment that nothing else has.
        func retry(_ patient: RetryPolicy) -> RetryPolicy {
            var retry = patient
            if isSecondChance {
                (retry.attempts, retry.notFoundAttempts) = (min(2, retry.attempts), 1)
            } else if isBrief {
                (retry.attempts, retry.notFoundAttempts) = (min(3, retry.attempts), min(2, retry.notFoundAttempts))
            }
            return retry
        }
    }

    private let primary: MediaPlaylist
    private let alternatives: [ResourceURI]
    private let load: @Sendable (ResourceURI) async throws -> MediaPlaylist
    private let status: SessionStatus
    private let label: String

    private var active = 0
    /// Why the sources that have failed did so last.
    private var failures: [Int: RemuxError] = [:]
    private var matchers: [Int: Task<SegmentMatcher?, Never>] = [:]
    private var transfers: [ObjectIdentifier: SegmentTransfer] = [:]
    /// Sources of which something was said already.
    private var told: Set<Int> = []

    /// `nil` where there is no alternative.
    ///
    /// - Parameters:
    ///   - load: loads and checks a Media Playlist.
    ///   - label: names the Rendition in messages.
    init?(
        primary: MediaPlaylist,
        alternatives: [ResourceURI],
        status: SessionStatus,
        label: String,
        load: @escaping @Sendable (ResourceURI) async throws -> MediaPlaylist
    ) {
        guard !alternatives.isEmpty else { return nil }
        self.primary = primary
        self.alternatives = alternatives
        self.status = status
        self.label = label
        self.load = load
    }

    /// Where to fetch a segment now; `nil` where no other source has it.
    ///
    /// - Parameter tried: the sources that have failed for this segment.
    func place(for order: SegmentOrder, except tried: Set<Int> = []) async -> Place? {
        let all = (0...alternatives.count).map { (active + $0) % (alternatives.count + 1) }
        let open = all.filter { !tried.contains($0) }
        for source in open.filter({ failures[$0] == nil }) + open.filter({ failures[$0] != nil }) {
            guard let found = await self.order(order, from: source) else { continue }
            if failures[active] != nil, failures[source] == nil { activate(source) }
            let isSecondChance = failures[source] != nil && source != active
            let isBrief = open.contains { $0 != source && failures[$0] == nil }
            return Place(source: source, order: found, isSecondChance: isSecondChance, isBrief: isBrief)
        }
        return nil
    }

    /// A transfer is under way: it may be called back from a source that fails.
    func begin(_ transfer: SegmentTransfer) { transfers[ObjectIdentifier(transfer)] = transfer }

    /// It is over.
    func end(_ transfer: SegmentTransfer) { transfers[ObjectIdentifier(transfer)] = nil }

    /// A segment came whole. A source that brings what the active one could not is the next active one.
    func succeeded(at place: Place) {
        guard place.isSecondChance, failures[active] != nil else { return }
        failures[place.source] = nil
        activate(place.source)
    }

    /// A source could not bring a segment.
    func failed(at source: Int, _ error: RemuxError) { failures[source] = error }

    private func order(_ order: SegmentOrder, from source: Int) async -> SegmentOrder? {
        guard source > 0 else { return order }
        guard let matcher = await matcher(source) else { return nil }
        let number = order.identity.mediaSequenceNumber
        guard order.identity.epoch == 0, let segment = matcher.segment(for: number) else {
            if told.insert(-source).inserted {
                status.warn("\(label)\(uri(source)) is redundant, but has nothing that matches Media Segment \(number)")
            }
            return nil
        }
        return order.relocated(to: segment, of: matcher.candidate)
    }

    private func matcher(_ source: Int) async -> SegmentMatcher? {
        let task = matchers[source] ?? makeMatcher(source)
        matchers[source] = task
        // Only the end of the session cancels whoever waits here.
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func makeMatcher(_ source: Int) -> Task<SegmentMatcher?, Never> {
        let (uri, place) = (alternatives[source - 1], self.uri(source))
        return Task { [load, primary, status, label] in
            do {
                return SegmentMatcher(primary: primary, candidate: try await load(uri))
            } catch {
                if !Task.isCancelled {
                    status.warn("\(label)\(place) is redundant, but cannot be used: \(error)")
                }
                return nil
            }
        }
    }

    /// New segments come from this source from now on, and those that are still waited for as well.
    private func activate(_ source: Int) {
        let old = active
        active = source
        let failure = failures[old]
        let cause = (failure?.underlying as? TransportError).map { "\($0)" } ?? failure?.message
        let text = "\(label)going on with \(uri(source))" + (cause.map { ": \($0)" } ?? "")
        if told.insert(source).inserted { status.warn(text) } else { status.note(text) }
        for transfer in transfers.values { transfer.abandon(source: old) }
    }

    private func uri(_ source: Int) -> String {
        source == 0 ? "\(primary.uri)" : "\(alternatives[source - 1])"
    }
}
