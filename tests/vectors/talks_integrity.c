/* SPDX-License-Identifier: Apache-2.0 */

/* Integrity that needs what came before: fragments of one datagram, urgent data. */

#include "vectors/talks.h"

#define OVERLAP "integrity.fragment_overlap"
/* Bytes [from, from + bytes) of the transport part of datagram `id`. */
#define PART(id_, from_, bytes_)                                                                   \
    {                                                                                              \
        .packet =                                                                                  \
            PACKET(.ip4 = { .id = id_ }, .payload_bytes = 400, .fragment = { from_, bytes_ })      \
    }
#define PART_IS(rows, id_, from_, bytes_)                                                          \
    {                                                                                              \
        .packet =                                                                                  \
            PACKET(.ip4 = { .id = id_ }, .payload_bytes = 400, .fragment = { from_, bytes_ }),     \
        .found = rows                                                                              \
    }
#define PART6(id_, from_, bytes_)                                                                  \
    PACKET6(.ip6 = { .ext = { { FRAGMENT, BYTES((from_) >> 8, (from_) | 1, 0, 0, 0, id_) } } },    \
            .l4 = L4_OTHER, .proto = 99, .payload_bytes = bytes_)
#define URGENT(at, pointer)                                                                        \
    C((.flags = WEIR_ACK | WEIR_URG, .seq = C0 + 1 + (at), .ack = S0 + 1, .urgent = pointer),      \
      .payload = TEXT("abcd"))

TALK_GROUP(
    integrity,
    TALK("integrity.fragment_overlap: parts in a row are none", PART(1, 0, 80), PART(1, 80, 80),
         PART(1, 160, 80)),
    TALK("integrity.fragment_overlap: nor from the last to the first", PART(1, 160, 80),
         PART(1, 80, 80), PART(1, 0, 80)),
    TALK("integrity.fragment_overlap: the same part once more is none", PART(1, 0, 80),
         PART(1, 0, 80), PART(1, 80, 80), PART(1, 80, 80)),
    TALK("integrity.fragment_overlap: eight bytes twice", PART(1, 0, 80),
         PART_IS(OVERLAP, 1, 72, 80)),
    TALK("integrity.fragment_overlap: one part inside another", PART(1, 0, 160),
         PART_IS(OVERLAP, 1, 80, 40)),
    TALK("integrity.fragment_overlap: one around another", PART(1, 80, 40),
         PART_IS(OVERLAP, 1, 40, 160)),
    TALK("integrity.fragment_overlap: from behind", PART(1, 160, 80), PART_IS(OVERLAP, 1, 88, 80)),
    TALK("integrity.fragment_overlap: another datagram is none", PART(1, 0, 80), PART(2, 72, 80)),
    TALK("integrity.fragment_overlap: a minute later it is another one", PART(1, 0, 80),
         { .after_ms = 60000,
           .packet = PACKET(.ip4 = { .id = 1 }, .payload_bytes = 400, .fragment = { 72, 80 }) }),
    TALK("integrity.fragment_overlap: of UDP over IPv4 is left alone",
         { .packet = PACKET(.ip4 = { .id = 1 }, .l4 = L4_UDP, .payload_bytes = 400,
                            .fragment = { 0, 80 }) },
         { .packet = PACKET(.ip4 = { .id = 1 }, .l4 = L4_UDP, .payload_bytes = 400,
                            .fragment = { 72, 80 }) }),
    TALK("integrity.fragment_overlap: IPv6, whatever it carries", { .packet = PART6(1, 0, 80) },
         { .packet = PART6(1, 72, 80), .found = OVERLAP }),
    TALK("integrity.fragment_overlap: IPv6, another datagram is none",
         { .packet = PART6(1, 0, 80) }, { .packet = PART6(2, 72, 80) }),

    TALK("integrity.urgent_abuse: twice is none", HANDSHAKE, URGENT(0, 4), URGENT(4, 4)),
    TALK("integrity.urgent_abuse: the same segment again is none", HANDSHAKE, URGENT(0, 4),
         C_NOTES("seq.excessive_retransmissions",
                 (.flags = WEIR_ACK | WEIR_URG, .seq = C0 + 1, .ack = S0 + 1, .urgent = 4),
                 .payload = TEXT("abcd")),
         C_NOTES("seq.excessive_retransmissions",
                 (.flags = WEIR_ACK | WEIR_URG, .seq = C0 + 1, .ack = S0 + 1, .urgent = 4),
                 .payload = TEXT("abcd"))),
    TALK("integrity.urgent_abuse: three times, told once", HANDSHAKE, URGENT(0, 4), URGENT(4, 4),
         { .packet = CLIENT((.flags = WEIR_ACK | WEIR_URG, .seq = C0 + 9, .ack = S0 + 1,
                             .urgent = 4),
                            .payload = TEXT("abcd")),
           .found = "integrity.urgent_abuse" },
         URGENT(12, 4)), );
