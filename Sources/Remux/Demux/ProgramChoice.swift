/// Which of several programs of a transport stream is taken (RFC 8216bis §3.1.1 knows but one): the one with the lowest
/// number that has video or audio, and the same one from then on. Pure.
struct ProgramChoice {
    /// A program, as far as its map is known.
    struct Program {
        var number: Int
        /// Its map has come.
        var isKnown: Bool
        var hasVideoOrAudio: Bool
    }

    /// The program that was taken before; `nil`: none.
    var before: Int?

    /// The number to take; `nil` while a map is missing that decides it.
    ///
    /// - Parameters:
    ///   - programs: those of the association table, the lowest number first.
    ///   - mustDecide: the maps that are missing will not be waited for.
    func decide(_ programs: [Program], mustDecide: Bool) -> Int? {
        if let before, let again = programs.first(where: { $0.number == before }) {
            if again.hasVideoOrAudio { return before }
            if !again.isKnown, !mustDecide { return nil }
        }
        for program in programs {
            if program.hasVideoOrAudio { return program.number }
            if !program.isKnown, !mustDecide { return nil }
        }
        return programs.first?.number
    }
}
