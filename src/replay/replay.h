/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `weir replay`: captures in, findings out. */

#include <stdbool.h>
#include <stdio.h>

#include "replay/host.h"

struct weir_replay_options {
    char *const *paths;
    unsigned files;
    bool json;
    bool counted;
    bool flows;           /* connections become events, too */
    bool services;        /* how each service does */
    bool tls;             /* what TLS clients say */
    const char *evidence; /* directory for files of packets; NULL: none */
    enum weir_checksum_mode checksum;
    struct weir_local local;
    struct weir_settings *policy; /* the caller's; NULL: the catalogue in observe mode */
    size_t memory_bytes;
    FILE *out; /* findings: EVE lines, or text */
    FILE *err; /* errors, progress, and the summary of a JSON run */
};

#define WEIR_REPLAY_MEMORY (256UL * 1024 * 1024)
#define WEIR_REPLAY_MEMORY_MIN (1UL * 1024 * 1024)

/* Returns an exit status: 0, or 1 when a file could not be read to its end, or output failed. What
 * was found before is written either way. */
int weir_replay(const struct weir_replay_options *options);

/* Ask a running replay to stop reading and to report; async-signal-safe. */
void weir_replay_stop(void);
