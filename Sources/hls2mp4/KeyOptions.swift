import ArgumentParser
import Remux

/// Keys given by hand.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A key that replaces those of the playlist, 32 hex digits.", valueName: "hex"))
    var key: HexBytes?

    @Option(
        help: ArgumentHelp(
            "An initialization vector that replaces those of the playlist, 32 hex digits.",
            valueName: "hex"
        )
    )
    var iv: HexBytes?

    func validate() throws {
        if let key, key.bytes?.count != 16 { throw ValidationError("--key takes 16 bytes: 32 hex digits") }
        if let iv, iv.bytes?.count != 16 { throw ValidationError("--iv takes 16 bytes: 32 hex digits") }
    }

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.key = key?.bytes
        configuration.initializationVector = iv?.bytes
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
