/// Reads a stretch of a source's bytes in the pieces that boxes ask for. Confined to the thread `remux`.
final class StretchReader {
    private let reader: RingReader
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    /// Bytes read since the stretch began.
    private(set) var position: Int64 = 0

    private static let bufferBytes = 64 << 10

    init(_ reader: RingReader) {
        self.reader = reader
        buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
    }

    /// The header of the next box; `nil` at the end.
    ///
    /// - Throws: ``DamagedBoxes`` where the bytes are no header.
    func readBoxHeader() throws(DamagedBoxes) -> BoxHeader? {
        while end - start < BoxHeader.maximumByteCount, fill() {}
        guard end > start else { return nil }
        guard let header = BoxHeader(buffer[start..<end]) else {
            throw DamagedBoxes("no box begins \(position) bytes into it")
        }
        start += header.byteCount
        position += Int64(header.byteCount)
        return header
    }

    /// Whether the next bytes, up to eight, are zeros, and there is one at least: no box begins so.
    func beginsWithZeros() -> Bool {
        while end - start < 8, fill() {}
        return end > start && buffer[start..<min(end, start + 8)].allSatisfy { $0 == 0 }
    }

    /// Passes over zeros up to the end of the stretch; `false` where something else follows.
    func skipZeros() -> Bool {
        while end > start || fill() {
            guard buffer[start..<end].allSatisfy({ $0 == 0 }) else { return false }
            position += Int64(end - start)
            start = end
        }
        return true
    }

    /// `count` bytes; `nil` where the stretch ends before.
    func read(count: Int) throws -> [UInt8]? {
        guard count >= 0 else { throw DamagedBoxes("a box is smaller than its header") }
        // Grows with what comes, not with what the header claims.
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard end > start || fill() else { return nil }
            let taken = min(end - start, count - bytes.count)
            bytes += buffer[start..<start + taken]
            start += taken
            position += Int64(taken)
        }
        return bytes
    }

    /// A packet of `count` bytes; `nil` where the stretch ends before.
    func readPacket(count: Int) throws -> Packet? {
        var isWhole = true
        let packet = try Packet(count: count) { target in
            var filled = 0
            let buffered = min(end - start, count)
            target.copyBytes(from: buffer[start..<start + buffered])
            start += buffered
            filled += buffered
            while filled < count {
                // What is left of a large sample goes where it belongs without a stop here.
                let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
                guard case .bytes(let read) = reader.blockingRead(into: rest) else {
                    isWhole = false
                    break
                }
                filled += read
            }
            position += Int64(filled)
        }
        return isWhole ? packet : nil
    }

    /// Passes over everything up to a position; `false` where the stretch ends before.
    func skip(to target: Int64) throws -> Bool {
        while position < target {
            guard end > start || fill() else { return false }
            let taken = Int(min(Int64(end - start), target - position))
            start += taken
            position += Int64(taken)
        }
        return true
    }

    /// Passes over the rest of the stretch.
    func skipAll() throws {
        while end > start || fill() {
            position += Int64(end - start)
            start = end
        }
    }

    /// Reads more behind what is buffered; `false` at the end of the stretch.
    private func fill() -> Bool {
        if start == end {
            (start, end) = (0, 0)
        } else if start > 0 {
            buffer.replaceSubrange(0..<(end - start), with: buffer[start..<end])
            (start, end) = (0, end - start)
        }
        guard end < buffer.count else { return true }
        let result = buffer.withUnsafeMutableBytes { bytes in
            reader.blockingRead(into: UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
        }
        guard case .bytes(let count) = result else { return false }
        end += count
        return true
    }
}
