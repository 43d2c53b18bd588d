import CFFmpeg

/// Owns an `AVIOContext` that hands what libavformat writes to a closure. Confined to the thread `remux`.
///
/// Invariant: the context holds an unretained pointer to this object, which outlives it: the owner frees the
/// `AVFormatContext` before it lets go of this.
final class OutputIO {
    /// libavformat goes back inside its buffer to fill in box sizes: a `moof` must fit (spike: smaller corrupts).
    static let bufferBytes: Int32 = 1 << 20

    private(set) var context: UnsafeMutablePointer<AVIOContext>?
    private let accept: (UnsafeRawBufferPointer) throws -> Void
    /// The first error of `accept`; looked at before any libav return code.
    private var stash: (any Error)?

    init(accept: @escaping (UnsafeRawBufferPointer) throws -> Void) throws(FFmpegError) {
        self.accept = accept
        guard let buffer = av_malloc(Int(Self.bufferBytes)) else { throw .outOfMemory("av_malloc") }
        context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self),
            Self.bufferBytes,
            1,
            Unmanaged.passUnretained(self).toOpaque(),
            nil,
            { opaque, data, size in
                guard let opaque, let data else { return Int32(sh_AVERROR_EXTERNAL) }
                let io = Unmanaged<OutputIO>.fromOpaque(opaque).takeUnretainedValue()
                return io.write(UnsafeRawBufferPointer(start: data, count: Int(size)))
            },
            nil
        )
        if context == nil {
            av_free(buffer)
            throw .outOfMemory("avio_alloc_context")
        }
    }

    deinit {
        if let context { av_freep(&context.pointee.buffer) }
        avio_context_free(&context)
    }

    /// Throws the error that a write met, once.
    func rethrow() throws {
        guard let error = stash else { return }
        stash = nil
        throw error
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard stash == nil else { return Int32(sh_AVERROR_EXTERNAL) }
        do {
            try accept(bytes)
            return Int32(bytes.count)
        } catch {
            stash = error
            return Int32(sh_AVERROR_EXTERNAL)
        }
    }
}
