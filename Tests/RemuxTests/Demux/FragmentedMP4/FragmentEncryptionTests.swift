import Decryption
import Testing

@testable import Remux

/// A box, as its bytes.
private func box(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append32(UInt32(8 + payload.count))
    return bytes + Array(type.utf8) + payload
}

private func number(_ value: Int, bytes count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// Where the encryption data of samples may stand, and what it may say.
@Suite struct FragmentEncryptionTests {
    private static let keyID = hex("0123456789abcdef0123456789abcdef")

    /// `tenc`, version 1: a pattern, a vector with each sample, or one for all.
    private static func defaults(vectorBytes: Int, constant: [UInt8] = [], pattern: UInt8 = 0)
        -> SampleEncryptionDefaults?
    {
        var bytes: [UInt8] = [1, 0, 0, 0, 0, pattern, 1, UInt8(vectorBytes)] + keyID
        if vectorBytes == 0, !constant.isEmpty { bytes += [UInt8(constant.count)] + constant }
        return SampleEncryptionDefaults(trackEncryption: bytes[...])
    }

    private func read(
        _ boxes: [UInt8],
        samples: Int,
        defaults: SampleEncryptionDefaults? = defaults(vectorBytes: 8),
        trackGroups: [SampleEncryptionDefaults] = []
    ) throws -> FragmentEncryption {
        try FragmentEncryption(
            trackFragment: boxes[...],
            sampleCount: samples,
            defaults: try #require(defaults),
            trackGroups: trackGroups
        )
    }

    private static let subsampled = number(0x1122, bytes: 8) + [0, 2, 0, 5, 0, 0, 0, 70, 0, 11, 0, 0, 0, 60]
    private static let senc = box(
        "senc",
        [0, 0, 0, 2, 0, 0, 0, 2] + subsampled + number(0x3344, bytes: 8) + [0, 1, 0, 9, 0, 0, 0, 32]
    )

    private func expectSubsampled(_ encryption: FragmentEncryption) {
        #expect(encryption.samples.map(\.vector?.high) == [0x1122, 0x3344])
        #expect(encryption.samples.map(\.vector?.low) == [0, 0])
        #expect(encryption.samples.map { $0.subsamples.count } == [2, 1])
        #expect(encryption.subsamples.map(\.clearBytes) == [5, 11, 9])
        #expect(encryption.subsamples.map(\.protectedBytes) == [70, 60, 32])
        #expect(encryption.missing == [])
    }

    @Test func senc() throws {
        expectSubsampled(try read(Self.senc, samples: 2))
    }

    @Test("the uuid box of PIFF, with and without its own parameters")
    func piff() throws {
        let uuid = hex("A2394F525A9B4F14A2446C427C648DF4")
        let content = [UInt8](Self.senc.dropFirst(12))
        expectSubsampled(try read(box("uuid", uuid + [0, 0, 0, 2] + content), samples: 2))
        let own = box("uuid", uuid + [0, 0, 0, 3, 0, 0, 1, 8] + [UInt8](repeating: 7, count: 16) + content)
        let encryption = try read(own, samples: 2, defaults: Self.defaults(vectorBytes: 16))
        expectSubsampled(encryption)
        #expect(encryption.parameters[0].keyID == [UInt8](repeating: 7, count: 16))
    }

    @Test("saiz and saio, in one run and in two", arguments: [1, 2])
    func auxiliary(_ runs: Int) throws {
        let second = number(0x3344, bytes: 8) + [0, 1, 0, 9, 0, 0, 0, 32]
        let saiz = box("saiz", [0, 0, 0, 0, 0, 0, 0, 0, 2, UInt8(Self.subsampled.count), UInt8(second.count)])
        let offsets = runs == 1 ? [400] : [400, 900]
        let saio = box("saio", [0, 0, 0, 0] + number(runs, bytes: 4) + offsets.flatMap { number($0, bytes: 4) })
        let trun = box("trun", [0, 0, 0, 0, 0, 0, 0, 1])
        var encryption = try read(trun + trun + saiz + saio, samples: 2)
        #expect(encryption.missing.map(\.offset) == offsets.map(Int64.init))
        for range in encryption.missing {
            let bytes = range.samples.lowerBound == 0 ? Self.subsampled + (runs == 1 ? second : []) : second
            #expect(range.byteCount == bytes.count)
            try encryption.take(auxiliary: bytes[...], of: range)
        }
        expectSubsampled(encryption)
    }

    @Test("auxiliary information about something else is passed over")
    func otherAuxiliary() throws {
        let saiz = box("saiz", [0, 0, 0, 1] + Array("abcd".utf8) + [0, 0, 0, 0, 3, 0, 0, 0, 2])
        expectSubsampled(try read(saiz + Self.senc, samples: 2))
    }

    @Test("no encryption data at all: one vector for everything")
    func constant() throws {
        let vector = [UInt8](1...16)
        let encryption = try read(
            [],
            samples: 3,
            defaults: Self.defaults(vectorBytes: 0, constant: vector, pattern: 0x19)
        )
        #expect(encryption.samples.allSatisfy { $0.vector == nil && $0.subsamples.isEmpty })
        #expect(encryption.parameters[0].constantVector == vector)
        #expect(encryption.parameters[0].encryptedBlocks == 1 && encryption.parameters[0].clearBlocks == 9)
        // The vector may be the playlist's.
        #expect(Self.defaults(vectorBytes: 0)?.constantVector == [])
    }

    @Test("sample groups: a clear lead, another key, and groups of the track")
    func groups() throws {
        let clear: [UInt8] = [0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        let other: [UInt8] = [0, 0, 1, 8] + [UInt8](repeating: 5, count: 16)
        // sgpd, version 1, entries of 20 bytes.
        let sgpd = box("sgpd", [1, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 20, 0, 0, 0, 2] + clear + other)
        let runs = [(1, 0x1_0001), (1, 0x1_0002), (1, 1), (1, 0)]
        let sbgp = box(
            "sbgp",
            [0, 0, 0, 0] + Array("seig".utf8) + number(runs.count, bytes: 4)
                + runs.flatMap { number($0.0, bytes: 4) + number($0.1, bytes: 4) }
        )
        let trackGroup = try #require(
            SampleEncryptionDefaults(groupEntry: ([0, 0, 1, 8] + [UInt8](repeating: 6, count: 16))[...])
        )
        // The clear sample has no entry in senc: saiz says so.
        let saiz = box("saiz", [0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 8, 8, 8])
        let senc = box("senc", [0, 0, 0, 0, 0, 0, 0, 4] + (1...3).flatMap { number($0, bytes: 8) })
        let encryption = try read(sgpd + sbgp + saiz + senc, samples: 4, trackGroups: [trackGroup])
        let parameters = encryption.samples.map { encryption.parameters[$0.parameters] }
        #expect(parameters.map(\.isProtected) == [false, true, true, true])
        #expect(parameters.map(\.keyID.first) == [0, 5, 6, 0x01])
        #expect(encryption.samples.map(\.vector?.high) == [nil, 1, 2, 3])
    }

    @Test(
        "descriptions of groups in every version",
        arguments: [
            [0, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 2],
            [1, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 20, 0, 0, 0, 2],
            [2, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 0, 0, 0, 0, 2],
        ] as [[UInt8]]
    )
    func descriptions(_ head: [UInt8]) {
        let entries = [UInt8(7), 8].flatMap { id -> [UInt8] in [0, 0, 1, 16] + [UInt8](repeating: id, count: 16) }
        let found = SampleGroups.descriptions(in: box("sgpd", head + entries)[...])
        #expect(found.map(\.keyID.first) == [7, 8])
    }

    @Test(
        "what contradicts itself is refused",
        arguments: [
            box("senc", [0, 0]),
            box("senc", [0, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 24)),
            box("senc", [0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 3]),
            box("senc", [0, 0, 0, 2, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 8) + [255, 255, 0, 1]),
            box("saiz", [0, 0, 0, 0, 8, 0, 0, 0, 2]),
            box("saiz", [0, 0, 0, 0, 8, 0, 0, 0, 2]) + box("saio", [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]),
            box("sbgp", [0, 0, 0, 0] + Array("seig".utf8) + [0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 1]),
        ]
    )
    func damaged(_ boxes: [UInt8]) {
        #expect(throws: DamagedBoxes.self) { try read(boxes, samples: 2) }
    }

    // MARK: - Decryption

    private static let plain = (0..<150).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }

    /// 150 bytes in two subsamples (5 clear, 70 protected; 11 clear, 60 protected) and four more, encrypted by PyCryptodome
    /// with a pattern of 1 and 2 blocks.
    static let encrypted: [(FourCC, String)] = [
        (
            "cenc",
            """
            030a11181f7835e5c5b45458299ec652a44e2619008c5f1b77254cb9569f346450df1dd224a249735058e485c93747832d34a0980a6c6556b901
            c84c3260d39047c5a0a6d5501d4d84dcf810171e252c333a41484f5603e25989f9fce6466f0140b59e7cb0c21575955972628ac381de03e6a6cc
            f532ae6ad26a163c6e64595051cd864dce36bcd5f08b9325738012ae22c601080f16
            """
        ),
        (
            "cens",
            """
            030a11181f7835e5c5b45458299ec652a44e261900969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f6cbf3b5705
            6cd936ff540470ff3df204e6edf4fb020910171e252c333a41484f56f9200c39034d32709c9e6cd4df794fa3cdd4dbe2e9f0f7fe050c131a2128
            2f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa01080f16
            """
        ),
        (
            "cbc1",
            """
            030a11181fe4e73e1f74413ee63f1749608a5c82b48ee3d9bfc69f64f89f5d8e99c50319aa5dff45eab27400cc62424b3b5fa4ff1c6a6db44eda
            9fb86da7793e8912258a43e6edf4fb020910171e252c333a41484f56ff27ae49c4dc3c8c6a17e08969e369128e593a810391e25c4dc76b2f2f0a
            66de8f3de098e9b1c18b7ff43990bab6f840adb4bbc2c9d0d7dee5ecf3fa01080f16
            """
        ),
        (
            "cbcs",
            """
            030a11181fe4e73e1f74413ee63f1749608a5c82b4969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f2d5cd51f91
            7b60f91422bc8161b6c688e6edf4fb020910171e252c333a41484f566cfe69e41ba2490540b5c3361c9e9389cdd4dbe2e9f0f7fe050c131a2128
            2f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa01080f16
            """
        ),
    ]

    @Test("every scheme, with the vector in the sample and for all samples", arguments: encrypted, [true, false])
    func schemes(_ row: (scheme: FourCC, bytes: String), _ hasOwnVector: Bool) throws {
        let vector = [UInt8](0xA0..<0xB0)
        let parts: [UInt8] = [0, 2, 0, 5, 0, 0, 0, 70, 0, 11, 0, 0, 0, 60]
        let encryption = try read(
            box("senc", [0, 0, 0, 2, 0, 0, 0, 1] + (hasOwnVector ? vector : []) + parts),
            samples: 1,
            defaults: Self.defaults(
                vectorBytes: hasOwnVector ? 16 : 0,
                constant: hasOwnVector ? [] : vector,
                pattern: 0x12
            )
        )
        let key = try DecryptionKey(keyFile: (0..<16).map { UInt8($0) })
        let decryptor = SampleDecryptor(keys: SampleKeys(given: GivenKeys(byKeyID: [KeyID(Self.keyID): key])))
        let scheme = try #require(SampleDecryptor.Scheme(row.scheme))
        // Twice: nothing is left of the sample before.
        for _ in 0..<2 {
            var bytes = hex(row.bytes)
            try bytes.withUnsafeMutableBytes {
                try decryptor.decrypt($0, encryption.samples[0], of: encryption, scheme: scheme)
            }
            #expect(bytes == Self.plain)
        }
    }

    @Test("the playlist's vector where tenc has none; an error where nobody has one; parts longer than the sample")
    func vectorsAndParts() throws {
        let key = try DecryptionKey(keyFile: (0..<16).map { UInt8($0) })
        let encryption = try read([], samples: 1, defaults: Self.defaults(vectorBytes: 0))
        let vector = InitializationVector(high: 1, low: 2)
        func decrypt(_ vector: InitializationVector?) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 9, count: 40)
            let decryptor = SampleDecryptor(keys: SampleKeys(playlistKey: key, vector: vector))
            try bytes.withUnsafeMutableBytes {
                try decryptor.decrypt($0, encryption.samples[0], of: encryption, scheme: .cbcs)
            }
            return bytes
        }
        var expected = [UInt8](repeating: 9, count: 32)
        let cipher = try SampleCipher(key: key, mode: .chaining)
        try cipher.begin(vector)
        try expected.withUnsafeMutableBytes { try cipher.decrypt($0) }
        #expect(try decrypt(vector) == expected + [UInt8](repeating: 9, count: 8))
        #expect(throws: DamagedBoxes.self) { try decrypt(nil) }

        let long = try read(Self.senc, samples: 2)
        #expect(throws: DamagedBoxes.self) {
            var bytes = [UInt8](repeating: 9, count: 100)
            let decryptor = SampleDecryptor(keys: SampleKeys(playlistKey: key))
            try bytes.withUnsafeMutableBytes { try decryptor.decrypt($0, long.samples[0], of: long, scheme: .cenc) }
        }
    }

    @Test("a key that nobody has is named by its ID")
    func missingKey() throws {
        let encryption = try read(Self.senc, samples: 2)
        let other = try DecryptionKey(keyFile: [UInt8](repeating: 3, count: 16))
        let keys = SampleKeys(given: GivenKeys(byKeyID: [KeyID([UInt8](repeating: 1, count: 16)): other]))
        #expect {
            var bytes = [UInt8](repeating: 9, count: 200)
            let decryptor = SampleDecryptor(keys: keys)
            try bytes.withUnsafeMutableBytes {
                try decryptor.decrypt($0, encryption.samples[0], of: encryption, scheme: .cenc)
            }
        } throws: { error in
            (error as? RemuxError)?.code == .key && "\(error)".contains("--key 0123456789abcdef0123456789abcdef:HEX")
                && !"\(error)".contains("0303")
        }
    }
}
