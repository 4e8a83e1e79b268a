/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/talks.h"

/* Scans and what resembles them. All contacts are of one client; n is a port of the server, or the
 * last byte of one. A source has no record before its second contact, so the first does not count.
 */

#define TO(n, ...)                                                                                 \
    {                                                                                              \
        .packet = PACKET(.tcp = { .dport = (n), __VA_ARGS__ })                                     \
    }
#define TO_IS(rows, n, ...)                                                                        \
    {                                                                                              \
        .packet = PACKET(.tcp = { .dport = (n), __VA_ARGS__ }), .found = rows                      \
    }
#define FROM(n, ...) FROM_IS(NULL, n, __VA_ARGS__)
#define FROM_IS(rows, n, ...)                                                                      \
    {                                                                                              \
        .server = true, .found = rows,                                                             \
        .packet = PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },                  \
                         .tcp = { .sport = (n), .dport = PACKET_CLIENT_PORT, __VA_ARGS__ })        \
    }

/* Numbers that differ from port to port, as every TCP's do. */
#define ISN(n) (C0 + (n)*100000U)
#define SYN(n) TO(n, .flags = WEIR_SYN, .seq = ISN(n))
#define SYN_IS(rows, n) TO_IS(rows, n, .flags = WEIR_SYN, .seq = ISN(n))
#define SYNACK(n) FROM(n, .flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = ISN(n) + 1)
#define ACK(n) TO(n, .seq = ISN(n) + 1, .ack = S0 + 1)
#define REFUSAL(n) FROM(n, .flags = WEIR_RST | WEIR_ACK, .seq = EXACTLY(0), .ack = ISN(n) + 1)
#define CLOSED(n) SYN(n), REFUSAL(n)
#define CLOSED_IS(rows, n) SYN_IS(rows, n), REFUSAL(n)
#define OPEN(n) SYN(n), SYNACK(n), ACK(n)
#define HALF_OPEN(n) SYN(n), SYNACK(n), TO(n, .flags = WEIR_RST, .seq = ISN(n) + 1)
#define BARE(n) OPEN(n), TO(n, .flags = WEIR_RST | WEIR_ACK, .seq = ISN(n) + 1, .ack = S0 + 1)

/* Again and again, by fives. */
#define FIVE(what, n) what(n), what(n + 1), what(n + 2), what(n + 3), what(n + 4)
#define CLOSED_5(n) FIVE(CLOSED, n)
#define CLOSED_5_IS(rows, n)                                                                       \
    CLOSED_IS(rows, n), CLOSED_IS(rows, n + 1), CLOSED_IS(rows, n + 2), CLOSED_IS(rows, n + 3),    \
        CLOSED_IS(rows, n + 4)
#define SYN_5(n) FIVE(SYN, n)
#define OPEN_5(n) FIVE(OPEN, n)
#define REFUSAL_IS(rows, n)                                                                        \
    FROM_IS(rows, n, .flags = WEIR_RST | WEIR_ACK, .seq = EXACTLY(0), .ack = ISN(n) + 1)

/* A router answers. */
#define ICMP_OF(n, code_)                                                                          \
    {                                                                                              \
        .server = true,                                                                            \
        .packet =                                                                                  \
            PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 }, .l4 = L4_ICMP,         \
                   .icmp = {                                                                       \
                       .type = 3,                                                                  \
                       .code = (code_),                                                            \
                       .quote =                                                                    \
                           PACKET(.tcp = { .flags = WEIR_SYN, .seq = ISN(n), .dport = (n) }) })    \
    }
#define GONE(n) ICMP_OF(n, EXACTLY(1))
#define REJECTED(n) ICMP_OF(n, EXACTLY(3))

#define HOST(n, rows, ms)                                                                          \
    {                                                                                              \
        .after_ms = (ms), .found = rows,                                                           \
        .packet = PACKET(.ip4 = { .dst = "198.51.100." #n },                                       \
                         .tcp = { .flags = WEIR_SYN, .seq = ISN(n), .dport = 22 })                 \
    }
#define SYN_HOST(n) HOST(n, NULL, 10)
#define SYN_HOST_LATE(rows, n) HOST(n, rows, 1000)
#define SYN_HOSTS(n) SYN_HOSTS_##n
#define SYN_HOSTS_1                                                                                \
    SYN_HOST(1), SYN_HOST(2), SYN_HOST(3), SYN_HOST(4), SYN_HOST(5), SYN_HOST(6), SYN_HOST(7),     \
        SYN_HOST(8), SYN_HOST(9), SYN_HOST(10)
#define SYN_HOSTS_11                                                                               \
    SYN_HOST(11), SYN_HOST(12), SYN_HOST(13), SYN_HOST(14), SYN_HOST(15), SYN_HOST(16),            \
        SYN_HOST(17), SYN_HOST(18), SYN_HOST(19), SYN_HOST(20)
#define SYN_HOSTS_21                                                                               \
    SYN_HOST(21), SYN_HOST(22), SYN_HOST(23), SYN_HOST(24), SYN_HOST(25), SYN_HOST(26),            \
        SYN_HOST(27), SYN_HOST(28), SYN_HOST(29), SYN_HOST(30)
#define SYN_HOSTS_31                                                                               \
    SYN_HOST(31), SYN_HOST(32), SYN_HOST(33), SYN_HOST(34), SYN_HOST(35), SYN_HOST(36),            \
        SYN_HOST(37), SYN_HOST(38), SYN_HOST(39), SYN_HOST(40)

#define SLOW(rows, n)                                                                              \
    {                                                                                              \
        .after_ms = 3600000, .found = rows,                                                        \
        .packet = PACKET(.tcp = { .flags = WEIR_SYN, .seq = ISN(n), .dport = (n) })                \
    }
#define SLOW_5(rows, n)                                                                            \
    SLOW(rows, n), SLOW(rows, n + 1), SLOW(rows, n + 2), SLOW(rows, n + 3), SLOW(rows, n + 4)

#define STRAY(n) TO(n, .seq = C0, .ack = S0 + (n), .window = 1024)
#define STRAY_IS(rows, n) TO_IS(rows, n, .seq = C0, .ack = S0 + (n), .window = 1024)
#define STRAY_RST(n) FROM(n, .flags = WEIR_RST, .seq = S0 + (n), .window = EXACTLY(0))
#define STRAY_UP(n) TO(n, .seq = C0, .ack = S0 + (n))
#define ADOPTED(n) FROM_MIDSTREAM(n, .seq = S0 + (n), .ack = C0)
#define FROM_MIDSTREAM(n, ...) FROM_IS("seq.midstream", n, __VA_ARGS__)
/* From a low port: nmap -g 53. Numbers that stand for an acknowledgement are 0: they are not
 * shifted. */
#define STRAY_53(n) TO(n, .sport = 53, .seq = C0, .ack = EXACTLY(0))
#define STRAY_53_IS(rows, n) TO_IS(rows, n, .sport = 53, .seq = C0, .ack = EXACTLY(0))
#define STRAY_53_RST(n)                                                                            \
    {                                                                                              \
        .server = true,                                                                            \
        .packet =                                                                                  \
            PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },                        \
                   .tcp = { .sport = (n), .dport = 53, .flags = WEIR_RST, .seq = EXACTLY(0) })     \
    }
#define REFUSED_53(n) STRAY_53(n), STRAY_53_RST(n)
/* SYN-ACK of no connection, from port n. */
#define SYNACK_OF_NONE(rows, n, port)                                                              \
    TO_IS(rows, port, .sport = (n), .flags = WEIR_SYN | WEIR_ACK, .seq = C0 + (n),                 \
          .ack = EXACTLY(0))
#define SYNACK_RST(n, port)                                                                        \
    {                                                                                              \
        .server = true,                                                                            \
        .packet =                                                                                  \
            PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },                        \
                   .tcp = { .sport = (port), .dport = (n), .flags = WEIR_RST, .seq = EXACTLY(0) }) \
    }
#define ZOMBIE(n) SYNACK_OF_NONE(NULL, n, 80), SYNACK_RST(n, 80)
#define ZOMBIE_IS(rows, n) SYNACK_OF_NONE(rows, n, 80), SYNACK_RST(n, 80)
#define BACKSCATTER(n) SYNACK_OF_NONE(NULL, 80, n), SYNACK_RST(80, n)
#define FIN(n) TO(n, .flags = WEIR_FIN | WEIR_ACK, .seq = C0, .ack = S0 + (n))
#define FIN_IS(rows, n) TO_IS(rows, n, .flags = WEIR_FIN | WEIR_ACK, .seq = C0, .ack = S0 + (n))

/* The server as a client of the client. */
#define OUT_IS(rows, n)                                                                            \
    {                                                                                              \
        .server = true, .found = rows,                                                             \
        .packet = PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },                  \
                         .tcp = { .sport = PACKET_CLIENT_PORT,                                     \
                                  .dport = (n),                                                    \
                                  .flags = WEIR_SYN,                                               \
                                  .seq = ISN(n) })                                                 \
    }
#define OUT(n) OUT_IS(NULL, n)
#define OUT_REFUSED(n)                                                                             \
    {                                                                                              \
        .packet = PACKET(.tcp = { .sport = (n),                                                    \
                                  .dport = PACKET_CLIENT_PORT,                                     \
                                  .flags = WEIR_RST | WEIR_ACK,                                    \
                                  .seq = EXACTLY(0),                                               \
                                  .ack = ISN(n) + 1 })                                             \
    }
#define OUT_BOTH(n) OUT(n), OUT_REFUSED(n)
#define OUT_5(n) FIVE(OUT_BOTH, n)

#define SAME(n)                                                                                    \
    TO(n, .flags = WEIR_SYN, .seq = C0), SYNACK_SAME(n), TO(n, .seq = C0 + 1, .ack = S0 + 1)
#define SAME_IS(rows, n) TO_IS(rows, n, .flags = WEIR_SYN, .seq = C0)
#define SYNACK_SAME(n) FROM(n, .flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1)
#define SAME_5(n) FIVE(SAME, n)

/* Other sources: n is the last byte of their address. */
#define MEMBER(rows, n, port)                                                                      \
    {                                                                                              \
        .found = rows,                                                                             \
        .packet = PACKET(.ip4 = { .src = "203.0.113." #n },                                        \
                         .tcp = { .flags = WEIR_SYN, .seq = ISN(n), .dport = n % 4 * 5 + port })   \
    }
#define FIVE_OF(n)                                                                                 \
    MEMBER(NULL, n, 1), MEMBER(NULL, n, 2), MEMBER(NULL, n, 3), MEMBER(NULL, n, 4),                \
        MEMBER(NULL, n, 5)
#define FIVE_OF_19                                                                                 \
    FIVE_OF(1), FIVE_OF(2), FIVE_OF(3), FIVE_OF(4), FIVE_OF(5), FIVE_OF(6), FIVE_OF(7),            \
        FIVE_OF(8), FIVE_OF(9), FIVE_OF(10), FIVE_OF(11), FIVE_OF(12), FIVE_OF(13), FIVE_OF(14),   \
        FIVE_OF(15), FIVE_OF(16), FIVE_OF(17), FIVE_OF(18), FIVE_OF(19)
#define DECOY(rows, n, port)                                                                       \
    {                                                                                              \
        .found = rows,                                                                             \
        .packet = PACKET(.ip4 = { .src = "203.0.113." #n },                                        \
                         .tcp = { .flags = WEIR_SYN, .seq = ISN(port), .dport = port })            \
    }

#define SEQUENTIAL "scan.sequential_test"

TALK_GROUP(
    scan,
    /* 203 */
    TALK("scan.sequential_test: four failures more than successes", CLOSED(1), CLOSED(2), CLOSED(3),
         CLOSED(4), CLOSED(5), CLOSED_IS(SEQUENTIAL, 6)),
    TALK("scan.sequential_test: one service that is down, asked again and again", CLOSED(1),
         CLOSED(2), CLOSED(2), CLOSED(2), CLOSED(2), CLOSED(2), CLOSED(2), CLOSED(1)),
    TALK("scan.sequential_test: successes weigh as much", OPEN(1), OPEN(2), CLOSED(3), OPEN(4),
         CLOSED(5), OPEN(6), CLOSED(7), CLOSED(8), CLOSED(9), CLOSED(10)),
    TALK("scan.sequential_test: a success that carried nothing is none", CLOSED(1), CLOSED(2),
         BARE(3), CLOSED(4), CLOSED(5), CLOSED(6), SYN_IS(SEQUENTIAL, 7)),
    TALK("scan.sequential_test: silence is a failure, once the source was silent, too", SYN(1),
         SYN(2), { .after_ms = 6000, .packet = PACKET(.tcp = { .flags = WEIR_SYN, .dport = 3 }) },
         { .after_ms = 15000, .packet = PACKET(.tcp = { .flags = WEIR_SYN, .dport = 4 }) },
         { .after_ms = 300000, .packet = PACKET(.tcp = { .flags = WEIR_SYN, .dport = 5 }) },
         { .after_ms = 300000,
           .packet = PACKET(.tcp = { .flags = WEIR_SYN, .dport = 6 }),
           .found = SEQUENTIAL }),
    TALK("scan.sequential_test: a network that cannot be reached is no evidence", SYN(1), GONE(1),
         SYN(2), GONE(2), SYN(3), GONE(3), SYN(4), GONE(4), SYN(5), GONE(5), SYN(6), GONE(6),
         SYN(7)),
    TALK("scan.sequential_test: ports that a firewall rejects", SYN(1), REJECTED(1), SYN(2),
         REJECTED(2), SYN(3), REJECTED(3), SYN(4), REJECTED(4), SYN(5), REJECTED(5),
         SYN_IS(SEQUENTIAL, 6)),

    /* 201 */
    TALK("scan.vertical: fifteen ports that are closed", CLOSED_5(1), SYN_IS(SEQUENTIAL, 6),
         REFUSAL(6), CLOSED_5_IS(SEQUENTIAL, 7), CLOSED_IS(SEQUENTIAL, 12),
         CLOSED_IS(SEQUENTIAL, 13), SYN_IS("scan.vertical " SEQUENTIAL, 14)),
    TALK("scan.vertical: none answers", SYN_5(1), SYN_5(6), SYN_5(11), SYN(16), SYN(17),
         { .after_ms = 200,
           .packet = PACKET(.tcp = { .flags = WEIR_SYN, .dport = 18 }),
           .found = "scan.vertical" }),
    TALK("scan.vertical: passive FTP, a port for each file", OPEN_5(1), OPEN_5(6), OPEN_5(11),
         OPEN_5(16), OPEN_5(21)),

    /* 202 */
    TALK("scan.horizontal: one port of many hosts", SYN(22), SYN_HOSTS(1), SYN_HOSTS(11),
         SYN_HOSTS(21), SYN_HOST_LATE("scan.horizontal", 31)),
    TALK("scan.horizontal: not at once, when nobody could have answered yet", SYN(22), SYN_HOSTS(1),
         SYN_HOSTS(11), SYN_HOSTS(21), SYN_HOSTS(31)),

    /* 204 */
    TALK("scan.slow: fifteen ports, each in an hour of its own", SLOW_5(NULL, 1),
         SLOW(SEQUENTIAL, 6), SLOW_5(SEQUENTIAL, 7), SLOW(SEQUENTIAL, 12), SLOW(SEQUENTIAL, 13),
         SLOW(SEQUENTIAL, 14), SLOW(SEQUENTIAL, 15), SLOW("scan.slow " SEQUENTIAL, 16)),
    TALK("scan.slow: one port that is down, asked every hour", SLOW(NULL, 1), SLOW(NULL, 2),
         SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2),
         SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2),
         SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2), SLOW(NULL, 2)),

    /* 209 */
    TALK("scan.ack: resets answer", STRAY(1), STRAY_RST(1), STRAY(2), STRAY_RST(2), STRAY(3),
         STRAY_RST(3), STRAY(4), STRAY_RST(4), STRAY_IS("scan.ack", 5)),
    TALK("scan.ack: nobody answers", STRAY(1), STRAY(2), STRAY(3), STRAY(4), STRAY(5), STRAY(6),
         STRAY(7), STRAY(8), STRAY_IS("scan.ack", 9)),
    TALK("scan.ack: connections that we came late to", STRAY(1), ADOPTED(1), STRAY(2), ADOPTED(2),
         STRAY(3), STRAY(4), STRAY(5), STRAY(6), STRAY(7), STRAY(8), STRAY(9), STRAY(10),
         STRAY(11)),
    TALK("scan.ack: towards ephemeral ports", STRAY_UP(50001), STRAY_UP(50002), STRAY_UP(50003),
         STRAY_UP(50004), STRAY_UP(50005), STRAY_UP(50006), STRAY_UP(50007), STRAY_UP(50008),
         STRAY_UP(50009), STRAY_UP(50010)),

    TALK("scan.ack: from a low port, resets answer", REFUSED_53(101), REFUSED_53(102),
         REFUSED_53(103), REFUSED_53(104), STRAY_53_IS("scan.ack", 8080)),
    TALK("scan.ack: from a low port, nobody answers", STRAY_53(101), STRAY_53(102), STRAY_53(103),
         STRAY_53(104), STRAY_53(105), STRAY_53(106), STRAY_53(107), STRAY_53(108), STRAY_53(109),
         STRAY_53(110)),

    /* 211 */
    TALK("scan.maimon: resets answer", FIN(1), STRAY_RST(1), FIN(2), STRAY_RST(2), FIN(3),
         STRAY_RST(3), FIN(4), STRAY_RST(4), FIN_IS("scan.maimon", 5)),
    TALK("scan.maimon: two closed ports are none", FIN(1), STRAY_RST(1), FIN(2), STRAY_RST(2),
         FIN(3), STRAY_RST(3), FIN(3), STRAY_RST(3)),

    /* 210: more sources than one set of the table holds */
    TALK("scan.distributed: a hundred probes, five of a source", FIVE_OF_19, MEMBER(NULL, 20, 1),
         MEMBER(NULL, 20, 2), MEMBER(NULL, 20, 3), MEMBER(NULL, 20, 4),
         MEMBER("scan.distributed", 20, 5), FIVE_OF(21)),
    TALK("scan.distributed: not by two", FIVE_OF(1), FIVE_OF(2)),

    /* 212 */
    TALK("scan.decoy: one probe of three sources", DECOY(NULL, 1, 7), DECOY("scan.decoy", 2, 7),
         DECOY("scan.decoy", 3, 7), DECOY(NULL, 1, 8)),
    TALK("scan.decoy: the same source again", DECOY(NULL, 1, 7), DECOY(NULL, 1, 7)),

    /* 213 */
    TALK("scan.idle_zombie: the same port asked again and again", ZOMBIE(50001), ZOMBIE(50002),
         ZOMBIE(50003), ZOMBIE(50004), ZOMBIE_IS("scan.idle_zombie", 50005),
         ZOMBIE_IS("scan.idle_zombie", 50006)),
    TALK("scan.idle_zombie: answers to SYNs that another forged", BACKSCATTER(50001),
         BACKSCATTER(50002), BACKSCATTER(50003), BACKSCATTER(50004), BACKSCATTER(50005),
         BACKSCATTER(50006)),

    /* 214 */
    TALK("scan.connect: three that carry nothing, three that are closed", CLOSED(1), CLOSED(2),
         CLOSED(3), CLOSED(4), BARE(5), BARE(6), OPEN(7),
         TO_IS("scan.connect", 7, .flags = WEIR_RST | WEIR_ACK, .seq = ISN(7) + 1, .ack = S0 + 1)),
    TALK("scan.connect: a monitor finds what it asks for", BARE(1), BARE(2), BARE(3), BARE(4),
         BARE(5), BARE(6), CLOSED(7), BARE(8)),

    /* 215 */
    TALK("scan.half_open: three open ports among closed ones", CLOSED(1), CLOSED(2), CLOSED(3),
         CLOSED(4), HALF_OPEN(5), HALF_OPEN(6), SYN(7), SYNACK(7),
         TO_IS("scan.half_open", 7, .flags = WEIR_RST, .seq = ISN(7) + 1)),
    TALK("scan.half_open: health checks", HALF_OPEN(1), HALF_OPEN(2), HALF_OPEN(3), HALF_OPEN(4),
         HALF_OPEN(5), CLOSED(6), HALF_OPEN(7)),

    /* 217: the server's packets leave, so as a client it is a host of ours */
    TALK("scan.outbound: twenty-five ports of a stranger", OUT_5(1), OUT_5(6), OUT_5(11), OUT_5(16),
         OUT_5(21), OUT(26), OUT_IS("scan.outbound", 27)),
    TALK("scan.outbound: fewer are no scan of ours", OUT_5(1), OUT_5(6), OUT_5(11), OUT_5(16)),

    /* 218 */
    TALK("scan.rst_burst: fifteen", CLOSED_5(1), SYN_IS(SEQUENTIAL, 6), REFUSAL(6),
         CLOSED_5_IS(SEQUENTIAL, 7), CLOSED_IS(SEQUENTIAL, 12), CLOSED_IS(SEQUENTIAL, 13),
         CLOSED_IS("scan.vertical " SEQUENTIAL, 14), SYN_IS("scan.vertical " SEQUENTIAL, 15),
         REFUSAL_IS("scan.rst_burst", 15)),
    TALK("scan.rst_burst: a few", CLOSED_5(1)),

    /* 219 */
    TALK("scan.open_port_found: by a known scanner", CLOSED_5(1), CLOSED_IS(SEQUENTIAL, 6),
         SYN_IS(SEQUENTIAL, 7), SYNACK(7),
         TO_IS("scan.open_port_found", 7, .flags = WEIR_RST, .seq = ISN(7) + 1)),
    TALK("scan.open_port_found: by anybody", HALF_OPEN(1), HALF_OPEN(2)),

    /* 142 */
    TALK("seq.constant_isn: one number for all", SAME_5(1), SAME_5(6), SAME_5(11), SAME(16),
         SAME_IS("seq.constant_isn", 17)),
    TALK("seq.constant_isn: a number for each", OPEN_5(1), OPEN_5(6), OPEN_5(11), OPEN_5(16)));
