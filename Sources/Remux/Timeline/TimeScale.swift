/// Ticks a second, at least 1.
struct TimeScale: Hashable, Sendable {
    let ticksPerSecond: Int64

    /// The clock of MPEG-2 Systems and of HLS timestamps.
    static let mpeg = TimeScale(90_000)

    init(_ ticksPerSecond: Int64) {
        precondition(ticksPerSecond >= 1)
        self.ticksPerSecond = ticksPerSecond
    }

    /// `ticks` of this scale in another one, rounded to the nearest, halves away from zero; saturates at ±2^62.
    func convert(_ ticks: Int64, to other: TimeScale) -> Int64 {
        if ticksPerSecond == other.ticksPerSecond { return ticks }
        let product = ticks.magnitude.multipliedFullWidth(by: UInt64(other.ticksPerSecond))
        let divisor = UInt64(ticksPerSecond)
        guard product.high < divisor else { return ticks < 0 ? -Self.saturated : Self.saturated }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        let rounded = quotient &+ (remainder >= divisor - remainder ? 1 : 0)
        guard rounded <= UInt64(Self.saturated) else { return ticks < 0 ? -Self.saturated : Self.saturated }
        return ticks < 0 ? -Int64(rounded) : Int64(rounded)
    }

    /// Where conversions stop: far beyond any presentation, far from overflow.
    static let saturated: Int64 = 1 << 62
}
