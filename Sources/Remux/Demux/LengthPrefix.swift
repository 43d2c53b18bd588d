/// NAL units behind lengths (ISO/IEC 14496-15 §5.3.2) in place of start codes (Annex B), and the other way.
enum LengthPrefix {
    /// Puts four-byte start codes in the places of lengths; `false` where the lengths contradict the packet's size, which
    /// stays as it is then.
    ///
    /// - Parameter lengthBytes: bytes of each length, 1…4.
    static func replace(_ packet: Packet, lengthBytes: Int) throws(FFmpegError) -> Bool {
        let source = packet.bytes
        var units: [(offset: Int, length: Int)] = []
        var position = 0
        while position < source.count {
            guard source.count - position >= lengthBytes else { return false }
            let length = source[position..<(position + lengthBytes)].reduce(0) { $0 << 8 | Int($1) }
            position += lengthBytes
            guard length <= source.count - position else { return false }
            if length > 0 { units.append((position, length)) }
            position += length
        }
        if fitsInPlace(units, count: source.count), let bytes = packet.writableBytes {
            for unit in units { bytes.storeBytes(of: startCode, toByteOffset: unit.offset - 4, as: UInt32.self) }
            return true
        }
        try rebuild(packet, units: units) { _ in startCode }
        return true
    }

    private static let startCode = UInt32(1).bigEndian

    /// Rewrites an Annex B access unit with four-byte lengths.
    ///
    /// - Parameter units: the NAL units of the packet, as ``NALUnits`` gave them.
    static func rewrite(_ packet: Packet, units: [(offset: Int, length: Int)]) throws(FFmpegError) {
        if fitsInPlace(units, count: packet.size), let bytes = packet.writableBytes {
            for unit in units {
                bytes.storeBytes(of: UInt32(unit.length).bigEndian, toByteOffset: unit.offset - 4, as: UInt32.self)
            }
            return
        }
        try rebuild(packet, units: units) { UInt32(clamping: $0).bigEndian }
    }

    /// The units one after the other, each behind four bytes made of its length.
    private static func rebuild(
        _ packet: Packet,
        units: [(offset: Int, length: Int)],
        prefix: (Int) -> UInt32
    ) throws(FFmpegError) {
        let source = packet.bytes
        try packet.replacePayload(count: units.reduce(0) { $0 + 4 + $1.length }) { target in
            var position = 0
            for unit in units {
                target.storeBytes(of: prefix(unit.length), toByteOffset: position, as: UInt32.self)
                UnsafeMutableRawBufferPointer(rebasing: target[(position + 4)...])
                    .copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[unit.offset..<(unit.offset + unit.length)])
                    )
                position += 4 + unit.length
            }
        }
    }

    /// Every prefix has four bytes and nothing lies between the units: the new ones take the places of the old.
    private static func fitsInPlace(_ units: [(offset: Int, length: Int)], count: Int) -> Bool {
        var end = 0
        for unit in units {
            guard unit.offset - end == 4 else { return false }
            end = unit.offset + unit.length
        }
        return end == count
    }
}
