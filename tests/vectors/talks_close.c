/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/talks.h"

/* RST and FIN. */

#define DATA_C(at, n) C((.seq = C0 + (at), .ack = S0 + 1, .window = 502), .payload_bytes = n)
#define ACK_S(at) S((.seq = S0 + 1, .ack = C0 + (at), .window = 502))
#define FIN_C(at) C((.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + (at), .ack = S0 + 1, .window = 502))

TALK_GROUP(
    close,
    TALK("close: one side, then data of the other, then that one", HANDSHAKE, FIN_C(1), ACK_S(2),
         S((.seq = S0 + 1, .ack = C0 + 2, .window = 502), .payload_bytes = 1000),
         C((.seq = C0 + 2, .ack = S0 + 1001, .window = 502)),
         S((.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1001, .ack = C0 + 2)),
         C((.seq = C0 + 2, .ack = S0 + 1002, .window = 502))),
    TALK("close: the server's FIN before the handshake is complete",
         C((.flags = WEIR_SYN, .seq = C0)),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)),
         S((.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1, .ack = C0 + 1)),
         C((.seq = C0 + 1, .ack = S0 + 2)),
         C((.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 1, .ack = S0 + 2)),
         S((.seq = S0 + 2, .ack = C0 + 2)), C((.flags = WEIR_SYN, .seq = C0 + 700))),
    TALK("close: a FIN again", HANDSHAKE, FIN_C(1), FIN_C(1), ACK_S(2)),
    TALK("close: data again behind a FIN", HANDSHAKE, DATA_C(1, 10), FIN_C(11),
         C_NOTES(RESENT, (.seq = C0 + 1, .ack = S0 + 1, .window = 502), .payload_bytes = 10),
         ACK_S(12)),
    TALK("close: RST answers what came too late", HANDSHAKE, DATA_C(1, 10), ACK_S(11), FIN_C(11),
         S((.seq = S0 + 1, .ack = C0 + 12, .window = 502), .payload_bytes = 100),
         C((.flags = WEIR_RST, .seq = C0 + 12)),
         S((.seq = S0 + 101, .ack = C0 + 12, .window = 502), .payload_bytes = 100)),

    /* 120 */
    TALK("seq.blind_rst: the third is a search", HANDSHAKE, DATA_C(1, 10), ACK_S(11),
         C_NOTES("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 500)),
         C_NOTES("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 1000)),
         C_IS("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 2000)),
         C_IS("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 900000)), DATA_C(11, 10), ACK_S(21)),
    TALK("seq.blind_rst: slowly is none", HANDSHAKE,
         C_NOTES("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 500)),
         { .after_ms = 6000,
           .packet = CLIENT((.flags = WEIR_RST, .seq = C0 + 600)),
           .noted = "seq.blind_rst" },
         { .after_ms = 6000,
           .packet = CLIENT((.flags = WEIR_RST, .seq = C0 + 700)),
           .noted = "seq.blind_rst" }),
    TALK("seq.blind_rst: exact ones", HANDSHAKE, DATA_C(1, 10), ACK_S(11),
         C((.flags = WEIR_RST, .seq = C0 + 11)), C((.flags = WEIR_RST, .seq = C0 + 11)),
         C((.flags = WEIR_RST, .seq = C0 + 5))),
    TALK("seq.blind_rst: the exact number among many, then by who means it", HANDSHAKE,
         DATA_C(1, 10), ACK_S(11), C_NOTES("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 500)),
         C_NOTES("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 400)),
         C_IS("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 300)),
         C_IS("seq.blind_rst", (.flags = WEIR_RST, .seq = C0 + 11)), DATA_C(11, 10), ACK_S(21),
         { .after_ms = 11000, .packet = CLIENT((.flags = WEIR_RST, .seq = C0 + 21)) },
         C((.flags = WEIR_RST, .seq = C0 + 300))),
    TALK("seq.blind_rst: on a signed connection nobody can tell",
         C((.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(MD5, MSS(1460)))),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1,
            .options = OPTIONS(MD5, MSS(1460)))),
         C((.seq = C0 + 1, .ack = S0 + 1, .options = OPTIONS(MD5))),
         C((.flags = WEIR_RST, .seq = C0 + 1)),
         C((.seq = C0 + 1, .ack = S0 + 1, .options = OPTIONS(MD5)), .payload_bytes = 10)),

    /* 121 */
    TALK("seq.injected_rst: its sender goes on", HANDSHAKE, DATA_C(1, 10), ACK_S(11),
         C((.flags = WEIR_RST, .seq = C0 + 11)),
         C_IS("seq.injected_rst", (.seq = C0 + 11, .ack = S0 + 1, .window = 502),
              .payload_bytes = 10),
         ACK_S(21)),
    TALK("seq.injected_rst: what was under way before", HANDSHAKE, DATA_C(1, 10),
         C((.flags = WEIR_RST, .seq = C0 + 11)),
         C_NOTES(RESENT, (.seq = C0 + 1, .ack = S0 + 1, .window = 502), .payload_bytes = 10)),

    /* 128 */
    TALK("seq.invalid_fin: beyond the first", HANDSHAKE, FIN_C(1),
         C_IS("seq.invalid_fin",
              (.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 40, .ack = S0 + 1, .window = 502))),
    TALK("seq.invalid_fin: outside the window", HANDSHAKE,
         C_IS("seq.invalid_fin",
              (.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 900000, .ack = S0 + 1, .window = 502))),
    TALK("seq.invalid_fin: its number was that of data", HANDSHAKE, DATA_C(1, 10), ACK_S(11),
         C_IS("seq.invalid_fin",
              (.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 5, .ack = S0 + 1, .window = 502)),
         DATA_C(11, 10)),
    TALK("seq.invalid_fin: its number was that of the SYN", C((.flags = WEIR_SYN, .seq = C0)),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)),
         C_IS("seq.invalid_fin", (.flags = WEIR_FIN | WEIR_ACK, .seq = C0, .ack = S0 + 1)),
         C((.seq = C0 + 1, .ack = S0 + 1)), C((.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 10)),
    TALK("seq.invalid_fin: a valid one", HANDSHAKE, FIN_C(1)),

    /* 129 */
    TALK("seq.ack_after_fin: more than was sent", HANDSHAKE, FIN_C(1),
         S_IS("seq.ack_after_fin", (.seq = S0 + 1, .ack = C0 + 3, .window = 502)), ACK_S(2)),
    TALK("seq.ack_after_fin: all of it", HANDSHAKE, FIN_C(1), ACK_S(2)),

    /* 130 */
    TALK("seq.data_after_close: beyond its own FIN", HANDSHAKE, FIN_C(1), ACK_S(2),
         C_IS("seq.data_after_close", (.seq = C0 + 2, .ack = S0 + 1, .window = 502),
              .payload_bytes = 10)),
    TALK("seq.data_after_close: a keep-alive", HANDSHAKE, FIN_C(1), ACK_S(2),
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502), .payload_bytes = 1)));
