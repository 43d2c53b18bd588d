import CFFmpeg

/// Owns an `AVIOContext` that reads from a closure. Confined to the thread `remux`.
///
/// Invariant: the context holds an unretained pointer to this object, which outlives it: the owner closes the
/// `AVFormatContext` before it lets go of this.
final class InputIO {
    /// Measured flat optimum (spike.md §2).
    static let bufferBytes: Int32 = 256 << 10

    private(set) var context: UnsafeMutablePointer<AVIOContext>?
    private let read: (UnsafeMutableRawBufferPointer) -> Int

    /// - Parameter read: fills the buffer and returns how many bytes, 0 at the end.
    init(read: @escaping (UnsafeMutableRawBufferPointer) -> Int) throws(FFmpegError) {
        self.read = read
        guard let buffer = av_malloc(Int(Self.bufferBytes)) else { throw .outOfMemory("av_malloc") }
        context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self),
            Self.bufferBytes,
            0,
            Unmanaged.passUnretained(self).toOpaque(),
            { opaque, data, size in
                guard let opaque, let data else { return Int32(sh_AVERROR_EXTERNAL) }
                let io = Unmanaged<InputIO>.fromOpaque(opaque).takeUnretainedValue()
                let count = io.read(UnsafeMutableRawBufferPointer(start: data, count: Int(size)))
                return count > 0 ? Int32(count) : Int32(sh_AVERROR_EOF)
            },
            nil,
            nil
        )
        if context == nil {
            av_free(buffer)
            throw .outOfMemory("avio_alloc_context")
        }
    }

    deinit {
        // libavformat may have replaced the buffer: free what the context holds now.
        if let context { av_freep(&context.pointee.buffer) }
        avio_context_free(&context)
    }
}
