/// The list of chapters that MP4 players read (Nero's `chpl` in `udta`; version 1, as libavformat writes and reads it). Pure.
enum ChapterList {
    /// The box; its size depends on the titles alone, so that times can be patched.
    ///
    /// - Parameter chapters: at most 255.
    static func box(_ chapters: [Chapter]) -> [UInt8] {
        var payload: [UInt8] = []
        payload.append32(0x0100_0000)
        payload.append32(0)
        payload.append(UInt8(clamping: chapters.count))
        for chapter in chapters.prefix(255) {
            // Units of 100 ns.
            payload.append64(UInt64(max(0, TimeScale.mpeg.convert(chapter.start90k, to: TimeScale(10_000_000)))))
            let title = Array(utf8(chapter.title))
            payload.append(UInt8(title.count))
            payload += title
        }
        var box: [UInt8] = []
        box.append32(UInt32(clamping: payload.count + 8))
        box.append(code: "chpl")
        return box + payload
    }

    /// At most 255 bytes, whole characters.
    private static func utf8(_ text: String) -> String.UTF8View {
        var end = text.startIndex
        while end < text.endIndex {
            let next = text.index(after: end)
            if text[..<next].utf8.count > 255 { break }
            end = next
        }
        return String(text[..<end]).utf8
    }
}
