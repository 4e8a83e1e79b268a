/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/siege.h"

#include <stdio.h>
#include <stdlib.h>

void weir_defender_init(struct weir_defender *d, enum weir_mode mode)
{
    memset(d, 0, sizeof(*d));
    memset(&d->key, 0x5a, sizeof(d->key));
    weir_policy_default(&d->policy, mode);
}

static struct weir_dest *record(struct weir_defender *d, __u32 index)
{
    return &d->dests[index / WEIR_WAYS].service[index % WEIR_WAYS];
}

static __u32 seek(const struct weir_defender *d, const struct weir_dest_key *k)
{
    __u64 hash = weir_dest_hash(&d->key, k);
    __u32 at = weir_set_index(hash, DEFENDER_DEST_SETS - 1);
    int way = weir_dest_find(&d->dests[at], k, weir_set_tag(hash));

    return way < WEIR_WAYS ? at * WEIR_WAYS + (__u32)way : WEIR_DEST_NONE;
}

static __u32 make(struct weir_defender *d, const struct weir_dest_key *k, enum weir_class c)
{
    __u64 hash = weir_dest_hash(&d->key, k);
    __u32 at = weir_set_index(hash, DEFENDER_DEST_SETS - 1);
    int way = weir_dest_admit(&d->dests[at], k, weir_set_tag(hash), c, d->t.tick);

    if (way == WEIR_WAYS)
        return WEIR_DEST_NONE;
    at = at * WEIR_WAYS + (__u32)way % WEIR_WAYS;
    memcpy(record(d, at)->base, &d->cpu[at], sizeof(d->cpu[at]));
    return at;
}

void weir_siege_address(__u8 ret[16], bool ip6, __u32 host)
{
    const __u8 four[16] = { [10] = 0xff, [11] = 0xff, 198, 51, 100, (__u8)(20 + host) };
    const __u8 six[16] = { 0x20, 0x01, 0x0d, 0xb8, [5] = 2, [15] = 0x20 };

    memcpy(ret, ip6 ? six : four, 16);
}

static bool is_ours(const __u8 addr[16])
{
    __u8 one[16];

    weir_siege_address(one, true, 0);
    if (!memcmp(addr, one, sizeof(one)))
        return true;
    for (__u32 host = 0; host < SIEGE_HOSTS; host++) {
        weir_siege_address(one, false, host);
        if (!memcmp(addr, one, sizeof(one)))
            return true;
    }
    return false;
}

static bool turn(struct weir_defender *d, __u32 index, __u32 tick, __u64 now_ns)
{
    struct weir_dest_set *set = &d->dests[index / WEIR_WAYS];
    struct weir_dest *s = &set->service[index % WEIR_WAYS];

    if (!weir_dest_turn(s, &d->cpu[index], tick, now_ns))
        return false;
    weir_set_touch(&set->ways, index, weir_dest_class(s), tick);
    return true;
}

static void find(struct weir_defender *d, const struct weir_pkt *p)
{
    for (int i = 0; i < 2; i++) {
        enum weir_flood_next next;

        d->f.index = seek(d, &d->f.key);
        if (d->f.index != WEIR_DEST_NONE)
            return;
        next = weir_flood_missing(&d->f, &d->t, is_ours(d->f.key.addr), is_ours(p->dst));
        if (next == WEIR_FLOOD_IGNORE)
            return;
        if (next == WEIR_FLOOD_ADMIT) {
            d->f.index = make(d, &d->f.key, WEIR_CLASS_PROVEN);
            return;
        }
    }
}

static void count(struct weir_defender *d, const struct weir_pkt *p, __u64 now_ns)
{
    struct weir_dest *s;

    if (!weir_flood_ask(&d->f, &d->t, p))
        return;
    find(d, p);
    if (d->f.index == WEIR_DEST_NONE)
        return;
    s = record(d, d->f.index);
    if (weir_dest_due(s, d->t.tick))
        (void)turn(d, d->f.index, d->t.tick, now_ns);
    if (weir_flood_count(&d->f, s, &d->cpu[d->f.index], p,
                         weir_hash_end(&d->key, p->src, 0, p->ip_version == 4))) {
        struct weir_dest_key k;

        weir_dest_key_set(&k, p->dst, d->f.port, WEIR_DEST_SERVICE, d->f.key.ip4);
        (void)make(d, &k, WEIR_CLASS_STRAY);
    }
    weir_flood_judge(&d->f, s, p, false);
}

/* As src/bpf/scan.bpf.h does it. */
static void note_source(struct weir_defender *d)
{
    const struct weir_contact *c = &d->contact;
    __u32 at = weir_set_index(c->hash, DEFENDER_SOURCE_SETS - 1);
    struct weir_ways *ways = &d->source_ways[at];
    struct weir_source_set *set = &d->sources[at];
    __u32 way = (__u32)weir_source_find(ways, set, c);

    if (way >= WEIR_WAYS) {
        struct weir_gate *gate = &d->gates[weir_set_index(c->hash, DEFENDER_GATES - 1)];

        if (!weir_contact_admits(c) || !weir_gate_pass(gate, c, d->t.tick))
            return;
        way = (__u32)weir_source_admit(ways, set, c, d->t.tick) % WEIR_WAYS;
    }
    (void)weir_source_note(&d->t, &set->source[way], c);
    weir_set_touch(ways, way, weir_source_class(&set->source[way]), d->t.tick);
}

static void note_contact(struct weir_defender *d, const struct weir_pkt *p)
{
    const struct weir_contact *c = &d->contact;

    if (!weir_contact_read(&d->contact, &d->key, &d->t, p))
        return;
    weir_contact_begin(&d->t);
    note_source(d);
    if (c->outbound)
        return;
    (void)weir_target_note(&d->t, &d->targets[c->host & (WEIR_TARGETS - 1)], c);
    if (c->kind == WEIR_CONTACT_SYN &&
        weir_twin_note(&d->twins[c->probe & (WEIR_TWINS - 1)], c, d->t.tick))
        weir_twin_hit(&d->t);
}

static void keep(struct weir_defender *d, const struct weir_event *ev)
{
    if (d->events == sizeof(d->ev) / sizeof(d->ev[0]))
        abort();
    d->ev[d->events++] = *ev;
}

static void sweep(struct weir_defender *d, __u64 now_ns)
{
    __u32 tick = (__u32)(now_ns >> WEIR_TICK_SHIFT);

    for (__u32 i = 0; i < DEFENDER_DEST_SETS * WEIR_WAYS; i++) {
        struct weir_dest *s = record(d, i);

        if (!d->dests[i / WEIR_WAYS].ways.tag[i % WEIR_WAYS] || !turn(d, i, tick, now_ns))
            continue;
        for (__u32 n = 0; n < WEIR_SURGES; n++) {
            struct weir_event ev;

            if (s->surge[n].first_ns && weir_surge_is_over(s, n, now_ns) &&
                weir_surge_close(s, n, &ev))
                keep(d, &ev);
        }
    }
}

static void report(struct weir_defender *d, const struct weir_pkt *p, const struct weir_shot *shot)
{
    __u32 n = weir_row_surge(d->decision.row);
    struct weir_event ev = { 0 };
    struct weir_dest *s;

    if (n >= WEIR_SURGES)
        return;
    s = record(d, d->f.index);
    if (s->owed >> n & 1) {
        s->owed &= ~(1U << n);
        weir_event_packet(&ev, p, shot->now_ns);
        weir_event_finding(&ev, &d->decision, &d->in.hits);
        ev.flags |= shot->egress ? WEIR_EVENT_EGRESS : 0;
        ev.source = 1; /* BPF_PROG_TEST_RUN's interface is the loopback device */
        weir_surge_report(s, n, &ev);
        keep(d, &ev);
    }
    d->cpu[d->f.index].hit[n]++;
}

void weir_defender_shot(struct weir_defender *d, const struct weir_shot *shot)
{
    const struct weir_arrival arrival = { 0 };
    const struct weir_rows all = { { ~0ULL, ~0ULL } };
    struct weir_pkt *p = &d->in.pkt;
    struct weir_seat flows, half;
    struct weir_conn conn;
    __u64 hash;

    if (!shot->stream) {
        sweep(d, shot->now_ns);
        return;
    }
    weir_inspect_bytes(&d->in, shot->frame.b, shot->frame.cap, shot->frame.wire, &arrival);
    d->t = (struct weir_track){ .tick = (__u32)(shot->now_ns >> WEIR_TICK_SHIFT),
                                .fine = (__u32)(shot->now_ns >> WEIR_FINE_SHIFT),
                                .egress = shot->egress,
                                .ifindex = 1 };
    memset(&d->f, 0, sizeof(d->f));
    hash = weir_hash_packet(&d->key, p);
    flows = (struct weir_seat){ &d->flow_ways[weir_set_index(hash, DEFENDER_SETS - 1)],
                                &d->flows[weir_set_index(hash, DEFENDER_SETS - 1)] };
    half = (struct weir_seat){ &d->half_ways[weir_set_index(hash, DEFENDER_SETS - 1)],
                               &d->half[weir_set_index(hash, DEFENDER_SETS - 1)] };
    d->t.tag = weir_set_tag(hash);
    conn = weir_conn_packet(&d->t, flows, half, weir_conn_find(flows, half, p, d->t.tag), p,
                            &d->ended);
    if (d->t.clock && conn.flow)
        weir_flow_clock(&d->t, conn.flow, p, shot->now_ns);
    if (shot->stream->move == MOVE_BAD_COOKIE)
        d->t.cookie = WEIR_COOKIE_BAD;
    if (d->t.moment) {
        note_contact(d, p);
        count(d, p, shot->now_ns);
    }
    weir_detect_target(&d->in.hits, p, &d->f, all);
    weir_detect_flow(&d->in.hits, p, &d->t, all);
    if (shot->egress)
        p->link_flags |= WEIR_LINK_SENT;
    weir_decide(&d->decision, &d->in.hits, &d->policy, p);
    report(d, p, shot);
}

const struct weir_dest *weir_defender_service(const struct weir_defender *d)
{
    struct weir_dest_key k;
    __u8 addr[16];
    __u32 index;

    weir_siege_address(addr, false, 0);
    weir_dest_key_set(&k, addr, SIEGE_PORT, WEIR_DEST_SERVICE, true);
    index = seek(d, &k);
    return index == WEIR_DEST_NONE ? NULL : &d->dests[index / WEIR_WAYS].service[index % WEIR_WAYS];
}
