/// A sink that keeps its bytes where they can be read back: a file. Confined to the thread that made it.
protocol StoredSink: ByteSink {
    /// Bytes it holds.
    var storedLength: UInt64 { get }

    /// Reads `count` bytes; fewer at the end.
    func read(_ count: Int, at offset: UInt64) throws -> [UInt8]

    /// Drops all bytes from `length` on.
    func truncate(to length: UInt64) throws

    /// What was written so far outlasts a crash of the system before anything that is written later.
    func synchronize() throws
}
