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
        help: ArgumentHelp(
            "The proxy, [http|https|socks4|socks4a|socks5|socks5h://]HOST[:PORT]; '' for none. Default: http_proxy, "
                + "https_proxy, all_proxy and no_proxy of the environment.",
            valueName: "url"
        )
    )
    var proxy: String?

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("PEM certificates to trust instead of the system's.", valueName: "file")
    )
    var caFile: String?

    @Flag(help: "Accept any certificate of any server; a warning says so in each run.")
    var insecure = false

    @Flag(name: .customLong("allow-private"), help: "Let a public input lead to private addresses.")
    var allowsPrivate = false

    @Option(
        name: .customLong("limit-rate"),
        help: ArgumentHelp(
            "Bytes a second for all transfers together, with k, M or G for powers of 1024.",
            valueName: "rate"
        )
    )
    var rate: RateArgument?

    @Option(help: "How often a request that brings nothing is made again, 0 to 1000. Default: 7, of playlists 4.")
    var retries: Int?

    @Option(
        name: .customLong("stall-timeout"),
        help: ArgumentHelp(
            "Seconds without data after which a transfer is given up and made again. Default: 20; 15 for the first byte.",
            valueName: "seconds"
        )
    )
    var stallTimeout: Double?

    @Option(
        name: .customLong("max-memory"),
        help: ArgumentHelp("Memory for what is in flight, in MiB, 4 to 4096.", valueName: "MiB")
    )
    var maximumMemory = 32

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("-j takes 1 to 64") }
        guard (4...4096).contains(maximumMemory) else { throw ValidationError("--max-memory takes 4 to 4096 (MiB)") }
        guard (0...1000).contains(retries ?? 0) else { throw ValidationError("--retries takes 0 to 1000") }
        guard (0.1...86_400).contains(stallTimeout ?? 1) else {
            throw ValidationError("--stall-timeout takes seconds from 0.1 to 86400")
        }
    }

    func apply(to configuration: inout RemuxConfiguration) {
        configuration.jobs = jobs
        configuration.proxy = proxy
        configuration.caFile = caFile
        configuration.isInsecure = insecure
        configuration.allowsPrivateAddresses = allowsPrivate
        configuration.maximumBytesPerSecond = rate?.bytesPerSecond
        configuration.retryCount = retries
        configuration.stallSeconds = stallTimeout
        configuration.maximumMemoryBytes = maximumMemory << 20
    }
}

/// A rate as curl writes it: a number of bytes a second, perhaps with k, M or G.
struct RateArgument: ExpressibleByArgument, Equatable {
    var bytesPerSecond: Int

    init?(argument: String) {
        let factors: [Character: Double] = ["k": 1024, "m": 1_048_576, "g": 1_073_741_824]
        var number = argument[...]
        var factor = 1.0
        if let last = number.last, let given = factors[Character(last.lowercased())] {
            factor = given
            number.removeLast()
        }
        guard number.first?.isNumber == true, let value = Double(number), value.isFinite, value * factor >= 1,
            value * factor < 1e12
        else { return nil }
        bytesPerSecond = Int(value * factor)
    }
}
