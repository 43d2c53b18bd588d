/// Chooses the sink for what the configuration names.
enum OutputChoice {
    /// Refuses, before anything is loaded, an output that is the input and what plainly cannot be written.
    static func check(_ configuration: RemuxConfiguration, input: SessionInput) throws(RemuxError) {
        if configuration.sidecar != nil { try checkSidecar(configuration) }
        if configuration.formatChange == .split { try checkSplit(configuration) }
        if configuration.layout == .flat { try checkFlat(configuration) }
        guard case .file(let path) = configuration.output else { return }
        do {
            try checkInput(input, isNot: path)
            if FileKind(path: path)?.isDevice == true || writesFilesOnly(configuration) { return }
            if configuration.addsExtension { return }
            try FileSink.check(path: path, overwrites: configuration.overwrites, restarts: configuration.restarts)
        } catch {
            throw RemuxError(wrapping: error)
        }
    }

    /// Neither video nor audio is wanted: there is no output but the files of subtitles.
    private static func writesFilesOnly(_ configuration: RemuxConfiguration) -> Bool {
        configuration.sidecar != nil && configuration.effectiveSelection.video == .none
            && configuration.selection.audio == .none
    }

    /// The flat layout is made in place at the end.
    private static func checkFlat(_ configuration: RemuxConfiguration) throws(RemuxError) {
        guard MovieBrand(configuration.effectiveContainer) != nil else {
            throw RemuxError(
                .configuration,
                "\(configuration.effectiveContainer.rawValue) has no flat layout, only mp4, mov and m4a do; leave --layout out, "
                    + "or choose one of them"
            )
        }
        if case .file(let path) = configuration.output, FileKind(path: path)?.isDevice != true { return }
        throw RemuxError(
            .configuration,
            "the flat layout is made in place when all is there, so it needs a file; name one with -o, or leave --layout out"
        )
    }

    /// Files beside the output need an output with a name.
    private static func checkSidecar(_ configuration: RemuxConfiguration) throws(RemuxError) {
        switch configuration.output {
        case .file(let path) where FileKind(path: path)?.isDevice != true: break
        case .file(let path):
            throw RemuxError(
                .output,
                "subtitles cannot be written beside \(path), which is no file; name a file with -o"
            )
        case .standardOutput, .custom:
            throw RemuxError(.output, "subtitles can be written beside a file only; name one with -o")
        }
    }

    /// Further files need an output with a name, and theirs must be free.
    private static func checkSplit(_ configuration: RemuxConfiguration) throws(RemuxError) {
        let without: String? =
            configuration.effectiveContainer == .copy
            ? "copied segments are not split where formats change"
            : configuration.takesChapters ? "an output that is split where formats change has no chapters" : nil
        if let without { throw RemuxError(.configuration, without + "; leave out one of the two options") }
        guard let path = path(of: configuration) else {
            throw RemuxError(
                .output,
                "only a file can be split where formats change; name one with -o, or leave out --on-format-change split"
            )
        }
        if writesFilesOnly(configuration) { return }
        do {
            // Those of an earlier run begin with the second.
            try FileSink.check(
                path: OutputFiles.path(path, number: 2),
                overwrites: configuration.overwrites,
                restarts: configuration.restarts
            )
        } catch {
            throw RemuxError(wrapping: error)
        }
    }

    /// The path of an output that is a file.
    static func path(of configuration: RemuxConfiguration) -> String? {
        guard case .file(let path) = configuration.output, FileKind(path: path)?.isDevice != true else { return nil }
        return path
    }

    /// Opens the files behind the first one; `nil` where there is to be one.
    static func nextSinkFactory(_ configuration: RemuxConfiguration) -> OutputFiles.Make? {
        guard configuration.formatChange == .split, let path = path(of: configuration) else { return nil }
        let (overwrites, restarts) = (configuration.overwrites, configuration.restarts)
        return { number in
            try FileSink(path: OutputFiles.path(path, number: number), overwrites: overwrites, restarts: restarts)
        }
    }

    /// Opens the files of subtitles on the thread that uses them; `nil`: there are none.
    static func sidecarFactory(
        _ configuration: RemuxConfiguration
    ) -> (@Sendable ([SourcePlan]) throws -> [SidecarFile])? {
        guard let format = configuration.sidecar, case .file(let path) = configuration.output else { return nil }
        let (overwrites, restarts) = (configuration.overwrites, configuration.restarts)
        return { plans in
            try SidecarFile.open(plans, beside: path, format: format, overwrites: overwrites, restarts: restarts)
        }
    }

    private static func checkInput(_ input: SessionInput, isNot path: String) throws(SinkError) {
        guard let playlist = input.playlistPath else { return }
        for candidate in [path, FileSink.partPath(of: path)] {
            if let kind = FileKind(path: candidate), case .file = kind, kind == FileKind(path: playlist) {
                throw .isInput(path: candidate)
            }
        }
    }

    /// Makes the sink on the thread that uses it.
    ///
    /// - Parameters:
    ///   - stop: ends a sink's wait for a reader.
    ///   - writesFilesOnly: nothing but files of subtitles is made.
    static func sinkFactory(
        _ configuration: RemuxConfiguration,
        stop: SinkStop,
        writesFilesOnly: Bool
    ) -> @Sendable () throws -> any ByteSink {
        if writesFilesOnly { return { NoSink() } }
        let (overwrites, restarts) = (configuration.overwrites, configuration.restarts)
        switch configuration.output {
        case .custom(let make): return make
        case .standardOutput: return { DescriptorSink.standardOutput(stop: stop) }
        case .file(let path):
            return {
                if FileKind(path: path)?.isDevice == true { return try DescriptorSink.device(at: path, stop: stop) }
                return try FileSink(path: path, overwrites: overwrites, restarts: restarts)
            }
        }
    }

    /// Opens the sink once the extension of its name is known; `nil`: the name is given.
    static func namedSinkFactory(
        _ configuration: RemuxConfiguration
    ) -> (@Sendable (String) throws -> (sink: any ByteSink, path: String))? {
        guard configuration.addsExtension, case .file(let path) = configuration.output else { return nil }
        let (overwrites, restarts) = (configuration.overwrites, configuration.restarts)
        return { fileExtension in
            let name = "\(path).\(fileExtension)"
            return (try FileSink(path: name, overwrites: overwrites, restarts: restarts), name)
        }
    }
}
