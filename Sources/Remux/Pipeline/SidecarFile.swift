import HLS

/// A file of subtitles beside the output. Confined to the thread `remux`.
final class SidecarFile {
    private let path: String
    private let format: RemuxConfiguration.Sidecar
    private let sink: any ByteSink
    private var cueCount = 0
    private var hasHeader = false

    /// - Throws: ``SinkError`` where the file is there already, or cannot be made.
    init(path: String, format: RemuxConfiguration.Sidecar, overwrites: Bool, restarts: Bool) throws(SinkError) {
        self.path = path
        self.format = format
        sink = try FileSink(path: path, overwrites: overwrites, restarts: restarts)
    }

    /// Opens the files of all Renditions, or none.
    static func open(
        _ plans: [SourcePlan],
        beside output: String,
        format: RemuxConfiguration.Sidecar,
        overwrites: Bool,
        restarts: Bool
    ) throws -> [SidecarFile] {
        let labels = plans.map { plan in
            SidecarName.Label(
                language: plan.rendition?.language,
                isForced: plan.rendition?.isForced ?? false,
                describesSound: plan.rendition?.characteristics
                    .contains("public.accessibility.describes-music-and-sound") ?? false
            )
        }
        let paths = SidecarName.paths(output: output, labels: labels, format: format)
        for path in paths { try FileSink.check(path: path, overwrites: overwrites, restarts: restarts) }
        var files: [SidecarFile] = []
        do {
            for path in paths {
                files.append(try SidecarFile(path: path, format: format, overwrites: overwrites, restarts: restarts))
            }
            return files
        } catch {
            for file in files { file.abort() }
            throw error
        }
    }

    /// Appends a cue.
    func write(_ cue: Cue) throws {
        try writeHeader()
        cueCount += 1
        try write(SidecarText.text(cue, format, number: cueCount))
    }

    /// Gives the file its name; says what it holds.
    func finish(language: String?) throws -> RemuxSummary.Sidecar {
        try writeHeader()
        try sink.finish()
        return RemuxSummary.Sidecar(path: path, language: language, cueCount: cueCount)
    }

    /// Leaves what was written as `.part`.
    func abort() { try? sink.abort() }

    private func writeHeader() throws {
        guard !hasHeader else { return }
        hasHeader = true
        try write(SidecarText.header(format))
    }

    private func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try sink.write(UnsafeRawBufferPointer($0)) }
    }
}
