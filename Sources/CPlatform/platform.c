#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CPlatform.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

void hls2mp4_set_thread_name(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
}

struct start {
    void (*body)(void *);
    void *context;
};

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.body(start.context);
    return NULL;
}

int hls2mp4_thread_start(void (*body)(void *), void *context, size_t stack_size, uintptr_t *thread) {
    struct start *start = malloc(sizeof *start);
    if (!start) return ENOMEM;
    *start = (struct start){body, context};
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) {
        free(start);
        return error;
    }
    pthread_t created;
    error = pthread_attr_setstacksize(&attributes, stack_size);
    if (!error) {
        // The thread inherits the mask: signals from outside go to the thread that means to handle them,
        // a fault stays with the thread that made it.
        static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};
        sigset_t outside, before;
        sigfillset(&outside);
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(&outside, own[i]);
        pthread_sigmask(SIG_SETMASK, &outside, &before);
        error = pthread_create(&created, &attributes, run, start);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    if (error) free(start);
    else *thread = (uintptr_t)created;
    return error;
}

int hls2mp4_thread_join(uintptr_t thread) { return pthread_join((pthread_t)thread, NULL); }

void hls2mp4_thread_detach(uintptr_t thread) { pthread_detach((pthread_t)thread); }
