import ArgumentParser
import Remux

/// Keys given by hand.
struct KeyOptions: ParsableArguments {
    @Option(
        name: .customLong("key"),
        help: ArgumentHelp(
            "A key, 32 hex digits (64 for AES-256-GCM): it replaces those of the playlist, or with KID: in front opens the "
                + "samples that name this key ID; may be repeated.",
            valueName: "[kid:]hex"
        )
    )
    var keys: [KeyArgument] = []

    @Option(
        name: .customLong("key-file"),
        help: ArgumentHelp("A file with the key, 16 or 32 bytes: it replaces those of the playlist.", valueName: "file")
    )
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            "An initialization vector that replaces those of the playlist, 32 hex digits.",
            valueName: "hex"
        )
    )
    var iv: HexBytes?

    func validate() throws {
        for argument in keys where argument.key == nil {
            throw ValidationError("--key takes a key of 32 or 64 hex digits, or KID:KEY of 32 and 32")
        }
        guard keys.count(where: { $0.key?.keyID == nil }) + (keyFile == nil ? 0 : 1) <= 1 else {
            throw ValidationError("only one key can replace all others: --key without a KID, or --key-file, once")
        }
        if let iv, iv.bytes?.count != 16 { throw ValidationError("--iv takes 16 bytes: 32 hex digits") }
    }

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.keys = keys.compactMap(\.key)
        configuration.keyFile = keyFile
        configuration.initializationVector = iv?.bytes
    }
}

/// A key as `--key` takes it: `HEX` or `KID:HEX`. Takes any text, as ``HexBytes`` does: it may be a secret.
struct KeyArgument: ExpressibleByArgument {
    /// `nil` where the text is none.
    let key: RemuxConfiguration.ContentKey?

    init(argument: String) {
        key = Self.key(argument)
    }

    private static func key(_ text: String) -> RemuxConfiguration.ContentKey? {
        guard let colon = text.firstIndex(of: ":") else {
            guard let bytes = HexBytes(argument: text).bytes, [16, 32].contains(bytes.count) else { return nil }
            return RemuxConfiguration.ContentKey(bytes: bytes)
        }
        // Key IDs are often written as UUIDs.
        let id = HexBytes(argument: String(text[..<colon].filter { $0 != "-" })).bytes
        let bytes = HexBytes(argument: String(text[text.index(after: colon)...])).bytes
        guard let id, let bytes, id.count == 16, bytes.count == 16 else { return nil }
        return RemuxConfiguration.ContentKey(keyID: id, bytes: bytes)
    }
}

/// Bytes written as hex digits, with or without `0x`.
///
/// Takes any text: the parser of the command line repeats what a type refuses, and this may be a secret. Whoever has such
/// an option looks at ``bytes`` in `validate()`.
struct HexBytes: ExpressibleByArgument {
    /// `nil` where the text is not hex digits, two for each byte.
    let bytes: [UInt8]?

    init(argument: String) {
        bytes = Self.bytes(of: argument)
    }

    private static func bytes(of text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        if text.lowercased().hasPrefix("0x") { digits.removeFirst(2) }
        guard !digits.isEmpty, digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Character(Unicode.Scalar(digits[start])).hexDigitValue,
                let low = Character(Unicode.Scalar(digits[start + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
