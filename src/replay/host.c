/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/host.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "dataplane/fragments.h"
#include "dataplane/report.h"
#include "dataplane/sum.h"
#include "dataplane/tunnel.h"
#include "events/eve.h"
#include "replay/hellos.h"
#include "replay/link.h"

/* A finding of the host, not of a packet. */
static void weir_host_tell(struct weir_host *h, enum weir_row row, struct weir_event *ev)
{
    ev->action = (__u8)weir_judge_host(h->judge)->action[row];
    if (ev->action < WEIR_ACTION_ALERT)
        return;
    h->counters.finding[row] += !(ev->flags & WEIR_EVENT_FINAL);
    h->sink(h->ctx, ev);
}

static void weir_host_flow(const struct weir_flow *f, enum weir_flow_end why, void *arg)
{
    struct weir_host *h = arg;
    struct weir_flow_event ev;
    struct weir_event predictable;

    h->counters.flow_end[why]++;
    if (weir_isn_take(&h->isn, f, h->last_ns, &predictable))
        weir_host_tell(h, WEIR_ROW_SEQ_PREDICTABLE_ISN, &predictable);
    if (h->services)
        weir_services_ended(h->services, f, why, h->last_ns);
    if (!h->flow)
        return;
    ev = (struct weir_flow_event){ .abi = WEIR_ABI,
                                   .len = sizeof(ev),
                                   .type = WEIR_EVENT_FLOW,
                                   .ts_ns = h->last_ns,
                                   .why = why,
                                   .flow = *f };
    h->flow(h->ctx, &ev);
}

static void weir_host_attempt(const struct weir_attempt *a, void *arg)
{
    struct weir_host *h = arg;

    h->counters.attempt[a->failure]++;
    if (h->services)
        weir_services_attempt(h->services, a, h->last_ns);
}

int weir_host_services(struct weir_host *h, size_t memory_bytes)
{
    size_t max = memory_bytes / WEIR_SERVICE_BYTES;
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        return -EIO;
    return weir_services_new((uint32_t)(max < 1               ? 1
                                        : max < WEIR_SERVICES ? max
                                                              : WEIR_SERVICES),
                             seed, 0, &h->services);
}

int weir_host_init(struct weir_host *h, size_t memory_bytes, const struct weir_settings *policy,
                   weir_event_sink sink, void *ctx, struct weir_error *e)
{
    const struct weir_ends_sink sink_of_ends = { weir_host_flow, weir_host_attempt, h };
    size_t incidents = policy ? policy->limits.incidents : SIZE_MAX;

    memset(h, 0, sizeof(*h));
    h->sink = sink;
    h->ctx = ctx;
    if (weir_judge_new(policy, &h->judge) < 0 ||
        weir_dests_new(memory_bytes / 8, sink, ctx, &h->dests) < 0 ||
        weir_incidents_new(memory_bytes / 4, incidents, sink, ctx, &h->incidents) < 0 ||
        weir_tally_new(memory_bytes / 8, &h->tally) < 0 ||
        weir_conns_new(memory_bytes / 16 * 7, &sink_of_ends, &h->conns) < 0 ||
        weir_sources_new(memory_bytes / 16, &h->sources) < 0) {
        weir_host_free(h);
        return weir_error_set(e, ENOMEM, "--memory %zu: not enough, or not to be had",
                              memory_bytes);
    }
    if (policy && weir_patterns_build(policy, 1, &h->patterns, e) < 0) {
        weir_host_free(h);
        return -ENOMEM;
    }
    weir_conns_patterns(h->conns, &h->patterns);
    return 0;
}

void weir_host_free(struct weir_host *h)
{
    weir_judge_free(h->judge);
    weir_incidents_free(h->incidents);
    weir_tally_free(h->tally);
    weir_conns_free(h->conns);
    weir_patterns_image_free(&h->patterns);
    weir_services_free(h->services);
    h->services = NULL;
    weir_hellos_free(h->hellos);
    h->hellos = NULL;
    weir_repeats_free(h->repeats);
    h->repeats = NULL;
    weir_trail_free(h->trail);
    h->trail = NULL;
    h->judge = NULL;
    weir_sources_free(h->sources);
    h->sources = NULL;
    weir_dests_free(h->dests);
    h->dests = NULL;
    h->conns = NULL;
    h->incidents = NULL;
    h->tally = NULL;
}

static void weir_host_window(struct weir_window *w, const struct weir_capture_packet *packet)
{
    w->cap = packet->cap < WEIR_WINDOW_BYTES ? packet->cap : WEIR_WINDOW_BYTES;
    w->wire = packet->wire;
    memcpy(w->b, packet->data, w->cap);
    memset(w->b + w->cap, 0, WEIR_WINDOW_SLACK);
}

/* The packet that the frame itself is; a tunnel is not opened. */
static void weir_host_outermost(const struct weir_capture_packet *packet, struct weir_pkt *ret,
                                struct weir_window *w)
{
    memset(ret, 0, sizeof(*ret));
    ret->frame_bytes = packet->wire;
    weir_host_window(w, packet);
    weir_link_parse(packet->datalink, ret, w);
    /* Both ends loopback: taken on a loopback device, whatever link layer a tool wrote since. */
    if (ret->src_class == WEIR_ADDR_LOOPBACK && ret->ip_version &&
        (ret->ip_version == 4 ? ret->dst[12] == 127 : !memcmp(ret->src, ret->dst, 16)))
        ret->link_flags |= WEIR_LINK_LOOPBACK;
}

void weir_host_innermost(const struct weir_capture_packet *packet, struct weir_pkt *ret)
{
    struct weir_window w;

    weir_host_outermost(packet, ret, &w);
    while (weir_tunnel_open(ret, &w))
        weir_tunnel_parse(ret, &w);
}

/* Sum of 16-bit words as loaded natively; 32 bits at a time, which ones' complement allows. */
static uint64_t weir_host_sum(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;
    uint32_t word = 0;
    size_t i;

    for (i = 0; i + 4 <= len; i += 4) {
        memcpy(&word, data + i, 4);
        sum += word;
    }
    word = 0;
    memcpy(&word, data + i, len - i);
    return sum + word;
}

static void weir_host_checksums(struct weir_host *h, struct weir_pkt *p,
                                const struct weir_capture_packet *packet)
{
    bool ip4 =
        p->ip_version == 4 && !(p->traits & WEIR_TRAIT_IP4_LENGTH) && p->l4_off <= packet->cap;
    bool tcp = weir_sum_checkable(p) && p->l4_off + p->l4_len <= packet->cap;

    if (h->trust.mode == WEIR_CHECKSUM_OFF)
        tcp = false;
    if (tcp)
        weir_sum_judge_tcp(p, weir_host_sum(packet->data + p->l4_off, p->l4_len));
    weir_trust_apply(&h->trust, p, ip4, tcp);
}

static void weir_host_event(const struct weir_host *h, struct weir_event *ev,
                            const struct weir_pkt *p, uint32_t file,
                            const struct weir_capture_packet *packet)
{
    memset(ev, 0, sizeof(*ev));
    weir_event_packet(ev, p, packet->ts_ns);
    ev->packet = packet->number;
    ev->source = file;
    ev->count = 1;
    ev->first_ns = packet->ts_ns;
    ev->flow_id = weir_event_flow_id(ev);
    if (weir_local_is_egress(&h->local, p))
        ev->flags |= WEIR_EVENT_EGRESS;
}

/* What there is to say of one packet. */
struct facts {
    const struct weir_pkt *p;
    const struct weir_track *t;
    const struct weir_flood *f;
};

static void weir_host_rows(struct weir_hits *hits, const struct facts *w, struct weir_rows judged)
{
    weir_hits_begin(hits);
    if (w->f->facts)
        weir_detect_target(hits, w->p, w->f, judged);
    if (w->t->facts)
        weir_detect_flow(hits, w->p, w->t, judged);
    if (w->p->traits)
        weir_detect_stateless(hits, w->p, judged);
}

/* The packet's own evidence is that of its finding: judge the one row again. */
static void weir_host_counted_evidence(const struct facts *w, unsigned row, struct weir_event *ev)
{
    struct weir_hits hits;
    struct weir_rows one = { 0 };

    weir_rows_set(&one, row);
    weir_host_rows(&hits, w, one);
    memcpy(ev->evidence, hits.fresh.v, sizeof(ev->evidence));
}

static void weir_host_count_rows(struct weir_host *h, const struct weir_decision *d,
                                 const struct facts *w, const struct weir_event *packet_event)
{
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        struct weir_event ev;

        if (!weir_rows_has(&d->counted, row))
            continue;
        h->counters.row[row]++;
        if (!h->counted || weir_rows_has(&d->findings, row))
            continue;
        ev = *packet_event;
        ev.type = WEIR_EVENT_COUNTED;
        ev.detection = weir_row_id(row);
        ev.action = WEIR_ACTION_COUNT;
        weir_host_counted_evidence(w, row, &ev);
        weir_incidents_note(h->incidents, row, &ev);
    }
}

/* Allow beats everything. */
static void weir_host_spare(struct weir_host *h, struct weir_decision *d, const struct weir_pkt *p)
{
    if (!d->drop || !weir_judge_allows(h->judge, p))
        return;
    h->counters.spared++;
    d->drop = 0;
    d->enforced = 0;
}

/* For the trail. */
static void weir_host_remember(struct weir_host *h, const struct weir_decision *d, bool begins)
{
    h->packet.detection = weir_row_id(d->row);
    h->packet.action = d->action;
    h->packet.begins |= begins;
    h->packet.target |= begins && weir_row_surge(d->row) != WEIR_SURGES;
    h->packet.would_drop |= d->drop && !d->enforced;
    if (d->enforced)
        h->packet.drop = WEIR_DROP_DETECTION;
}

/* Findings on a service are incidents of that, all others of their source. True: it begins. */
static bool weir_host_report(struct weir_host *h, unsigned row, const struct facts *w,
                             struct weir_event *ev)
{
    unsigned surge = weir_row_surge(row);

    if (surge == WEIR_SURGES)
        return weir_incidents_note(h->incidents, row, ev) == 1;
    return weir_dests_note(h->dests, w->f, surge, ev);
}

static void weir_host_detect(struct weir_host *h, const struct facts *w, uint32_t file,
                             const struct weir_capture_packet *packet)
{
    const struct weir_policy *policy = weir_judge_zone(h->judge, w->p);
    struct weir_rows judged = { { policy->judged[0], policy->judged[1] } };
    struct weir_hits hits;
    struct weir_decision d;
    struct weir_event ev;

    weir_host_rows(&hits, w, judged);
    if (!weir_hits_any(&hits))
        return;
    weir_decide(&d, &hits, policy, w->p);
    weir_host_spare(h, &d, w->p);
    weir_host_event(h, &ev, w->p, file, packet);
    weir_host_count_rows(h, &d, w, &ev);
    if (d.row == WEIR_ROW_MAX)
        return;
    weir_event_finding(&ev, &d, &hits);
    h->counters.finding[d.row]++;
    h->counters.dropped += d.enforced;
    h->counters.would_drop += d.drop && !d.enforced;
    weir_tally_note(h->tally, d.row, weir_row_surge(d.row) < WEIR_SURGES ? NULL : ev.src, ev.dst);
    weir_host_remember(h, &d, weir_host_report(h, d.row, w, &ev));
}

static void weir_host_connection(struct weir_host *h, struct weir_track *t,
                                 const struct weir_pkt *p, uint32_t file,
                                 const struct weir_capture_packet *packet)
{
    struct weir_quote quote;
    struct weir_window w;

    if (weir_conn_tracks(p)) {
        size_t len = p->payload_off < packet->cap ? packet->cap - p->payload_off : 0;

        if (len > p->payload_bytes)
            len = p->payload_bytes;
        weir_conns_packet(h->conns, t, p, weir_judge_zone(h->judge, p),
                          packet->data + p->payload_off, len, packet->ts_ns);
        if (h->hellos && len && !(t->facts & WEIR_FACTS_REFUSED))
            weir_host_hello(h, p, len, file, packet);
        if (t->moment)
            weir_sources_packet(h->sources, t, p);
    } else if (p->outcome == WEIR_OUTCOME_ICMP_TCP) {
        weir_host_window(&w, packet);
        if (weir_parse_quote(p, &w, &quote) &&
            weir_conns_quote(h->conns, t, &quote, p, packet->ts_ns))
            weir_sources_quote(h->sources, t, &quote, p);
    } else if (weir_fragments_wanted(p)) {
        weir_conns_fragment(h->conns, t, p, packet->ts_ns);
    } else if (weir_contact_is_illegal(p) && !t->egress) {
        t->tick = (uint32_t)(packet->ts_ns >> WEIR_TICK_SHIFT);
        t->moment = WEIR_MOMENT_ILLEGAL;
        weir_sources_illegal(h->sources, t, p);
    }
}

/* The packet around another: its header's own faults, no connection. */
static void weir_host_outside(struct weir_host *h, struct weir_pkt *p, uint32_t file,
                              const struct weir_capture_packet *packet)
{
    const struct weir_track untracked = { 0 };
    const struct weir_flood uncounted = { 0 };

    weir_host_checksums(h, p, packet);
    if (p->traits)
        weir_host_detect(h, &(struct facts){ p, &untracked, &uncounted }, file, packet);
}

enum weir_host_deny {
    WEIR_DENY_NOT,
    WEIR_DENY_PASSES, /* its zone observes */
    WEIR_DENY_DROPS,
};

static enum weir_host_deny weir_host_deny(struct weir_host *h, const struct weir_pkt *p,
                                          bool egress)
{
    if (egress || !weir_judge_denies(h->judge, p))
        return WEIR_DENY_NOT;
    if (weir_judge_zone(h->judge, p)->mode != WEIR_MODE_ENFORCE) {
        h->counters.would_deny++;
        return WEIR_DENY_PASSES;
    }
    h->counters.denied++;
    h->packet.drop = WEIR_DROP_DENY;
    return WEIR_DENY_DROPS;
}

/* From the frame's packet to the innermost. False: it is dropped on the way, as the kernel drops
 * it: by the sender outside before anything is judged, or by the one inside. */
static bool weir_host_open(struct weir_host *h, struct weir_pkt *p, struct weir_window *w,
                           uint32_t file, const struct weir_capture_packet *packet)
{
    bool egress = weir_local_is_egress(&h->local, p);
    enum weir_host_deny deny = weir_host_deny(h, p, egress);

    if (deny == WEIR_DENY_DROPS)
        return false;
    while (weir_tunnel_open(p, w)) {
        h->counters.tunnel[p->outside.opened]++;
        weir_host_outside(h, p, file, packet);
        weir_tunnel_parse(p, w);
    }
    return !p->tunnels || deny || weir_host_deny(h, p, egress) != WEIR_DENY_DROPS;
}

/* What the tables had no room for, once a second of capture time. */
static void weir_host_pressure(struct weir_host *h, uint64_t now_ns)
{
    const struct weir_conns_counters *n = weir_conns_count(h->conns);
    const struct weir_pressure totals = { .evicted = n->evicted, .untracked = n->lost };
    struct weir_event ev;

    if (now_ns - h->pressure_ns < WEIR_PRESSURE_NS)
        return;
    h->pressure_ns = now_ns;
    if (weir_pressure_look(&h->pressure, &totals, now_ns,
                           weir_judge_host(h->judge)->action[WEIR_ROW_HEALTH_TABLE_PRESSURE], &ev))
        weir_host_tell(h, WEIR_ROW_HEALTH_TABLE_PRESSURE, &ev);
}

static void weir_host_judge(struct weir_host *h, struct weir_pkt *p, struct weir_window *w,
                            uint32_t file, const struct weir_capture_packet *packet)
{
    struct weir_track t = { .gaps = 1, .ifindex = file };
    struct weir_flood f = { 0 };

    weir_incidents_sweep(h->incidents, packet->ts_ns);
    weir_dests_sweep(h->dests, packet->ts_ns);
    h->counters.packets++;
    h->counters.bytes += packet->wire;
    h->counters.clock_back += packet->ts_ns < h->last_ns;
    h->last_ns = packet->ts_ns;
    if (!weir_host_open(h, p, w, file, packet))
        return;
    h->counters.outcome[p->outcome]++;
    h->counters.ip4 += p->ip_version == 4;
    h->counters.ip6 += p->ip_version == 6;
    t.egress = weir_local_is_egress(&h->local, p);
    h->counters.egress += t.egress;
    weir_host_checksums(h, p, packet);
    weir_ends_sweep(weir_conns_ends(h->conns), packet->ts_ns);
    weir_host_connection(h, &t, p, file, packet);
    weir_host_pressure(h, packet->ts_ns);
    if (t.moment)
        weir_dests_packet(h->dests, &f, &t, p, weir_local_has(&h->local, p->src),
                          weir_local_has(&h->local, p->dst), packet->ts_ns);
    if (p->traits | t.facts | f.facts)
        weir_host_detect(h, &(struct facts){ p, &t, &f }, file, packet);
}

void weir_host_packet(struct weir_host *h, uint32_t file, const struct weir_capture_packet *packet)
{
    struct weir_window w;
    struct weir_pkt p;

    weir_host_outermost(packet, &p, &w);
    h->packet = (struct weir_trail_packet){ 0 };
    weir_host_judge(h, &p, &w, file, packet);
    if (!h->trail)
        return;
    h->packet.egress = weir_local_is_egress(&h->local, &p);
    weir_trail_packet(h->trail, &p, &h->packet, file, packet);
}

int weir_host_finish(struct weir_host *h)
{
    struct weir_event ev;
    int r;

    h->pressure_ns = h->last_ns - WEIR_PRESSURE_NS;
    weir_host_pressure(h, h->last_ns);
    if (weir_pressure_end(&h->pressure,
                          weir_judge_host(h->judge)->action[WEIR_ROW_HEALTH_TABLE_PRESSURE], &ev))
        weir_host_tell(h, WEIR_ROW_HEALTH_TABLE_PRESSURE, &ev);
    weir_incidents_end_all(h->incidents);
    if (h->repeats)
        weir_repeats_sweep(h->repeats, h->last_ns, true);
    weir_dests_end_all(h->dests);
    r = weir_ends_finish(weir_conns_ends(h->conns), h->last_ns);
    for (unsigned i = 0; i < WEIR_ISN_HOSTS; i++)
        if (weir_isn_end(&h->isn, i, &ev))
            weir_host_tell(h, WEIR_ROW_SEQ_PREDICTABLE_ISN, &ev);
    return r;
}

struct weir_incidents_stats weir_host_incidents(const struct weir_host *h)
{
    const struct weir_dests_counters *n = weir_dests_count(h->dests);
    struct weir_incidents_stats s = weir_incidents_stats(h->incidents);

    s.packets += n->packets;
    s.events += n->events;
    s.suppressed += n->suppressed;
    return s;
}
