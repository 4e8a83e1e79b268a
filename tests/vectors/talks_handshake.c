/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/talks.h"

/* How connections begin. */

#define SYN_OPTIONS .options = OPTIONS(MSS(1460), SACK_OK, NOP, WS(7))
#define SYN_C C((.flags = WEIR_SYN, .seq = C0, SYN_OPTIONS))
#define SYNACK_S S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1, SYN_OPTIONS))
#define ACK_C C((.seq = C0 + 1, .ack = S0 + 1))

TALK_GROUP(
    handshake,
    TALK("handshake: a request, its answer, and the end", HANDSHAKE,
         C((.flags = WEIR_ACK | WEIR_PSH, .seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 100),
         S((.seq = S0 + 1, .ack = C0 + 101)),
         S((.flags = WEIR_ACK | WEIR_PSH, .seq = S0 + 1, .ack = C0 + 101), .payload_bytes = 1000),
         C((.seq = C0 + 101, .ack = S0 + 1001)),
         S((.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1001, .ack = C0 + 101)),
         C((.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 101, .ack = S0 + 1002)),
         S((.seq = S0 + 1002, .ack = C0 + 102))),
    TALK("handshake: the server speaks first", HANDSHAKE,
         S((.flags = WEIR_ACK | WEIR_PSH, .seq = S0 + 1, .ack = C0 + 1), .payload_bytes = 20),
         C((.seq = C0 + 1, .ack = S0 + 21))),
    TALK("handshake: every packet of it twice", SYN_C, SYN_C, SYNACK_S, SYNACK_S, ACK_C, ACK_C,
         C((.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 10)),
    TALK("handshake: refused", SYN_C,
         S((.flags = WEIR_RST | WEIR_ACK, .seq = EXACTLY(0), .ack = C0 + 1))),
    TALK("handshake: the client resets the SYN-ACK", SYN_C, SYNACK_S,
         C((.flags = WEIR_RST, .seq = C0 + 1))),
    TALK("handshake: fast open, data taken",
         C((.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8))),
           .payload_bytes = 100),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 101)),
         S((.seq = S0 + 1, .ack = C0 + 101), .payload_bytes = 50),
         C((.seq = C0 + 101, .ack = S0 + 51))),

    /* 111 */
    TALK("seq.synack_changed: two servers answer", SYN_C, SYNACK_S,
         S_IS("seq.synack_changed", (.flags = WEIR_SYN | WEIR_ACK, .seq = S0 + 77, .ack = C0 + 1)),
         C((.seq = C0 + 1, .ack = S0 + 78)),
         S((.seq = S0 + 78, .ack = C0 + 1), .payload_bytes = 9)),
    TALK("seq.synack_changed: a retransmitted SYN-ACK is the same", SYN_C, SYNACK_S, SYNACK_S),

    /* 112 */
    TALK("seq.syn_changed: next attempt from the port", SYN_C,
         C_IS("seq.syn_changed", (.flags = WEIR_SYN, .seq = C0 + 5000)),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 5001)),
         C((.seq = C0 + 5001, .ack = S0 + 1))),
    TALK("seq.syn_changed: a retransmitted SYN is the same", SYN_C, SYN_C),

    /* 122 */
    TALK("seq.syn_in_connection: the third is no accident", HANDSHAKE,
         C_NOTES("seq.syn_in_connection", (.flags = WEIR_SYN, .seq = C0 + 9000)),
         C_NOTES("seq.syn_in_connection", (.flags = WEIR_SYN, .seq = C0 + 9001)),
         C_IS("seq.syn_in_connection", (.flags = WEIR_SYN, .seq = C0 + 9002)),
         C((.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 10)),
    TALK("seq.syn_in_connection: not on a closed connection", HANDSHAKE,
         C((.flags = WEIR_RST, .seq = C0 + 1)), C((.flags = WEIR_SYN, .seq = C0 + 9000))),

    /* 123 */
    TALK("seq.synack_in_connection: another number, then from the client", HANDSHAKE,
         S_IS("seq.synack_in_connection",
              (.flags = WEIR_SYN | WEIR_ACK, .seq = S0 + 4, .ack = C0 + 1)),
         C_IS("seq.synack_in_connection",
              (.flags = WEIR_SYN | WEIR_ACK, .seq = C0, .ack = S0 + 1))),
    TALK("seq.synack_in_connection: its acknowledgement was lost", HANDSHAKE,
         S_NOTES("seq.synack_in_connection",
                 (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1))),

    TALK("seq.synack_in_connection: both ends lost their state and begin anew", HANDSHAKE,
         C_NOTES("seq.syn_in_connection", (.flags = WEIR_SYN, .seq = C0 + 90000)),
         S_NOTES("seq.synack_in_connection",
                 (.flags = WEIR_SYN | WEIR_ACK, .seq = S0 + 70000, .ack = C0 + 90001)),
         C((.seq = C0 + 90001, .ack = S0 + 70001)),
         S_IS("seq.midstream", (.seq = S0 + 70001, .ack = C0 + 90001), .payload_bytes = 10),
         C((.seq = C0 + 90001, .ack = S0 + 70011), .payload_bytes = 10)),
    TALK("seq.synack_in_connection: data of the connection tell that it lives", HANDSHAKE,
         C_NOTES("seq.syn_in_connection", (.flags = WEIR_SYN, .seq = C0 + 90000)),
         S_NOTES("seq.synack_in_connection",
                 (.flags = WEIR_SYN | WEIR_ACK, .seq = S0 + 70000, .ack = C0 + 90001)),
         C((.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 10),
         C_IS("seq.out_of_window seq.ack_unseen", (.seq = C0 + 90001, .ack = S0 + 70001))),

    /* 124 */
    TALK("seq.synack_wrong_ack: of another SYN", SYN_C,
         S_IS("seq.synack_wrong_ack", (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 2)),
         SYNACK_S, ACK_C),
    TALK("seq.synack_wrong_ack: the right one", SYN_C, SYNACK_S),

    /* 125 */
    TALK("seq.handshake_wrong_ack: acknowledges what nobody sent", SYN_C, SYNACK_S,
         C_IS("seq.handshake_wrong_ack", (.seq = C0 + 1, .ack = S0 + 500)),
         C_IS("seq.handshake_wrong_ack", (.seq = C0 + 1, .ack = S0)), ACK_C,
         C((.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 10)),
    TALK_OF_CAPTURE("seq.handshake_wrong_ack: the capture may have missed data", SYN_C, SYNACK_S,
                    C((.seq = C0 + 1, .ack = S0 + 500))),

    /* 126 */
    TALK("seq.early_data: somebody answers before the server can", SYN_C, SYNACK_S,
         S_IS("seq.early_data", (.seq = S0 + 1, .ack = C0 + 1), .payload_bytes = 300), ACK_C),
    TALK("seq.early_data: not with fast open",
         C((.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8)))),
         SYNACK_S, S((.seq = S0 + 1, .ack = C0 + 1), .payload_bytes = 300)),
    TALK("seq.out_of_window: fast open, beyond what the SYN allowed",
         C((.flags = WEIR_SYN, .seq = C0, .window = 1000,
            .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8)))),
         SYNACK_S, S((.seq = S0 + 1, .ack = C0 + 1), .payload_bytes = 1000),
         S_IS("seq.out_of_window", (.seq = S0 + 2000, .ack = C0 + 1), .payload_bytes = 300)),
    TALK_OF_CAPTURE("seq.early_data: the capture missed the request", SYN_C, SYNACK_S,
                    S((.seq = S0 + 1, .ack = C0 + 200), .payload_bytes = 300)),

    /* 127 */
    TALK("seq.simultaneous_open: both send a SYN", SYN_C,
         S_IS("seq.simultaneous_open", (.flags = WEIR_SYN, .seq = S0, SYN_OPTIONS)),
         C_IS("seq.simultaneous_open", (.flags = WEIR_SYN | WEIR_ACK, .seq = C0, .ack = S0 + 1)),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)),
         C((.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 10)),
    TALK("seq.simultaneous_open: not here", HANDSHAKE),

    /* 140 */
    TALK("seq.flow_replay: the capture is played again", HANDSHAKE,
         C((.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 1, .ack = S0 + 1)),
         S((.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1, .ack = C0 + 2)),
         C((.seq = C0 + 2, .ack = S0 + 2)),
         C_IS("seq.flow_replay", (.flags = WEIR_SYN, .seq = C0, SYN_OPTIONS))),
    TALK("seq.flow_replay: while it is open", HANDSHAKE,
         { .after_ms = 5000,
           .packet = CLIENT((.flags = WEIR_SYN, .seq = C0)),
           .found = "seq.flow_replay" }),
    TALK("seq.flow_replay: the next connection draws a number of its own", HANDSHAKE,
         C((.flags = WEIR_RST, .seq = C0 + 1)), C((.flags = WEIR_SYN, .seq = C0 + 123456)),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 123457))),

    /* 141 */
    TALK("seq.tuple_reuse: behind the one before", HANDSHAKE,
         C((.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 1, .ack = S0 + 1)),
         S((.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1, .ack = C0 + 2)),
         C((.seq = C0 + 2, .ack = S0 + 2)),
         C_IS("seq.tuple_reuse", (.flags = WEIR_SYN, .seq = C0 - 700))),
    TALK("seq.tuple_reuse: beyond it", HANDSHAKE,
         C((.flags = WEIR_FIN | WEIR_ACK, .seq = C0 + 1, .ack = S0 + 1)),
         S((.flags = WEIR_FIN | WEIR_ACK, .seq = S0 + 1, .ack = C0 + 2)),
         C((.seq = C0 + 2, .ack = S0 + 2)), C((.flags = WEIR_SYN, .seq = C0 + 700))),

    /* 145 */
    TALK("seq.midstream: both sides go on", C((.seq = 77, .ack = 99), .payload_bytes = 10),
         S_IS("seq.midstream", (.seq = 99, .ack = 87), .payload_bytes = 10),
         C((.seq = 5000000, .ack = 4000000), .payload_bytes = 10)),
    TALK("seq.midstream: an answer by RST proves nothing",
         C((.seq = 77, .ack = 99), .payload_bytes = 10), S((.flags = WEIR_RST, .seq = 99))),

    /* 146 */
    TALK("seq.asymmetric: sixteen packets of one side", C((.seq = 1, .ack = 9), .payload_bytes = 1),
         C((.seq = 2, .ack = 9), .payload_bytes = 1), C((.seq = 3, .ack = 9), .payload_bytes = 1),
         C((.seq = 4, .ack = 9), .payload_bytes = 1), C((.seq = 5, .ack = 9), .payload_bytes = 1),
         C((.seq = 6, .ack = 9), .payload_bytes = 1), C((.seq = 7, .ack = 9), .payload_bytes = 1),
         C((.seq = 8, .ack = 9), .payload_bytes = 1), C((.seq = 9, .ack = 9), .payload_bytes = 1),
         C((.seq = 10, .ack = 9), .payload_bytes = 1), C((.seq = 11, .ack = 9), .payload_bytes = 1),
         C((.seq = 12, .ack = 9), .payload_bytes = 1), C((.seq = 13, .ack = 9), .payload_bytes = 1),
         C((.seq = 14, .ack = 9), .payload_bytes = 1), C((.seq = 15, .ack = 9), .payload_bytes = 1),
         C_IS("seq.asymmetric", (.seq = 16, .ack = 9), .payload_bytes = 1),
         C((.seq = 17, .ack = 9), .payload_bytes = 1)),
    TALK("seq.asymmetric: both are seen", HANDSHAKE),

    /* 149 */
    TALK("seq.tfo_anomaly: the data in the SYN is not taken",
         C((.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8))),
           .payload_bytes = 100),
         S_IS("seq.tfo_anomaly", (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)),
         C_NOTES(RESENT, (.seq = C0 + 1, .ack = S0 + 1), .payload_bytes = 100)),
    TALK("seq.tfo_anomaly: taken",
         C((.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8))),
           .payload_bytes = 100),
         S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 101))));
