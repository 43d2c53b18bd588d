import CCrypto

/// OpenSSL's own version text, for example `OpenSSL 3.0.22` (`OpenSSL_version`).
package func decryptionLibraryVersion() -> String {
    OpenSSL_version(OPENSSL_VERSION).map { String(cString: $0) } ?? "OpenSSL"
}
