import HLS

/// What the client gives as the playlist's own URL (`--base-url`): an http or https URL, or a local path.
enum BaseURL {
    /// The URI to resolve against. A path is made absolute; one that leads to a folder stands for what is in it.
    ///
    /// - Throws: ``RemuxError`` with code `configuration`.
    static func uri(_ text: String) throws(RemuxError) -> ResourceURI {
        guard let uri = ResourceURI(text), uri.scheme.count > 1 else { return try file(text) }
        switch uri.scheme {
        case "http", "https": return uri
        case "file":
            guard let path = uri.localFilePath else { throw refused(uri.description) }
            return try file(path)
        default: throw refused(uri.description)
        }
    }

    private static func file(_ path: String) throws(RemuxError) -> ResourceURI {
        let slash = path.lastIndex(of: "/")
        let isFolder = slash.map { path.index(after: $0) == path.endIndex } ?? false
        if let resolved = LocalInput.resolve(path) {
            let isRoot = resolved == "/"
            if FileKind(path: resolved) == .folder, let uri = ResourceURI.filePath(resolved + (isRoot ? "" : "/")) {
                return uri
            }
            if !isFolder, let uri = ResourceURI.filePath(resolved) { return uri }
        }
        // The playlist itself need not be there, its folder must.
        let folder = slash.map { path[...$0] } ?? "./"
        guard !isFolder, let resolved = LocalInput.resolve(String(folder)),
            let uri = ResourceURI.filePath(
                (resolved == "/" ? "" : resolved) + "/" + path[(slash.map(path.index(after:)) ?? path.startIndex)...]
            )
        else { throw refused(DisplayText.escaped(path)) }
        return uri
    }

    private static func refused(_ text: String) -> RemuxError {
        RemuxError(.configuration, "--base-url takes an http or https URL, or the path of a folder or file: \(text)")
    }
}
