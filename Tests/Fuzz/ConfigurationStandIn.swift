/// Stands in for the configuration, which needs other targets: what is fuzzed uses a type nested in it.
public struct RemuxConfiguration: Sendable {}
