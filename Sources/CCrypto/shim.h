// OpenSSL's EVP interface. Nothing here needs a wrapper: the calls in use are plain functions.
#ifndef HLS2MP4_CCRYPTO_SHIM_H
#define HLS2MP4_CCRYPTO_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#endif
