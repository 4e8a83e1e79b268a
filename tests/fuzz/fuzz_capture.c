/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of a capture file through reader, host and report. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *null;
    struct weir_replay_options o = { .files = 1, .memory_bytes = WEIR_REPLAY_MEMORY_MIN };
    char path[32];
    char *paths[] = { path };
    int fd = memfd_create("capture", MFD_CLOEXEC);

    if (!null)
        null = fopen("/dev/null", "w");
    if (fd < 0 || !null || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    o.paths = paths;
    o.json = size & 1;
    o.counted = size & 2;
    o.checksum = WEIR_CHECKSUM_ON;
    o.out = o.err = null;
    (void)weir_replay(&o);
    (void)close(fd);
    return 0;
}
