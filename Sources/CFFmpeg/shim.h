// What Swift cannot import from the FFmpeg headers, and nothing else.
#ifndef HLS2MP4_CFFMPEG_SHIM_H
#define HLS2MP4_CFFMPEG_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavcodec/version.h>
#include <libavformat/avformat.h>
#include <libavformat/avio.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/log.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

// Macros with casts or character arithmetic.
static const int sh_AVERROR_EOF = AVERROR_EOF;
static const int sh_AVERROR_EXIT = AVERROR_EXIT;
static const int sh_AVERROR_EXTERNAL = AVERROR_EXTERNAL;
static const int sh_AVERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static const int sh_AVERROR_EAGAIN = AVERROR(EAGAIN);
static const int sh_AVERROR_ENOMEM = AVERROR(ENOMEM);
static const int sh_AVERROR_EACCES = AVERROR(EACCES);
static const int64_t sh_AV_NOPTS_VALUE = AV_NOPTS_VALUE;

static inline uint32_t sh_tag(char a, char b, char c, char d) { return MKTAG(a, b, c, d); }

#endif
