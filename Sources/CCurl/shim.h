// What Swift cannot import from curl.h (variadic functions, a union, macros with casts), and nothing else.
#ifndef HLS2MP4_CCURL_SHIM_H
#define HLS2MP4_CCURL_SHIM_H

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static inline CURLcode sh_setopt_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode sh_setopt_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode sh_setopt_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode sh_setopt_write(CURL *h, curl_write_callback v) {
    return curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, v);
}
static inline CURLcode sh_setopt_opensocket(CURL *h, curl_opensocket_callback v) {
    return curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, v);
}

static inline CURLMcode sh_multi_setopt_long(CURLM *m, CURLMoption o, long v) { return curl_multi_setopt(m, o, v); }
static inline CURLSHcode sh_share(CURLSH *s, curl_lock_data what) {
    return curl_share_setopt(s, CURLSHOPT_SHARE, what);
}

static inline long sh_getinfo_long(CURL *h, CURLINFO i) {
    long v = 0;
    return curl_easy_getinfo(h, i, &v) == CURLE_OK ? v : 0;
}
static inline curl_off_t sh_getinfo_off(CURL *h, CURLINFO i) {
    curl_off_t v = -1;
    return curl_easy_getinfo(h, i, &v) == CURLE_OK ? v : -1;
}
static inline const char *sh_getinfo_string(CURL *h, CURLINFO i) {
    char *v = NULL;
    return curl_easy_getinfo(h, i, &v) == CURLE_OK ? v : NULL;
}
static inline void *sh_getinfo_private(CURL *h) {
    char *v = NULL;
    return curl_easy_getinfo(h, CURLINFO_PRIVATE, &v) == CURLE_OK ? v : NULL;
}

// A member of a union.
static inline CURLcode sh_message_result(const CURLMsg *message) { return message->data.result; }

// The value of a header of the last response, NULL without it.
static inline const char *sh_header(CURL *h, const char *name) {
    struct curl_header *header = NULL;
    return curl_easy_header(h, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

// The IP address in network order; returns its length, 0 for other families.
static inline int sh_address_bytes(const struct curl_sockaddr *address, uint8_t bytes[16]) {
    if (address->family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &address->addr, sizeof v4);
        memcpy(bytes, &v4.sin_addr, 4);
        return 4;
    }
    if (address->family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, (const char *)&address->addr, sizeof v6);
        memcpy(bytes, &v6.sin6_addr, 16);
        return 16;
    }
    return 0;
}

// What libcurl does itself when no callback is set, and close-on-exec.
static inline curl_socket_t sh_open_socket(const struct curl_sockaddr *address) {
    curl_socket_t s = socket(address->family, address->socktype, address->protocol);
    if (s != CURL_SOCKET_BAD) fcntl(s, F_SETFD, FD_CLOEXEC);
    return s;
}

#endif
