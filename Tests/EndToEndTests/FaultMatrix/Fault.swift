import OriginServer
import Remux
import Transport

/// What a run under a fault has to do.
enum Promise: Sendable {
    /// Exit 0, and the output is that of a run without the fault. A warning or a note has these words.
    case same(says: [String] = [])
    /// It ends with this code, and the message has these words besides those that name the place.
    case ends(RemuxError.Code, [String])

    /// What a loss of this resource is called.
    static func lost(_ place: Place, _ words: String...) -> Promise {
        switch place {
        case .playlist, .stream: .ends(.playlistUnreachable, words)
        case .key: .ends(.key, words)
        case .first, .middle, .last, .map: .ends(.incomplete, words)
        }
    }

    /// For the table.
    var text: String {
        switch self {
        case .same(let words): "exit 0, the same bytes" + Self.says(words)
        case .ends(let code, let words): "exit \(Self.exitStatus(code))" + Self.says(words)
        }
    }

    private static func says(_ words: [String]) -> String {
        words.isEmpty ? "" : ", says " + words.map { "“\($0)”" }.joined(separator: " ")
    }

    /// DESIGN: the command's table, written here a second time.
    static func exitStatus(_ code: RemuxError.Code?) -> Int {
        switch code {
        case nil: 0
        case .playlistUnreachable?: 3
        case .playlistRefused?: 4
        case .incomplete?: 5
        case .key?: 6
        case .media?: 7
        case .output?, .readerGone?: 8
        case .configuration?: 64
        default: 1
        }
    }
}

/// A row of the matrix: one fault, and what is promised at each place.
struct Fault: Sendable {
    /// Of the fault matrix, `F01`.
    let id: String
    let name: String
    /// The answers for the resource, whose true bytes are given.
    let script: @Sendable ([UInt8]) -> Script
    var promises: [(place: Place, promise: Promise)] = []
    var timeouts = TransferTimeouts()
    /// The seconds that are waited, all in all, on the injected clock.
    var waits: ClosedRange<Double>?
    /// The playlist says other durations than the one of the clean run.
    var changesDurations = false
    /// Whether the message of a failure names the resource.
    var namesPlace = true
    var configure: @Sendable (inout RemuxConfiguration, OriginServer) -> Void = { _, _ in }
    /// Changes the server besides the resource.
    var prepare: @Sendable (OriginServer, Place.Target) -> Void = { _, _ in }
    /// The input whose clean run has the right bytes; nil: the same.
    var gold: String?
    var serverOptions = OriginServer.Options()

    init(_ id: String, _ name: String, _ script: @escaping @Sendable ([UInt8]) -> Script) {
        self.id = id
        self.name = name
        self.script = script
    }

    /// The same answers whatever the resource.
    init(_ id: String, _ name: String, _ script: Script) {
        self.init(id, name) { _ in script }
    }

    /// Promises the same at several places.
    func at(_ places: [Place], _ promise: (Place) -> Promise) -> Fault {
        var copy = self
        for place in places { copy.promises.append((place, promise(place))) }
        return copy
    }

    func same(at places: [Place] = Place.all, says words: String...) -> Fault { at(places) { _ in .same(says: words) } }

    func ends(at place: Place, _ code: RemuxError.Code, _ words: String...) -> Fault {
        at([place]) { _ in .ends(code, words) }
    }

    func with(_ change: (inout Fault) -> Void) -> Fault {
        var copy = self
        change(&copy)
        return copy
    }

    /// Short limits, so that a test need not wait for them.
    var impatient: Fault {
        with {
            $0.timeouts.connect = .seconds(2)
            $0.timeouts.firstByte = .milliseconds(600)
            $0.timeouts.stall = .milliseconds(400)
        }
    }
}
