@testable import Remux

/// A file in memory that can stop at any call, and lose what was not synchronised, as a computer does.
final class MemoryFile: StoredSink {
    struct Stop: Error {}

    /// A change of the file, as a system may write it to the disk or not.
    enum Change {
        case put([UInt8], at: Int)
        case cut(to: Int)
    }

    private(set) var bytes: [UInt8]
    /// Calls that changed something, one for each boundary at which a kill can come.
    private(set) var changes: [Change] = []
    /// How many of ``changes`` are on the disk for certain.
    private(set) var synchronized = 0
    /// Calls that still succeed; `nil`: all.
    var callsLeft: Int?
    /// Of the call that does not, so much is done: a part of its bytes, unless they are 8 or fewer.
    var tornPart = 0.0

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    var patchableLength: UInt64 { .max }
    var storedLength: UInt64 { UInt64(bytes.count) }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try apply(.put(Array(bytes), at: self.bytes.count)) }
    func patch(_ bytes: [UInt8], at offset: UInt64) throws { try apply(.put(bytes, at: Int(offset))) }
    func truncate(to length: UInt64) throws { try apply(.cut(to: Int(length))) }
    func finish() {}
    func abort() {}

    func read(_ count: Int, at offset: UInt64) throws -> [UInt8] {
        Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
    }

    func synchronize() throws {
        guard callsLeft != 0 else { throw Stop() }
        synchronized = changes.count
    }

    private func apply(_ change: Change) throws {
        if let left = callsLeft {
            if left == 0 {
                if case .put(let bytes, let offset) = change, bytes.count > 8 {
                    Self.apply(
                        .put(Array(bytes.prefix(Int(Double(bytes.count) * tornPart))), at: offset),
                        to: &self.bytes
                    )
                }
                throw Stop()
            }
            callsLeft = left - 1
        }
        changes.append(change)
        Self.apply(change, to: &bytes)
    }

    static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .put(let new, let offset):
            if bytes.count < offset + new.count, !new.isEmpty {
                bytes += [UInt8](repeating: 0, count: offset + new.count - bytes.count)
            }
            bytes.replaceSubrange(offset..<(offset + new.count), with: new)
        case .cut(let length):
            bytes.removeLast(max(0, bytes.count - length))
        }
    }
}
