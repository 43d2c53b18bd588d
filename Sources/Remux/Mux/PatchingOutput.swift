/// A sink as libavformat's muxers want it that go back to fill something in: what is behind the end is appended, what is
/// before it patched. Confined to the thread `remux`.
final class PatchingOutput {
    private let sink: any ByteSink
    /// Where the next byte goes.
    private var cursor: UInt64 = 0
    /// Bytes given to the sink.
    private(set) var byteCount: UInt64 = 0

    init(sink: any ByteSink) { self.sink = sink }

    /// Writes at the cursor.
    func accept(_ bytes: UnsafeRawBufferPointer) throws {
        let old = Int(min(byteCount - cursor, UInt64(bytes.count)))
        if old > 0 { try sink.patch(Array(bytes.prefix(old)), at: cursor) }
        if old < bytes.count {
            try sink.write(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(old)))
            byteCount += UInt64(bytes.count - old)
        }
        cursor += UInt64(bytes.count)
    }

    /// Moves the cursor; `false` where nothing has been written that far.
    func seek(to offset: Int64) -> Bool {
        guard let target = UInt64(exactly: offset), target <= byteCount else { return false }
        cursor = target
        return true
    }
}
