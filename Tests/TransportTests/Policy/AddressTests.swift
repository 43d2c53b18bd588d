import Testing

@testable import Transport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1", AddressClass.restricted), ("127.255.255.254", .restricted), ("0.0.0.0", .restricted),
        ("10.1.2.3", .restricted), ("172.15.0.1", .public), ("172.16.0.1", .restricted), ("172.31.9.9", .restricted),
        ("172.32.0.1", .public), ("192.168.1.1", .restricted), ("192.167.1.1", .public),
        ("169.254.169.254", .restricted), ("100.63.0.1", .public), ("100.64.0.1", .restricted),
        ("100.127.0.1", .restricted), ("100.128.0.1", .public), ("224.0.0.1", .restricted),
        ("239.1.1.1", .restricted), ("255.255.255.255", .restricted), ("198.18.0.1", .restricted),
        ("198.20.0.1", .public), ("8.8.8.8", .public), ("1.1.1.1", .public), ("192.0.2.1", .restricted),
        ("::1", .restricted), ("::", .restricted), ("fe80::1", .restricted), ("fec0::1", .restricted),
        ("fc00::1", .restricted), ("fd12:3456::1", .restricted), ("ff02::1", .restricted),
        ("2606:4700::1111", .public), ("2001:4860:4860::8888", .public), ("2001:db8::1", .restricted),
        ("::ffff:127.0.0.1", .restricted), ("::ffff:10.0.0.1", .restricted), ("::ffff:8.8.8.8", .public),
        ("64:ff9b::7f00:1", .restricted), ("64:ff9b::808:808", .public), ("::7f00:1", .restricted),
        ("2002:7f00:1::", .restricted), ("2002:808:808::1", .public),
    ])
    func classes(text: String, expected: AddressClass) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            #expect(AddressClass(bytes[..<4]) == expected)
        } else {
            #expect(inet_pton(AF_INET6, text, &bytes) == 1)
            #expect(AddressClass(bytes) == expected)
        }
    }

    @Test func anUnknownFamilyIsRestricted() {
        #expect(AddressClass([]) == .restricted)
    }

    @Test func aPublicInputReachesNothingPrivate() {
        var policy = AddressPolicy(isUnchecked: false)
        #expect(policy.allows(.restricted, isInputOrigin: true), "the user named it")
        #expect(!policy.allows(.restricted, isInputOrigin: false))
        #expect(policy.allows(.public, isInputOrigin: false))
        policy.learn(.public)
        #expect(!policy.allows(.restricted, isInputOrigin: true), "DNS rebinding")
        policy.learn(.restricted)
        #expect(!policy.allows(.restricted, isInputOrigin: false), "the first answer counts")
    }

    @Test func aPrivateInputReachesEverything() {
        var policy = AddressPolicy(isUnchecked: false)
        policy.learn(.restricted)
        #expect(policy.allows(.restricted, isInputOrigin: false))
        #expect(policy.allows(.public, isInputOrigin: false))
    }

    @Test func uncheckedIsUnchecked() {
        var policy = AddressPolicy(isUnchecked: true)
        policy.learn(.public)
        #expect(policy.allows(.restricted, isInputOrigin: false))
    }

    /// libcurl's own names; HTTP_PROXY in capitals is none of them.
    @Test(arguments: [
        ("http_proxy", "http://p:3128", true), ("https_proxy", "p", true), ("HTTPS_PROXY", "p", true),
        ("all_proxy", "p", true), ("ALL_PROXY", "p", true), ("http_proxy", "", false), ("HTTP_PROXY", "p", false),
        ("no_proxy", "p", false),
    ])
    func aProxyOfTheEnvironment(name: String, value: String, isSet: Bool) {
        #expect(ProxyEnvironment.isSet { $0 == name ? value : nil } == isSet)
    }

    @Test func theCheckIsOffWhereTheInputSaysSo() throws {
        var configuration = TransportConfiguration(inputURL: "https://a.example/x")
        let policy = try NetworkPolicy(inputURL: configuration.inputURL)
        #expect(!AddressPolicy.isOffByInput(configuration, policy))
        configuration.usesProxyEnvironment = false
        #expect(!AddressPolicy.isOffByProxy(configuration))
        configuration.allowsPrivateAddresses = true
        #expect(AddressPolicy.isOffByInput(configuration, policy))
        #expect(AddressPolicy.isOffByInput(TransportConfiguration(inputURL: "/x"), try NetworkPolicy(inputURL: "/x")))
    }
}
