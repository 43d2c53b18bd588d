// What Swift cannot import from curl.h (variadic functions), and nothing else.
#ifndef HLS2MP4_CCURL_SHIM_H
#define HLS2MP4_CCURL_SHIM_H

#include <curl/curl.h>

static inline CURLcode sh_setopt_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode sh_setopt_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode sh_setopt_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }

#endif
