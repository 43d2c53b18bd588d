import Decryption

/// Decrypts H.264 in PES payloads. A NAL unit may go on in the next payload: one is held back until it is seen whether the
/// next one begins with a start code.
final class SampleAESVideoReader: SampleAESReader {
    /// Payloads that go on for longer are no access unit.
    private static let maximumBytes = 64 << 20

    private let reader: any StreamReader
    private var cipher = StreamCipher()
    private var held: (payload: Packet, keys: SampleKeys)?
    var keys: SampleKeys?

    init(before reader: any StreamReader) { self.reader = reader }

    var counts: DemuxCounts { reader.counts }

    func takeNewFormat() -> TrackFormat? { reader.takeNewFormat() }

    func accept(_ payload: Packet, _ emit: (DemuxedSample) throws -> Void) throws {
        if let held, !Self.beginsUnit(payload.bytes), held.payload.size + payload.size <= Self.maximumBytes {
            try held.payload.append(payload.bytes)
            return
        }
        try release(emit)
        guard let keys else { return try reader.accept(payload, emit) }
        held = (payload, keys)
    }

    func finish(_ emit: (DemuxedSample) throws -> Void) throws {
        try release(emit)
        try reader.finish(emit)
    }

    private func release(_ emit: (DemuxedSample) throws -> Void) throws {
        guard let (payload, keys) = held else { return }
        held = nil
        let (cipher, vector) = try cipher.cipher(for: keys)
        let bytes = try payload.ownBytes()
        let count = try EncryptedUnits.open(bytes) { (unit) throws(DecryptionError) in
            try cipher.begin(vector)
            try cipher.decrypt(EncryptedUnits.pattern(of: unit), encryptedBlocks: 1, clearBlocks: 9)
        }
        payload.keep(0..<count)
        try reader.accept(payload, emit)
    }

    private static func beginsUnit(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.starts(with: [0, 0, 1]) || bytes.starts(with: [0, 0, 0, 1])
    }
}
