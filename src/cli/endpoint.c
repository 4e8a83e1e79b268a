/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int port_parse(const char *text, uint16_t *ret)
{
    unsigned long v;
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    v = strtoul(text, &end, 10);
    if (errno || *end || v > 65535)
        return -EINVAL;
    *ret = (uint16_t)v;
    return 0;
}

/* Where the address ends and what follows it: ":PORT" or nothing. A bare IPv6 address has colons of
 * its own. */
static int split(const char *text, const char **ret_addr, size_t *ret_len, const char **ret_rest)
{
    const char *colon = strchr(text, ':'), *bracket = strchr(text, ']');

    if (*text == '[') {
        if (!bracket)
            return -EINVAL;
        *ret_addr = text + 1;
        *ret_len = (size_t)(bracket - text - 1);
        *ret_rest = bracket + 1;
        return memchr(*ret_addr, ':', *ret_len) ? 0 : -EINVAL;
    }
    *ret_addr = text;
    *ret_len = colon && !strchr(colon + 1, ':') ? (size_t)(colon - text) : strlen(text);
    *ret_rest = text + *ret_len;
    return 0;
}

int weir_endpoint_parse(const char *text, struct weir_endpoint *ret)
{
    struct weir_endpoint e = { 0 };
    const char *addr, *rest;
    uint8_t bytes[16];
    size_t len;

    if (split(text, &addr, &len, &rest) < 0 || len >= sizeof(e.addr))
        return -EINVAL;
    memcpy(e.addr, addr, len);
    if (weir_addr_parse(e.addr, bytes) < 0)
        return -EINVAL;
    if (*rest) {
        if (*rest != ':' || port_parse(rest + 1, &e.port) < 0)
            return -EINVAL;
        e.has_port = true;
    }
    *ret = e;
    return 0;
}
