import HLS
import Transport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What a local playlist may reach: regular files in its own directory tree, nothing else (DESIGN §7: a remote playlist
/// never names a local file).
struct LocalInput: Sendable, Equatable {
    /// The folder that holds the playlist, absolute, without links, with a slash at the end.
    let root: String

    /// The tree of the file at an absolute path without links; `nil` for a relative path.
    init?(path: String) {
        guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return nil }
        root = String(path[...slash])
    }

    /// The tree of what was given as the playlist's own URL.
    init?(base: ResourceURI) {
        guard let path = base.localFilePath else { return nil }
        self.init(path: path)
    }

    /// The resolved path of a `file:` URI that the playlist names.
    ///
    /// - Throws: ``RemuxError`` with the code of what is missing where there is no such file, `playlistRefused` where it
    ///   leads out of the tree or to no regular file.
    func checkedPath(_ uri: ResourceURI, role: TransferRequest.Role) throws(RemuxError) -> String {
        let context = RemuxError.Context(stage: "Fetch", url: uri.description)
        guard let named = uri.localFilePath, let resolved = Self.resolve(named) else {
            let code: RemuxError.Code =
                switch role {
                case .playlist: .playlistUnreachable
                case .key: .key
                // Without its Media Initialization Section a segment is lost as well.
                case .mediaSegment, .subtitleSegment, .mediaInitializationSection: .incomplete
                }
            throw RemuxError(code, "there is no file \(uri)", context: context)
        }
        guard resolved.hasPrefix(root) else {
            throw RemuxError(.playlistRefused, "\(uri) lies outside the playlist's folder \(root)", context: context)
        }
        guard case .file = FileKind(path: resolved) else {
            throw RemuxError(.playlistRefused, "\(uri) is no regular file", context: context)
        }
        return resolved
    }

    /// The absolute path without links; `nil` where there is nothing.
    static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
