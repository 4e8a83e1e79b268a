/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/never.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define ROUTE_GATEWAY 0x2 /* RTF_GATEWAY of <linux/route.h> */
#define TCP_ESTABLISHED 1
#define SSH_PORT 22 /* RFC 4253 4.2 */
#define LINE 512

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int put(struct weir_never_set *s, enum weir_never_kind kind, const struct weir_prefix *p)
{
    if (s->n == s->size) {
        size_t size = s->size ? s->size * 2 : 16;
        struct weir_never *more = reallocarray(s->v, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        s->v = more;
        s->size = size;
    }
    s->v[s->n++] = (struct weir_never){ kind, *p };
    return 0;
}

static int put_addr(struct weir_never_set *s, enum weir_never_kind kind, const uint8_t addr[16])
{
    struct weir_prefix p = { .bits = 128 };

    memcpy(p.addr, addr, 16);
    return put(s, kind, &p);
}

/* Address words as the kernel prints them: each as a number of this machine, as it lies in memory.
 */
static bool words_parse(const char *hex, size_t words, uint8_t ret[16])
{
    memcpy(ret, mapped, sizeof(mapped));
    if (strspn(hex, "0123456789ABCDEFabcdef") < words * 8)
        return false;
    for (size_t i = 0; i < words; i++) {
        char word[9] = { 0 };
        uint32_t v;

        memcpy(word, hex + 8 * i, 8);
        v = (uint32_t)strtoul(word, NULL, 16);
        memcpy(ret + 16 - 4 * (words - i), &v, sizeof(v));
    }
    return true;
}

/* 32 digits in the order of the bytes. */
static bool bytes_parse(const char *hex, uint8_t ret[16])
{
    if (strspn(hex, "0123456789abcdefABCDEF") != 32)
        return false;
    for (size_t i = 0; i < 16; i++) {
        char byte[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

        ret[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    return true;
}

int weir_never_route4(struct weir_never_set *s, FILE *f)
{
    char line[LINE], gateway[16];
    uint32_t to, flags, mask;
    uint8_t addr[16];
    int r = 0;

    while (r == 0 && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%*15s %" SCNx32 " %15s %" SCNx32 " %*d %*d %*d %" SCNx32, &to, gateway,
                   &flags, &mask) != 4)
            continue;
        if (!to && !mask && flags & ROUTE_GATEWAY && words_parse(gateway, 1, addr))
            r = put_addr(s, WEIR_NEVER_GATEWAY, addr);
    }
    return r;
}

int weir_never_route6(struct weir_never_set *s, FILE *f)
{
    char line[LINE], to[33], gateway[33];
    uint32_t bits, flags;
    uint8_t addr[16];
    int r = 0;

    while (r == 0 && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%32s %" SCNx32 " %*s %*x %32s %*x %*x %*x %" SCNx32, to, &bits, gateway,
                   &flags) != 4)
            continue;
        if (!bits && flags & ROUTE_GATEWAY && bytes_parse(gateway, addr))
            r = put_addr(s, WEIR_NEVER_GATEWAY, addr);
    }
    return r;
}

/* resolv.conf(5); the scope of a link-local address is not part of it. */
int weir_never_resolvers(struct weir_never_set *s, FILE *f)
{
    char line[LINE], name[64];
    uint8_t addr[16];
    int r = 0;

    while (r == 0 && fgets(line, sizeof(line), f)) {
        if (sscanf(line, " nameserver %63s", name) != 1)
            continue;
        name[strcspn(name, "%")] = '\0';
        if (weir_addr_parse(name, addr) == 0)
            r = put_addr(s, WEIR_NEVER_RESOLVERS, addr);
    }
    return r;
}

int weir_never_sessions(struct weir_never_set *s, FILE *f)
{
    char line[LINE], local[48], remote[48];
    uint32_t state;
    uint8_t addr[16];
    int r = 0;

    while (r == 0 && fgets(line, sizeof(line), f)) {
        const char *port;

        if (sscanf(line, " %*u: %47s %47s %" SCNx32, local, remote, &state) != 3)
            continue;
        port = strchr(local, ':');
        if (state != TCP_ESTABLISHED || !port || strtoul(port + 1, NULL, 16) != SSH_PORT)
            continue;
        if (words_parse(remote, strcspn(remote, ":") == 8 ? 1 : 4, addr))
            r = put_addr(s, WEIR_NEVER_MANAGEMENT, addr);
    }
    return r;
}

int weir_never_connection(struct weir_never_set *s, const char *client)
{
    char text[WEIR_ADDR_TEXT];
    uint8_t addr[16];
    size_t len = client ? strcspn(client, " %") : 0;

    if (!len || len >= sizeof(text))
        return 0;
    memcpy(text, client, len);
    text[len] = '\0';
    return weir_addr_parse(text, addr) == 0 ? put_addr(s, WEIR_NEVER_MANAGEMENT, addr) : 0;
}

static int from_file(struct weir_never_set *s, const char *path,
                     int (*read)(struct weir_never_set *s, FILE *f))
{
    _cleanup_fclose_ FILE *f = fopen(path, "re");

    return f ? read(s, f) : 0; /* no IPv6, no resolver: nothing to spare */
}

static int from_kind(struct weir_never_set *s, const struct weir_never *never)
{
    int r;

    switch (never->kind) {
    case WEIR_NEVER_GATEWAY:
        r = from_file(s, "/proc/self/net/route", weir_never_route4);
        return r < 0 ? r : from_file(s, "/proc/self/net/ipv6_route", weir_never_route6);
    case WEIR_NEVER_RESOLVERS:
        return from_file(s, "/etc/resolv.conf", weir_never_resolvers);
    case WEIR_NEVER_MANAGEMENT:
        r = weir_never_connection(s, getenv("SSH_CONNECTION"));
        if (r == 0)
            r = from_file(s, "/proc/self/net/tcp", weir_never_sessions);
        return r < 0 ? r : from_file(s, "/proc/self/net/tcp6", weir_never_sessions);
    default:
        return put(s, WEIR_NEVER_PREFIX, &never->prefix);
    }
}

int weir_never_collect(struct weir_never_set *s, const struct weir_settings *settings)
{
    int r = 0;

    s->n = 0;
    for (size_t i = 0; r == 0 && i < settings->bans.never.n; i++)
        r = from_kind(s, &settings->bans.never.v[i].never);
    return r;
}

const struct weir_never *weir_never_find(const struct weir_never_set *s,
                                         const struct weir_prefix *p)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct weir_prefix *n = &s->v[i].prefix;

        if (n->bits <= p->bits ? weir_prefix_has(n, p->addr) : weir_prefix_has(p, n->addr))
            return &s->v[i];
    }
    return NULL;
}

void weir_never_free(struct weir_never_set *s)
{
    free(s->v);
    *s = (struct weir_never_set){ 0 };
}
