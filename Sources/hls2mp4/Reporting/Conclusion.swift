import Remux

/// How a run has ended.
struct Conclusion {
    var status: ExitStatus
    /// One line; `nil` where all is well.
    var message: String?
    /// The message is for reports only: a reader of standard output that goes away is no news to anybody.
    var isSilent = false

    /// - Parameters:
    ///   - signal: what stopped the session, if anything did.
    ///   - stopText: what to say then.
    init(_ result: Result<RemuxSummary, any Error>, signal: Int32? = nil, stopText: String = "stopped") {
        switch result {
        case .success: status = .complete
        case .failure(let error as RemuxError):
            status = ExitStatus(error.code)
            message = error.message
            isSilent = error.code == .readerGone
        case .failure(is CancellationError):
            status = signal == 15 ? .terminated : .interrupted
            message = stopText
        case .failure(let error):
            status = .internalError
            message = "\(error)"
        }
    }
}
