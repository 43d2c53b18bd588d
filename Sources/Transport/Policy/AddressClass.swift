/// Who can reach an IP address.
package enum AddressClass: Sendable, Equatable {
    /// Everybody.
    case `public`
    /// This machine, its networks, or a group: loopback, private, link-local, shared (CGNAT), unique local, multicast,
    /// unspecified, reserved (RFC 6890, RFC 6598, RFC 4193, RFC 4291).
    case restricted

    /// Classifies an IPv4 address of 4 bytes or an IPv6 address of 16, in network order. Anything else is restricted.
    package init(_ address: some Collection<UInt8>) {
        let bytes = Array(address)
        switch bytes.count {
        case 4: self = Self.isRestrictedIPv4(bytes) ? .restricted : .public
        case 16: self = Self.isRestrictedIPv6(bytes) ? .restricted : .public
        default: self = .restricted
        }
    }

    private static func isRestrictedIPv4(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (192, 168, _): true
        case (100, 64...127, _), (172, 16...31, _): true
        case (192, 0, 0), (192, 0, 2), (198, 51, 100), (203, 0, 113), (198, 18...19, _): true
        case (224...255, _, _): true
        default: false
        }
    }

    private static func isRestrictedIPv6(_ bytes: [UInt8]) -> Bool {
        // ::ffff:a.b.c.d (mapped), 64:ff9b::a.b.c.d (NAT64), ::a.b.c.d (compatible, with :: and ::1): the IPv4 inside.
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        let translated: [UInt8] = [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)
        let compatible = [UInt8](repeating: 0, count: 12)
        for prefix in [mapped, translated, compatible] where bytes.starts(with: prefix) {
            return isRestrictedIPv4(Array(bytes[12...]))
        }
        // 2002:a.b.c.d::/16 (6to4).
        if bytes[0] == 0x20, bytes[1] == 0x02 { return isRestrictedIPv4(Array(bytes[2...5])) }
        // Only 2000::/3 is global unicast. 2001:db8::/32 is for documents, 2001::/32 (Teredo) hides an IPv4 address.
        if bytes[0] & 0xE0 != 0x20 { return true }
        return bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8]) || bytes.starts(with: [0x20, 0x01, 0x00, 0x00])
    }
}
