/// Chooses the sink for what the configuration names.
enum OutputChoice {
    /// Refuses, before anything is loaded, an output that is the input and what plainly cannot be written.
    static func check(_ configuration: RemuxConfiguration, input: SessionInput) throws(RemuxError) {
        guard case .file(let path) = configuration.output else { return }
        do {
            try checkInput(input, isNot: path)
            if FileKind(path: path)?.isDevice == true { return }
            try FileSink.check(path: path, overwrites: configuration.overwrites, restarts: configuration.restarts)
        } catch {
            throw RemuxError(wrapping: error)
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
    /// - Parameter stop: ends a sink's wait for a reader.
    static func sinkFactory(
        _ configuration: RemuxConfiguration,
        stop: SinkStop
    ) -> @Sendable () throws -> any ByteSink {
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
}
