/// The shape of a sample (pixel), width to height; both are at least 1.
struct PixelAspect: Equatable, Sendable {
    var width: UInt32
    var height: UInt32

    static let square = PixelAspect(width: 1, height: 1)

    init(width: UInt32, height: UInt32) {
        self.width = width
        self.height = height
    }

    /// Reads `aspect_ratio_info_present_flag` and what follows it: the same in H.264 (§E.2.1) and H.265 (§E.3.1).
    init?(_ reader: inout BitReader) {
        guard let present = reader.bit() else { return nil }
        self = .square
        guard present == 1 else { return }
        guard let code = reader.bits(8) else { return nil }
        if code == 255 {
            guard let width = reader.bits(16), let height = reader.bits(16) else { return nil }
            if width > 0, height > 0 { self = PixelAspect(width: width, height: height) }
        } else if Int(code) < Self.table.count {
            let entry = Self.table[Int(code)]
            self = PixelAspect(width: entry.0, height: entry.1)
        }
    }

    /// Table E-1 of both recommendations.
    private static let table: [(UInt32, UInt32)] = [
        (1, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11),
        (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
    ]
}

/// Colour description code points (ITU-T H.273), as a `colr` box of type `nclx` carries them.
struct ColorDescription: Equatable, Sendable {
    var primaries: UInt8
    var transfer: UInt8
    var matrix: UInt8
    var isFullRange: Bool

    /// Reads from `overscan_info_present_flag` to the end of the colour description; `nil` where there is none.
    init?(_ reader: inout BitReader) {
        guard let overscan = reader.bit() else { return nil }
        if overscan == 1, reader.bit() == nil { return nil }
        guard reader.bit() == 1, reader.bits(3) != nil, let fullRange = reader.bit(), reader.bit() == 1,
            let primaries = reader.bits(8), let transfer = reader.bits(8), let matrix = reader.bits(8)
        else { return nil }
        self.primaries = UInt8(primaries)
        self.transfer = UInt8(transfer)
        self.matrix = UInt8(matrix)
        isFullRange = fullRange == 1
    }
}
