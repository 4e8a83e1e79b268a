/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/capture_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void capture_file_check(bool ok)
{
    if (!ok) {
        perror("capture file");
        abort();
    }
}

void capture_file_make(struct capture_file *f)
{
    (void)snprintf(f->path, sizeof(f->path), "/tmp/weir-test-XXXXXX");
    f->fd = mkstemp(f->path);
    capture_file_check(f->fd >= 0);
}

void capture_file_remove(struct capture_file *f)
{
    (void)close(f->fd);
    (void)unlink(f->path);
}

void capture_file_add(struct capture_file *f, const void *data, size_t len)
{
    capture_file_check(write(f->fd, data, len) == (ssize_t)len);
}

void capture_file_cut(struct capture_file *f, size_t len)
{
    capture_file_check(ftruncate(f->fd, (off_t)len) == 0);
}

size_t capture_file_size(const struct capture_file *f)
{
    struct stat st;

    capture_file_check(fstat(f->fd, &st) == 0);
    return (size_t)st.st_size;
}

void capture_file_gzip(struct capture_file *f)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "gzip -9 < %s > %s.gz && mv %s.gz %s", f->path,
                   f->path, f->path, f->path);
    capture_file_check(system(command) == 0);
    (void)close(f->fd);
    f->fd = open(f->path, O_RDWR | O_CLOEXEC);
    capture_file_check(f->fd >= 0);
}

void capture_file_pcap(struct capture_file *f, bool nanoseconds, __u32 link)
{
    __u32 header[6] = { nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, link };

    capture_file_add(f, header, sizeof(header));
}

void capture_file_record(struct capture_file *f, __u32 seconds, __u32 fraction,
                         const struct weir_packet *p)
{
    static struct weir_frame frame;

    weir_packet_build(p, &frame);

    __u32 header[4] = { seconds, fraction, frame.cap, frame.wire };

    capture_file_add(f, header, sizeof(header));
    capture_file_add(f, frame.b, frame.cap);
}

static __u32 capture_file_u32(bool swapped, __u32 v)
{
    return swapped ? __builtin_bswap32(v) : v;
}

static __u16 capture_file_u16(bool swapped, __u16 v)
{
    return swapped ? __builtin_bswap16(v) : v;
}

static void capture_file_put(struct capture_file *f, bool swapped, __u32 type, const void *body,
                             __u32 len)
{
    __u32 head[2] = { capture_file_u32(swapped, type), capture_file_u32(swapped, len + 12) };

    capture_file_add(f, head, sizeof(head));
    capture_file_add(f, body, len);
    capture_file_add(f, &head[1], sizeof(head[1]));
}

void capture_file_section(struct capture_file *f, bool swapped)
{
    __u32 body[4] = { capture_file_u32(swapped, 0x1a2b3c4d), capture_file_u32(swapped, 1),
                      0xffffffff, 0xffffffff };

    if (swapped)
        body[1] = capture_file_u32(true, 1 << 16);
    capture_file_put(f, swapped, 0x0a0d0d0a, body, sizeof(body));
}

void capture_file_interface(struct capture_file *f, bool swapped, __u16 link, __u32 snaplen,
                            __u8 tsresol)
{
    struct {
        __u16 link, reserved;
        __u32 snaplen;
        __u16 code, len;
        __u8 value[4];
        __u32 end;
    } body = { capture_file_u16(swapped, link),
               0,
               capture_file_u32(swapped, snaplen),
               capture_file_u16(swapped, 9),
               capture_file_u16(swapped, 1),
               { tsresol },
               0 };

    capture_file_put(f, swapped, 1, &body, sizeof(body));
}

void capture_file_block(struct capture_file *f, bool swapped, __u32 interface, __u64 stamp,
                        const struct weir_packet *p)
{
    static struct weir_frame frame;
    static __u8 body[20 + WEIR_FRAME_MAX];

    weir_packet_build(p, &frame);

    __u32 head[5] = { capture_file_u32(swapped, interface),
                      capture_file_u32(swapped, (__u32)(stamp >> 32)),
                      capture_file_u32(swapped, (__u32)stamp), capture_file_u32(swapped, frame.cap),
                      capture_file_u32(swapped, frame.wire) };

    memset(body, 0, sizeof(body));
    memcpy(body, head, sizeof(head));
    memcpy(body + sizeof(head), frame.b, frame.cap);
    capture_file_put(f, swapped, 6, body, (__u32)sizeof(head) + (frame.cap + 3) / 4 * 4);
}
