/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who must not be banned: without them this machine, or its operator, is cut off. Within the
 * engine. Readers take the text of the kernel's or the administrator's file, whatever it holds. */

#include <stdio.h>

#include "policy/settings.h"

struct weir_never_set {
    struct weir_never *v; /* owned */
    size_t n;
    size_t size;
};

/* -ENOMEM. A line that makes no sense is stepped over. */
int weir_never_route4(struct weir_never_set *s, FILE *f);                /* /proc/net/route */
int weir_never_route6(struct weir_never_set *s, FILE *f);                /* /proc/net/ipv6_route */
int weir_never_resolvers(struct weir_never_set *s, FILE *f);             /* /etc/resolv.conf */
int weir_never_sessions(struct weir_never_set *s, FILE *f);              /* /proc/net/tcp, tcp6 */
int weir_never_connection(struct weir_never_set *s, const char *client); /* $SSH_CONNECTION */

/* All that a policy's bans.never asks for, as it is now. -ENOMEM. */
int weir_never_collect(struct weir_never_set *s, const struct weir_settings *settings);
/* The first that is inside p, or that p is inside of; NULL. */
const struct weir_never *weir_never_find(const struct weir_never_set *s,
                                         const struct weir_prefix *p);
void weir_never_free(struct weir_never_set *s); /* also for _cleanup_ */
