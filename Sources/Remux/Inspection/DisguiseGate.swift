/// Passes over an image in clear that stands before the ciphertext of a segment, before anything is decrypted. Pure.
struct DisguiseGate {
    /// What has come while it is not known whether it is an image; `nil`: ciphertext has begun.
    private var held: [UInt8]? = []
    /// Something was passed over.
    private(set) var hasRemoved = false

    /// Whether bytes go on as they are.
    var isOpen: Bool { held == nil }

    /// Takes the next bytes; gives out those to be decrypted.
    ///
    /// - Parameter isWhole: no more bytes will come.
    mutating func take(_ input: some Collection<UInt8>, isWhole: Bool) -> ArraySlice<UInt8> {
        held? += input
        guard let bytes = held, isWhole || bytes.count >= SegmentInspector.headBytes else { return [] }
        var start = 0
        if DisguisePrefix.isDisguise(bytes) {
            if let end = DisguisePrefix.end(of: bytes), end < bytes.count {
                start = end
                hasRemoved = true
            } else if !isWhole, bytes.count < DisguisePrefix.maximumBytes {
                return []
            }
        }
        held = nil
        return bytes[start...]
    }
}
