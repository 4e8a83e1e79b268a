/* SPDX-License-Identifier: Apache-2.0 */

/* What connections carry. Every kind of cutting is tried by hand here; all positions of a cut, and
 * any bytes, by tests/unit/dataplane/greeting.c. */

#include "vectors/talks.h"

/* A connection to a port of the server's. */
#define TO(port_, tcp_, ...) CLIENT((.dport = port_, TALK_UNPACK tcp_), ##__VA_ARGS__)
#define FROM(port_, tcp_, ...)                                                                     \
    PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },                                \
           .tcp = { .sport = port_, .dport = PACKET_CLIENT_PORT, TALK_UNPACK tcp_ },               \
           ##__VA_ARGS__)
#define OPEN(port_)                                                                                \
    { .packet =                                                                                    \
          TO(port_, (.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(MSS(1460), SACK_OK))) },     \
        { .server = true,                                                                          \
          .packet = FROM(port_, (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1,           \
                                 .options = OPTIONS(MSS(1460), SACK_OK))) },                       \
    {                                                                                              \
        .packet = TO(port_, (.seq = C0 + 1, .ack = S0 + 1))                                        \
    }
/* Data at an offset of the direction's bytes; the other side said `said` bytes so far. */
#define SAYS(port_, at, said, text)                                                                \
    {                                                                                              \
        .packet = TO(                                                                              \
            port_, (.flags = WEIR_ACK | WEIR_PSH, .seq = C0 + 1 + (at), .ack = S0 + 1 + (said), ), \
            .payload = TEXT(text))                                                                 \
    }
#define SAYS_IS(rows, port_, at, said, text)                                                       \
    {                                                                                              \
        .packet = TO(                                                                              \
            port_, (.flags = WEIR_ACK | WEIR_PSH, .seq = C0 + 1 + (at), .ack = S0 + 1 + (said), ), \
            .payload = TEXT(text)),                                                                \
        .found = rows                                                                              \
    }
/* Bytes that were said before are among them. */
#define SAYS_AGAIN_IS(rows, port_, at, said, text)                                                 \
    {                                                                                              \
        .packet = TO(                                                                              \
            port_, (.flags = WEIR_ACK | WEIR_PSH, .seq = C0 + 1 + (at), .ack = S0 + 1 + (said), ), \
            .payload = TEXT(text)),                                                                \
        .found = rows, .noted = RESENT                                                             \
    }
#define SAYS_AGAIN(port_, at, said, text) SAYS_AGAIN_IS(NULL, port_, at, said, text)
#define ANSWERS(port_, at, said, text)                                                             \
    {                                                                                              \
        .server = true,                                                                            \
        .packet = FROM(                                                                            \
            port_, (.flags = WEIR_ACK | WEIR_PSH, .seq = S0 + 1 + (at), .ack = C0 + 1 + (said)),   \
            .payload = TEXT(text))                                                                 \
    }
#define ANSWERS_IS(rows, port_, at, said, text)                                                    \
    {                                                                                              \
        .server = true,                                                                            \
        .packet = FROM(                                                                            \
            port_, (.flags = WEIR_ACK | WEIR_PSH, .seq = S0 + 1 + (at), .ack = C0 + 1 + (said)),   \
            .payload = TEXT(text)),                                                                \
        .found = rows                                                                              \
    }

#define CLIENT_HELLO "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
#define SERVER_HELLO "\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"
#define NOT_TLS "payload.not_tls"
#define NOT_HTTP "payload.http_malformed"
#define NOT_SSH "payload.ssh_banner"
#define NOT_REPLY "payload.server_banner"
#define OTHER "payload.protocol_mismatch"
#define BINARY "payload.binary_in_text"

TALK_GROUP(
    payload,
    TALK("payload.not_tls: a handshake is none", OPEN(443), SAYS(443, 0, 0, CLIENT_HELLO),
         ANSWERS(443, 0, 11, SERVER_HELLO)),
    TALK("payload.not_tls: a handshake byte by byte is none", OPEN(443), SAYS(443, 0, 0, "\x16"),
         SAYS(443, 1, 0, "\x03"), SAYS(443, 2, 0, "\x01"), SAYS(443, 3, 0, "\x02"),
         SAYS(443, 4, 0, "\0"), SAYS(443, 5, 0, "\x01"), SAYS(443, 6, 0, "\0\x01\xfc")),
    TALK("payload.not_tls: a refusal is none", OPEN(443), SAYS(443, 0, 0, CLIENT_HELLO),
         ANSWERS(443, 0, 11, "\x15\x03\x03\x00\x02\x02\x28")),
    TALK("payload.not_tls: a tunnel", OPEN(443),
         SAYS_IS(NOT_TLS, 443, 0, 0, "\x00\x0e\x38\x2d\x0c\xde\x3a\x68"),
         SAYS(443, 8, 0, "\x00\x0e\x38\x2d\x0c\xde\x3a\x68"),
         ANSWERS_IS(NOT_TLS, 443, 0, 16, "\x00\x1a\x40\x2d\x0c\xde\x3a\x68")),
    TALK("payload.not_tls: cut after five bytes that could be", OPEN(443),
         SAYS(443, 0, 0, "\x16\x03\x01\x02\x00"), SAYS_IS(NOT_TLS, 443, 5, 0, "\x02\x00\x00")),
    TALK("payload.not_tls: the same segment again says nothing new", OPEN(443),
         SAYS_IS(NOT_TLS, 443, 0, 0, "hello"), SAYS_AGAIN(443, 0, 0, "hello")),
    TALK("payload.not_tls: what is missing may have been a handshake", OPEN(443),
         SAYS(443, 11, 0, "more of it"), SAYS(443, 21, 0, "and more")),
    TALK("payload.not_tls: a wrong checksum is not read", OPEN(443),
         { .packet = TO(443,
                        (.flags = WEIR_ACK, .seq = C0 + 1, .ack = S0 + 1, .check = EXACTLY(0x1234)),
                        .payload = TEXT("hello")) },
         SAYS(443, 0, 0, CLIENT_HELLO)),
    TALK("payload.not_tls: beyond the window is not read", OPEN(443),
         SAYS_IS("seq.out_of_window", 443, 2000000, 0, "hello"), SAYS(443, 0, 0, CLIENT_HELLO)),
    TALK("payload.not_tls: mid-stream nobody knows how it began",
         { .packet = TO(443, (.seq = C0 + 1, .ack = S0 + 1), .payload = TEXT("abc")) },
         { .server = true,
           .packet = FROM(443, (.seq = S0 + 1, .ack = C0 + 4), .payload = TEXT("def")),
           .found = "seq.midstream" },
         SAYS(443, 3, 3, "ghi")),
    TALK("payload.not_tls: data with the last acknowledgement of the handshake",
         { .packet = TO(443, (.flags = WEIR_SYN, .seq = C0)) },
         { .server = true,
           .packet = FROM(443, (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)) },
         SAYS_IS(NOT_TLS, 443, 0, 0, "hello")),

    TALK("payload.http_malformed: requests and answers are none", OPEN(80),
         SAYS(80, 0, 0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
         ANSWERS(80, 0, 27, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
         SAYS(80, 27, 38, "whatever follows")),
    TALK("payload.http_malformed: HTTP/2 is none", OPEN(80),
         SAYS(80, 0, 0, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0"),
         ANSWERS(80, 0, 33, "\0\0\x12\x04\0\0\0\0\0\0\3\0\0\0\x64")),
    TALK("payload.http_malformed: a version cut off", OPEN(80), SAYS(80, 0, 0, "GET / HT"),
         SAYS_IS(NOT_HTTP, 80, 8, 0, "TQ/1.1\r\n")),
    TALK("payload.http_malformed: a retransmission that overlaps", OPEN(80),
         SAYS(80, 0, 0, "GET / HT"), SAYS_AGAIN_IS(NOT_HTTP, 80, 4, 0, "/ HTXP/1.1\r\n")),

    TALK("payload.ssh_banner: identifications are none", OPEN(22),
         ANSWERS(22, 0, 0, "SSH-2.0-OpenSSH_9.2p1\r\n"), SAYS(22, 0, 23, "SSH-2.0-Go\r\n")),
    TALK("payload.ssh_banner: a subflow of MPTCP begins in the middle",
         { .packet = TO(22, (.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(MPTCP_JOIN_SYN))) },
         { .server = true,
           .packet = FROM(22, (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1,
                               .options = OPTIONS(MPTCP_JOIN_SYNACK))) },
         { .packet = TO(22, (.seq = C0 + 1, .ack = S0 + 1)) }, ANSWERS(22, 0, 0, "\0\1\2\3"),
         SAYS(22, 0, 4, "\0\1\2\3")),
    TALK("payload.ssh_banner: a server that knows no MPTCP joins nothing",
         { .packet = TO(22, (.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(MPTCP_JOIN_SYN))) },
         { .server = true,
           .packet = FROM(22, (.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)) },
         { .packet = TO(22, (.seq = C0 + 1, .ack = S0 + 1)) },
         SAYS_IS(NOT_SSH " " BINARY, 22, 0, 0, "\0\1\2\3")),
    TALK("payload.ssh_banner: version 1", OPEN(22),
         ANSWERS_IS(NOT_SSH, 22, 0, 0, "SSH-1.5-old\r\n")),

    TALK("payload.server_banner: a greeting is none", OPEN(25),
         ANSWERS(25, 0, 0, "220 mail ESMTP\r\n"), SAYS(25, 0, 16, "EHLO a\r\n")),
    TALK("payload.server_banner: something else", OPEN(21),
         ANSWERS_IS(NOT_REPLY, 21, 0, 0, "hi\r\n")),

    TALK("payload.protocol_mismatch: the port's own is none", OPEN(22),
         SAYS(22, 0, 0, "SSH-2.0-Go\r\n")),
    TALK("payload.protocol_mismatch: no port, no expectation", OPEN(2222),
         SAYS(2222, 0, 0, "SSH-2.0-Go\r\n")),
    TALK("payload.protocol_mismatch: SSH on 443", OPEN(443),
         SAYS_IS(NOT_TLS " " OTHER, 443, 0, 0, "SSH-2.0-Go\r\n")),
    TALK("payload.protocol_mismatch: SSH on 443, cut", OPEN(443), SAYS_IS(NOT_TLS, 443, 0, 0, "SS"),
         SAYS_IS(OTHER, 443, 2, 0, "H-2.0-Go\r\n")),
    TALK("payload.protocol_mismatch: a request sent to a mail server", OPEN(25),
         ANSWERS(25, 0, 0, "220 mail ESMTP\r\n"), SAYS_IS(OTHER, 25, 0, 16, "POST / HTTP/1.1\r\n")),

    TALK("payload.binary_in_text: text is none", OPEN(25), SAYS(25, 0, 0, "EHLO a\tb\r\n\0\1\2")),
    TALK("payload.binary_in_text: NUL in a command", OPEN(25),
         SAYS_IS(BINARY, 25, 0, 0, "EHLO a\0b\r\n")),
    TALK("payload.binary_in_text: TLS is no text, and said so", OPEN(25),
         SAYS_IS(OTHER, 25, 0, 0, CLIENT_HELLO)),

    TALK("payload.tiny_segments: fifteen are none", OPEN(9000),
         { .packet = TO(9000, (.seq = C0 + 1, .ack = S0 + 1), .payload = TEXT("k")),
           .repeat = 15,
           .stride = 1 }),
    TALK("payload.tiny_segments: sixteen in a row", OPEN(9000),
         { .packet = TO(9000, (.seq = C0 + 1, .ack = S0 + 1), .payload = TEXT("k")),
           .found = "payload.tiny_segments",
           .repeat = 16,
           .stride = 1 }),
    TALK("payload.tiny_segments: retransmissions count once", OPEN(9000),
         { .packet = TO(9000, (.seq = C0 + 1, .ack = S0 + 1), .payload = TEXT("k")),
           .repeat = 15,
           .stride = 1 },
         { .packet = TO(9000, (.seq = C0 + 1, .ack = S0 + 1), .payload = TEXT("k")),
           .repeat = 8,
           .stride = 1,
           .often_noted = RESENT,
           .noted = RESENT }), );
