/// Chooses the sink for what the configuration names.
enum OutputChoice {
    /// Refuses an output that is the input, before anything is loaded.
    static func check(_ output: RemuxConfiguration.Output, input: SessionInput) throws(RemuxError) {
        guard case .file(let path) = output, let local = input.local else { return }
        for candidate in [path, path + ".part"] {
            if let kind = FileKind(path: candidate), case .file = kind, kind == FileKind(path: local.path) {
                throw RemuxError(wrapping: SinkError.isInput(path: candidate))
            }
        }
    }

    /// Makes the sink on the thread that uses it.
    static func sinkFactory(_ configuration: RemuxConfiguration) -> @Sendable () throws -> any ByteSink {
        let (overwrites, restarts) = (configuration.overwrites, configuration.restarts)
        switch configuration.output {
        case .custom(let make): return make
        case .standardOutput: return { DescriptorSink.standardOutput() }
        case .file(let path):
            return {
                if FileKind(path: path) == .special { return try DescriptorSink.device(at: path) }
                return try FileSink(path: path, overwrites: overwrites, restarts: restarts)
            }
        }
    }
}
