/// How an MP4 is laid out. Both are recorded in fragments, and play up to the last one at any moment.
public enum MP4Layout: String, Sendable, CaseIterable {
    /// Movie fragments behind an index (`sidx`): plays while it grows, in every browser and by MSE.
    case fragmented
    /// An ordinary MP4, its sample tables at the front where the length is known at the start: for editors and old devices.
    case flat
}
