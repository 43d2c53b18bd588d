#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// NAL units of a byte stream (ITU-T H.264 Annex B, H.265 Annex B).
enum NALUnits {
    /// Calls `body` with the offset and length of each NAL unit in `data`, in order. Start codes of three and four bytes
    /// are taken; trailing zero bytes belong to no unit. Bytes before the first start code are passed over.
    ///
    /// The scan is `memchr` for 01, then a look back at the two bytes before it: as fast as C and without tables.
    @inline(__always)
    static func forEach(in data: UnsafeRawBufferPointer, _ body: (_ offset: Int, _ length: Int) -> Void) {
        guard let base = data.baseAddress else { return }
        let count = data.count
        var search = 2
        var unitStart = -1
        while search < count, let hit = memchr(base + search, 1, count - search) {
            let one = UnsafeRawPointer(hit) - base
            if data[one - 1] == 0, data[one - 2] == 0 {
                if unitStart >= 0 {
                    emit(data, unitStart, one - 2, body)
                }
                unitStart = one + 1
                search = one + 3
            } else {
                search = one + 1
            }
        }
        if unitStart >= 0 {
            emit(data, unitStart, count, body)
        }
    }

    @inline(__always)
    private static func emit(
        _ data: UnsafeRawBufferPointer,
        _ start: Int,
        _ limit: Int,
        _ body: (_ offset: Int, _ length: Int) -> Void
    ) {
        var end = limit
        while end > start, data[end - 1] == 0 { end -= 1 }
        if end > start { body(start, end - start) }
    }
}
