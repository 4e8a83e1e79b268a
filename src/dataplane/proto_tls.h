/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* First record of TLS: RFC 8446 5.1 and 4, RFC 5246 6.2.1. It is plain text in every version: a
 * handshake record with a ClientHello, or from the server a ServerHello or an alert. */

#include "abi/greeting.h"
#include "dataplane/proto.h"

#define WEIR_TLS_ALERT 21
#define WEIR_TLS_HANDSHAKE 22
#define WEIR_TLS_CLIENT_HELLO 1
#define WEIR_TLS_SERVER_HELLO 2
#define WEIR_TLS_PLAIN_MAX_HIGH 0x40 /* 2^14 bytes of plain text in a record */

WEIR_FN enum weir_step weir_tls_type(struct weir_greeting *g, bool to_client, __u8 b)
{
    if (to_client && b == WEIR_TLS_ALERT) {
        g->flags |= WEIR_GREETING_TLS_ALERT;
        return WEIR_STEP_ON;
    }
    return b == WEIR_TLS_HANDSHAKE ? WEIR_STEP_ON : WEIR_STEP_DEAD;
}

/* 1 to 2^14. */
WEIR_FN enum weir_step weir_tls_length(struct weir_greeting *g, __u8 at, __u8 b)
{
    if (at == 3) {
        if (b)
            g->flags |= WEIR_GREETING_TLS_LONG;
        if (b == WEIR_TLS_PLAIN_MAX_HIGH)
            g->flags |= WEIR_GREETING_TLS_FULL;
        return b <= WEIR_TLS_PLAIN_MAX_HIGH ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    }
    if (g->flags & WEIR_GREETING_TLS_FULL && b)
        return WEIR_STEP_DEAD;
    return b || g->flags & WEIR_GREETING_TLS_LONG ? WEIR_STEP_ON : WEIR_STEP_DEAD;
}

/* First byte of what the record holds. */
WEIR_FN enum weir_step weir_tls_content(const struct weir_greeting *g, bool to_client, __u8 b)
{
    bool good;

    if (g->flags & WEIR_GREETING_TLS_ALERT)
        good = b == 1 || b == 2; /* warning, fatal: RFC 5246 7.2 */
    else
        good = b == (to_client ? WEIR_TLS_SERVER_HELLO : WEIR_TLS_CLIENT_HELLO);
    return good ? WEIR_STEP_OVER : WEIR_STEP_DEAD;
}

WEIR_FN enum weir_step weir_proto_tls(struct weir_greeting *g, bool to_client, __u8 at, __u8 b)
{
    switch (at) {
    case 0:
        return weir_tls_type(g, to_client, b);
    case 1:
        return b == 3 ? WEIR_STEP_ON : WEIR_STEP_DEAD; /* SSL 3.0 to TLS 1.3 */
    case 2:
        return b <= 4 ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    case 3:
    case 4:
        return weir_tls_length(g, at, b);
    case 5:
        return weir_tls_content(g, to_client, b);
    default:
        return WEIR_STEP_OVER;
    }
}
