/// What the requests for one path are answered with, in the order they arrive.
///
/// Written as a list, the requests after its end are answered normally:
/// `server.script["/seg3.ts"] = [.status(503), .cut(after: 1000)]`.
package struct Script: Sendable, ExpressibleByArrayLiteral {
    private let decide: @Sendable (Int, OriginRequest) -> Answer

    /// The first requests get `answers`, one each; every later one gets `last`.
    package init(_ answers: [Answer], then last: Answer = .normal) {
        decide = { number, _ in number < answers.count ? answers[number] : last }
    }

    /// The first requests get `elements`, one each; every later one is answered normally.
    package init(arrayLiteral elements: Answer...) {
        self.init(elements)
    }

    private init(decide: @escaping @Sendable (Int, OriginRequest) -> Answer) {
        self.decide = decide
    }

    /// Every request gets `answer`.
    package static func always(_ answer: Answer) -> Script { Script([], then: answer) }

    /// Decides by the request and by how many came before it for the same path (0 for the first).
    package static func deciding(_ decide: @escaping @Sendable (Int, OriginRequest) -> Answer) -> Script {
        Script(decide: decide)
    }

    /// The answer to the request that `number` others for the same path preceded.
    func answer(number: Int, to request: OriginRequest) -> Answer { decide(number, request) }
}
