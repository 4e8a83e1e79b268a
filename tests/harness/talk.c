/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/talk.h"

#include <stdio.h>

const struct weir_talk_shift weir_talk_shifts[WEIR_TALK_SHIFTS] = {
    { 0 },
    { .client = 3u << 30, .server = 3u << 30, .client_clock = 3u << 30, .server_clock = 3u << 30 },
    { .client = -C0 - 5, .server = -S0 - 5, .client_clock = -10005u, .server_clock = -70005u },
    { .client = 1u << 31, .server_clock = 1u << 31 },
    { .server = 1u << 31, .client_clock = 1u << 31 },
};

static void add32(__u8 *at, __u32 n)
{
    n += (__u32)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
    at[0] = (__u8)(n >> 24);
    at[1] = (__u8)(n >> 16);
    at[2] = (__u8)(n >> 8);
    at[3] = (__u8)n;
}

/* Blocks name what the other side sent; an echo of 0 is none. */
static void shift_options(__u8 *b, size_t n, __u32 other, __u32 clock, __u32 other_clock)
{
    for (size_t at = 0; at + 1 < n && b[at]; at += b[at] == 1 ? 1 : b[at + 1]) {
        if (b[at] == 1)
            continue;
        if (b[at + 1] < 2 || at + b[at + 1] > n)
            return;
        for (size_t i = at + 2; b[at] == 5 && i + 4 <= at + b[at + 1]; i += 4)
            add32(b + i, other);
        if (b[at] == 8 && b[at + 1] == 10) {
            add32(b + at + 2, clock);
            if (b[at + 6] | b[at + 7] | b[at + 8] | b[at + 9])
                add32(b + at + 6, other_clock);
        }
    }
}

/* A reset that answers a SYN carries no sequence number of its sender: exactly 0 stays. */
static void shift_packet(struct weir_packet *p, const struct weir_talk_shift *s, __u8 options[40])
{
    bool server = p->tcp.dport == PACKET_CLIENT_PORT;
    __u32 own = server ? s->server : s->client, other = server ? s->client : s->server;

    if (p->tcp.seq != EXACTLY(0))
        p->tcp.seq = EXACTLY((__u32)(p->tcp.seq + own));
    if (p->tcp.ack && p->tcp.ack != EXACTLY(0))
        p->tcp.ack = EXACTLY((__u32)(p->tcp.ack + other));
    if (!p->tcp.options.n || p->tcp.options.n > 40)
        return;
    memcpy(options, p->tcp.options.p, p->tcp.options.n);
    shift_options(options, p->tcp.options.n, other, server ? s->server_clock : s->client_clock,
                  server ? s->client_clock : s->server_clock);
    p->tcp.options.p = options;
}

void weir_talk_build(const struct weir_talk_step *step, const struct weir_talk_shift *shift,
                     __u32 i, struct weir_frame *ret)
{
    struct weir_packet p = *step->packet, quote;
    __u8 options[40], quoted[40];

    if (step->stride)
        p.tcp.seq = EXACTLY((__u32)(p.tcp.seq + i * step->stride));
    shift_packet(&p, shift, options);
    if (p.icmp.quote) {
        quote = *p.icmp.quote;
        shift_packet(&quote, shift, quoted);
        p.icmp.quote = &quote;
    }
    weir_packet_build(&p, ret);
}

void weir_talker_step(struct weir_talker *k, const struct weir_talk *talk,
                      const struct weir_talk_shift *shift, const struct weir_talk_step *step,
                      __u32 i)
{
    static struct weir_frame frame;

    k->now_ns += (step->after_ms ? step->after_ms : 10) * 1000000ULL;
    weir_talk_build(step, shift, i, &frame);
    weir_talker_frame(k, frame.b, frame.cap, frame.wire, step->server,
                      &(struct weir_terms){ talk->gaps, talk->liberal, talk->window_max });
}

static bool same(const struct weir_talk *talk, size_t i, const char *what, const char *want,
                 const char *got)
{
    if (!strcmp(want ? want : "", got))
        return true;
    (void)fprintf(stderr, "%s: step %zu: %s \"%s\", expected \"%s\"\n", talk->name, i + 1, what,
                  got, want ? want : "");
    return false;
}

static bool run_shifted(const struct weir_talk *talk, const struct weir_talk_shift *shift)
{
    static struct weir_talker k;
    char text[WEIR_ROWS_TEXT];
    bool ok = true;

    weir_talker_init(&k);
    for (size_t i = 0; i < talk->steps; i++) {
        const struct weir_talk_step *step = &talk->step[i];
        __u32 last = step->repeat ? step->repeat - 1 : 0;

        for (__u32 n = 0; n <= last; n++) {
            weir_talker_step(&k, talk, shift, step, n);
            ok &= same(talk, i, "found", n == last ? step->found : step->often,
                       weir_rows_text(&k.in.hits.found, text));
            ok &= same(talk, i, "noted", n == last ? step->noted : step->often_noted,
                       weir_rows_text(&k.in.hits.noted, text));
        }
    }
    if (!ok)
        (void)fprintf(stderr, "%s: numbers shifted by %#x, %#x\n", talk->name, shift->client,
                      shift->server);
    return ok;
}

bool weir_talk_run(const struct weir_talk *talk)
{
    bool ok = true;

    for (size_t i = 0; i < WEIR_TALK_SHIFTS; i++)
        ok &= run_shifted(talk, &weir_talk_shifts[i]);
    return ok;
}

/* Is the name one of the words of the list? */
static bool names(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = list ? strstr(list, name) : NULL; at; at = strstr(at + n, name))
        if (at[n] == '\0' || at[n] == ' ')
            return true;
    return false;
}

void weir_expect_talks(const char *row)
{
    size_t n, found = 0, silent = 0;
    const struct weir_talk *talk = weir_talks(&n);

    for (size_t i = 0; i < n; i++) {
        size_t hits = 0;

        if (strncmp(talk[i].name, row, strlen(row)) != 0)
            continue;
        assert_true(weir_talk_run(&talk[i]));
        for (size_t k = 0; k < talk[i].steps; k++)
            hits += names(talk[i].step[k].found, row);
        found += hits > 0;
        silent += hits == 0;
    }
    if (!found || !silent)
        fail_msg("%s: %zu talks find it, %zu do not: expected at least one of each", row, found,
                 silent);
}
