import Decryption
import HLS
import Transport

/// Turns what a transfer threw into the session's error, with the segment's place.
enum FetchFailure {
    static func remuxError(_ error: TransportError, order: SegmentOrder, label: String) -> RemuxError {
        let number = order.identity.mediaSequenceNumber
        let context = RemuxError.Context(stage: "Fetch", url: order.uri.description, mediaSequenceNumber: number)
        let place = "\(label)Media Segment \(number)"
        if case .filter(let underlying) = error.kind {
            switch underlying {
            case let underlying as RemuxError:
                return RemuxError(
                    underlying.code,
                    "\(place): \(underlying.message)",
                    context: context,
                    underlying: error
                )
            case let finding as SegmentInspector.Finding:
                return RemuxError(
                    finding.code,
                    "\(place): \(finding) (\(order.uri))",
                    context: context,
                    underlying: error
                )
            case let underlying as SegmentTooLarge:
                return RemuxError(.key, "\(place): \(underlying)", context: context, underlying: error)
            case let finding as SubtitleFinding:
                return RemuxError(
                    .incomplete,
                    "\(place) is lost: \(finding) (\(order.uri))",
                    context: context,
                    underlying: error
                )
            case let underlying as DecryptionError:
                if underlying.isOfTruncation {
                    return RemuxError(
                        .incomplete,
                        "\(place) is lost: \(underlying)",
                        context: context,
                        underlying: error
                    )
                }
                return RemuxError(.key, "\(place): \(underlying)", context: context, underlying: error)
            default: break
            }
        }
        if case .tooLarge(let limit, let size) = error.kind, Lock(order.encryption)?.method == .aes256GCM {
            let tooLarge = SegmentTooLarge(limitBytes: Int(clamping: limit), byteCount: size)
            return RemuxError(.key, "\(place): \(tooLarge)", context: context, underlying: error)
        }
        return RemuxError(.incomplete, "\(place) is lost: \(error)", context: context, underlying: error)
    }

    /// Whether the same segment from another server may be had: it is lost here, or its key cannot be loaded from here.
    static func isWorthAnotherSource(_ error: RemuxError) -> Bool {
        if error.code == .incomplete { return true }
        guard error.code == .key, let transport = error.underlying as? TransportError else { return false }
        guard case .filter(let cause) = transport.kind else { return true }
        return (cause as? RemuxError)?.underlying is TransportError
    }

    /// The error of a segment whose bytes from another source are not those handed on before.
    static func differs(_ order: SegmentOrder, label: String) -> RemuxError {
        let number = order.identity.mediaSequenceNumber
        return RemuxError(
            .incomplete,
            "\(label)Media Segment \(number) is lost: what another server has of it is not what came so far (\(order.uri))",
            context: RemuxError.Context(stage: "Fetch", url: order.uri.description, mediaSequenceNumber: number)
        )
    }

    /// The error of a segment that was not even asked for.
    static func refused(_ error: RemuxError, order: SegmentOrder, label: String) -> RemuxError {
        let number = order.identity.mediaSequenceNumber
        var error = error
        error.message =
            "\(label)Media Segment \(number)\(error.code == .incomplete ? " is lost" : ""): \(error.message)"
        error.context.mediaSequenceNumber = number
        return error
    }

    /// The error of a playlist that could not be loaded.
    static func playlist(_ error: TransportError, uri: ResourceURI) -> RemuxError {
        let code: RemuxError.Code
        switch error.kind {
        case .refusedByPolicy, .tooLarge, .invalidURL: code = .playlistRefused
        default: code = .playlistUnreachable
        }
        return RemuxError(
            code,
            "the playlist could not be loaded: \(error)",
            context: RemuxError.Context(stage: "Playlist", url: uri.description),
            underlying: error
        )
    }
}
