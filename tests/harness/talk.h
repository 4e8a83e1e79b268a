/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Conversations: packets of both sides in their order, and what each must bring about. Run natively
 * here, through the kernel host in tests/prog/talks.c. Numbers are absolute; C0 and S0 are the
 * initial sequence numbers that the examples use. */

#include "dataplane/payload_flat.h"
#include "harness/host.h"
#include "harness/packet.h"
#include "harness/talker.h"

#define C0 1000U
#define S0 500000U

struct weir_talk_step {
    __u32 after_ms; /* since the step before; 10 unless told, EXACTLY(0) is none */
    bool server;    /* who sends */
    const struct weir_packet *packet;
    const char *found; /* rows with state FLOW, as in vectors.h; NULL: none */
    const char *noted;
    /* Send it so often, the sequence number that much higher each time: what is expected is of the
     * last one, of all before it what `often` says. */
    __u32 repeat;
    __u32 stride;
    const char *often;
    const char *often_noted;
};

struct weir_talk {
    const char *name;
    bool gaps;    /* as a capture is judged: the kernel is never asked about it */
    bool liberal; /* zone */
    __u32 window_max;
    const struct weir_talk_step *step;
    size_t steps;
};

/* The same talk between hosts that drew other numbers: added to all sequence numbers, and to all
 * timestamps, of a side. Nothing may come of it, because all arithmetic is modulo 2^32. */
struct weir_talk_shift {
    __u32 client, server;
    __u32 client_clock, server_clock;
};
/* As written; the upper half; wraps inside the talk; and one of each. */
#define WEIR_TALK_SHIFTS 5
extern const struct weir_talk_shift weir_talk_shifts[WEIR_TALK_SHIFTS];

#define TALK_UNPACK(...) __VA_ARGS__
/* CLIENT((.flags = WEIR_SYN, .seq = C0), .payload_bytes = 3): TCP fields, then the packet's. */
#define CLIENT(tcp_, ...) PACKET(.tcp = { TALK_UNPACK tcp_ }, ##__VA_ARGS__)
#define SERVER(tcp_, ...)                                                                          \
    PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },                                \
           .tcp = { .sport = PACKET_SERVER_PORT, .dport = PACKET_CLIENT_PORT, TALK_UNPACK tcp_ },  \
           ##__VA_ARGS__)
#define C(tcp_, ...)                                                                               \
    {                                                                                              \
        .packet = CLIENT(tcp_, ##__VA_ARGS__)                                                      \
    }
#define S(tcp_, ...)                                                                               \
    {                                                                                              \
        .server = true, .packet = SERVER(tcp_, ##__VA_ARGS__)                                      \
    }
/* The same with what is to come of it. */
#define C_IS(rows, tcp_, ...)                                                                      \
    {                                                                                              \
        .packet = CLIENT(tcp_, ##__VA_ARGS__), .found = rows                                       \
    }
#define S_IS(rows, tcp_, ...)                                                                      \
    {                                                                                              \
        .server = true, .packet = SERVER(tcp_, ##__VA_ARGS__), .found = rows                       \
    }
#define C_NOTES(rows, tcp_, ...)                                                                   \
    {                                                                                              \
        .packet = CLIENT(tcp_, ##__VA_ARGS__), .noted = rows                                       \
    }
#define S_NOTES(rows, tcp_, ...)                                                                   \
    {                                                                                              \
        .server = true, .packet = SERVER(tcp_, ##__VA_ARGS__), .noted = rows                       \
    }
#define C_BOTH(rows, counted, tcp_, ...)                                                           \
    {                                                                                              \
        .packet = CLIENT(tcp_, ##__VA_ARGS__), .found = rows, .noted = counted                     \
    }
#define S_BOTH(rows, counted, tcp_, ...)                                                           \
    {                                                                                              \
        .server = true, .packet = SERVER(tcp_, ##__VA_ARGS__), .found = rows, .noted = counted     \
    }
/* What every retransmission notes, and one that nobody needed. */
#define RESENT "seq.excessive_retransmissions"
#define RESENT_OLD "seq.replayed_segment seq.excessive_retransmissions"

/* SYN, SYN-ACK, ACK, with the options of an ordinary Linux host but timestamps. */
#define HANDSHAKE                                                                                  \
    C((.flags = WEIR_SYN, .seq = C0, .options = OPTIONS(MSS(1460), SACK_OK, NOP, WS(7)))),         \
        S((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1,                                 \
           .options = OPTIONS(MSS(1460), SACK_OK, NOP, WS(7)))),                                   \
        C((.seq = C0 + 1, .ack = S0 + 1, .window = 502))

#define TALK(text, ...)                                                                            \
    {                                                                                              \
        .name = text, .step = (const struct weir_talk_step[]){ __VA_ARGS__ },                      \
        .steps =                                                                                   \
            sizeof((const struct weir_talk_step[]){ __VA_ARGS__ }) / sizeof(struct weir_talk_step) \
    }
#define TALK_OF_CAPTURE(text, ...)                                                                 \
    {                                                                                              \
        .name = text, .gaps = true, .step = (const struct weir_talk_step[]){ __VA_ARGS__ },        \
        .steps =                                                                                   \
            sizeof((const struct weir_talk_step[]){ __VA_ARGS__ }) / sizeof(struct weir_talk_step) \
    }

/* All conversations; *ret_n is their number. */
const struct weir_talk *weir_talks(size_t *ret_n);

/* Repetition i of a step: time passes, its packet is judged. */
void weir_talker_step(struct weir_talker *k, const struct weir_talk *talk,
                      const struct weir_talk_shift *shift, const struct weir_talk_step *step,
                      __u32 i);
/* The frame of it. */
void weir_talk_build(const struct weir_talk_step *step, const struct weir_talk_shift *shift,
                     __u32 i, struct weir_frame *ret);
/* Run all of a talk, as written and with every shift. False, with a line on standard error for
 * each, when a step brought about something else. */
bool weir_talk_run(const struct weir_talk *talk);
/* The test of one row: it is found by at least one talk and noted or missed by others, and all
 * talks whose name begins with the row's hold. For cmocka. */
void weir_expect_talks(const char *row);

#define TALK_TEST(row)                                                                             \
    static void talks(void **state)                                                                \
    {                                                                                              \
        (void)state;                                                                               \
        weir_expect_talks(row);                                                                    \
    }                                                                                              \
    DETECTION_TEST(talks)
