extension RemuxError {
    /// The public form of what a stage on the thread `remux` threw.
    init(wrapping error: any Error) {
        switch error {
        case let error as RemuxError:
            self = error
        case SinkError.readerGone:
            self.init(.readerGone, "\(error)", context: Context(stage: "Sink"), underlying: error)
        case is SinkError:
            self.init(.output, "\(error)", context: Context(stage: "Sink"), underlying: error)
        case is FFmpegError:
            self.init(.media, "libavformat refuses: \(error)", context: Context(stage: "Mux"), underlying: error)
        case is NoCut:
            self.init(
                .media,
                "\(error); --start and --end take parts of it",
                context: Context(stage: "Mux"),
                underlying: error
            )
        case is LayoutError:
            self.init(.internalError, "\(error)", context: Context(stage: "Mux"), underlying: error)
        default:
            // A sink of the library's client: its own words.
            self.init(.output, "the output failed: \(error)", context: Context(stage: "Sink"), underlying: error)
        }
    }
}
