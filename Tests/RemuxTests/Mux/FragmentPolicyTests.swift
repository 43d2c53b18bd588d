import Testing

@testable import Remux

@Suite struct FragmentPolicyTests {
    private func cuts(_ policy: FragmentPolicy, frames: Int, gop: Int, bytes: Int = 1000) -> [Int] {
        var policy = policy
        return (0..<frames).filter { frame in
            policy.cutsBefore(dts90k: Int64(frame) * 3600, byteCount: bytes, mayStart: gop > 0 && frame % gop == 0)
        }
    }

    @Test("one GOP a fragment where a GOP lasts a second or more")
    func gop() {
        #expect(cuts(FragmentPolicy(), frames: 200, gop: 50) == [50, 100, 150])
    }

    @Test("short GOPs are put together until the shortest fragment is reached")
    func shortGOP() {
        #expect(cuts(FragmentPolicy(), frames: 101, gop: 1) == [25, 50, 75, 100])
        #expect(cuts(FragmentPolicy(minimum90k: 180_000), frames: 101, gop: 10) == [50, 100])
    }

    @Test("without any sync sample fragments end after 10 s, 16 MiB or 16,384 samples")
    func bounds() {
        #expect(cuts(FragmentPolicy(), frames: 501, gop: 0) == [250, 500])
        #expect(cuts(FragmentPolicy(), frames: 40, gop: 0, bytes: 1 << 20) == [16, 32])
        var policy = FragmentPolicy()
        let cut = (0..<20_000).first { policy.cutsBefore(dts90k: Int64($0), byteCount: 1, mayStart: false) }
        #expect(cut == FragmentPolicy.maximumSamples)
    }
}
