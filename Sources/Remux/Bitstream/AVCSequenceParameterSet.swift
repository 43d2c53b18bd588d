/// What a container needs of an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1.1 and Annex E).
struct AVCSequenceParameterSet: Equatable {
    var profile: UInt8
    var compatibility: UInt8
    var level: UInt8
    /// Luma samples after cropping.
    var width: Int
    var height: Int
    var chromaFormat: UInt8
    var bitDepthLuma: UInt8
    var bitDepthChroma: UInt8
    /// Sample aspect ratio, 1:1 where the set does not say.
    var aspect: PixelAspect
    var color: ColorDescription?

    /// Reads one NAL unit of type 7 without its start code; `nil` when it is damaged or not one.
    init?(nalUnit: UnsafeRawBufferPointer) {
        guard nalUnit.count >= 5, nalUnit[0] & 0x1F == 7 else { return nil }
        var reader = BitReader(
            UnsafeRawBufferPointer(rebasing: nalUnit[1...]),
            skipsEmulationPrevention: true
        )
        guard let profile = reader.bits(8), let compatibility = reader.bits(8), let level = reader.bits(8),
            reader.unsignedExpGolomb() != nil
        else { return nil }
        self.profile = UInt8(profile)
        self.compatibility = UInt8(compatibility)
        self.level = UInt8(level)
        guard let chroma = Self.chroma(of: profile, &reader) else { return nil }
        chromaFormat = chroma.format
        bitDepthLuma = chroma.luma
        bitDepthChroma = chroma.chroma
        guard let size = Self.size(chroma.separatePlanes ? 0 : chroma.format, &reader) else { return nil }
        (width, height) = size
        aspect = .square
        color = nil
        if reader.bit() == 1 {
            (aspect, color) = Self.usability(&reader)
        }
    }

    /// Profiles whose parameter sets carry chroma format and bit depths (H.264 §7.3.2.1.1).
    static let highProfiles: Set<UInt32> = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

    private static func chroma(
        of profile: UInt32,
        _ reader: inout BitReader
    ) -> (format: UInt8, luma: UInt8, chroma: UInt8, separatePlanes: Bool)? {
        guard highProfiles.contains(profile) else { return (1, 8, 8, false) }
        guard let format = reader.unsignedExpGolomb(), format <= 3 else { return nil }
        var separatePlanes = false
        if format == 3 {
            guard let bit = reader.bit() else { return nil }
            separatePlanes = bit == 1
        }
        guard let luma = reader.unsignedExpGolomb(), luma <= 6, let chroma = reader.unsignedExpGolomb(), chroma <= 6,
            reader.bit() != nil, let hasMatrix = reader.bit()
        else { return nil }
        if hasMatrix == 1 {
            for list in 0..<(format == 3 ? 12 : 8) {
                guard let present = reader.bit() else { return nil }
                if present == 1, skipScalingList(size: list < 6 ? 16 : 64, &reader) == nil { return nil }
            }
        }
        return (UInt8(format), UInt8(luma + 8), UInt8(chroma + 8), separatePlanes)
    }

    private static func skipScalingList(size: Int, _ reader: inout BitReader) -> Void? {
        var last: Int32 = 8
        var next: Int32 = 8
        for _ in 0..<size {
            if next != 0 {
                guard let delta = reader.signedExpGolomb() else { return nil }
                next = (last &+ delta) & 0xFF
            }
            if next != 0 { last = next }
        }
        return ()
    }

    private static func size(_ chromaArrayType: UInt8, _ reader: inout BitReader) -> (Int, Int)? {
        guard reader.unsignedExpGolomb() != nil, let orderType = reader.unsignedExpGolomb() else { return nil }
        if orderType == 0 {
            guard reader.unsignedExpGolomb() != nil else { return nil }
        } else if orderType == 1 {
            guard reader.bit() != nil, reader.signedExpGolomb() != nil, reader.signedExpGolomb() != nil,
                let cycle = reader.unsignedExpGolomb(), cycle <= 255
            else { return nil }
            for _ in 0..<cycle where reader.signedExpGolomb() == nil { return nil }
        }
        guard reader.unsignedExpGolomb() != nil, reader.bit() != nil, let widthMinus1 = reader.unsignedExpGolomb(),
            let heightMinus1 = reader.unsignedExpGolomb(), widthMinus1 < 4096, heightMinus1 < 4096,
            let framesOnly = reader.bit()
        else { return nil }
        if framesOnly == 0, reader.bit() == nil { return nil }
        guard reader.bit() != nil, let hasCropping = reader.bit() else { return nil }
        var width = (Int(widthMinus1) + 1) * 16
        var height = (Int(heightMinus1) + 1) * 16 * (framesOnly == 1 ? 1 : 2)
        if hasCropping == 1 {
            guard let left = reader.unsignedExpGolomb(), let right = reader.unsignedExpGolomb(),
                let top = reader.unsignedExpGolomb(), let bottom = reader.unsignedExpGolomb()
            else { return nil }
            let unitX = chromaArrayType == 1 || chromaArrayType == 2 ? 2 : 1
            let unitY = (chromaArrayType == 1 ? 2 : 1) * (framesOnly == 1 ? 1 : 2)
            width -= (Int(left) + Int(right)) * unitX
            height -= (Int(top) + Int(bottom)) * unitY
        }
        return width > 0 && height > 0 ? (width, height) : nil
    }

    /// The start of `vui_parameters` (Annex E §E.1.1): what follows the colour description is not needed.
    private static func usability(_ reader: inout BitReader) -> (PixelAspect, ColorDescription?) {
        guard let aspect = PixelAspect(&reader) else { return (.square, nil) }
        return (aspect, ColorDescription(&reader))
    }
}
