/// Where the resources of a Media Playlist are after it was loaded again, because its addresses have expired.
///
/// A segment is the same one where it has the same Media Sequence Number and the same path, whatever its query is; in
/// playlists that keep their tokens in paths, where ``SegmentMatcher`` says so. Keys and Media Initialization Sections follow
/// the segments that use them.
package struct RenewedAddresses: Sendable {
    private var addresses: [ResourceURI: ResourceURI] = [:]

    /// - Parameters:
    ///   - old: the playlist whose addresses are in use.
    ///   - fresh: the same playlist, loaded again.
    package init(from old: MediaPlaylist, to fresh: MediaPlaylist) {
        let matcher = SegmentMatcher(primary: old, candidate: fresh)
        for segment in old.segments {
            guard let uri = try? old.uri.resolving(segment.uri),
                let same = Self.segment(like: segment, at: uri, in: fresh)
                    ?? matcher.segment(for: segment.mediaSequenceNumber),
                let renewed = try? fresh.uri.resolving(same.uri)
            else { continue }
            addresses[uri] = renewed
            add(keys: segment.keys, same.keys)
            guard let section = segment.initializationSection, let sameSection = same.initializationSection else {
                continue
            }
            addresses[section.resolvedURI] = sameSection.resolvedURI
            add(keys: section.keys, sameSection.keys)
        }
    }

    /// Where the resource is now; `nil` where the playlist does not name it any more.
    package func address(of uri: ResourceURI) -> ResourceURI? { addresses[uri] }

    /// Adds what another playlist of the session says.
    package mutating func add(_ other: RenewedAddresses) {
        addresses.merge(other.addresses) { first, _ in first }
    }

    /// Nothing is renewed.
    package init() {}

    private static func segment(
        like segment: MediaSegment,
        at uri: ResourceURI,
        in fresh: MediaPlaylist
    ) -> MediaSegment? {
        guard let first = fresh.segments.first?.mediaSequenceNumber, segment.mediaSequenceNumber >= first,
            let index = Int(exactly: segment.mediaSequenceNumber - first), index < fresh.segments.count,
            let other = try? fresh.uri.resolving(fresh.segments[index].uri),
            other.withoutQuery == uri.withoutQuery, !fresh.segments[index].isGap
        else { return nil }
        return fresh.segments[index]
    }

    private mutating func add(keys: [SegmentKey], _ renewed: [SegmentKey]) {
        guard keys.count == renewed.count else { return }
        for (key, other) in zip(keys, renewed)
        where key.methodName == other.methodName && key.keyFormat == other.keyFormat {
            if let uri = key.resolvedURI, let fresh = other.resolvedURI { addresses[uri] = fresh }
        }
    }
}

extension ResourceURI {
    /// Scheme, authority and path.
    fileprivate var withoutQuery: Substring { text.prefix { $0 != "?" } }
}
