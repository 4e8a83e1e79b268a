/* SPDX-License-Identifier: Apache-2.0 */
#include "events/evidence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define PATH_MAX_BYTES 4096
#define INTERFACES_MAX 256
#define COMMENT_MAX 4096 /* of what a comment is cut to; its length field ends at 65,535 */
/* What the end of a file may take: an interface statistics block with a comment. */
#define TAIL_BYTES 256

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
    ORDER_MAGIC = 0x1a2b3c4d,
};

/* Options: 0 and 1 of any block, the others of the block that they are named after. */
enum {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SECTION_APPLICATION = 4,
    INTERFACE_NAME = 2,
    INTERFACE_RESOLUTION = 9,
    PACKET_FLAGS = 2,
    PACKET_VERDICT = 7,
    STATISTICS_RECEIVED = 4,
    STATISTICS_DROPPED = 5,
};

struct weir_evidence_file {
    FILE *file;
    char path[PATH_MAX_BYTES];
    char part[PATH_MAX_BYTES + 8];
    uint64_t bytes;
    uint64_t bytes_max;
    uint64_t packets;
    uint64_t lost;
    uint64_t last_ns;
    bool full;
    uint64_t interface[INTERFACES_MAX];
    uint32_t interfaces;
    struct weir_buf block; /* the one being made */
};

static void add_u16(struct weir_buf *b, uint16_t v)
{
    weir_buf_add(b, &v, sizeof(v));
}

static void add_u32(struct weir_buf *b, uint32_t v)
{
    weir_buf_add(b, &v, sizeof(v));
}

/* Bytes and zeros up to a multiple of four. */
static void add_padded(struct weir_buf *b, const void *data, size_t len)
{
    static const char zeros[4];

    weir_buf_add(b, data, len);
    weir_buf_add(b, zeros, (4 - len % 4) % 4);
}

static void add_option(struct weir_buf *b, uint16_t code, const void *data, size_t len)
{
    add_u16(b, code);
    add_u16(b, (uint16_t)len);
    add_padded(b, data, len);
}

static void add_text(struct weir_buf *b, uint16_t code, const char *text)
{
    size_t len = text ? strlen(text) : 0;

    if (len > COMMENT_MAX)
        len = COMMENT_MAX;
    if (len)
        add_option(b, code, text, len);
}

/* Type and length go first; the length is filled in at the end. */
static struct weir_buf *begin_block(struct weir_evidence_file *f, uint32_t type)
{
    weir_buf_clear(&f->block);
    add_u32(&f->block, type);
    add_u32(&f->block, 0);
    return &f->block;
}

static void end_block(struct weir_evidence_file *f)
{
    struct weir_buf *b = &f->block;
    uint32_t len;

    add_u32(b, OPTION_END);
    add_u32(b, 0);
    if (b->failed)
        return;
    len = (uint32_t)b->len;
    memcpy(b->data + 4, &len, sizeof(len));
    memcpy(b->data + len - 4, &len, sizeof(len));
}

/* Write the block that was made, unless the file would grow beyond `limit`. */
static int write_block(struct weir_evidence_file *f, uint64_t limit)
{
    const struct weir_buf *b = &f->block;

    if (b->failed)
        return -ENOMEM;
    if (f->bytes + b->len > limit)
        return -EFBIG;
    (void)fwrite(b->data, 1, b->len, f->file); /* asked for by ferror() at the end */
    f->bytes += b->len;
    return 0;
}

static int write_section(struct weir_evidence_file *f, const char *comment)
{
    const uint64_t unknown_length = UINT64_MAX;
    struct weir_buf *b = begin_block(f, BLOCK_SECTION);

    add_u32(b, ORDER_MAGIC);
    add_u16(b, 1); /* version 1.0 */
    add_u16(b, 0);
    weir_buf_add(b, &unknown_length, sizeof(unknown_length));
    add_text(b, SECTION_APPLICATION, "weir");
    add_text(b, OPTION_COMMENT, comment);
    end_block(f);
    return write_block(f, f->bytes_max);
}

/* The number in the file of the packet's interface, described when it is new. */
static int find_interface(struct weir_evidence_file *f, const struct weir_evidence_packet *p)
{
    const uint8_t nanoseconds = 9;
    struct weir_buf *b;
    int r;

    for (uint32_t i = 0; i < f->interfaces; i++)
        if (f->interface[i] == p->interface)
            return (int)i;
    if (f->interfaces == INTERFACES_MAX)
        return -EFBIG;
    b = begin_block(f, BLOCK_INTERFACE);
    add_u16(b, p->link);
    add_u16(b, 0);
    add_u32(b, 0); /* no limit of length */
    add_text(b, INTERFACE_NAME, p->name);
    add_option(b, INTERFACE_RESOLUTION, &nanoseconds, sizeof(nanoseconds));
    end_block(f);
    r = write_block(f, f->bytes_max - TAIL_BYTES);
    if (r < 0)
        return r;
    f->interface[f->interfaces] = p->interface;
    return (int)f->interfaces++;
}

static void add_verdict(struct weir_buf *b, const struct weir_evidence_packet *p)
{
    uint8_t value[1 + 8];

    value[0] = p->hook;
    memcpy(value + 1, &p->verdict, 8);
    add_option(b, PACKET_VERDICT, value, sizeof(value));
}

static int write_packet(struct weir_evidence_file *f, const struct weir_evidence_packet *p)
{
    const uint32_t direction = p->direction & 3;
    struct weir_buf *b;
    int interface = find_interface(f, p);

    if (interface < 0)
        return interface;
    b = begin_block(f, BLOCK_PACKET);
    add_u32(b, (uint32_t)interface);
    add_u32(b, (uint32_t)(p->ts_ns >> 32));
    add_u32(b, (uint32_t)p->ts_ns);
    add_u32(b, p->cap);
    add_u32(b, p->wire < p->cap ? p->cap : p->wire);
    add_padded(b, p->data, p->cap);
    if (direction)
        add_option(b, PACKET_FLAGS, &direction, sizeof(direction));
    if (p->hook)
        add_verdict(b, p);
    add_text(b, OPTION_COMMENT, p->comment);
    end_block(f);
    return write_block(f, f->bytes_max - TAIL_BYTES);
}

/* What is missing, for whoever opens the file. */
static int write_tail(struct weir_evidence_file *f)
{
    struct weir_buf *b;
    char comment[96];

    if (!f->interfaces)
        return 0;
    b = begin_block(f, BLOCK_STATISTICS);
    add_u32(b, 0);
    add_u32(b, (uint32_t)(f->last_ns >> 32));
    add_u32(b, (uint32_t)f->last_ns);
    if (f->lost) {
        (void)snprintf(comment, sizeof(comment), "weir: %llu packets of evidence are not here%s",
                       (unsigned long long)f->lost, f->full ? ", the file was full" : "");
        add_text(b, OPTION_COMMENT, comment);
    }
    add_option(b, STATISTICS_RECEIVED, &f->packets, sizeof(f->packets));
    add_option(b, STATISTICS_DROPPED, &f->lost, sizeof(f->lost));
    end_block(f);
    return write_block(f, f->bytes_max);
}

static void file_free(struct weir_evidence_file *f)
{
    if (f->file)
        (void)fclose(f->file);
    weir_buf_free(&f->block);
    free(f);
}

int weir_evidence_file_open(const char *path, const char *comment, uint64_t bytes_max,
                            struct weir_evidence_file **ret, struct weir_error *e)
{
    struct weir_evidence_file *f;
    int fd, r;

    if (strlen(path) >= PATH_MAX_BYTES)
        return weir_error_set(e, ENAMETOOLONG, "%s: name too long", path);
    f = calloc(1, sizeof(*f));
    if (!f)
        return weir_error_set(e, ENOMEM, "%s: no memory", path);
    (void)snprintf(f->path, sizeof(f->path), "%s", path);
    (void)snprintf(f->part, sizeof(f->part), "%s.part", path);
    f->bytes_max = bytes_max;
    /* Packets hold what people sent: for the owner alone. */
    fd = open(f->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        int err = errno;

        file_free(f);
        return weir_error_set(e, err, "%s.part: %s", path, strerror(err));
    }
    f->file = fdopen(fd, "w");
    if (!f->file) {
        (void)close(fd);
        weir_evidence_file_drop(f);
        return weir_error_set(e, ENOMEM, "%s: no memory", path);
    }
    r = bytes_max < TAIL_BYTES ? -EFBIG : write_section(f, comment);
    if (r < 0) {
        weir_evidence_file_drop(f);
        return weir_error_set(e, -r, "%s: a file of evidence in %llu bytes: %s", path,
                              (unsigned long long)bytes_max, strerror(-r));
    }
    *ret = f;
    return 0;
}

int weir_evidence_file_add(struct weir_evidence_file *f, const struct weir_evidence_packet *p)
{
    int r = f->full ? -EFBIG : write_packet(f, p);

    if (r < 0) {
        f->full |= r == -EFBIG;
        f->lost++;
        return r;
    }
    f->packets++;
    f->last_ns = p->ts_ns;
    return 0;
}

void weir_evidence_file_lost(struct weir_evidence_file *f, uint64_t packets)
{
    f->lost += packets;
}

uint64_t weir_evidence_file_bytes(const struct weir_evidence_file *f)
{
    return f->bytes;
}

uint64_t weir_evidence_file_packets(const struct weir_evidence_file *f)
{
    return f->packets;
}

int weir_evidence_file_close(struct weir_evidence_file *f, struct weir_error *e)
{
    int r = write_tail(f);

    if (r == 0 && (fflush(f->file) || ferror(f->file)))
        r = errno ? -errno : -EIO;
    if (r == 0 && rename(f->part, f->path))
        r = -errno;
    if (r < 0) {
        (void)weir_error_set(e, -r, "%s: %s", f->path, strerror(-r));
        (void)unlink(f->part);
    }
    file_free(f);
    return r;
}

void weir_evidence_file_drop(struct weir_evidence_file *f)
{
    if (!f)
        return;
    (void)unlink(f->part);
    file_free(f);
}
