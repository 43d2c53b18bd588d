/// The Range header of one request, against a body of known size (RFC 9110 §14).
enum RangeHeader: Equatable {
    /// None, several ranges, or one that is malformed: the whole body is sent.
    case whole
    /// These body bytes are sent with 206.
    case part(Range<Int>)
    /// Nothing of it lies in the body: 416.
    case unsatisfiable

    /// Reads `value` for a body of `size` bytes.
    init(_ value: String?, size: Int) {
        self = .whole
        guard let value, value.hasPrefix("bytes=") else { return }
        let bounds = value.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return }
        let first = Int(bounds[0])
        let last = Int(bounds[1])
        switch (first, last) {
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        case (let first?, nil) where bounds[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (nil, let suffix?) where bounds[0].isEmpty:
            self = suffix > 0 && size > 0 ? .part(max(0, size - suffix)..<size) : .unsatisfiable
        default:
            break
        }
    }
}
