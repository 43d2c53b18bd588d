extension ResourceURI {
    /// The `file:` URI of an absolute path, its bytes escaped where needed; `nil` for a relative path.
    package static func filePath(_ path: String) -> ResourceURI? {
        guard path.utf8.first == slash else { return nil }
        var escaped: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"):
                URIReference.appendEscape(of: byte, to: &escaped)
            case 0...0x20, 0x7F...:
                // Here a blank at either end belongs to the name: it must not be trimmed.
                URIReference.appendEscape(of: byte, to: &escaped)
            default:
                escaped.append(byte)
            }
        }
        return ResourceURI("file://" + String(decoding: escaped, as: UTF8.self))
    }

    /// The path of a `file:` URI, percent-decoded, for opening; `nil` for another scheme, another host or a NUL in it.
    package var localFilePath: String? {
        guard scheme == "file", host.isEmpty || host == "localhost", let path = reference?.path else { return nil }
        let bytes = Self.percentDecodedBytes(path)
        guard bytes.first == Self.slash, !bytes.contains(0) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether this `file:` URI lies in the directory of `other` or below it, judged by the decoded text: dot segments
    /// are resolved, symbolic links are not, so that the opener must check the real path too.
    package func isInDirectoryTree(of other: ResourceURI) -> Bool {
        guard let path = localFilePath, let otherPath = other.localFilePath,
            let lastSlash = otherPath.utf8.lastIndex(of: Self.slash)
        else { return false }
        // An escaped slash or dot comes out only by decoding: such a path may not climb.
        return path.utf8.starts(with: otherPath.utf8[...lastSlash])
            && !path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }
}
