import CFFmpeg

extension Packet {
    /// The payload for writing in place, which nobody else sees: copied where others share it (`av_packet_make_writable`).
    func ownBytes() throws(FFmpegError) -> UnsafeMutableRawBufferPointer {
        try FFmpegError.check(av_packet_make_writable(raw), "av_packet_make_writable")
        return UnsafeMutableRawBufferPointer(start: raw.pointee.data, count: size)
    }

    /// Puts bytes, which are not the packet's own, behind the payload (`av_grow_packet`).
    func append(_ bytes: UnsafeRawBufferPointer) throws(FFmpegError) {
        let known = size
        guard let count = Int32(exactly: bytes.count) else { throw .outOfMemory("av_grow_packet") }
        try FFmpegError.check(av_grow_packet(raw, count), "av_grow_packet")
        UnsafeMutableRawBufferPointer(start: raw.pointee.data + known, count: bytes.count).copyMemory(from: bytes)
    }

    /// Leaves a part of the payload, without moving it.
    func keep(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= size)
        raw.pointee.data += range.lowerBound
        raw.pointee.size = Int32(range.count)
    }
}
