/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a server of SMTP (RFC 5321 4.2, 4.3.2) or FTP (RFC 959 4.2, 5.4) says first: 220 ready, 120
 * ready later, or that it is not (4xx and 5xx); then a space or, with more lines to come, a dash.
 */

#include "abi/greeting.h"
#include "dataplane/proto.h"

WEIR_FN enum weir_step weir_proto_reply(struct weir_greeting *g, __u8 at, __u8 b)
{
    switch (at) {
    case 0:
        g->count = b;
        return b == '1' || b == '2' || b == '4' || b == '5' ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    case 1:
    case 2:
        if (g->count >= '4')
            return b >= '0' && b <= '9' ? WEIR_STEP_ON : WEIR_STEP_DEAD;
        return b == (at == 1 ? '2' : '0') ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    default:
        return b == ' ' || b == '-' || b == '\r' || b == '\n' ? WEIR_STEP_OVER : WEIR_STEP_DEAD;
    }
}
