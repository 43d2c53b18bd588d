/// The scripts of a server by path, with the count of requests that each path has had.
package struct ScriptTable: Sendable, ExpressibleByDictionaryLiteral {
    /// The key of the script for all paths without one of their own. Each path counts its own requests.
    package static let anyPath = "*"

    private var scripts: [String: Script] = [:]
    private var counts: [String: Int] = [:]

    /// Scripts by path.
    package init(dictionaryLiteral elements: (String, Script)...) {
        for (path, script) in elements {
            scripts[path] = script
        }
    }

    /// The script of a path: percent-decoded (`/a b.ts`), or with its query as sent (`/a.ts?x=1`), or `anyPath`.
    /// Setting one starts the count of that path anew.
    package subscript(path: String) -> Script? {
        get { scripts[path] }
        set {
            scripts[path] = newValue
            counts[path] = nil
            if path == Self.anyPath { counts.removeAll() }
        }
    }

    /// Counts the request and decides its answer.
    mutating func nextAnswer(to request: OriginRequest) -> Answer {
        let key = scripts[request.target] != nil ? request.target : request.path
        let number = counts[key, default: 0]
        counts[key] = number + 1
        let script = scripts[key] ?? scripts[Self.anyPath]
        return script?.answer(number: number, to: request) ?? .normal
    }
}
