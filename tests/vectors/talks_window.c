/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/talks.h"

/* Sequence numbers, acknowledgements, windows and timestamps of open connections. HANDSHAKE leaves
 * the client with a window of 502 << 7 = 64256 and the server, whose SYN-ACK is not scaled, with
 * the builder's window. */

#define SYNTS(val, ecr) .options = OPTIONS(MSS(1460), SACK_OK, TS(val, ecr), NOP, WS(7))
#define ATS(val, ecr) .options = OPTIONS(NOP, NOP, TS(val, ecr))
#define HANDSHAKE_TS                                                                               \
    C((.flags = WEIR_SYN, .seq = C0, SYNTS(10000, 0))),                                            \
        S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1, SYNTS(70000, 10000))),          \
        C((.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(10010, 70000)))
#define DATA_S(at, n) S((.seq = S0 + (at), .ack = C0 + 1, .window = 502), .payload_bytes = n)
#define DATA_AGAIN_S(at, n)                                                                        \
    S_NOTES(RESENT, (.seq = S0 + (at), .ack = C0 + 1, .window = 502), .payload_bytes = n)
/* n segments of 1000 bytes. */
#define MANY_S(at, n)                                                                              \
    {                                                                                              \
        .server = true,                                                                            \
        .packet = SERVER((.seq = S0 + (at), .ack = C0 + 1, .window = 502), .payload_bytes = 1000), \
        .repeat = n, .stride = 1000                                                                \
    }
/* The client's window is 1024 bytes. */
#define SMALL_HANDSHAKE                                                                            \
    C((.flags = WEIR_SYN, .seq = C0, .window = 1024,                                               \
       .options = OPTIONS(MSS(1460), SACK_OK, NOP, WS(7)))),                                       \
        S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1,                                 \
           .options = OPTIONS(MSS(1460), SACK_OK, NOP, WS(7)))),                                   \
        C((.seq = C0 + 1, .ack = S0 + 1, .window = 8))
#define ACK_OF(at) C((.seq = C0 + 1, .ack = S0 + (at), .window = 502))

TALK_GROUP(
    window,
    TALK("window: keep-alives and their answers", HANDSHAKE,
         C((.seq = C0, .ack = S0 + 1, .window = 502)),
         S((.seq = S0 + 1, .ack = C0 + 1, .window = 502)),
         C((.seq = C0, .ack = S0 + 1, .window = 502), .payload_bytes = 1),
         S((.seq = S0 + 1, .ack = C0 + 1, .window = 502))),
    TALK("window: closed, probed, opened", SMALL_HANDSHAKE, DATA_S(1, 1024),
         C((.seq = C0 + 1, .ack = S0 + 1025, .window = EXACTLY(0))), DATA_S(1025, 1),
         C((.seq = C0 + 1, .ack = S0 + 1025, .window = EXACTLY(0))),
         C((.seq = C0 + 1, .ack = S0 + 1026, .window = 8)), DATA_S(1026, 1000)),
    TALK("window: loss, selective acknowledgement, retransmission", HANDSHAKE, DATA_S(1, 1000),
         DATA_S(2001, 1000),
         C((.seq = C0 + 1, .ack = S0 + 1001, .window = 502,
            .options = OPTIONS(NOP, NOP, SACK(S0 + 2001, S0 + 3001)))),
         DATA_AGAIN_S(1001, 1000), ACK_OF(3001)),
    TALK("window: a block that is no block", HANDSHAKE, DATA_S(1, 1000),
         C((.seq = C0 + 1, .ack = S0 + 1001, .window = 502,
            .options = OPTIONS(NOP, NOP, SACK(S0 + 900001, S0 + 990001))))),

    /* 101 */
    TALK("seq.out_of_window: beyond the window", HANDSHAKE,
         S_IS("seq.out_of_window", (.seq = S0 + 1 + 300000, .ack = C0 + 1), .payload_bytes = 10),
         DATA_S(1, 10)),
    TALK("seq.out_of_window: its last byte", HANDSHAKE, DATA_S(1 + 64255, 1)),
    { .name = "seq.out_of_window: not in a liberal zone",
      .liberal = true,
      .step = (const struct weir_talk_step[]){ HANDSHAKE, DATA_S(1 + 300000, 10) },
      .steps = 4 },

    TALK_OF_CAPTURE("seq.out_of_window: the capture missed much of both directions", HANDSHAKE,
                    { .server = true,
                      .packet = SERVER((.seq = S0 + 300001, .ack = C0 + 305, .window = 502),
                                       .payload_bytes = 10),
                      .found = "seq.window_overrun",
                      .noted = "seq.ack_unseen" },
                    C((.seq = C0 + 305, .ack = S0 + 300011, .window = 502))),
    TALK_OF_CAPTURE("seq.out_of_window: of one direction no capture misses so much", HANDSHAKE,
                    S_IS("seq.out_of_window", (.seq = S0 + 300001, .ack = C0 + 1, .window = 502),
                         .payload_bytes = 10)),

    /* 102 */
    TALK("seq.replayed_segment: the third is no accident", HANDSHAKE_TS,
         S((.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)), .payload_bytes = 100),
         C((.seq = C0 + 1, .ack = S0 + 101, .window = 502, ATS(10100, 70100))),
         S((.seq = S0 + 101, .ack = C0 + 1, ATS(75000, 10100)), .payload_bytes = 100),
         C((.seq = C0 + 1, .ack = S0 + 201, .window = 502, ATS(15000, 75000))),
         S_NOTES("seq.replayed_segment", (.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)),
                 .payload_bytes = 100),
         S_NOTES("seq.replayed_segment", (.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)),
                 .payload_bytes = 100),
         S_IS("seq.replayed_segment", (.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)),
              .payload_bytes = 100)),
    TALK(
        "seq.replayed_segment: spurious retransmissions carry a new timestamp", HANDSHAKE_TS,
        S((.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)), .payload_bytes = 100),
        C((.seq = C0 + 1, .ack = S0 + 101, .window = 502, ATS(10100, 70100))),
        { .after_ms = 300,
          .server = true,
          .packet = SERVER((.seq = S0 + 1, .ack = C0 + 1, ATS(70400, 10010)), .payload_bytes = 100),
          .noted = RESENT_OLD },
        { .after_ms = 600,
          .server = true,
          .packet = SERVER((.seq = S0 + 1, .ack = C0 + 1, ATS(71000, 10010)), .payload_bytes = 100),
          .noted = RESENT_OLD },
        { .after_ms = 1200,
          .server = true,
          .packet = SERVER((.seq = S0 + 1, .ack = C0 + 1, ATS(72200, 10010)), .payload_bytes = 100),
          .noted = RESENT_OLD }),

    /* 103 */
    TALK("seq.ack_unseen: before the client has acknowledged the SYN-ACK",
         C((.flags = WEIR_SYN, .seq = C0)),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)),
         S_IS("seq.ack_unseen", (.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1, .ack = C0 + 60000)),
         C((.seq = C0 + 1, .ack = S0 + 1)), S((.seq = S0 + 1, .ack = C0 + 1), .payload_bytes = 10)),
    TALK("seq.ack_unseen: more than was sent", HANDSHAKE,
         C_IS("seq.ack_unseen", (.seq = C0 + 1, .ack = S0 + 2, .window = 502)), ACK_OF(1)),
    TALK_OF_CAPTURE("seq.ack_unseen: the capture may have missed data", HANDSHAKE,
                    C_NOTES("seq.ack_unseen", (.seq = C0 + 1, .ack = S0 + 3001, .window = 502)),
                    ACK_OF(3001), DATA_S(3001, 10)),
    TALK_OF_CAPTURE("seq.ack_unseen: no capture misses more than a window", HANDSHAKE,
                    C_IS("seq.ack_unseen", (.seq = C0 + 1, .ack = S0 + 3000001, .window = 502))),

    /* 104 */
    TALK("seq.ack_old: far behind", HANDSHAKE, MANY_S(1, 60), ACK_OF(60001), MANY_S(60001, 60),
         ACK_OF(120001), C_IS("seq.ack_old", (.seq = C0 + 1, .ack = S0 + 1, .window = 502))),
    TALK("seq.ack_old: reordered", HANDSHAKE, DATA_S(1, 1000), DATA_S(1001, 1000), ACK_OF(2001),
         ACK_OF(1001)),

    /* 105 */
    TALK("seq.window_overrun: by less than a window", HANDSHAKE, DATA_S(1, 1000),
         S_IS("seq.window_overrun", (.seq = S0 + 1 + 64257, .ack = C0 + 1, .window = 502),
              .payload_bytes = 10)),
    TALK("seq.window_overrun: inside", HANDSHAKE, MANY_S(1, 64)),

    /* 106 */
    TALK("seq.window_shrunk: the edge moves left", HANDSHAKE,
         C_IS("seq.window_shrunk", (.seq = C0 + 1, .ack = S0 + 1, .window = 100))),
    TALK("seq.window_shrunk: it fills up", SMALL_HANDSHAKE, DATA_S(1, 512),
         C((.seq = C0 + 1, .ack = S0 + 513, .window = 4))),

    /* 107 */
    { .name = "seq.window_too_large: larger than policy wants",
      .window_max = 60000,
      .step = (const struct weir_talk_step[]){ HANDSHAKE,
                                               C_IS("seq.window_too_large",
                                                    (.seq = C0 + 1, .ack = S0 + 1, .window = 502),
                                                    .payload_bytes = 10) },
      .steps = 4 },
    TALK("seq.window_too_large: policy wants nothing", HANDSHAKE, DATA_S(1, 10)),

    /* 113 */
    TALK(
        "seq.excessive_overlaps: new boundaries each time", HANDSHAKE, MANY_S(1, 17),
        DATA_S(17001, 100),
        { .server = true,
          .packet = SERVER((.seq = S0 + 17051, .ack = C0 + 1, .window = 502), .payload_bytes = 100),
          .repeat = 9,
          .stride = 50,
          .often_noted = RESENT,
          .noted = RESENT },
        { .server = true,
          .packet = SERVER((.seq = S0 + 17501, .ack = C0 + 1, .window = 502), .payload_bytes = 100),
          .repeat = 54,
          .stride = 50,
          .often = "seq.excessive_retransmissions",
          .found = "seq.excessive_retransmissions" },
        S_IS("seq.excessive_overlaps seq.excessive_retransmissions",
             (.seq = S0 + 20201, .ack = C0 + 1, .window = 502), .payload_bytes = 100)),
    TALK("seq.excessive_overlaps: one is a retransmission that took more along", HANDSHAKE,
         MANY_S(1, 17), DATA_S(17001, 1000), DATA_AGAIN_S(17501, 1000)),

    /* 114 */
    TALK("seq.excessive_retransmissions: the tenth", HANDSHAKE, DATA_S(1, 1000),
         { .server = true,
           .packet = SERVER((.seq = S0 + 1, .ack = C0 + 1, .window = 502), .payload_bytes = 1000),
           .repeat = 10,
           .often_noted = RESENT,
           .found = "seq.excessive_retransmissions" }),
    TALK("seq.excessive_retransmissions: a few", HANDSHAKE, DATA_S(1, 1000), DATA_AGAIN_S(1, 1000),
         DATA_AGAIN_S(1, 1000)),

    /* 133 */
    TALK("seq.ack_storm: each answers the other", HANDSHAKE,
         { .server = true,
           .packet = SERVER((.seq = S0 + 1, .ack = C0 + 1, .window = 502)),
           .repeat = 80 },
         { .packet = CLIENT((.seq = C0 + 1, .ack = S0 + 1, .window = 502)),
           .repeat = 64,
           .found = "seq.ack_storm" }),
    TALK("seq.ack_storm: one side alone, for a lost segment", HANDSHAKE,
         { .server = true,
           .packet = SERVER((.seq = S0 + 2001, .ack = C0 + 1, .window = 502), .payload_bytes = 100),
           .repeat = 100,
           .stride = 100 },
         { .packet = CLIENT((.seq = C0 + 1, .ack = S0 + 1, .window = 502)), .repeat = 100 }),

    /* 131 */
    TALK("seq.paws: new data with an old timestamp, three times", HANDSHAKE_TS,
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(20000, 70000)), .payload_bytes = 10),
         S((.seq = S0 + 1, .ack = C0 + 11, .window = 502, ATS(80000, 20000))),
         C_NOTES("seq.paws", (.seq = C0 + 11, .ack = S0 + 1, .window = 502, ATS(18000, 80000)),
                 .payload_bytes = 10),
         C_NOTES("seq.paws", (.seq = C0 + 11, .ack = S0 + 1, .window = 502, ATS(18001, 80000)),
                 .payload_bytes = 10),
         C_IS("seq.paws", (.seq = C0 + 11, .ack = S0 + 1, .window = 502, ATS(18002, 80000)),
              .payload_bytes = 10)),
    TALK("seq.paws: an answer to a SYN that echoes another",
         C((.flags = WEIR_SYN, .seq = C0, SYNTS(1821165629, 0))),
         S_NOTES("seq.paws",
                 (.flags = WEIR_RST | WEIR_ACK, .seq = S0, .ack = C0 + 1, ATS(100, 100))),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1, SYNTS(70000, 1821165629))),
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(1821165693, 70000)))),
    TALK("seq.paws: old after 2147 s of silence", HANDSHAKE_TS,
         { .after_ms = 3000000,
           .packet = CLIENT((.seq = C0 + 1, .ack = S0 + 1, ATS(9000, 70000)),
                            .payload_bytes = 10) }),
    TALK("seq.paws: copies that the network delayed", HANDSHAKE_TS,
         S((.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)), .payload_bytes = 100),
         S_NOTES(RESENT, (.seq = S0 + 1, .ack = C0 + 1, ATS(70300, 10010)), .payload_bytes = 100),
         { .server = true,
           .packet = SERVER((.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)),
                            .payload_bytes = 100),
           .repeat = 5,
           .often_noted = "seq.paws",
           .noted = "seq.paws" }),
    TALK("seq.paws: new data that another processor took first", HANDSHAKE_TS,
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(20000, 70000)), .payload_bytes = 10),
         S((.seq = S0 + 1, .ack = C0 + 11, .window = 502, ATS(80000, 20000))),
         { .packet = CLIENT((.seq = C0 + 11, .ack = S0 + 1, .window = 502, ATS(19998, 80000)),
                            .payload_bytes = 10),
           .repeat = 5,
           .often_noted = "seq.paws",
           .noted = "seq.paws" }),
    TALK("seq.paws: a FIN of long ago ends nothing", HANDSHAKE_TS,
         C_NOTES("seq.paws", (.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 1, .ack = S0 + 1,
                              .window = 502, ATS(9000, 70000))),
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(10020, 70000)), .payload_bytes = 100)),
    TALK("seq.paws: a SYN inside, of long ago", HANDSHAKE_TS,
         C_NOTES("seq.syn_in_connection seq.paws",
                 (.flags = WEIR_SYN, .seq = C0 + 50000, SYNTS(9000, 0)))),
    { .name = "seq.paws: not in a liberal zone",
      .liberal = true,
      .step = (const struct weir_talk_step[]){ HANDSHAKE_TS,
                                               C_NOTES("seq.syn_in_connection",
                                                       (.flags = WEIR_SYN, .seq = C0 + 50000,
                                                        SYNTS(9000, 0))) },
      .steps = 4 },
    TALK("seq.paws: the acknowledgement of a connection before this one",
         C((.flags = WEIR_SYN, .seq = C0, SYNTS(10000, 0))),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1, SYNTS(70000, 10000))),
         C_NOTES("seq.paws", (.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(9000, 70000))),
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502, ATS(10010, 70000))),
         S((.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)), .payload_bytes = 100)),
    TALK("seq.paws: segments in another order", HANDSHAKE_TS,
         S((.seq = S0 + 101, .ack = C0 + 1, ATS(70110, 10010)), .payload_bytes = 100),
         S_NOTES(RESENT, (.seq = S0 + 1, .ack = C0 + 1, ATS(70100, 10010)), .payload_bytes = 100)),

    /* 132 */
    TALK("seq.timestamp_lost: agreed on, then missing", HANDSHAKE_TS,
         C_IS("seq.timestamp_lost", (.seq = C0 + 1, .ack = S0 + 1, .window = 502),
              .payload_bytes = 10)),
    TALK("seq.timestamp_lost: never agreed on", HANDSHAKE, DATA_S(1, 10)),

    /* 147 */
    TALK("seq.link_address_changed: from elsewhere", HANDSHAKE,
         { .packet = PACKET(.eth = { .loopback = true },
                            .tcp = { .seq = C0 + 1, .ack = S0 + 1, .window = 502 },
                            .payload_bytes = 10),
           .found = "seq.link_address_changed" }),
    TALK("seq.link_address_changed: from where it came before", HANDSHAKE, DATA_S(1, 10)),

    /* 312 */
    TALK("integrity.ttl_jump: data from nearer", HANDSHAKE,
         { .packet = PACKET(.ip4 = { .ttl = 40 },
                            .tcp = { .seq = C0 + 1, .ack = S0 + 1, .window = 502 },
                            .payload_bytes = 10),
           .found = "integrity.ttl_jump" }),
    TALK("integrity.ttl_jump: one router more", HANDSHAKE,
         { .packet = PACKET(.ip4 = { .ttl = 63 },
                            .tcp = { .seq = C0 + 1, .ack = S0 + 1, .window = 502 },
                            .payload_bytes = 10) }));
