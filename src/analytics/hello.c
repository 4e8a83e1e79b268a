/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/hello.h"

#include <errno.h>

#define MESSAGE_HEAD 4
#define RANDOM_BYTES 32

/* What is left of a run of bytes. bad: something wanted more than there was. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static struct weir_hello_list take(struct cursor *c, size_t n)
{
    struct weir_hello_list got = { .at = c->at, .n = n };

    if (c->bad || n > c->left) {
        c->bad = true;
        return (struct weir_hello_list){ .at = c->at };
    }
    c->at += n;
    c->left -= n;
    return got;
}

/* A number of 1 or 2 bytes. */
static size_t take_number(struct cursor *c, size_t bytes)
{
    struct weir_hello_list l = take(c, bytes);
    size_t v = 0;

    for (size_t i = 0; i < l.n; i++)
        v = v << 8 | l.at[i];
    return v;
}

/* Bytes behind their length, which itself has 1 or 2 bytes. */
static struct weir_hello_list take_sized(struct cursor *c, size_t length_bytes)
{
    return take(c, take_number(c, length_bytes));
}

/* 16-bit numbers behind their length. */
static struct weir_hello_list take_numbers(struct cursor *c, size_t length_bytes)
{
    struct weir_hello_list l = take_sized(c, length_bytes);

    if (l.n % 2)
        c->bad = true;
    l.n /= 2;
    return l;
}

/* RFC 6066 3: a list of names, of which only the type 0 was ever defined. */
static struct weir_hello_list take_server_name(struct cursor *c)
{
    struct weir_hello_list list = take_sized(c, 2);
    struct cursor in = { .at = list.at, .left = list.n, .bad = c->bad };
    size_t type = take_number(&in, 1);
    struct weir_hello_list name = take_sized(&in, 2);

    if (in.bad || type != 0)
        c->bad = true;
    return name;
}

/* RFC 7301 3.1: names of 1 to 255 bytes. */
static struct weir_hello_list take_alpn(struct cursor *c)
{
    struct weir_hello_list list = take_sized(c, 2);
    struct cursor in = { .at = list.at, .left = list.n, .bad = c->bad };

    while (in.left && !in.bad)
        (void)take_sized(&in, 1);
    c->bad |= in.bad;
    return list;
}

static void read_extension(struct weir_hello *h, uint16_t type, struct cursor *c)
{
    switch (type) {
    case WEIR_HELLO_SERVER_NAME:
        h->has_server_name = true;
        if (c->left) /* a server may acknowledge it empty, and some clients send that */
            h->server_name = take_server_name(c);
        break;
    case WEIR_HELLO_GROUPS:
        h->groups = take_numbers(c, 2);
        break;
    case WEIR_HELLO_POINT_FORMATS:
        h->point_formats = take_sized(c, 1);
        break;
    case WEIR_HELLO_SIGNATURES:
        h->signatures = take_numbers(c, 2);
        break;
    case WEIR_HELLO_ALPN:
        h->alpn = take_alpn(c);
        break;
    case WEIR_HELLO_VERSIONS:
        h->versions = take_numbers(c, 1);
        break;
    default:
        break;
    }
}

/* Bits of the extensions that are read, to read each once. */
static uint64_t known_bit(uint16_t type)
{
    return type < 64 ? 1ULL << type : 0;
}

static int read_extensions(struct weir_hello *h, struct cursor *c)
{
    struct weir_hello_list all = take_sized(c, 2);
    struct cursor in = { .at = all.at, .left = all.n, .bad = c->bad };
    uint64_t seen = 0;

    while (in.left && !in.bad) {
        uint16_t type = (uint16_t)take_number(&in, 2);
        struct weir_hello_list value = take_sized(&in, 2);
        struct cursor body = { .at = value.at, .left = value.n, .bad = in.bad };

        if (!(seen & known_bit(type)))
            read_extension(h, type, &body);
        seen |= known_bit(type);
        in.bad = body.bad;
    }
    h->extensions = all;
    return in.bad ? -EBADMSG : 0;
}

int weir_hello_parse(const uint8_t *message, size_t len, struct weir_hello *ret)
{
    struct cursor c = { .at = message, .left = len };
    struct weir_hello h = { 0 };
    int r = 0;

    (void)take(&c, MESSAGE_HEAD);
    h.version = (uint16_t)take_number(&c, 2);
    (void)take(&c, RANDOM_BYTES);
    (void)take_sized(&c, 1); /* session id */
    h.ciphers = take_numbers(&c, 2);
    (void)take_sized(&c, 1); /* compression methods */
    if (!c.bad && c.left)    /* TLS 1.2 and before: there may be none */
        r = read_extensions(&h, &c);
    if (c.bad || r < 0)
        return -EBADMSG;
    *ret = h;
    return 0;
}

bool weir_hello_next_extension(const struct weir_hello *h, size_t *at, uint16_t *ret_type)
{
    const uint8_t *e;

    if (*at + 4 > h->extensions.n)
        return false;
    e = h->extensions.at + *at;
    *ret_type = (uint16_t)(e[0] << 8 | e[1]);
    *at += 4 + (size_t)(e[2] << 8 | e[3]);
    return true;
}

uint16_t weir_hello_version(const struct weir_hello *h)
{
    uint16_t best = 0;

    for (size_t i = 0; i < h->versions.n; i++) {
        uint16_t v = weir_hello_u16(&h->versions, i);

        if (!weir_is_grease(v) && v > best)
            best = v;
    }
    return best ? best : h->version;
}
