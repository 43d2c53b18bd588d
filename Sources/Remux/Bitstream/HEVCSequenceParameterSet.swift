/// What a container needs of an H.265 sequence parameter set (ITU-T H.265 §7.3.2.2.1): the size of the picture.
struct HEVCSequenceParameterSet: Equatable {
    /// Luma samples after the conformance window.
    var width: Int
    var height: Int

    /// Reads one NAL unit of type 33 without its start code; `nil` when it is damaged or not one.
    init?(nalUnit: UnsafeRawBufferPointer) {
        guard nalUnit.count >= 15, (nalUnit[0] >> 1) & 0x3F == 33 else { return nil }
        var reader = BitReader(UnsafeRawBufferPointer(rebasing: nalUnit[2...]), skipsEmulationPrevention: true)
        guard reader.bits(4) != nil, let maxSubLayersMinus1 = reader.bits(3), maxSubLayersMinus1 <= 6,
            reader.bit() != nil, Self.skipProfileTierLevel(Int(maxSubLayersMinus1), &reader) != nil,
            reader.unsignedExpGolomb() != nil, let chroma = reader.unsignedExpGolomb(), chroma <= 3
        else { return nil }
        var separatePlanes = false
        if chroma == 3 {
            guard let bit = reader.bit() else { return nil }
            separatePlanes = bit == 1
        }
        guard let codedWidth = reader.unsignedExpGolomb(), let codedHeight = reader.unsignedExpGolomb(),
            codedWidth <= 65_536, codedHeight <= 65_536, let hasWindow = reader.bit()
        else { return nil }
        width = Int(codedWidth)
        height = Int(codedHeight)
        if hasWindow == 1 {
            guard let left = reader.unsignedExpGolomb(), let right = reader.unsignedExpGolomb(),
                let top = reader.unsignedExpGolomb(), let bottom = reader.unsignedExpGolomb()
            else { return nil }
            let unitX = !separatePlanes && (chroma == 1 || chroma == 2) ? 2 : 1
            let unitY = !separatePlanes && chroma == 1 ? 2 : 1
            width -= (Int(left) + Int(right)) * unitX
            height -= (Int(top) + Int(bottom)) * unitY
        }
        guard width > 0, height > 0 else { return nil }
    }

    /// `profile_tier_level( 1, maxSubLayersMinus1 )` (§7.3.3).
    private static func skipProfileTierLevel(_ maxSubLayersMinus1: Int, _ reader: inout BitReader) -> Void? {
        guard reader.skip(96) != nil else { return nil }
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<maxSubLayersMinus1 {
            guard let profile = reader.bit(), let level = reader.bit() else { return nil }
            present.append((profile == 1, level == 1))
        }
        if maxSubLayersMinus1 > 0, reader.skip(2 * (8 - maxSubLayersMinus1)) == nil { return nil }
        for layer in present {
            if layer.profile, reader.skip(88) == nil { return nil }
            if layer.level, reader.skip(8) == nil { return nil }
        }
        return ()
    }
}
