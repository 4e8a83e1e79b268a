/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Identification string of SSH: RFC 4253 4.2. "SSH-2.0-" or, of a server that speaks 1 as well,
 * "SSH-1.99-"; then printable text. A server may send other lines before it. */

#include "abi/greeting.h"
#include "dataplane/proto.h"

enum weir_ssh_line {
    WEIR_SSH_LITERAL = 4, /* below: bytes of "SSH-" seen */
    WEIR_SSH_DOT,         /* the major version was seen */
    WEIR_SSH_MINOR,
    WEIR_SSH_NINE, /* the first 9 of 1.99 */
    WEIR_SSH_DASH,
    WEIR_SSH_TEXT,  /* of the identification */
    WEIR_SSH_OTHER, /* in a line before it */
};

WEIR_FN enum weir_step weir_ssh_to(struct weir_greeting *g, bool good, __u8 to)
{
    g->ssh = to;
    return good ? WEIR_STEP_ON : WEIR_STEP_DEAD;
}

/* "SSH-": where it fails at a server, this is a line before the identification. */
WEIR_FN enum weir_step weir_ssh_literal(struct weir_greeting *g, bool to_client, __u8 b)
{
    if (b == weir_text8(WEIR_TEXT8('S', 'S', 'H', '-', 0, 0, 0, 0), g->ssh & 3))
        return weir_ssh_to(g, true, g->ssh + 1);
    if (b == '\n')
        return weir_ssh_to(g, to_client, 0);
    return weir_ssh_to(g, to_client && (b >= ' ' || b == '\r' || b == '\t'), WEIR_SSH_OTHER);
}

WEIR_FN enum weir_step weir_ssh_text(struct weir_greeting *g, __u8 b)
{
    if (b == '\n') {
        if (g->ssh == WEIR_SSH_OTHER)
            return weir_ssh_to(g, true, 0);
        return WEIR_STEP_OVER;
    }
    return (b >= ' ' && b != 0x7f) || b == '\r' || b == '\t' ? WEIR_STEP_ON : WEIR_STEP_DEAD;
}

WEIR_FN enum weir_step weir_proto_ssh(struct weir_greeting *g, bool to_client, __u8 b)
{
    switch (g->ssh) {
    case WEIR_SSH_LITERAL:
        if (b == '1')
            g->flags |= WEIR_GREETING_SSH_1;
        return weir_ssh_to(g, b == '2' || b == '1', WEIR_SSH_DOT);
    case WEIR_SSH_DOT:
        return weir_ssh_to(g, b == '.', WEIR_SSH_MINOR);
    case WEIR_SSH_MINOR:
        if (g->flags & WEIR_GREETING_SSH_1)
            return weir_ssh_to(g, b == '9', WEIR_SSH_NINE);
        return weir_ssh_to(g, b == '0', WEIR_SSH_DASH);
    case WEIR_SSH_NINE:
        return weir_ssh_to(g, b == '9', WEIR_SSH_DASH);
    case WEIR_SSH_DASH:
        return weir_ssh_to(g, b == '-', WEIR_SSH_TEXT) == WEIR_STEP_ON ? WEIR_STEP_SURE
                                                                       : WEIR_STEP_DEAD;
    case WEIR_SSH_TEXT:
    case WEIR_SSH_OTHER:
        return weir_ssh_text(g, b);
    default:
        return weir_ssh_literal(g, to_client, b);
    }
}
