/// Looks at samples that were decrypted: does what comes out follow the syntax of its codec? A value that gathers evidence:
/// sample encryption leaves no padding and no tag to check. Pure.
struct SampleCheck: Equatable {
    init?(_ entry: SampleEntry) { return nil }
    mutating func take(_ sample: UnsafeRawBufferPointer) {}
    var finding: String? { nil }
}
