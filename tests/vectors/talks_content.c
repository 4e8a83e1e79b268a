/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/talks.h"

/* Bytes that are sent again, and ICMP errors about a connection. */

#define AT_S(at) (.seq = S0 + (at), .ack = C0 + 1, .window = 502)
#define ACK_C(at) C((.seq = C0 + 1, .ack = S0 + (at), .window = 502))
#define PAGE                                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello" /* 68 bytes */
#define FORGED "HTTP/1.1 302 Found\r\nLocation: http://203.0.113.66/\r\n\r\n"
#define QUOTED(at)                                                                                 \
    .icmp = { .type = 3,                                                                           \
              .code = EXACTLY(1),                                                                  \
              .quote = CLIENT((.seq = C0 + (at), .ack = S0 + 1)),                                  \
              .quote_bytes = 28 }

TALK_GROUP(
    content,
    TALK("seq.overlap_conflict: the forged answer first", HANDSHAKE,
         S(AT_S(1), .payload = TEXT(FORGED)),
         S_BOTH("seq.overlap_conflict", RESENT, AT_S(1), .payload = TEXT(PAGE))),
    TALK("seq.overlap_conflict: the forged answer last", HANDSHAKE,
         S(AT_S(1), .payload = TEXT(PAGE)), ACK_C(69),
         S_BOTH("seq.overlap_conflict", RESENT_OLD, AT_S(1), .payload = TEXT(FORGED)),
         S(AT_S(69), .payload = TEXT("more and more"))),
    TALK("seq.overlap_conflict: four bytes", HANDSHAKE, S(AT_S(1), .payload = TEXT("GOOD")),
         S_BOTH("seq.overlap_conflict", RESENT, AT_S(1), .payload = TEXT("EVIL"))),
    TALK("seq.overlap_conflict: the same once more, whole and in other pieces", HANDSHAKE,
         S(AT_S(1), .payload = TEXT(PAGE)), S_NOTES(RESENT, AT_S(1), .payload = TEXT(PAGE)),
         S_NOTES(RESENT, AT_S(17), .payload = TEXT("\nContent-Type: text/html\r\nContent-L")),
         S_NOTES(RESENT, AT_S(1), .payload = TEXT("HTTP/1.1 200 OK\r"))),
    TALK("seq.overlap_conflict: a keep-alive repeats any byte", HANDSHAKE,
         S(AT_S(1), .payload = TEXT("GOOD")), ACK_C(5), S(AT_S(4), .payload = TEXT("X"))),

    TALK("seq.icmp_forged: about what was never sent", HANDSHAKE,
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502), .payload_bytes = 100),
         { .server = true,
           .packet = PACKET(.ip4 = { .src = "203.0.113.1", .dst = PACKET_CLIENT4 }, .l4 = L4_ICMP,
                            QUOTED(900000)),
           .found = "seq.icmp_forged" }),
    TALK("seq.icmp_forged: about what is in flight", HANDSHAKE,
         C((.seq = C0 + 1, .ack = S0 + 1, .window = 502), .payload_bytes = 100),
         { .server = true,
           .packet = PACKET(.ip4 = { .src = "203.0.113.1", .dst = PACKET_CLIENT4 }, .l4 = L4_ICMP,
                            QUOTED(1)) }),
    TALK("seq.icmp_forged: about nobody's", HANDSHAKE,
         { .server = true,
           .packet = PACKET(.ip4 = { .src = "203.0.113.1", .dst = PACKET_CLIENT4 }, .l4 = L4_ICMP,
                            .icmp = { .type = 3,
                                      .code = EXACTLY(1),
                                      .quote = CLIENT((.sport = 41234, .seq = C0 + 900000)),
                                      .quote_bytes = 28 }) }));
