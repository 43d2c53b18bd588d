/// What some servers put in front of media so that it passes for an image or a page (DESIGN §4): where it ends. Pure.
enum DisguisePrefix {
    /// Longer ones are not searched for media.
    static let maximumBytes = 1 << 20

    enum Search: Equatable {
        /// Media begins here; 0: nothing stands before it.
        case media(at: Int)
        /// More bytes are needed to tell.
        case needsMore
        case none
    }

    /// Finds the media behind an image or a page.
    ///
    /// - Parameters:
    ///   - bytes: from the first byte of the segment on.
    ///   - isWhole: no more bytes will come.
    static func search(_ bytes: [UInt8], isWhole: Bool) -> Search {
        if SegmentInspector.intactContainer(head: bytes) != nil { return .media(at: 0) }
        guard isDisguise(bytes) else { return .none }
        let isEnough = isWhole || bytes.count >= maximumBytes
        var searched = 1
        if let end = end(of: bytes) {
            searched = end
            let rest = Array(bytes[end...])
            if rest.count >= SegmentInspector.headBytes || isWhole, SegmentInspector.intactContainer(head: rest) != nil
            {
                return .media(at: end)
            }
            if rest.count < SegmentInspector.headBytes, !isEnough { return .needsMore }
        } else if !isEnough {
            return .needsMore
        }
        // An image that is none (its first bytes, then media), or something else behind it.
        if let start = firstMedia(in: bytes, from: searched) { return .media(at: start) }
        return .none
    }

    /// Whether the bytes begin as an image or a page.
    static func isDisguise(_ bytes: [UInt8]) -> Bool {
        if case .image = SegmentFormat(head: bytes) { return true }
        return SegmentInspector.textKind(Array(bytes.prefix(64))) == "an HTML page"
    }

    /// Bytes of the image or page at the start, by its own structure; `nil` where its end is not here.
    static func end(of bytes: [UInt8]) -> Int? {
        switch SegmentFormat(head: bytes) {
        case .image("PNG"): pngEnd(bytes)
        case .image("JPEG"): jpegEnd(bytes)
        case .image("GIF"): gifEnd(bytes)
        case .image("BMP"): bmpEnd(bytes)
        default: pageEnd(bytes)
        }
    }

    /// ISO/IEC 15948 §5.3: chunks, the last of which is IEND.
    private static func pngEnd(_ bytes: [UInt8]) -> Int? {
        var offset = 8
        while let length = bytes.read32(at: offset), let type = bytes.read32(at: offset + 4) {
            let (end, overflows) = offset.addingReportingOverflow(12 + Int(length))
            guard !overflows, end <= bytes.count else { return nil }
            if FourCC(type) == "IEND" { return end }
            offset = end
        }
        return nil
    }

    /// ISO/IEC 10918-1 §B.1: marker segments, entropy-coded data behind the start of scan, the end of image.
    private static func jpegEnd(_ bytes: [UInt8]) -> Int? {
        var offset = 2
        while offset + 2 <= bytes.count {
            guard bytes[offset] == 0xFF else {
                offset += 1
                continue
            }
            switch bytes[offset + 1] {
            case 0xD9: return offset + 2
            case 0x00, 0x01, 0xD0...0xD7, 0xFF: offset += bytes[offset + 1] == 0xFF ? 1 : 2
            default:
                guard offset + 4 <= bytes.count else { return nil }
                offset += 2 + (Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3]))
            }
        }
        return nil
    }

    /// GIF89a §18…§27: screen descriptor, then blocks of sub-blocks up to the trailer.
    private static func gifEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count > 13 else { return nil }
        func tableBytes(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
        var offset = 13 + tableBytes(bytes[10])
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x3B: return offset + 1
            case 0x21: offset += 2
            case 0x2C:
                guard offset + 10 <= bytes.count else { return nil }
                offset += 10 + tableBytes(bytes[offset + 9]) + 1
            default: return nil
            }
            while offset < bytes.count, bytes[offset] != 0 { offset += 1 + Int(bytes[offset]) }
            offset += 1
        }
        return nil
    }

    /// The file header says how long the file is.
    private static func bmpEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 6 else { return nil }
        let size = (0..<4).reduce(0) { $0 | Int(bytes[2 + $1]) << (8 * $1) }
        return size >= 14 && size <= bytes.count ? size : nil
    }

    private static func pageEnd(_ bytes: [UInt8]) -> Int? {
        let tag = Array("</html>".utf8)
        guard bytes.count >= tag.count else { return nil }
        for offset in 0...(bytes.count - tag.count)
        where bytes[offset] == tag[0] && zip(bytes[offset...], tag).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) {
            var end = offset + tag.count
            while end < bytes.count, [0x0A, 0x0D, 0x20, 0x09].contains(bytes[end]) { end += 1 }
            return end
        }
        return nil
    }

    /// The first place where a transport stream begins (five sync bytes), or a box that starts a segment.
    private static func firstMedia(in bytes: [UInt8], from start: Int) -> Int? {
        let packet = TransportPacketLayout.plain.bytes
        for offset in start..<max(start, bytes.count) where offset + 4 * packet < bytes.count {
            if bytes[offset] == 0x47, (1...4).allSatisfy({ bytes[offset + $0 * packet] == 0x47 }) { return offset }
            guard bytes[offset] == 0, bytes[offset + 1] == 0 else { continue }
            if let type = bytes.read32(at: offset + 4), ["styp", "ftyp"].contains(FourCC(type)) { return offset }
        }
        return nil
    }
}
