/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Floods of packets that belong to no connection, by address. */

#include "dataplane/dest_state.h"

#define WEIR_SURGE_TICKS WEIR_TICKS(10)

/* Out of nowhere to an address, by kind. Both beats of the second must show it, so that neither its
 * start nor a moment in which many connections are taken up mid-stream looks like a flood. */
WEIR_STAGE int weir_turn_stray(struct weir_dest *s, __u32 n, __u32 seen, __u32 limit, __u32 heavy)
{
    __u32 adopted[2] = { 0, 0 }, beat[2], is = 0;

    if (!s || seen >= WEIR_SEEN_MAX || n >= WEIR_SURGES)
        return 0;
    for (__u32 i = 0; i < 2; i++) {
        if (seen == WEIR_SEEN_ACK_STRAY || seen == WEIR_SEEN_WEB_STRAY)
            adopted[i] = s->beat[i][WEIR_SEEN_ADOPTED];
        beat[i] = weir_less(s->beat[i][seen], adopted[i]);
    }
    if (weir_least(beat[0], beat[1]) >= limit / 2 && !weir_turn_is_scan(s, beat[0] + beat[1]))
        is |= WEIR_SURGE_ON;
    if (beat[0] + beat[1] < limit / 2)
        is |= WEIR_SURGE_QUIET;
    (void)weir_turn_surge(s, n, is, beat[0] + beat[1], WEIR_SURGE_TICKS);
    if (s->surging >> n & 1 && beat[0] + beat[1] >= heavy)
        s->heavy |= 1U << n;
    return 0;
}

/* Acknowledgements at a service that answers with cookies, which are none of it: the limits of
 * those that belong to no connection. */
WEIR_FN void weir_turn_cookie_ack(struct weir_dest *s)
{
    (void)weir_turn_stray(s, WEIR_SURGE_COOKIE_ACK, WEIR_SEEN_COOKIE_BAD, WEIR_RATE(200),
                          WEIR_RATE(1000));
}

/* Limits of DETECTIONS 1.2, 1.3, 1.4 and 1.6. */
WEIR_FN void weir_turn_strays(struct weir_dest *s)
{
    const __u32 hundred = WEIR_RATE(100);

    (void)weir_turn_stray(s, WEIR_SURGE_SYNACK, WEIR_SEEN_SYNACK_STRAY, hundred, hundred);
    (void)weir_turn_stray(s, WEIR_SURGE_ACK, WEIR_SEEN_ACK_STRAY, WEIR_RATE(200), WEIR_RATE(1000));
    (void)weir_turn_stray(s, WEIR_SURGE_RST, WEIR_SEEN_RST_STRAY, hundred, hundred);
    (void)weir_turn_stray(s, WEIR_SURGE_FIN, WEIR_SEEN_FIN_STRAY, hundred, hundred);
    (void)weir_turn_stray(s, WEIR_SURGE_AMPLIFICATION, WEIR_SEEN_WEB_STRAY, hundred, hundred);
}
