import CFFmpeg

/// Owns one `AVPacket`. Confined to the thread `remux`.
final class Packet {
    let raw: UnsafeMutablePointer<AVPacket>

    /// An empty packet (`av_packet_alloc`).
    init() throws(FFmpegError) {
        guard let packet = av_packet_alloc() else { throw .outOfMemory("av_packet_alloc") }
        raw = packet
    }

    /// A packet with a fresh payload of `count` bytes that `fill` writes (`av_new_packet`).
    init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        guard let packet = av_packet_alloc() else { throw FFmpegError.outOfMemory("av_packet_alloc") }
        raw = packet
        guard let length = Int32(exactly: count) else { throw FFmpegError.outOfMemory("av_new_packet") }
        try FFmpegError.check(av_new_packet(packet, length), "av_new_packet")
        try fill(UnsafeMutableRawBufferPointer(start: packet.pointee.data, count: count))
    }

    /// A packet over the same refcounted data, or a part of it (`av_packet_ref`).
    init(sharing other: Packet, offset: Int, length: Int) throws(FFmpegError) {
        guard let packet = av_packet_alloc() else { throw .outOfMemory("av_packet_alloc") }
        raw = packet
        try FFmpegError.check(av_packet_ref(packet, other.raw), "av_packet_ref")
        precondition(offset >= 0 && length >= 0 && offset + length <= other.size)
        packet.pointee.data += offset
        packet.pointee.size = Int32(length)
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = raw
        av_packet_free(&packet)
    }

    /// Payload bytes.
    var size: Int { Int(raw.pointee.size) }

    /// The payload; valid while the packet lives and is not changed.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: raw.pointee.data, count: size)
    }

    var isKey: Bool {
        get { raw.pointee.flags & AV_PKT_FLAG_KEY != 0 }
        set {
            raw.pointee.flags = newValue ? raw.pointee.flags | AV_PKT_FLAG_KEY : raw.pointee.flags & ~AV_PKT_FLAG_KEY
        }
    }

    /// Presentation time in the stream's time base; `nil` where the container gives none.
    var pts: Int64? {
        get { raw.pointee.pts == sh_AV_NOPTS_VALUE ? nil : raw.pointee.pts }
        set { raw.pointee.pts = newValue ?? sh_AV_NOPTS_VALUE }
    }

    /// Decoding time in the stream's time base; `nil` where the container gives none.
    var dts: Int64? {
        get { raw.pointee.dts == sh_AV_NOPTS_VALUE ? nil : raw.pointee.dts }
        set { raw.pointee.dts = newValue ?? sh_AV_NOPTS_VALUE }
    }

    /// Replaces the payload by a fresh buffer of `count` bytes that `fill` writes (`av_new_packet`); properties stay.
    func replacePayload(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) throws(FFmpegError) {
        guard let length = Int32(exactly: count) else { throw .outOfMemory("av_new_packet") }
        let fresh = try Packet()
        try FFmpegError.check(av_new_packet(fresh.raw, length), "av_new_packet")
        fill(UnsafeMutableRawBufferPointer(start: fresh.raw.pointee.data, count: count))
        try FFmpegError.check(av_packet_copy_props(fresh.raw, raw), "av_packet_copy_props")
        av_packet_unref(raw)
        av_packet_move_ref(raw, fresh.raw)
    }

    /// Puts bytes in front of the payload.
    func insert(_ prefix: [UInt8]) throws(FFmpegError) {
        let count = size
        let old = try Packet(sharing: self, offset: 0, length: count)
        try replacePayload(count: prefix.count + count) { target in
            target.copyBytes(from: prefix)
            UnsafeMutableRawBufferPointer(rebasing: target[prefix.count...]).copyMemory(from: old.bytes)
        }
    }

    /// The payload for writing in place, or `nil` where others share its buffer (`av_buffer_is_writable`).
    var writableBytes: UnsafeMutableRawBufferPointer? {
        guard let buffer = raw.pointee.buf, av_buffer_is_writable(buffer) == 1 else { return nil }
        return UnsafeMutableRawBufferPointer(start: raw.pointee.data, count: size)
    }
}
