// What the operating systems do alike but glibc hides from Swift's importer (_GNU_SOURCE) or names differently.
#ifndef HLS2MP4_CPLATFORM_H
#define HLS2MP4_CPLATFORM_H

/// Names the calling thread, at most 15 bytes on Linux. `pthread_setname_np` differs between Linux and macOS.
void hls2mp4_set_thread_name(const char *_Nonnull name);

#endif
