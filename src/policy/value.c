/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit number_units[] = {
    { "", 1 }, { "k", 1000 }, { "M", 1000000 }, { "G", 1000000000 }, { NULL, 0 }
};
static const struct unit duration_units[] = {
    { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 }, { NULL, 0 }
};
static const struct unit byte_units[] = {
    { "", 1 }, { "KiB", 1ULL << 10 }, { "MiB", 1ULL << 20 }, { "GiB", 1ULL << 30 }, { NULL, 0 }
};

/* Digits; the byte behind them, or NULL. */
static const char *digits_parse(const char *text, uint64_t *ret, bool *ret_over)
{
    const char *at = text;
    uint64_t v = 0;

    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v))
            *ret_over = true;
    *ret = v;
    return at > text ? at : NULL;
}

static int unit_parse(const char *text, const struct unit *unit, uint64_t *ret)
{
    bool over = false;
    uint64_t v = 0;
    const char *at = digits_parse(text, &v, &over);

    for (; at && unit->name; unit++) {
        if (strcmp(at, unit->name) != 0)
            continue;
        if (over || __builtin_mul_overflow(v, unit->factor, &v))
            return -ERANGE;
        *ret = v;
        return 0;
    }
    return -EINVAL;
}

int weir_number_parse(const char *text, uint64_t *ret)
{
    return unit_parse(text, number_units, ret);
}

int weir_duration_parse(const char *text, uint64_t *ret)
{
    return unit_parse(text, duration_units, ret);
}

int weir_bytes_parse(const char *text, uint64_t *ret)
{
    return unit_parse(text, byte_units, ret);
}

int weir_factor_parse(const char *text, uint64_t *ret)
{
    bool over = false;
    uint64_t whole = 0, part = 0;
    const char *at = digits_parse(text, &whole, &over);

    if (at && *at == '.') {
        const char *from = at + 1;

        at = digits_parse(from, &part, &over);
        if (!at || at - from > 2)
            return -EINVAL;
        part *= at - from == 1 ? 10 : 1;
    }
    if (!at || strcmp(at, "x") != 0)
        return -EINVAL;
    if (over || whole > UINT32_MAX)
        return -ERANGE;
    *ret = whole * 100 + part;
    return 0;
}

int weir_listen_parse(const char *text, struct weir_listen *ret)
{
    const char *colon = strrchr(text, ':');
    struct weir_listen l = { 0 };
    char host[WEIR_ADDR_TEXT + 2];
    bool over = false;
    uint64_t port = 0;
    const char *end = colon ? digits_parse(colon + 1, &port, &over) : NULL;
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (!end || *end || over || !port || port > UINT16_MAX || !len || len >= sizeof(host))
        return -EINVAL;
    memcpy(host, text, len);
    host[len] = '\0';
    l.port = (uint16_t)port;
    l.any = !strcmp(host, "*");
    if (*host == '[' && host[len - 1] == ']' && strchr(host, ':')) {
        host[len - 1] = '\0';
        memmove(host, host + 1, len - 1);
    } else if (strchr(host, ':')) {
        return -EINVAL; /* RFC 3986 3.2.2: brackets tell an IPv6 address from its port */
    }
    if (!l.any && weir_addr_parse(host, l.addr) < 0)
        return -EINVAL;
    *ret = l;
    return 0;
}

static const char *unit_format(uint64_t v, const struct unit *unit, char text[WEIR_VALUE_TEXT])
{
    const struct unit *best = unit;

    for (; unit->name; unit++)
        if (v && v % unit->factor == 0)
            best = unit;
    (void)snprintf(text, WEIR_VALUE_TEXT, "%" PRIu64 "%s", v / best->factor, best->name);
    return text;
}

const char *weir_duration_format(uint64_t seconds, char text[WEIR_VALUE_TEXT])
{
    return unit_format(seconds, duration_units, text);
}

const char *weir_bytes_format(uint64_t bytes, char text[WEIR_VALUE_TEXT])
{
    return unit_format(bytes, byte_units, text);
}

const char *weir_factor_format(uint64_t hundredths, char text[WEIR_VALUE_TEXT])
{
    int n = snprintf(text, WEIR_VALUE_TEXT, "%" PRIu64, hundredths / 100);
    unsigned part = (unsigned)(hundredths % 100);

    if (part)
        n += snprintf(text + n, WEIR_VALUE_TEXT - (size_t)n, part % 10 ? ".%02u" : ".%u",
                      part % 10 ? part : part / 10);
    (void)snprintf(text + n, WEIR_VALUE_TEXT - (size_t)n, "x");
    return text;
}

const char *weir_listen_format(const struct weir_listen *l, char text[WEIR_VALUE_TEXT])
{
    char addr[WEIR_ADDR_TEXT];

    if (l->any)
        (void)snprintf(text, WEIR_VALUE_TEXT, "*:%u", l->port);
    else
        (void)snprintf(text, WEIR_VALUE_TEXT, weir_addr_is_ip4(l->addr) ? "%s:%u" : "[%s]:%u",
                       weir_addr_format(l->addr, addr), l->port);
    return text;
}
