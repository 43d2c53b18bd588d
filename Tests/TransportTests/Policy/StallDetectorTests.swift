import Testing

@testable import Transport

@Suite struct StallDetectorTests {
    /// Bytes a second, and the second in which it is given up.
    @Test(
        arguments: [
            ([Int](repeating: 2_000, count: 100), nil),
            ([1] + [Int](repeating: 0, count: 100), 20),
            ([Int](repeating: 1_000, count: 100), 20),
            ([Int](repeating: 1_024, count: 100), nil),
            // 19 slow seconds, then a burst, over and over.
            ((0..<100).map { $0 % 20 == 19 ? 5_000 : 1 }, nil),
            ([Int](repeating: 3_000, count: 30) + [Int](repeating: 0, count: 50), 50),
        ] as [([Int], Int?)]
    )
    func slowBodies(rates: [Int], expected: Int?) {
        var detector = StallDetector(timeouts: TransferTimeouts())
        detector.connected()
        var second = 0
        for rate in rates {
            second += 1
            if let kind = detector.advance(by: .seconds(1), bytes: rate) {
                guard case .stalled = kind else {
                    Issue.record("\(kind)")
                    return
                }
                #expect(second == expected)
                return
            }
        }
        #expect(expected == nil)
    }

    @Test func connectionAndFirstByteHaveTheirOwnLimits() {
        var detector = StallDetector(timeouts: TransferTimeouts())
        for _ in 0..<9 { #expect(detector.advance(by: .seconds(1), bytes: 0) == nil) }
        detector.connected()
        for _ in 0..<14 { #expect(detector.advance(by: .seconds(1), bytes: 0) == nil) }
        guard case .timeout(.firstByte) = detector.advance(by: .seconds(1), bytes: 0) else {
            Issue.record("no time-out")
            return
        }
        var other = StallDetector(timeouts: TransferTimeouts())
        guard case .timeout(.connect) = other.advance(by: .seconds(10), bytes: 0) else {
            Issue.record("no time-out")
            return
        }
    }
}
