/* SPDX-License-Identifier: Apache-2.0 */

/* What is a flood, and what only looks like one. Limits: DETECTIONS 1, 1,000 SYNs and 100 strays a
 * second; a detection within two seconds. */

#include "harness/siege.h"

#define FLOOD_AT 3000
#define SOON (FLOOD_AT + 2000)
#define RISE(row_, after, before, until, ...)                                                      \
    {                                                                                              \
        .row = row_, .after_ms = after, .before_ms = before, .until_ms = until, ##__VA_ARGS__      \
    }
/* Clients of the site, before and during. */
#define VISITORS                                                                                   \
    {                                                                                              \
        MOVE_CLOSE, 0, 8000, 50, .sources = 500, .innocent = true                                  \
    }

static const struct weir_siege sieges[] = {
    { .name = "flood.syn: of sources that do not exist, of many builds",
      .ms = 161000,
      .stream = { { MOVE_CLOSE, 0, 16000, 50, .sources = 500, .innocent = true },
                  { MOVE_SYN, FLOOD_AT, 6000, 1600, .build = BUILD_MIXED } },
      .rise = { RISE("flood.syn", FLOOD_AT, SOON, 9000),
                RISE("flood.half_open", FLOOD_AT, SOON, 8500) },
      .mood = { { 2900, WEIR_DEST_NORMAL },
                { 5000, WEIR_DEST_ATTACK },
                { 35000, WEIR_DEST_ATTACK },
                { 39000, WEIR_DEST_RECOVER },
                { 156000, WEIR_DEST_RECOVER },
                { 160000, WEIR_DEST_NORMAL } } },
    { .name = "flood.syn: the answers are not seen",
      .ms = 8000,
      .stream = { { MOVE_CONNECT_SEEN_IN, 0, 8000, 50, .innocent = true },
                  { MOVE_SYN_UNSEEN, FLOOD_AT, 6000, 2500, .build = BUILD_MIXED } },
      .rise = { RISE("flood.syn", FLOOD_AT, SOON, 8500),
                RISE("flood.half_open", FLOOD_AT, SOON, 0) } },
    { .name = "flood.syn: to ports that serve nothing",
      .ms = 8000,
      .stream = { VISITORS,
                  { MOVE_SYN_REFUSED, FLOOD_AT, 6000, 1600, .ports = 5000, .port = 2000,
                    .build = BUILD_MIXED } },
      .rise = { RISE("flood.syn", FLOOD_AT, SOON, 8500) } },
    { .name = "flood.syn: over IPv6",
      .ms = 6000,
      .stream = { { MOVE_CLOSE, 0, 6000, 50, .ip6 = true, .innocent = true },
                  { MOVE_SYN, FLOOD_AT, 5500, 1600, .build = BUILD_MIXED, .ip6 = true } },
      .rise = { RISE("flood.syn", FLOOD_AT, SOON, 0),
                RISE("flood.half_open", FLOOD_AT, SOON, 0) } },
    { .name = "flood.syn: while clients have to come again, first SYNs are dropped",
      .ms = 14000,
      .stream = { { MOVE_PATIENT, 0, 14000, 50, .patient = true },
                  { MOVE_SYN_UNSEEN, FLOOD_AT, 9000, 1600, .build = BUILD_MIXED },
                  { MOVE_HASTY, 6000, 8000, 100, .build = BUILD_MIXED, .forged = true } },
      .rise = { RISE("flood.syn", FLOOD_AT, SOON, 11500, .drops = true) } },
    { .name = "flood.syn: a crowd of real clients is none",
      .ms = 6000,
      .stream = { VISITORS,
                  { MOVE_CLOSE, FLOOD_AT, 5500, 1600, .sources = 2000, .innocent = true } } },
    { .name = "flood.syn: a crowd whose answers are not seen is none",
      .ms = 6000,
      .stream = { { MOVE_CONNECT_SEEN_IN, FLOOD_AT, 5500, 1600, .sources = 2000,
                    .innocent = true } } },
    { .name = "flood.syn: thousands of clients behind one address are none",
      .ms = 6000,
      .stream = { { MOVE_CLOSE, 1000, 5500, 1600, .sources = 1, .innocent = true } } },
    { .name = "flood.syn: a service that restarts is none",
      .ms = 8000,
      .stream = { { MOVE_CLOSE, 0, FLOOD_AT, 1500, .sources = 2000, .innocent = true },
                  { MOVE_SYN_REFUSED, FLOOD_AT, 5500, 1500, .sources = 2000, .innocent = true } } },
    { .name = "flood.syn: a service that is down, whose clients try again, is none",
      .ms = 8000,
      .stream = { { MOVE_CONNECT_SEEN_IN, 0, FLOOD_AT, 1200, .sources = 2000, .innocent = true },
                  { MOVE_SYN_RETRIED, FLOOD_AT, 7500, 1200, .innocent = true } } },
    { .name = "flood.syn: health checks are none",
      .ms = 20000,
      .stream = { VISITORS, { MOVE_SYN_RESET, 0, 20000, 40, .sources = 4, .innocent = true } } },
    { .name = "flood.syn: a scan of many ports is another row's",
      .ms = 6000,
      .stream = { VISITORS,
                  { MOVE_SYN_REFUSED, FLOOD_AT, 5500, 1600, .sources = 1, .ports = 60000,
                    .port = 1 } } },

    { .name = "flood.half_open: slow, but a backlog of 1,024 fills",
      .ms = 15000,
      .stream = { VISITORS, { MOVE_SYN, 2000, 13000, 150, .build = BUILD_MIXED } },
      .rise = { RISE("flood.half_open", 4000, 8000, 0) } },
    { .name = "flood.half_open: clients that take their time are none",
      .ms = 8000,
      .stream = { { MOVE_CLOSE, 0, 7000, 700, .sources = 2000, .innocent = true } } },

    { .name = "flood.fingerprint: the flood is of one build, the clients of another",
      .ms = 8000,
      .stream = { VISITORS, { MOVE_SYN, FLOOD_AT, 6000, 1600, .build = BUILD_BARE } },
      .rise = { RISE("flood.syn", FLOOD_AT, SOON, 8500), RISE("flood.half_open", FLOOD_AT, SOON, 0),
                RISE("flood.fingerprint", FLOOD_AT, SOON + 1000, 6700, .drops = true) } },
    { .name = "flood.fingerprint: a crowd of one build is none",
      .ms = 6000,
      .stream = { { MOVE_CLOSE, FLOOD_AT, 5500, 1600, .sources = 2000, .innocent = true } } },

    { .name = "flood.synack: reflected by many",
      .ms = 30000,
      .stream = { VISITORS, { MOVE_SYNACK, FLOOD_AT, 6000, 300, .port = 40000 } },
      .rise = { RISE("flood.synack", FLOOD_AT, SOON, 6000, .drops = true) } },
    { .name = "flood.synack: noise",
      .ms = 8000,
      .stream = { VISITORS,
                  { MOVE_SYNACK, FLOOD_AT, 6000, 60, .port = 40000, .innocent = true } } },

    { .name = "flood.ack: beyond what is tolerated",
      .ms = 30000,
      .stream = { VISITORS, { MOVE_ACK, FLOOD_AT, 6000, 2000 } },
      .rise = { RISE("flood.ack", FLOOD_AT, SOON, 6000, .drops = true) } },
    { .name = "flood.ack: told, and tolerated",
      .ms = 8000,
      .stream = { VISITORS, { MOVE_ACK, FLOOD_AT, 6000, 400, .innocent = true } },
      .rise = { RISE("flood.ack", FLOOD_AT, SOON, 6000) } },
    { .name = "flood.ack: noise",
      .ms = 8000,
      .stream = { VISITORS, { MOVE_ACK, FLOOD_AT, 6000, 120, .innocent = true } } },

    { .name = "flood.cookie_ack: beyond what is tolerated",
      .ms = 30000,
      .native = true,
      .stream = { VISITORS, { MOVE_BAD_COOKIE, FLOOD_AT, 6000, 2000 } },
      .rise = { RISE("flood.cookie_ack", FLOOD_AT, SOON, 6000, .drops = true) } },
    { .name = "flood.cookie_ack: told, and tolerated",
      .ms = 8000,
      .native = true,
      .stream = { VISITORS, { MOVE_BAD_COOKIE, FLOOD_AT, 6000, 400, .innocent = true } },
      .rise = { RISE("flood.cookie_ack", FLOOD_AT, SOON, 6000) } },
    { .name = "flood.cookie_ack: clients whose cookies are too old",
      .ms = 8000,
      .native = true,
      .stream = { VISITORS, { MOVE_BAD_COOKIE, FLOOD_AT, 6000, 120, .innocent = true } } },

    { .name = "flood.rst: of connections that do not exist",
      .ms = 30000,
      .stream = { VISITORS, { MOVE_RST, FLOOD_AT, 6000, 300 } },
      .rise = { RISE("flood.rst", FLOOD_AT, SOON, 6000, .drops = true) } },
    { .name = "flood.rst: clients that end by RST are none",
      .ms = 8000,
      .stream = { { MOVE_CLOSE, 0, 7000, 400, .sources = 2000, .innocent = true } } },

    { .name = "flood.fin: of connections that do not exist",
      .ms = 30000,
      .stream = { VISITORS, { MOVE_FIN, FLOOD_AT, 6000, 300 } },
      .rise = { RISE("flood.fin", FLOOD_AT, SOON, 6000, .drops = true) } },
    { .name = "flood.fin: noise",
      .ms = 8000,
      .stream = { VISITORS, { MOVE_FIN, FLOOD_AT, 6000, 60, .innocent = true } } },

    { .name = "flood.amplification: answers of middleboxes",
      .ms = 30000,
      .stream = { VISITORS, { MOVE_WEB, FLOOD_AT, 6000, 300, .port = 40000 } },
      .rise = { RISE("flood.amplification", FLOOD_AT, SOON, 6000, .drops = true),
                RISE("flood.ack", FLOOD_AT, SOON, 6000) } },
    { .name = "flood.amplification: data from elsewhere is another row's",
      .ms = 8000,
      .stream = { VISITORS, { MOVE_DATA, FLOOD_AT, 6000, 300, .innocent = true } },
      .rise = { RISE("flood.ack", FLOOD_AT, SOON, 6000) } },
};

const struct weir_siege *weir_sieges(size_t *ret_n)
{
    *ret_n = sizeof(sieges) / sizeof(sieges[0]);
    return sieges;
}
