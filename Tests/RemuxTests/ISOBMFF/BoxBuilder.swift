@testable import Remux

/// Boxes written by the tests' own hand.
func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] {
    let payload = Array(parts.joined())
    return be32(8 + payload.count) + Array(type.utf8) + payload
}

/// A box with a 64-bit size.
func largeBox(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    be32(1) + Array(type.utf8) + be64(16 + payload.count) + payload
}

/// A full box: version and flags in front.
func fullBox(_ type: String, _ version: UInt8, _ flags: Int, _ parts: [UInt8]...) -> [UInt8] {
    box(type, [version] + be32(flags)[1...], Array(parts.joined()))
}

func be32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

func be64(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }

func be16(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)] }
