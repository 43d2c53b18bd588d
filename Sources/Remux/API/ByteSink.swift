/// Where the output goes, byte after byte.
///
/// A sink is made, used and released on one thread, the one named `remux`; its methods may block.
public protocol ByteSink: AnyObject {
    /// Appends bytes. The pointer is valid during the call only.
    func write(_ bytes: UnsafeRawBufferPointer) throws

    /// How far from the start bytes may still be replaced: 0 on a pipe, `UInt64.max` on a file.
    var patchableLength: UInt64 { get }

    /// Replaces bytes that were written before; only below ``patchableLength``.
    func patch(_ bytes: [UInt8], at offset: UInt64) throws

    /// The output is complete: make it durable and give it its final name.
    func finish() throws

    /// The output is not complete, but everything written so far is consistent: keep it for a later run, or drop it.
    func abort() throws
}

extension ByteSink {
    public var patchableLength: UInt64 { 0 }
    public func patch(_ bytes: [UInt8], at offset: UInt64) throws {
        preconditionFailure("patch called on a sink whose patchableLength is 0")
    }
}
