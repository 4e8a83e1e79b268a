/* SPDX-License-Identifier: Apache-2.0 */

/* A file of evidence, whatever is put into it, is one that our own reader takes whole. Input:
 * records of a head that says what the packet is like, and its bytes. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/evidence_file.h"
#include "replay/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD_BYTES = 8,
    PACKETS_MAX = 64
};

static struct weir_evidence_packet packet_of(const uint8_t *head, const uint8_t *bytes, size_t len,
                                             char comment[256])
{
    size_t n = head[5] < len ? head[5] : len;

    memcpy(comment, bytes, n);
    comment[n] = '\0';
    return (struct weir_evidence_packet){
        .data = bytes,
        .cap = (uint32_t)len,
        .wire = (uint32_t)len + head[1] * 100U,
        .ts_ns = (uint64_t)head[2] << 54 | (uint64_t)head[3] << 30 | head[4],
        .interface = head[6] & 7,
        .name = head[6] & 8 ? comment : NULL,
        .link = 1,
        .direction = head[6] >> 4 & 3,
        .hook = head[7] & 3,
        .verdict = head[7] * 0x0101010101010101ULL,
        .comment = head[5] ? comment : NULL,
    };
}

static void read_back(const char *path, const struct weir_evidence_packet *want, uint32_t packets)
{
    struct weir_capture *c = NULL;
    struct weir_capture_packet got;
    struct weir_error e = { 0 };
    uint32_t n = 0;
    int r;

    if (weir_capture_open(path, 1 << 16, &c, &e) < 0)
        abort();
    while ((r = weir_capture_next(c, &got, &e)) > 0) {
        if (n >= packets || got.cap != want[n].cap || got.wire != want[n].wire ||
            (want[n].ts_ns < INT64_MAX && got.ts_ns != want[n].ts_ns) ||
            memcmp(got.data, want[n].data, got.cap))
            abort();
        n++;
    }
    if (r < 0 || n != packets)
        abort();
    weir_capture_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64], part[80];
    struct weir_evidence_packet p[PACKETS_MAX];
    struct weir_evidence_file *f = NULL;
    char comment[256];
    uint32_t added = 0;

    (void)snprintf(path, sizeof(path), "/tmp/weir-fuzz-evidence-%d.pcapng", (int)getpid());
    (void)snprintf(part, sizeof(part), "%s.part", path);
    (void)unlink(part);
    if (!size || weir_evidence_file_open(path, "fuzz", 300 + data[0] * 200U, &f, NULL) < 0)
        return 0;
    for (size_t at = 1; at + HEAD_BYTES <= size && added < PACKETS_MAX;) {
        const uint8_t *head = data + at;
        size_t len = head[0];

        at += HEAD_BYTES;
        if (len > size - at)
            len = size - at;
        p[added] = packet_of(head, data + at, len, comment);
        added += weir_evidence_file_add(f, &p[added]) == 0;
        at += len;
    }
    weir_evidence_file_lost(f, data[0] & 3);
    if (weir_evidence_file_close(f, NULL) < 0)
        abort();
    if (added) /* a section alone is no capture that libpcap or we would read */
        read_back(path, p, added);
    (void)unlink(path);
    return 0;
}
