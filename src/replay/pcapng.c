/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define WEIR_PCAPNG_INTERFACES_MAX 4096 /* of one section */
#define WEIR_PCAPNG_BYTE_ORDER 0x1a2b3c4d

enum weir_pcapng_block {
    WEIR_PCAPNG_SECTION = 0x0a0d0d0a,
    WEIR_PCAPNG_INTERFACE = 1,
    WEIR_PCAPNG_PACKET_OLD = 2,
    WEIR_PCAPNG_PACKET_SIMPLE = 3,
    WEIR_PCAPNG_PACKET = 6,
};

enum weir_pcapng_option {
    WEIR_PCAPNG_OPTION_END = 0,
    WEIR_PCAPNG_OPTION_TSRESOL = 9,
    WEIR_PCAPNG_OPTION_TSOFFSET = 14,
};

struct weir_pcapng_interface {
    uint64_t units; /* of time in a second */
    int64_t offset; /* seconds */
    uint32_t snaplen;
    uint16_t link;
};

struct weir_pcapng {
    FILE *file;
    const char *path;
    uint32_t block_bytes;
    bool swapped;
    uint8_t *body; /* of the current block, behind its type and length */
    size_t size;
    uint32_t len;
    struct weir_pcapng_interface *interface;
    uint32_t interfaces;
    uint64_t packets;
    uint64_t last_ns; /* a simple packet block has no time */
};

bool weir_pcapng_is(const uint8_t *magic, size_t len)
{
    static const uint8_t section[4] = { 0x0a, 0x0d, 0x0d, 0x0a }; /* the same in either order */

    return len == sizeof(section) && !memcmp(magic, section, sizeof(section));
}

static uint32_t weir_pcapng_u32(const struct weir_pcapng *p, const uint8_t *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof(v));
    return p->swapped ? __builtin_bswap32(v) : v;
}

static uint16_t weir_pcapng_u16(const struct weir_pcapng *p, const uint8_t *at)
{
    uint16_t v;

    memcpy(&v, at, sizeof(v));
    return p->swapped ? __builtin_bswap16(v) : v;
}

static int weir_pcapng_bad(const struct weir_pcapng *p, struct weir_error *e, const char *what,
                           uint64_t value)
{
    return weir_error_set(e, EBADMSG, "%s: packet %llu: pcapng: %s (%llu)", p->path,
                          (unsigned long long)p->packets + 1, what, (unsigned long long)value);
}

int weir_pcapng_new(FILE *file, const char *path, uint32_t block_bytes, struct weir_pcapng **ret,
                    struct weir_error *e)
{
    struct weir_pcapng *p = calloc(1, sizeof(*p));

    if (!p)
        return weir_error_set(e, ENOMEM, "%s: no memory", path);
    p->file = file;
    p->path = path;
    p->block_bytes = block_bytes;
    *ret = p;
    return 0;
}

void weir_pcapng_free(struct weir_pcapng *p)
{
    if (!p)
        return;
    free(p->body);
    free(p->interface);
    free(p);
}

static int weir_pcapng_grow(struct weir_pcapng *p, uint32_t len, struct weir_error *e)
{
    uint8_t *body;

    if (len <= p->size)
        return 0;
    if (len < 4096)
        len = 4096;
    body = realloc(p->body, len);
    if (!body)
        return weir_error_set(e, ENOMEM, "%s: no memory for a block of %u bytes", p->path, len);
    p->body = body;
    p->size = len;
    return 0;
}

/* The byte order is known only from the section header's own body. */
static int weir_pcapng_order(struct weir_pcapng *p, uint8_t head[12], struct weir_error *e)
{
    uint32_t order;

    if (fread(head + 8, 1, 4, p->file) != 4)
        return weir_pcapng_bad(p, e, "file ends inside a section header", 0);
    memcpy(&order, head + 8, sizeof(order));
    p->swapped = order != WEIR_PCAPNG_BYTE_ORDER;
    if (weir_pcapng_u32(p, head + 8) != WEIR_PCAPNG_BYTE_ORDER)
        return weir_pcapng_bad(p, e, "section header with impossible byte-order magic", order);
    p->interfaces = 0;
    return 0;
}

static bool weir_pcapng_is_read(uint32_t type)
{
    return type == WEIR_PCAPNG_INTERFACE || type == WEIR_PCAPNG_PACKET ||
           type == WEIR_PCAPNG_PACKET_SIMPLE || type == WEIR_PCAPNG_PACKET_OLD;
}

static int weir_pcapng_cut(const struct weir_pcapng *p, uint32_t missing, struct weir_error *e)
{
    return weir_pcapng_bad(p, e, "file ends inside a block, missing bytes", missing);
}

/* The body of a block, len bytes: kept in p, or stepped over in small pieces, however long it is.
 */
static int weir_pcapng_body(struct weir_pcapng *p, uint32_t type, uint32_t len,
                            struct weir_error *e)
{
    uint8_t skipped[4096];
    size_t n;
    int r;

    p->len = 0;
    if (!weir_pcapng_is_read(type)) {
        for (; len; len -= (uint32_t)n) {
            n = fread(skipped, 1, len < sizeof(skipped) ? len : sizeof(skipped), p->file);
            if (!n)
                return weir_pcapng_cut(p, len, e);
        }
        return 0;
    }
    if (len > p->block_bytes)
        return weir_pcapng_bad(p, e, "block longer than the file's share of --memory", len);
    r = weir_pcapng_grow(p, len, e);
    if (r < 0)
        return r;
    n = fread(p->body, 1, len, p->file);
    if (n != len)
        return weir_pcapng_cut(p, len - (uint32_t)n, e);
    p->len = len;
    return 0;
}

/* Read one block. 1: its type is in *ret_type, its body in p; 0: the end. */
static int weir_pcapng_block(struct weir_pcapng *p, uint32_t *ret_type, struct weir_error *e)
{
    uint8_t head[12], tail[4];
    size_t n = fread(head, 1, 8, p->file), have = 8;
    uint32_t len;
    int r;

    if (n == 0)
        return ferror(p->file) ? weir_pcapng_bad(p, e, "file cannot be read", 0) : 0;
    if (n < 8)
        return weir_pcapng_bad(p, e, "file ends inside a block header, bytes", n);
    *ret_type = weir_pcapng_u32(p, head);
    if (*ret_type == WEIR_PCAPNG_SECTION) {
        r = weir_pcapng_order(p, head, e);
        if (r < 0)
            return r;
        have = 12;
    }
    len = weir_pcapng_u32(p, head + 4);
    if (len < have + sizeof(tail) || len % 4)
        return weir_pcapng_bad(p, e, "block length impossible", len);
    r = weir_pcapng_body(p, *ret_type, len - (uint32_t)(have + sizeof(tail)), e);
    if (r < 0)
        return r;
    if (fread(tail, 1, sizeof(tail), p->file) != sizeof(tail))
        return weir_pcapng_cut(p, sizeof(tail), e);
    if (weir_pcapng_u32(p, tail) != len)
        return weir_pcapng_bad(p, e, "block length differs from its repetition", len);
    return 1;
}

static void weir_pcapng_resolution(struct weir_pcapng_interface *i, uint8_t v)
{
    unsigned power = v & 0x7f;

    i->units = 1;
    if (v & 0x80) {
        i->units <<= power > 63 ? 63 : power;
        return;
    }
    for (; power && i->units <= UINT64_MAX / 10; power--)
        i->units *= 10;
}

static void weir_pcapng_options(const struct weir_pcapng *p, struct weir_pcapng_interface *i)
{
    uint32_t at = 8;

    while (at + 4 <= p->len) {
        uint16_t code = weir_pcapng_u16(p, p->body + at);
        uint32_t len = weir_pcapng_u16(p, p->body + at + 2);
        const uint8_t *value = p->body + at + 4;

        if (code == WEIR_PCAPNG_OPTION_END || len > p->len - at - 4)
            return;
        if (code == WEIR_PCAPNG_OPTION_TSRESOL && len == 1)
            weir_pcapng_resolution(i, *value);
        if (code == WEIR_PCAPNG_OPTION_TSOFFSET && len == 8) {
            memcpy(&i->offset, value, 8);
            if (p->swapped)
                i->offset = (int64_t)__builtin_bswap64((uint64_t)i->offset);
        }
        at += 4 + (len + 3) / 4 * 4;
    }
}

static int weir_pcapng_add_interface(struct weir_pcapng *p, struct weir_error *e)
{
    struct weir_pcapng_interface *i;

    if (p->len < 8)
        return weir_pcapng_bad(p, e, "interface description too short", p->len);
    if (p->interfaces == WEIR_PCAPNG_INTERFACES_MAX)
        return weir_pcapng_bad(p, e, "more interfaces in a section than weir reads",
                               WEIR_PCAPNG_INTERFACES_MAX);
    i = reallocarray(p->interface, p->interfaces + 1, sizeof(*i));
    if (!i)
        return weir_error_set(e, ENOMEM, "%s: no memory", p->path);
    p->interface = i;
    i += p->interfaces++;
    *i = (struct weir_pcapng_interface){ .units = 1000000,
                                         .link = weir_pcapng_u16(p, p->body),
                                         .snaplen = weir_pcapng_u32(p, p->body + 4) };
    weir_pcapng_options(p, i);
    return 0;
}

static uint64_t weir_pcapng_ns(const struct weir_pcapng_interface *i, uint64_t stamp)
{
    unsigned __int128 ns = (unsigned __int128)(stamp / i->units) * 1000000000;
    __int128 all;

    ns += (unsigned __int128)(stamp % i->units) * 1000000000 / i->units;
    all = (__int128)ns + (__int128)i->offset * 1000000000;
    return all < 0 || all > INT64_MAX ? 0 : (uint64_t)all;
}

/* The fields that the packet blocks share, wherever each has them. */
struct weir_pcapng_packet {
    uint32_t interface;
    uint64_t stamp;
    uint32_t cap;
    uint32_t wire;
    uint32_t data; /* offset in the body */
};

static int weir_pcapng_deliver(struct weir_pcapng *p, const struct weir_pcapng_packet *k,
                               struct weir_capture_packet *ret, struct weir_error *e)
{
    const struct weir_pcapng_interface *i;

    if (k->interface >= p->interfaces)
        return weir_pcapng_bad(p, e, "packet of an interface that is not described", k->interface);
    if (k->cap > p->len - k->data)
        return weir_pcapng_bad(p, e, "captured length beyond its block", k->cap);
    i = &p->interface[k->interface];
    if (k->stamp != UINT64_MAX)
        p->last_ns = weir_pcapng_ns(i, k->stamp);
    p->packets++;
    *ret = (struct weir_capture_packet){ .data = p->body + k->data,
                                         .cap = k->cap,
                                         .wire = k->wire < k->cap ? k->cap : k->wire,
                                         .ts_ns = p->last_ns,
                                         .datalink = i->link };
    return 1;
}

static uint64_t weir_pcapng_stamp(const struct weir_pcapng *p, uint32_t at)
{
    return (uint64_t)weir_pcapng_u32(p, p->body + at) << 32 | weir_pcapng_u32(p, p->body + at + 4);
}

static int weir_pcapng_packet(struct weir_pcapng *p, uint32_t type, struct weir_capture_packet *ret,
                              struct weir_error *e)
{
    uint32_t header = type == WEIR_PCAPNG_PACKET_SIMPLE ? 4 : 20;
    struct weir_pcapng_packet k = { .data = header };

    if (p->len < header)
        return weir_pcapng_bad(p, e, "packet block too short", p->len);
    if (type == WEIR_PCAPNG_PACKET_SIMPLE) {
        uint32_t snaplen = p->interfaces ? p->interface[0].snaplen : 0;

        k.stamp = UINT64_MAX;
        k.wire = weir_pcapng_u32(p, p->body);
        k.cap = k.wire < p->len - header ? k.wire : p->len - header;
        if (snaplen && k.cap > snaplen)
            k.cap = snaplen;
        return weir_pcapng_deliver(p, &k, ret, e);
    }
    k.interface =
        type == WEIR_PCAPNG_PACKET ? weir_pcapng_u32(p, p->body) : weir_pcapng_u16(p, p->body);
    k.stamp = weir_pcapng_stamp(p, 4);
    k.cap = weir_pcapng_u32(p, p->body + 12);
    k.wire = weir_pcapng_u32(p, p->body + 16);
    return weir_pcapng_deliver(p, &k, ret, e);
}

int weir_pcapng_next(struct weir_pcapng *p, struct weir_capture_packet *ret, struct weir_error *e)
{
    for (;;) {
        uint32_t type = 0;
        int r = weir_pcapng_block(p, &type, e);

        if (r <= 0)
            return r;
        if (type == WEIR_PCAPNG_INTERFACE)
            r = weir_pcapng_add_interface(p, e);
        else if (type == WEIR_PCAPNG_PACKET || type == WEIR_PCAPNG_PACKET_SIMPLE ||
                 type == WEIR_PCAPNG_PACKET_OLD)
            return weir_pcapng_packet(p, type, ret, e);
        if (r < 0)
            return r;
    }
}
