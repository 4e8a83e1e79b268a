/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t weir_ip4_mapped[12] = { [10] = 0xff, [11] = 0xff };

bool weir_addr_is_ip4(const uint8_t addr[16])
{
    return !memcmp(addr, weir_ip4_mapped, sizeof(weir_ip4_mapped));
}

static char *weir_ip4_format(const uint8_t addr[4], char *to)
{
    for (int i = 0; i < 4; i++) {
        if (i)
            *to++ = '.';
        if (addr[i] >= 100)
            *to++ = (char)('0' + addr[i] / 100);
        if (addr[i] >= 10)
            *to++ = (char)('0' + addr[i] / 10 % 10);
        *to++ = (char)('0' + addr[i] % 10);
    }
    return to;
}

static unsigned weir_ip6_group(const uint8_t addr[16], unsigned i)
{
    return (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
}

/* RFC 5952 4.2: the longest run of two or more zero groups, the first of equals. Returns its
 * length, 0 without one. */
static unsigned weir_ip6_zeros(const uint8_t addr[16], unsigned *ret_start)
{
    unsigned best = 0, run = 0;

    for (unsigned i = 0; i < 8; i++) {
        run = weir_ip6_group(addr, i) ? 0 : run + 1;
        if (run <= best)
            continue;
        best = run;
        *ret_start = i + 1 - run;
    }
    return best >= 2 ? best : 0;
}

static char *weir_ip6_format(const uint8_t addr[16], char *to)
{
    unsigned start = 8, zeros = weir_ip6_zeros(addr, &start);

    for (unsigned i = 0; i < 8; i++) {
        unsigned group = weir_ip6_group(addr, i);

        if (zeros && i == start) {
            *to++ = ':';
            i += zeros - 1;
            if (i == 7)
                *to++ = ':';
            continue;
        }
        if (i)
            *to++ = ':';
        for (int shift = 12; shift >= 0; shift -= 4)
            if (!shift || group >> shift)
                *to++ = "0123456789abcdef"[group >> shift & 15];
    }
    return to;
}

/* By hand: inet_ntop() goes through printf, a fifth of the time that an event took. */
const char *weir_addr_format(const uint8_t addr[16], char text[WEIR_ADDR_TEXT])
{
    char *end =
        weir_addr_is_ip4(addr) ? weir_ip4_format(addr + 12, text) : weir_ip6_format(addr, text);

    *end = '\0';
    return text;
}

int weir_addr_parse(const char *text, uint8_t ret_addr[16])
{
    uint8_t addr[16];

    memcpy(addr, weir_ip4_mapped, sizeof(weir_ip4_mapped));
    if (inet_pton(AF_INET, text, addr + 12) != 1 && inet_pton(AF_INET6, text, addr) != 1)
        return -EINVAL;
    memcpy(ret_addr, addr, sizeof(addr));
    return 0;
}

static void weir_prefix_mask(uint8_t mask[16], unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned left = bits > 8 * i ? bits - 8 * i : 0;

        mask[i] = left >= 8 ? 0xff : (uint8_t)(0xff00 >> left);
    }
}

/* The length behind the slash: decimal digits and nothing else, at most max. */
static int weir_prefix_bits(const char *text, unsigned long max, unsigned long *ret)
{
    unsigned long bits;
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    bits = strtoul(text, &end, 10);
    if (*end || bits > max)
        return -EINVAL;
    *ret = bits;
    return 0;
}

int weir_prefix_parse(const char *text, struct weir_prefix *ret)
{
    const char *slash = strchr(text, '/');
    char host[WEIR_ADDR_TEXT];
    struct weir_prefix p;
    uint8_t mask[16];
    unsigned long bits, offset;
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len >= sizeof(host))
        return -EINVAL;
    memcpy(host, text, len);
    host[len] = '\0';
    if (weir_addr_parse(host, p.addr) < 0)
        return -EINVAL;
    offset = strchr(host, ':') ? 0 : 96;
    bits = 128 - offset;
    if (slash && weir_prefix_bits(slash + 1, bits, &bits) < 0)
        return -EINVAL;
    p.bits = (uint8_t)(bits + offset);
    weir_prefix_mask(mask, p.bits);
    for (unsigned i = 0; i < 16; i++)
        if (p.addr[i] & ~mask[i])
            return -EINVAL;
    *ret = p;
    return 0;
}

bool weir_prefix_has(const struct weir_prefix *p, const uint8_t addr[16])
{
    unsigned whole = p->bits / 8, rest = p->bits % 8;

    if (memcmp(p->addr, addr, whole))
        return false;
    return !rest || !((p->addr[whole] ^ addr[whole]) >> (8 - rest));
}
