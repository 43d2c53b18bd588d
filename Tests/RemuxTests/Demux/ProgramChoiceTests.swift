import Testing

@testable import Remux

@Suite struct ProgramChoiceTests {
    private typealias Program = ProgramChoice.Program

    private let unknown = { Program(number: $0, isKnown: false, hasVideoOrAudio: false) }
    private let data = { Program(number: $0, isKnown: true, hasVideoOrAudio: false) }
    private let playable = { Program(number: $0, isKnown: true, hasVideoOrAudio: true) }

    @Test("the lowest number with video or audio, once the maps before it are known")
    func lowest() {
        let choice = ProgramChoice()
        #expect(choice.decide([playable(1), playable(2)], mustDecide: false) == 1)
        #expect(choice.decide([data(1), playable(2)], mustDecide: false) == 2)
        #expect(choice.decide([unknown(1), playable(2)], mustDecide: false) == nil)
        #expect(choice.decide([unknown(1), playable(2)], mustDecide: true) == 2)
        #expect(choice.decide([playable(1), unknown(2)], mustDecide: false) == 1)
        #expect(choice.decide([data(1), unknown(2)], mustDecide: true) == 1)
        #expect(choice.decide([], mustDecide: true) == nil)
    }

    @Test("the program that was begun with is kept while it is there")
    func again() {
        let choice = ProgramChoice(before: 2)
        #expect(choice.decide([playable(1), playable(2)], mustDecide: false) == 2)
        #expect(choice.decide([playable(1), unknown(2)], mustDecide: false) == nil)
        #expect(choice.decide([playable(1), unknown(2)], mustDecide: true) == 1)
        #expect(choice.decide([playable(1), data(2)], mustDecide: false) == 1)
        #expect(choice.decide([playable(1), playable(3)], mustDecide: false) == 1)
    }
}
