/// Keeps what a public input names from reaching private addresses. Pure; one per transport.
struct AddressPolicy {
    /// The input's own class: nil until its first answer.
    private(set) var inputClass: AddressClass?
    private let allowsEverything: Bool

    /// - Parameter isUnchecked: private addresses are allowed, the input is a local file, or a proxy makes the
    ///   connections.
    init(isUnchecked: Bool) {
        allowsEverything = isUnchecked
    }

    /// Whether a connection may be made.
    ///
    /// - Parameter isInputOrigin: the request goes to the origin of the input itself. Until that has answered, it may
    ///   be anywhere: the user named it.
    func allows(_ address: AddressClass, isInputOrigin: Bool) -> Bool {
        if allowsEverything || address == .public { return true }
        return inputClass.map { $0 == .restricted } ?? isInputOrigin
    }

    /// Learns from the address that answered for the input's origin. The first one counts.
    mutating func learn(_ address: AddressClass) {
        if inputClass == nil { inputClass = address }
    }
}
