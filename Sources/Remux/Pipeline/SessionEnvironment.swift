package import Transport

/// What a session takes from outside and tests replace: the clock of the waits between attempts, and the limits of a
/// transfer that does not move.
package struct SessionEnvironment: Sendable {
    package var clock: any Clock<Duration> = ContinuousClock()
    package var timeouts = TransferTimeouts()

    package init() {}
}
