/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/talk.h"

#include <stdio.h>

void weir_talker_init(struct weir_talker *k)
{
    memset(k, 0, sizeof(*k));
    memset(&k->key, 0x5a, sizeof(k->key));
    k->now_ns = 1000ULL * 1000000000;
}

/* As src/bpf/content.bpf.h and src/replay/conns.c do it, byte by byte. */
static void compare(struct weir_talker *k, const __u8 *payload)
{
    const struct weir_content_span span = weir_content_span(k->conn.flow, k->t.side, &k->in.pkt);
    __u32 next = 0, differ = 0;
    struct weir_piece piece;

    if (!weir_content_wants(&span))
        return;
    (void)weir_content_slot(k->conn.flow, &next, 0);
    if (!weir_content_own(&k->content, k->conn.flow))
        return;
    memset(&piece, 0, sizeof(piece));
    if (span.brief) {
        memcpy(piece.b, payload, span.brief);
        differ = (__u32)weir_content_brief(&k->content.side[k->t.side], &piece, &k->key, span.at,
                                           span.brief);
    }
    for (__u32 at = 0; at < span.bytes; at += WEIR_CONTENT_CHUNK) {
        memcpy(piece.b, payload + span.skip + at, WEIR_CONTENT_CHUNK);
        differ += (__u32)weir_content_piece(&k->content.side[k->t.side], &piece, &k->key,
                                            span.at + at, WEIR_CONTENT_CHUNK);
    }
    weir_content_judge(&k->t, &span, differ);
}

static void quote(struct weir_talker *k)
{
    struct weir_quote q = { 0 };

    if (weir_parse_quote(&k->in.pkt, &k->in.window, &q))
        (void)weir_conn_quote(&k->t, &k->flows, &q,
                              weir_set_tag(weir_hash_quote(&k->key, &q, &k->in.pkt)));
}

void weir_talker_frame(struct weir_talker *k, const __u8 *b, __u32 cap, __u32 wire, bool egress,
                       const struct weir_talk *talk)
{
    const struct weir_arrival arrival = { 0 };
    __u32 tag;
    struct weir_pkt *p = &k->in.pkt;

    weir_inspect_bytes(&k->in, b, cap, wire, &arrival);
    weir_hits_begin(&k->in.hits);
    k->t = (struct weir_track){ .tick = (__u32)(k->now_ns >> WEIR_TICK_SHIFT),
                                .fine = (__u32)(k->now_ns >> WEIR_FINE_SHIFT),
                                .gaps = talk->gaps,
                                .window_max = talk->window_max,
                                .egress = egress };
    k->conn = (struct weir_conn){ 0 };
    if (p->outcome == WEIR_OUTCOME_ICMP_TCP)
        quote(k);
    if (!weir_conn_tracks(p)) {
        weir_detect_flow(&k->in.hits, p, &k->t, (struct weir_rows){ { ~0ULL, ~0ULL } });
        return;
    }
    tag = weir_set_tag(weir_hash_packet(&k->key, p));
    k->conn = weir_conn_packet(&k->t, &k->flows, &k->half,
                               weir_conn_find(&k->flows, &k->half, p, tag), p, tag, &k->ended);
    if (weir_conn_began(&k->t, &k->conn))
        weir_flow_zone(k->conn.flow, 0, talk->liberal);
    if (k->t.clock && k->conn.flow)
        weir_flow_clock(&k->t, k->conn.flow, p, k->now_ns);
    if (k->t.known && k->conn.proven && !(k->t.facts & WEIR_FACTS_REFUSED))
        compare(k, b + p->payload_off);
    weir_detect_flow(&k->in.hits, p, &k->t, (struct weir_rows){ { ~0ULL, ~0ULL } });
}

void weir_talk_build(const struct weir_talk_step *step, __u32 i, struct weir_frame *ret)
{
    struct weir_packet p = *step->packet;

    p.tcp.seq = EXACTLY((__u32)(p.tcp.seq + i * step->stride));
    weir_packet_build(&p, ret);
}

void weir_talker_step(struct weir_talker *k, const struct weir_talk *talk,
                      const struct weir_talk_step *step, __u32 i)
{
    static struct weir_frame frame;

    k->now_ns += (step->after_ms ? step->after_ms : 10) * 1000000ULL;
    weir_talk_build(step, i, &frame);
    weir_talker_frame(k, frame.b, frame.cap, frame.wire, step->server, talk);
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

bool weir_talk_run(const struct weir_talk *talk)
{
    static struct weir_talker k;
    char text[WEIR_ROWS_TEXT];
    bool ok = true;

    weir_talker_init(&k);
    for (size_t i = 0; i < talk->steps; i++) {
        const struct weir_talk_step *step = &talk->step[i];
        __u32 last = step->repeat ? step->repeat - 1 : 0;

        for (__u32 n = 0; n <= last; n++) {
            weir_talker_step(&k, talk, step, n);
            ok &= same(talk, i, "found", n == last ? step->found : step->often,
                       weir_rows_text(&k.in.hits.found, text));
            ok &= same(talk, i, "noted", n == last ? step->noted : NULL,
                       weir_rows_text(&k.in.hits.noted, text));
        }
    }
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
