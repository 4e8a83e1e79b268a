/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ClientHellos made of lists of numbers, for tests of what reads them. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct hello_bytes {
    uint8_t b[8192];
    size_t len;
};

static inline void hello_u8(struct hello_bytes *h, unsigned v)
{
    h->b[h->len++] = (uint8_t)v;
}

static inline void hello_u16(struct hello_bytes *h, unsigned v)
{
    hello_u8(h, v >> 8);
    hello_u8(h, v & 255);
}

static inline void hello_raw(struct hello_bytes *h, const void *data, size_t len)
{
    memcpy(h->b + h->len, data, len);
    h->len += len;
}

/* What a hello says; lists end with -1, NULL leaves the extension out. */
struct hello_spec {
    unsigned version;
    const int *ciphers;
    const int *extensions; /* in order; those below get their content */
    const int *groups;
    const int *formats;
    const int *signatures;
    const int *versions;
    const char *name;
    const char *alpn; /* wire form */
    size_t alpn_len;
};

#define LIST(...) ((const int[]){ __VA_ARGS__, -1 })

static inline size_t hello_count(const int *list)
{
    size_t n = 0;

    while (list && list[n] >= 0)
        n++;
    return n;
}

static inline void hello_numbers(struct hello_bytes *h, const int *list)
{
    for (size_t i = 0; i < hello_count(list); i++)
        hello_u16(h, (unsigned)list[i]);
}

static inline void hello_extension(struct hello_bytes *h, const struct hello_spec *s, int type)
{
    struct hello_bytes v = { .len = 0 };

    if (type == 0 && s->name) {
        hello_u16(&v, (unsigned)strlen(s->name) + 3);
        hello_u8(&v, 0);
        hello_u16(&v, (unsigned)strlen(s->name));
        hello_raw(&v, s->name, strlen(s->name));
    } else if (type == 10 || type == 13) {
        const int *list = type == 10 ? s->groups : s->signatures;

        hello_u16(&v, (unsigned)hello_count(list) * 2);
        hello_numbers(&v, list);
    } else if (type == 11) {
        hello_u8(&v, (unsigned)hello_count(s->formats));
        for (size_t i = 0; i < hello_count(s->formats); i++)
            hello_u8(&v, (unsigned)s->formats[i]);
    } else if (type == 16) {
        hello_u16(&v, (unsigned)s->alpn_len);
        hello_raw(&v, s->alpn, s->alpn_len);
    } else if (type == 43) {
        hello_u8(&v, (unsigned)hello_count(s->versions) * 2);
        hello_numbers(&v, s->versions);
    }
    hello_u16(h, (unsigned)type);
    hello_u16(h, (unsigned)v.len);
    hello_raw(h, v.b, v.len);
}

/* The handshake message. */
static inline void hello_build(const struct hello_spec *s, struct hello_bytes *h)
{
    struct hello_bytes all = { .len = 0 };

    h->len = 4;
    hello_u16(h, s->version);
    for (int i = 0; i < 32; i++)
        hello_u8(h, 0xab);
    hello_u8(h, 0);
    hello_u16(h, (unsigned)hello_count(s->ciphers) * 2);
    hello_numbers(h, s->ciphers);
    hello_u8(h, 1);
    hello_u8(h, 0);
    if (s->extensions) {
        for (size_t i = 0; i < hello_count(s->extensions); i++)
            hello_extension(&all, s, s->extensions[i]);
        hello_u16(h, (unsigned)all.len);
        hello_raw(h, all.b, all.len);
    }
    h->b[0] = 1;
    h->b[1] = 0;
    h->b[2] = (uint8_t)((h->len - 4) >> 8);
    h->b[3] = (uint8_t)(h->len - 4);
}

/* In records of at most `record` bytes. */
static inline void hello_wrap(const struct hello_bytes *message, size_t record,
                              struct hello_bytes *ret)
{
    ret->len = 0;
    for (size_t at = 0; at < message->len; at += record) {
        size_t n = message->len - at < record ? message->len - at : record;

        hello_u8(ret, 22);
        hello_u16(ret, 0x0301);
        hello_u16(ret, (unsigned)n);
        hello_raw(ret, message->b + at, n);
    }
}
