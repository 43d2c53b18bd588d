// What the operating systems do alike but glibc hides from Swift's importer (_GNU_SOURCE), names or types differently.
#ifndef HLS2MP4_CPLATFORM_H
#define HLS2MP4_CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

/// Names the calling thread, at most 15 bytes on Linux. `pthread_setname_np` differs between Linux and macOS.
void hls2mp4_set_thread_name(const char *_Nonnull name);

/// Starts a joinable thread that runs `body(context)`. Returns 0 or an errno; `*thread` is the argument of
/// `hls2mp4_thread_join`. `pthread_t` is an integer on Linux and a pointer on macOS.
int hls2mp4_thread_start(void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context, size_t stack_size,
                         uintptr_t *_Nonnull thread);

/// Waits until the thread has ended (`pthread_join`). Returns 0 or an errno.
int hls2mp4_thread_join(uintptr_t thread);

/// Gives up the right to join (`pthread_detach`).
void hls2mp4_thread_detach(uintptr_t thread);

#endif
