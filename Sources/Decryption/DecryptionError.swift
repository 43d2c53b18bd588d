/// Why a key or a ciphertext was refused.
package enum DecryptionError: Error, Equatable, CustomStringConvertible {
    /// The key file is not 16 (AES-128) or 32 (AES-256) bytes long, or is a key of 16 bytes in 32 hexadecimal digits. `looksLike` says what came instead.
    case wrongKeyLength(Int, looksLike: KeyFileLookalike)
    /// An Initialization Vector is not 16 bytes long.
    case wrongInitializationVectorLength(Int)
    /// A cipher was given a key of the wrong length, in bytes.
    case unsuitableKey(expected: Int, actual: Int)
    /// The ciphertext is empty or its length, in bytes, is no multiple of 16.
    case truncatedCiphertext(length: UInt64)
    /// A segment of AES-256-GCM is too short for its initialization vector and its tag; its length, in bytes.
    case truncatedSegment(length: UInt64)
    /// The tag of AES-256-GCM is not that of these bytes under this key.
    case authenticationFailed
    /// OpenSSL refused a call that has no reason to fail; the name is the C function's.
    case cipherFailed(function: String)

    /// The end of the ciphertext is missing: another request may bring it.
    package var isOfTruncation: Bool {
        switch self {
        case .truncatedCiphertext, .truncatedSegment: true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .wrongKeyLength(let length, let lookalike):
            length == 32
                ? "the key is no binary key of 16 or 32 bytes\(lookalike.clause)"
                : "the key is \(length) bytes long, not 16 or 32\(lookalike.clause)"
        case .wrongInitializationVectorLength(let length):
            "the Initialization Vector is \(length) bytes long, not 16"
        case .unsuitableKey(let expected, let actual):
            "this cipher needs a key of \(expected) bytes; the key has \(actual)"
        case .truncatedCiphertext(let length):
            length == 0
                ? "the encrypted segment is empty"
                : "the encrypted segment is \(length) bytes long, no multiple of 16: its end is missing, "
                    + "or it is not encrypted"
        case .truncatedSegment(let length):
            "the encrypted segment is \(length) bytes long, too short for the initialization vector and the tag of "
                + "AES-256-GCM: its end is missing, or it is not encrypted"
        case .authenticationFailed:
            "its authentication tag (AES-256-GCM) is wrong"
        case .cipherFailed(let function):
            "OpenSSL's \(function) failed: the library in use may lack the cipher (FIPS mode?)"
        }
    }
}
