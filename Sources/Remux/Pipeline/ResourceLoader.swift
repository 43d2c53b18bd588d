import Transport

typealias ResourceLoader = Transport
