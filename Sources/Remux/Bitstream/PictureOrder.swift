/// Where a picture is shown among those of its coded video sequence: the picture order count of H.264 (§8.2.1) and H.265
/// (§8.3.1), `temporal_reference` of MPEG video (ISO/IEC 13818-2 §6.3.9).
struct PictureOrder: Equatable, Sendable {
    var count: Int
    /// Counts begin anew with this picture.
    var restarts: Bool
}
