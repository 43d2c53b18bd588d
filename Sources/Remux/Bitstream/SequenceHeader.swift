/// The sequence header of MPEG-1 or MPEG-2 video, with its extensions (ISO/IEC 13818-2 §6.2.2). Pure.
struct SequenceHeader: Equatable {
    var width: Int
    var height: Int
    var aspect: PixelAspect
    /// From the start code of the header to that of the first group or picture.
    var bytes: [UInt8]

    /// The most bytes that header, extensions and user data are believed to have.
    private static let maximumBytes = 64 << 10

    /// Reads the header at the start of a picture; `nil` where there is none.
    init?(_ unit: UnsafeRawBufferPointer) {
        guard unit.count >= 12, unit[0] == 0, unit[1] == 0, unit[2] == 1, unit[3] == 0xB3 else { return nil }
        width = Int(unit[4]) << 4 | Int(unit[5] >> 4)
        height = Int(unit[5] & 0x0F) << 8 | Int(unit[6])
        let limit = min(unit.count, Self.maximumBytes)
        var end = limit
        var isMPEG2 = false
        for offset in 4..<max(4, limit - 3) where unit[offset] == 0 && unit[offset + 1] == 0 && unit[offset + 2] == 1 {
            // Group of pictures, picture: the header has ended.
            if unit[offset + 3] == 0xB8 || unit[offset + 3] == 0 {
                end = offset
                break
            }
            // The sequence extension, which MPEG-1 does not have.
            if unit[offset + 3] == 0xB5, offset + 10 <= unit.count, unit[offset + 4] >> 4 == 1 {
                isMPEG2 = true
                width |= (Int(unit[offset + 5] & 1) << 1 | Int(unit[offset + 6] >> 7)) << 12
                height |= Int(unit[offset + 6] >> 5 & 3) << 12
            }
        }
        guard width > 0, height > 0 else { return nil }
        bytes = Array(unit[..<end])
        aspect = Self.pixelAspect(code: unit[7] >> 4, width: width, height: height, isMPEG2: isMPEG2)
    }

    /// Table 6-3: MPEG-2 codes the shape of the picture; that of MPEG-1 is the pixel's, and is taken for square.
    private static func pixelAspect(code: UInt8, width: Int, height: Int, isMPEG2: Bool) -> PixelAspect {
        let shapes: [UInt8: (Int, Int)] = [2: (4, 3), 3: (16, 9), 4: (221, 100)]
        guard isMPEG2, let shape = shapes[code] else { return .square }
        var (horizontal, vertical) = (shape.0 * height, shape.1 * width)
        var (a, b) = (horizontal, vertical)
        while b > 0 { (a, b) = (b, a % b) }
        horizontal /= max(1, a)
        vertical /= max(1, a)
        return PixelAspect(width: UInt32(clamping: horizontal), height: UInt32(clamping: vertical))
    }
}
