import CFFmpeg
import HLS

extension OutputMetadata {
    /// Puts title and time into a context, before its header is written. Chapters: ``applyChapters(to:)``.
    func apply(to context: UnsafeMutablePointer<AVFormatContext>) throws(FFmpegError) {
        if let title { try OutputContext.set(&context.pointee.metadata, "title", title) }
        if let creationTimeMilliseconds {
            let text = CalendarDate(millisecondsSince1970: creationTimeMilliseconds).description
            try OutputContext.set(&context.pointee.metadata, "creation_time", text)
        }
    }

    /// Gives the chapters to a context that has none; it owns them from then on.
    ///
    /// libavformat exports no function for this; `avformat_free_context` frees what is made here as if it were its own.
    func applyChapters(to context: UnsafeMutablePointer<AVFormatContext>, shift90k: Int64, end90k: Int64)
        throws(FFmpegError)
    {
        guard !chapters.isEmpty, context.pointee.nb_chapters == 0 else { return }
        let stride = MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride
        guard let list = av_calloc(chapters.count, stride) else { throw .outOfMemory("av_calloc") }
        context.pointee.chapters = list.bindMemory(
            to: UnsafeMutablePointer<AVChapter>?.self,
            capacity: chapters.count
        )
        for (index, chapter) in chapters.enumerated() {
            guard let memory = av_mallocz(MemoryLayout<AVChapter>.size) else { throw .outOfMemory("av_mallocz") }
            let made = memory.bindMemory(to: AVChapter.self, capacity: 1)
            made.pointee.id = Int64(index + 1)
            made.pointee.time_base = AVRational(num: 1, den: 90_000)
            made.pointee.start = chapter.start90k &+ shift90k
            let next = index + 1 < chapters.count ? chapters[index + 1].start90k : end90k
            made.pointee.end = max(next, chapter.start90k &+ 1) &+ shift90k
            context.pointee.chapters[index] = made
            context.pointee.nb_chapters = UInt32(index + 1)
            try OutputContext.set(&made.pointee.metadata, "title", chapter.title)
        }
    }
}
