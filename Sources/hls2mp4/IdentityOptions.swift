import ArgumentParser
import Remux

/// Who asks: header fields, cookies, certificates, and the command that a browser copied.
struct IdentityOptions: ParsableArguments {
    @Option(
        name: [.customShort("H", allowingJoined: true), .customLong("header")],
        help: ArgumentHelp(
            "A header field, 'Name: value'; may be repeated. Credentials go to the input's origin only.",
            valueName: "field"
        )
    )
    var headers: [String] = []

    @Option(
        name: .customLong("header-for"),
        help: ArgumentHelp(
            "A header field for one other host, HOST='Name: value'; may be repeated.",
            valueName: "host=field"
        )
    )
    var hostHeaders: [String] = []

    @Option(help: ArgumentHelp("A file of cookies in Netscape's format, as browsers export it.", valueName: "file"))
    var cookies: String?

    @Option(name: .customLong("user-agent"), help: "The User-Agent to send.")
    var userAgent: String?

    @Option(help: "The Referer to send.")
    var referer: String?

    @Option(
        name: .customLong("curl"),
        help: ArgumentHelp(
            "A curl command as a browser copies it (Copy as cURL, bash): its URL where no input is named, its header fields "
                + "and cookies.",
            valueName: "command"
        )
    )
    var curl: String?

    @Option(
        name: .customLong("cert"),
        help: ArgumentHelp(
            "A client certificate with its key, PEM or PKCS #12, for the input's origin.",
            valueName: "file"
        )
    )
    var certificate: String?

    func validate() throws {
        _ = try copied()
        _ = try fields()
        for text in hostHeaders { _ = try Self.hostField(text) }
    }

    /// The input: as named, else the URL of the copied command.
    ///
    /// - Throws: `ValidationError` where there is neither.
    func input(_ named: String?) throws -> String {
        if let named { return named }
        guard curl != nil else { throw ValidationError("Missing expected argument '<input>'") }
        guard let url = try copied()?.url else { throw ValidationError("--curl: the command has no URL") }
        return url
    }

    func apply(to configuration: inout RemuxConfiguration) throws {
        let copied = try copied()
        configuration.headers = try fields()
        configuration.hostHeaders = try hostHeaders.map(Self.hostField)
        configuration.cookieFile = cookies ?? copied?.cookieFile
        configuration.userAgent = userAgent ?? copied?.userAgent
        configuration.referer = referer ?? copied?.referer
        configuration.clientCertificate = certificate ?? copied?.certificate
        if let copied {
            configuration.caFile = configuration.caFile ?? copied.caFile
            configuration.proxy = configuration.proxy ?? copied.proxy
            configuration.isInsecure = configuration.isInsecure || copied.isInsecure
        }
    }

    private func copied() throws -> CopiedCommand? {
        guard let curl else { return nil }
        do {
            return try CopiedCommand(curl)
        } catch {
            throw ValidationError("--curl: \(error)")
        }
    }

    /// Those of the copied command, and those named, which take the place of others of the same name.
    private func fields() throws -> [RemuxConfiguration.HeaderField] {
        let named = try headers.map(Self.field)
        let names = Set(named.map { $0.name.lowercased() })
        guard let copied = try copied() else { return named }
        var fields: [RemuxConfiguration.HeaderField] = []
        for field in copied.headers where !names.contains(field.name.lowercased()) {
            fields.append(try Self.field(name: field.name, value: field.value, option: "--curl"))
        }
        if let credentials = copied.credentials {
            let value = "Basic " + Base64.encode(credentials.utf8)
            fields.append(try Self.field(name: "Authorization", value: value, option: "--curl"))
        }
        return fields + named
    }

    /// `HOST=Name: value`.
    private static func hostField(_ text: String) throws -> RemuxConfiguration.HostHeaderField {
        guard let equals = text.firstIndex(of: "=") else {
            throw ValidationError("--header-for takes HOST='Name: value'")
        }
        let header = try field(String(text[text.index(after: equals)...]), option: "--header-for")
        do {
            return try RemuxConfiguration.HostHeaderField(host: String(text[..<equals]), header)
        } catch {
            throw ValidationError("--header-for: \(error.message)")
        }
    }

    private static func field(_ text: String) throws -> RemuxConfiguration.HeaderField { try field(text, option: "-H") }

    /// `Name: value` as curl writes it. Both may be secret, the name after a slip of the hand: neither is repeated.
    private static func field(_ text: String, option: String) throws -> RemuxConfiguration.HeaderField {
        guard let colon = text.firstIndex(of: ":") else { throw ValidationError("\(option) takes 'Name: value'") }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return try field(name: String(text[..<colon]), value: String(value), option: option)
    }

    private static func field(
        name: String,
        value: String,
        option: String
    ) throws -> RemuxConfiguration.HeaderField {
        do {
            return try RemuxConfiguration.HeaderField(name: name, value: value)
        } catch {
            throw ValidationError("\(option): \(error.message)")
        }
    }
}
