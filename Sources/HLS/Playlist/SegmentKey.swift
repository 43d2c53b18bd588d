/// An encryption METHOD this program knows (RFC 8216bis §4.4.4.4).
package enum EncryptionMethod: String, Sendable, Hashable {
    /// Whole segments, AES-128 CBC, PKCS #7 padding.
    case aes128 = "AES-128"
    /// Whole segments, AES-256 GCM; the IV is the segment's first 16 octets.
    case aes256GCM = "AES-256-GCM"
    /// Media samples, AES-128 CBC (`cbcs` in fMP4).
    case sampleAES = "SAMPLE-AES"
    /// Media samples, AES-128 CTR (`cenc` in fMP4).
    case sampleAESCTR = "SAMPLE-AES-CTR"

    /// Takes the old name of SAMPLE-AES-CTR too.
    init?(playlistName: String) {
        if playlistName == "SAMPLE-AES-CENC" {
            self = .sampleAESCTR
        } else {
            self.init(rawValue: playlistName)
        }
    }
}

/// One EXT-X-KEY or EXT-X-SESSION-KEY tag with a METHOD other than NONE (RFC 8216bis §4.4.4.4, §4.4.6.5).
package struct SegmentKey: Hashable, Sendable {
    /// METHOD as written.
    package let methodName: String
    /// METHOD, `nil` where unknown: such segments must not be decrypted (§6.3.6).
    package let method: EncryptionMethod?
    /// URI as written, after variable substitution. May hold a key (`data:`): never print it.
    package let uri: String
    /// URI resolved; `nil` only where the KEYFORMAT is not `identity` and the text is no URI.
    package let resolvedURI: ResourceURI?
    /// IV attribute, `nil` where missing or not allowed.
    package let initializationVector: InitializationVector?
    /// IV as written; where ``initializationVector`` is `nil` nevertheless and the METHOD uses it, it is unreadable.
    package let initializationVectorText: String?
    /// KEYFORMAT, `identity` where missing.
    package let keyFormat: String
    /// KEYFORMATVERSIONS as written, `1` where missing.
    package let keyFormatVersions: String

    /// Whether the key is the key file's bytes: KEYFORMAT `identity`, and no URI of a DRM system.
    package var isIdentity: Bool {
        keyFormat == "identity" && resolvedURI?.scheme != "skd"
    }

    /// Whether there is an IV attribute that cannot be read. Another IV would decrypt to garbage.
    package var hasUnreadableIV: Bool {
        initializationVectorText != nil && initializationVector == nil && (method == .aes128 || method == .sampleAES)
    }

    /// What stands in the way, for people: the DRM system, the METHOD, or the IV.
    package var systemName: String {
        guard !isIdentity else {
            return hasUnreadableIV ? "an unreadable IV" : "METHOD \(DisplayText.escaped(methodName))"
        }
        switch keyFormat.lowercased() {
        case "com.apple.streamingkeydelivery", "identity": return "FairPlay"
        case "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed", "com.widevine": return "Widevine"
        case "com.microsoft.playready", "urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95": return "PlayReady"
        case "urn:uuid:5e629af5-38da-4063-8977-97ffbd9902d4": return "Marlin"
        case "urn:uuid:f239e769-efa3-4850-9c16-a903c6932efb": return "Primetime"
        default: return "KEYFORMAT \(DisplayText.escaped(keyFormat))"
        }
    }

    /// Reads the attributes of EXT-X-KEY or EXT-X-SESSION-KEY; `nil` where METHOD is NONE or the tag must be ignored.
    ///
    /// A KEY that cannot be understood is always an error: leaving it out would pass ciphertext for media.
    init?(_ attributes: AttributeList, _ context: inout ParsingContext) throws(PlaylistError) {
        guard !attributes.mustIgnoreTag else { return nil }
        guard let name = try attributes.enumeration("METHOD", &context) else {
            throw context.error("the attribute METHOD is required")
        }
        if name == "NONE" { return nil }
        guard let written = try attributes.string("URI", &context) else {
            throw context.error("the attribute URI is required with METHOD \(DisplayText.escaped(name))")
        }
        methodName = name
        method = EncryptionMethod(playlistName: name)
        uri = written
        keyFormat = try attributes.string("KEYFORMAT", &context) ?? "identity"
        keyFormatVersions = try attributes.string("KEYFORMATVERSIONS", &context) ?? "1"
        if attributes.has("KEYFORMAT") || attributes.has("KEYFORMATVERSIONS") {
            context.require(version: 5, for: "KEYFORMAT")
        }
        if method == .sampleAES { context.require(version: 5, for: "SAMPLE-AES") }
        if keyFormat == "identity" {
            resolvedURI = try context.resolving(written)
        } else {
            resolvedURI = try? context.uri.resolving(written)
        }
        let text = try attributes.hexadecimal("IV", &context)
        initializationVectorText = text
        guard let text else {
            initializationVector = nil
            return
        }
        context.require(version: 2, for: "IV")
        let vector = InitializationVector(hex: text)
        if vector == nil {
            try context.tolerate(.invalidAttributeValue, "IV must be 0x and 32 hexadecimal digits")
        }
        if method == .aes256GCM || method == .sampleAESCTR {
            try context.tolerate(.conflictingAttributes, "IV must not be present with METHOD \(name)")
            initializationVector = nil
        } else {
            initializationVector = vector
        }
    }
}

/// A Media Initialization Section (EXT-X-MAP, RFC 8216bis §4.4.4.5). One object for all segments it applies to.
package final class MediaInitializationSection: Sendable {
    /// URI as written, after variable substitution.
    package let uri: String
    /// URI resolved.
    package let resolvedURI: ResourceURI
    /// `nil`: the whole resource.
    package let byteRange: ByteRange?
    /// The keys in force at the tag.
    package let keys: [SegmentKey]
    /// Line of the tag.
    package let line: Int

    /// What one EXT-X-MAP says.
    init(uri: String, resolvedURI: ResourceURI, byteRange: ByteRange?, keys: [SegmentKey], line: Int) {
        self.uri = uri
        self.resolvedURI = resolvedURI
        self.byteRange = byteRange
        self.keys = keys
        self.line = line
    }
}
