#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes to something that cannot be patched: standard output, a named pipe, a device.
final class DescriptorSink: ByteSink {
    private let descriptor: FileDescriptor

    /// Standard output of the process.
    static func standardOutput() -> DescriptorSink {
        DescriptorSink(FileDescriptor(raw: STDOUT_FILENO, path: "standard output", isOwned: false))
    }

    /// An existing pipe or device.
    static func device(at path: String) throws(SinkError) -> DescriptorSink {
        DescriptorSink(try FileDescriptor.open(path, flags: O_WRONLY))
    }

    private init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try descriptor.writeAll(bytes)
    }

    func finish() throws {
        try descriptor.synchronize()
    }

    func abort() throws {}
}
