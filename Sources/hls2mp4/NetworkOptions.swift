import ArgumentParser
import Remux

/// How resources are requested.
struct NetworkOptions: ParsableArguments {
    @Option(
        name: [.customShort("j", allowingJoined: true), .customLong("jobs")],
        help: "Segments fetched at the same time, 1 to 64."
    )
    var jobs = 10

    @Option(
        name: [.customShort("H", allowingJoined: true), .customLong("header")],
        help: ArgumentHelp(
            "A header field, 'Name: value'; may be repeated. Credentials go to the input's origin only.",
            valueName: "field"
        )
    )
    var headers: [String] = []

    @Option(name: .customLong("user-agent"), help: "The User-Agent to send.")
    var userAgent: String?

    @Option(help: "The Referer to send.")
    var referer: String?

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("PEM certificates to trust instead of the system's.", valueName: "file")
    )
    var caFile: String?

    @Flag(name: .customLong("allow-private"), help: "Let a public input lead to private addresses.")
    var allowsPrivate = false

    @Option(
        name: .customLong("max-memory"),
        help: ArgumentHelp("Memory for what is in flight, in MiB, 4 to 4096.", valueName: "MiB")
    )
    var maximumMemory = 32

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("-j takes 1 to 64") }
        guard (4...4096).contains(maximumMemory) else { throw ValidationError("--max-memory takes 4 to 4096 (MiB)") }
        for header in headers { _ = try Self.field(header) }
    }

    func apply(to configuration: inout RemuxConfiguration) throws {
        configuration.jobs = jobs
        configuration.headers = try headers.map(Self.field)
        configuration.userAgent = userAgent
        configuration.referer = referer
        configuration.caFile = caFile
        configuration.allowsPrivateAddresses = allowsPrivate
        configuration.maximumMemoryBytes = maximumMemory << 20
    }

    /// `Name: value` as curl writes it. Both may be secret, the name after a slip of the hand: neither is repeated.
    private static func field(_ text: String) throws -> RemuxConfiguration.HeaderField {
        guard let colon = text.firstIndex(of: ":") else { throw ValidationError("-H takes 'Name: value'") }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        do {
            return try RemuxConfiguration.HeaderField(name: String(text[..<colon]), value: String(value))
        } catch {
            throw ValidationError("-H: \(error.message)")
        }
    }
}
