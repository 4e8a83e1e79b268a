/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Capture files for tests: written byte by byte, right or wrong as the test wants it. */

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/packet.h"

#define PCAP_MICRO 0xa1b2c3d4u
#define PCAP_NANO 0xa1b23c4du
#define PCAP_ETHERNET 1

struct capture_file {
    char path[64];
    FILE *file;
};

static inline void capture_file_create(struct capture_file *c)
{
    int fd;

    strcpy(c->path, "/tmp/weir-test-XXXXXX");
    fd = mkstemp(c->path);
    assert(fd >= 0);
    c->file = fdopen(fd, "w+b");
    assert(c->file);
}

static inline void capture_file_put(struct capture_file *c, const void *data, size_t n)
{
    size_t written = fwrite(data, 1, n, c->file);

    assert(written == n);
    (void)written;
}

static inline void capture_file_put32(struct capture_file *c, uint32_t v)
{
    capture_file_put(c, &v, sizeof(v));
}

static inline void capture_file_pcap(struct capture_file *c, uint32_t magic, uint32_t link)
{
    const uint32_t head[6] = { magic, 4 << 16 | 2, 0, 0, 262144, link };

    capture_file_create(c);
    capture_file_put(c, head, sizeof(head));
}

/* fraction: of a second, in the unit of the magic. */
static inline void capture_file_record(struct capture_file *c, uint32_t seconds, uint32_t fraction,
                                       const void *data, uint32_t cap, uint32_t wire)
{
    const uint32_t head[4] = { seconds, fraction, cap, wire };

    capture_file_put(c, head, sizeof(head));
    capture_file_put(c, data, cap);
}

static inline void capture_file_packet(struct capture_file *c, uint32_t seconds, uint32_t fraction,
                                       const struct weir_packet *p)
{
    struct weir_frame *f = malloc(sizeof(*f));

    assert(f);
    weir_packet_build(p, f);
    capture_file_record(c, seconds, fraction, f->b, f->cap, f->wire);
    free(f);
}

/* A pcapng block; body is padded to 32 bits. */
static inline void capture_file_block(struct capture_file *c, uint32_t type, const void *body,
                                      uint32_t n)
{
    uint32_t padded = (n + 3) / 4 * 4;

    capture_file_put32(c, type);
    capture_file_put32(c, padded + 12);
    capture_file_put(c, body, n);
    capture_file_put(c, "\0\0\0", padded - n);
    capture_file_put32(c, padded + 12);
}

static inline void capture_file_section(struct capture_file *c)
{
    const uint32_t body[4] = { 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff };

    capture_file_create(c);
    capture_file_block(c, 0x0a0d0d0a, body, sizeof(body));
}

/* resolution: value of if_tsresol, 6 for microseconds. */
static inline void capture_file_interface(struct capture_file *c, uint16_t link, uint8_t resolution)
{
    const uint32_t body[5] = { link, 262144, 1 << 16 | 9, resolution, 0 };

    capture_file_block(c, 1, body, sizeof(body));
}

static inline void capture_file_enhanced(struct capture_file *c, uint32_t interface, uint64_t stamp,
                                         const void *data, uint32_t cap, uint32_t wire)
{
    uint32_t body[5 + 512] = { interface, (uint32_t)(stamp >> 32), (uint32_t)stamp, cap, wire };

    assert(cap <= sizeof(body) - 20);
    memcpy(body + 5, data, cap);
    capture_file_block(c, 6, body, 20 + cap);
}

static inline void capture_file_close(struct capture_file *c)
{
    if (c->file)
        (void)fclose(c->file);
    c->file = NULL;
}

static inline void capture_file_cut(struct capture_file *c, long bytes_off)
{
    long size = ftell(c->file);

    assert(size > bytes_off);
    (void)fflush(c->file);
    if (ftruncate(fileno(c->file), size - bytes_off) != 0)
        abort();
    capture_file_close(c);
}

static inline void capture_file_remove(struct capture_file *c)
{
    capture_file_close(c);
    (void)unlink(c->path);
}
