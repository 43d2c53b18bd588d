extension RemuxConfiguration {
    /// What the output is.
    public enum Container: String, Sendable, CaseIterable {
        /// Fragmented MP4, or whatever ``RemuxConfiguration`` says of its layout.
        case mp4
        /// QuickTime, in the same layout.
        case mov
        /// Matroska.
        case mkv
        /// An MPEG transport stream.
        case ts
        /// MP4 with audio only: video is left out.
        case m4a
        /// The decrypted bytes of the Media Segments, one after the other, unchanged.
        case copy

        /// What the end of a file name says; `nil` where it says nothing.
        public init?(fileName: String) {
            guard let container = Self.extensions[Self.fileExtension(of: fileName)] else { return nil }
            self = container
        }

        /// What a file name of such an output ends in, without the period; `nil` where what comes decides.
        public var fileExtension: String? { self == .copy ? nil : rawValue }

        private static let extensions: [String: Container] = [
            "mp4": .mp4, "m4v": .mp4, "mov": .mov, "qt": .mov, "mkv": .mkv, "mka": .mkv, "ts": .ts, "m4a": .m4a,
            "m4b": .m4a,
        ]

        /// In lower case; empty where there is none.
        static func fileExtension(of fileName: String) -> String {
            let name = fileName.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
            guard let period = name.lastIndex(of: "."), period != name.startIndex else { return "" }
            return name[name.index(after: period)...].lowercased()
        }
    }

    /// ``container``, or what stands in its place.
    var effectiveContainer: Container {
        if let container { return container }
        if case .file(let path) = output { return Container(fileName: path) ?? .mp4 }
        return .mp4
    }

    /// The output is one for audio: video is left out whatever ``selection`` says.
    var leavesVideoOut: Bool {
        if effectiveContainer == .m4a { return true }
        guard case .file(let path) = output else { return false }
        return effectiveContainer == .mkv && Container.fileExtension(of: path) == "mka"
    }

    /// ``selection``, and what the container leaves out.
    var effectiveSelection: Selection {
        var selection = selection
        if leavesVideoOut { selection.video = .none }
        return selection
    }
}
