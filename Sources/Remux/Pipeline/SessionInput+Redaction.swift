import HLS
import Transport

/// The input as it was given, in messages and reports.
extension SessionInput {
    /// A path as it is; of a URL neither user information nor query values, of a `data:` URI nothing but that.
    static func redacted(_ input: String) -> String {
        if let uri = ResourceURI(input), uri.scheme.count > 1 { return uri.description }
        // No host, no slashes: what may stand there in their place is anybody's guess.
        guard isMeantAsURL(input), !input.contains("://") else {
            return isMeantAsURL(input) ? RedactedURL(input).description : input
        }
        return input.prefix { $0 != ":" } + ":…"
    }

    /// It begins as an http or https URL does.
    static func isMeantAsURL(_ input: String) -> Bool {
        let scheme = input.drop { $0 == " " }.prefix { $0 != ":" }.lowercased()
        return ["http", "https"].contains(scheme) && input.contains(":")
    }

    /// The error of an input that is meant as a URL and is none.
    static func unusable(_ input: String, _ reason: String) -> RemuxError {
        RemuxError(
            .configuration,
            "no usable URL: \(reason) (\(redacted(input)))",
            context: RemuxError.Context(stage: "Playlist", url: redacted(input))
        )
    }
}
