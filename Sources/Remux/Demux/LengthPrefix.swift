/// Rewrites an Annex B access unit as NAL units behind four-byte lengths (ISO/IEC 14496-15 §5.3.2).
enum LengthPrefix {
    /// - Parameter units: the NAL units of the packet, as ``NALUnits`` gave them.
    static func rewrite(_ packet: Packet, units: [(offset: Int, length: Int)]) throws(FFmpegError) {
        if fitsInPlace(units, count: packet.size), let bytes = packet.writableBytes {
            for unit in units {
                bytes.storeBytes(of: UInt32(unit.length).bigEndian, toByteOffset: unit.offset - 4, as: UInt32.self)
            }
            return
        }
        let source = packet.bytes
        try packet.replacePayload(count: units.reduce(0) { $0 + 4 + $1.length }) { target in
            var position = 0
            for unit in units {
                target.storeBytes(of: UInt32(unit.length).bigEndian, toByteOffset: position, as: UInt32.self)
                UnsafeMutableRawBufferPointer(rebasing: target[(position + 4)...])
                    .copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[unit.offset..<(unit.offset + unit.length)])
                    )
                position += 4 + unit.length
            }
        }
    }

    /// Every start code has four bytes and nothing lies between the units: lengths take the places of the start codes.
    private static func fitsInPlace(_ units: [(offset: Int, length: Int)], count: Int) -> Bool {
        var end = 0
        for unit in units {
            guard unit.offset - end == 4 else { return false }
            end = unit.offset + unit.length
        }
        return end == count
    }
}
