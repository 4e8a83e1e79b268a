/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses of this machine: a packet that comes in with one of them as its source is forged. */

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "engine/internal.h"

static bool own_read(const struct sockaddr *sa, uint8_t ret[16])
{
    if (sa && sa->sa_family == AF_INET) {
        memset(ret, 0, 10);
        memset(ret + 10, 0xff, 2);
        memcpy(ret + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
        return true;
    }
    if (sa && sa->sa_family == AF_INET6) {
        memcpy(ret, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
        return true;
    }
    return false;
}

int weir_own_refresh(struct weir_engine *g, struct weir_error *e)
{
    uint8_t found[WEIR_OWN_MAX][16];
    struct ifaddrs *all;
    size_t n = 0;
    int r;

    if (getifaddrs(&all))
        return weir_error_set(e, errno, "addresses of this machine: %s", strerror(errno));
    for (const struct ifaddrs *a = all; a && n < WEIR_OWN_MAX; a = a->ifa_next)
        n += own_read(a->ifa_addr, found[n]);
    freeifaddrs(all);
    if (n == g->owns && !memcmp(found, g->own, n * 16))
        return 0;
    r = weir_own_set(g->loader, (const uint8_t(*)[16])found, n, e);
    if (r < 0)
        return r;
    memcpy(g->own, found, n * 16);
    g->owns = n;
    return 0;
}
