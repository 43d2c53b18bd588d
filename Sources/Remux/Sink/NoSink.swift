/// The sink of an output that holds nothing.
final class NoSink: ByteSink {
    func write(_ bytes: UnsafeRawBufferPointer) {}
    func finish() {}
    func abort() {}
}
