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
    private let seek: (Int64) -> Bool
    private let size: () -> UInt64
    /// The first error of `accept`; looked at before any libav return code.
    private var stash: (any Error)?

    /// - Parameters:
    ///   - accept: takes the next bytes.
    ///   - seek: moves the place of the next bytes, counted from the start; `nil`: they are only ever appended.
    ///   - size: how many bytes there are; only with `seek`.
    init(
        accept: @escaping (UnsafeRawBufferPointer) throws -> Void,
        seek: ((Int64) -> Bool)? = nil,
        size: @escaping () -> UInt64 = { 0 }
    ) throws(FFmpegError) {
        self.accept = accept
        self.seek = seek ?? { _ in false }
        self.size = size
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
            seek == nil
                ? nil
                : { opaque, offset, whence in
                    guard let opaque else { return Int64(sh_AVERROR_EXTERNAL) }
                    return Unmanaged<OutputIO>.fromOpaque(opaque).takeUnretainedValue().move(to: offset, whence)
                }
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

    /// libavformat makes every place an absolute one before it asks.
    private func move(to offset: Int64, _ whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 { return Int64(clamping: size()) }
        return whence == SEEK_SET && seek(offset) ? offset : Int64(sh_AVERROR_EXTERNAL)
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
