/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lines for a file or another process, written by one who must not wait: what the reader of a pipe,
 * terminal or socket does not take stays in a queue, and what the queue has no room for is lost,
 * whole lines, and counted. Files are written at once. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define WEIR_SINK_QUEUE (1U << 20) /* bytes */
#define WEIR_SINK_BATCH (1U << 16) /* bytes that are written without a flush */
#define WEIR_SINK_CLOSE_MS 500     /* longest that closing waits for a reader to go on */

struct weir_sink {
    int fd; /* -1: closed */
    bool own;
    bool socket;
    bool torn;       /* the newest line was cut: the next begins on a line of its own */
    uint32_t queued; /* lines, the first of them perhaps in part */
    uint64_t lost;   /* lines, ever */
    struct weir_buf queue;
};

/* path: appended to, made if missing; NULL is standard output. -errno. */
int weir_sink_open(struct weir_sink *s, const char *path);
/* One line, with its newline; it is written by the next flush or put. -errno: what was queued
 * before is lost. */
int weir_sink_put(struct weir_sink *s, const char *line, size_t len);
/* As much as is taken without waiting. -errno: what was queued is lost. */
int weir_sink_flush(struct weir_sink *s);
int weir_sink_close(struct weir_sink *s);
