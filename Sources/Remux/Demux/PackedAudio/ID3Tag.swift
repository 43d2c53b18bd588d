/// An ID3v2 tag (id3.org, ID3v2.3 and ID3v2.4), as it stands in front of packed audio (RFC 8216bis §3.1.3). Pure.
struct ID3Tag: Equatable {
    /// Bytes of the whole tag, header and footer included.
    var byteCount: Int
    /// The timestamp of the first sample behind it, 33 bits at 90 kHz; `nil`: it says none.
    var timestamp90k: Int64?

    static let headerBytes = 10
    /// A tag with pictures inside may be large; this large it is none.
    static let maximumBytes = 16 << 20
    private static let timestampOwner = Array("com.apple.streaming.transportStreamTimestamp".utf8)

    /// Bytes of the tag that begins here, from its header; `nil` where none does.
    static func byteCount(header: some Collection<UInt8>) -> Int? {
        let head = Array(header.prefix(headerBytes))
        guard head.count == headerBytes, head.starts(with: "ID3".utf8), head[3] < 0xFF, head[4] < 0xFF,
            let size = synchsafe(head[6...])
        else { return nil }
        let hasFooter = head[5] & 0x10 != 0
        return headerBytes + size + (hasFooter ? headerBytes : 0)
    }

    /// Reads a whole tag; `nil` where it is none.
    init?(_ bytes: [UInt8]) {
        guard let count = Self.byteCount(header: bytes), bytes.count >= count else { return nil }
        byteCount = count
        let version = bytes[3]
        var reader = ByteReader(bytes[Self.headerBytes..<count])
        if bytes[5] & 0x40 != 0, !Self.skipExtendedHeader(&reader, version: version) { return }
        while let id = reader.read(bytes: 4), id.first != 0, let field = reader.read(bytes: 4), reader.skip(2) {
            // Version 2.4 has synchsafe sizes; some writers of 2.4 do not know.
            let plain = Int(field.read32(at: 0) ?? 0)
            let size = version >= 4 ? Self.synchsafe(field) ?? plain : plain
            guard let content = reader.read(bytes: size) else { return }
            guard Array(id) == Array("PRIV".utf8), content.starts(with: Self.timestampOwner) else { continue }
            let value = content.dropFirst(Self.timestampOwner.count)
            guard value.first == 0, let timestamp = value.read64(at: 1) else { continue }
            timestamp90k = Int64(timestamp & 0x1_FFFF_FFFF)
        }
    }

    private static func skipExtendedHeader(_ reader: inout ByteReader, version: UInt8) -> Bool {
        guard let field = reader.read(bytes: 4) else { return false }
        // In 2.4 the size counts itself, in 2.3 it does not.
        if version >= 4 { return synchsafe(field).map { reader.skip(max(0, $0 - 4)) } ?? false }
        return field.read32(at: 0).map { reader.skip(Int($0)) } ?? false
    }

    /// Four bytes of seven bits each.
    private static func synchsafe(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4, bytes.prefix(4).allSatisfy({ $0 < 0x80 }) else { return nil }
        return bytes.prefix(4).reduce(0) { $0 << 7 | Int($1) }
    }
}
