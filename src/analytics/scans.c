/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/scans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/scan_judge.h"
#include "analytics/scan_live.h"
#include "dataplane/bits.h"
#include "dataplane/source.h"

#define SECOND_NS 1000000000ULL
/* Findings are told at once; a scan when it is known whose it is. */
#define SETTLE_NS (SECOND_NS / 2)
#define TICK_NS (SECOND_NS / 10)
/* Over when it is silent for so long, or for that many times the pause that it makes. */
#define QUIET_NS (60 * SECOND_NS)
#define QUIET_PAUSES 4
#define QUIET_MOST_NS (24 * 3600 * SECOND_NS)
#define PORTS_LEAST 3
#define CONTACTS_SAME 3 /* that two sources had in common, before they are one */

struct weir_scans {
    struct weir_scans_host host;
    struct weir_scan_live scan[WEIR_SCANS];
    uint64_t ids;
    uint64_t evicted;
    uint64_t held;
    uint64_t tick_ns;
};

int weir_scans_new(const struct weir_scans_host *host, struct weir_scans **ret)
{
    struct weir_scans *s = calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->host = *host;
    *ret = s;
    return 0;
}

void weir_scans_free(struct weir_scans *s)
{
    free(s);
}

uint64_t weir_scans_evicted(const struct weir_scans *s)
{
    return s->evicted;
}

size_t weir_scans_live(const struct weir_scans *s)
{
    size_t live = 0;

    for (int n = 0; n < WEIR_SCANS; n++)
        live += s->scan[n].i.id && s->scan[n].told;
    return live;
}

uint64_t weir_scans_held(const struct weir_scans *s)
{
    return s->held;
}

static void contacts_add_all(struct weir_contacts *into, const struct weir_contacts *more)
{
    for (int n = 0; n < WEIR_CONTACT_WORDS; n++)
        into->w[n] |= more->w[n];
}

static bool same(const uint8_t a[16], const uint8_t b[16])
{
    return !memcmp(a, b, 16);
}

static bool is_source(const struct weir_scan_incident *i, const uint8_t addr[16])
{
    for (int n = 0; n < i->sources; n++)
        if (same(i->source[n], addr))
            return true;
    return false;
}

static bool is_distributed(const struct weir_scan_incident *i)
{
    return i->flags & WEIR_SCAN_FLAG_DISTRIBUTED;
}

/* A member of a distributed scan may do other things elsewhere. */
static struct weir_scan_live *find(struct weir_scans *s, const uint8_t addr[16],
                                   const uint8_t target[16])
{
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id && is_source(&s->scan[n].i, addr) &&
            (!is_distributed(&s->scan[n].i) || same(s->scan[n].i.target[0], target)))
            return &s->scan[n];
    return NULL;
}

const struct weir_scan_incident *weir_scans_find(const struct weir_scans *s, const uint8_t addr[16])
{
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id && s->scan[n].scans && is_source(&s->scan[n].i, addr))
            return &s->scan[n].i;
    return NULL;
}

void weir_scans_each(const struct weir_scans *s,
                     void (*fn)(void *arg, const struct weir_scan_incident *scan), void *arg)
{
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id && s->scan[n].scans)
            fn(arg, &s->scan[n].i);
}

static struct weir_scan_live *find_distributed(struct weir_scans *s, const uint8_t target[16])
{
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id && is_distributed(&s->scan[n].i) &&
            same(s->scan[n].i.target[0], target))
            return &s->scan[n];
    return NULL;
}

/* A few ports, or what its source's record says. */
static bool is_scan(const struct weir_scan_live *x)
{
    return x->scans && (x->i.ports >= PORTS_LEAST || x->i.hosts >= PORTS_LEAST ||
                        x->i.type == WEIR_SCAN_TYPE_IDLE || is_distributed(&x->i));
}

static void tell(struct weir_scans *s, struct weir_scan_live *x, enum weir_scan_state state)
{
    x->i.state = (uint8_t)state;
    x->told = 1;
    x->told_packets = x->i.packets;
    x->told_ports = x->i.ports;
    x->told_type = x->i.type;
    x->told_flags = x->i.flags;
    s->host.told(s->host.arg, &x->i);
}

static void end(struct weir_scans *s, struct weir_scan_live *x)
{
    if (x->told || is_scan(x))
        tell(s, x, WEIR_SCAN_OVER);
    memset(x, 0, sizeof(*x));
}

static struct weir_scan_live *take(struct weir_scans *s, const struct weir_event *ev)
{
    struct weir_scan_live *x = &s->scan[0];

    for (int n = 0; n < WEIR_SCANS && x->i.id; n++)
        if (!s->scan[n].i.id || s->scan[n].i.last_ns < x->i.last_ns)
            x = &s->scan[n];
    if (x->i.id) {
        s->evicted++;
        end(s, x);
    }
    x->i.id = ++s->ids;
    x->i.first_ns = ev->first_ns;
    x->i.last_ns = x->born_ns = ev->ts_ns;
    x->i.origin = ev->source;
    x->i.ip_version = ev->ip_version;
    memcpy(x->i.source[x->i.sources++], ev->src, 16);
    return x;
}

static void note_port(struct weir_scan_live *x, uint16_t port)
{
    for (int n = 0; n < x->ports; n++)
        if (x->port[n] == port)
            return;
    if (x->ports == WEIR_SCAN_PORTS_KEPT)
        return;
    x->port[x->ports++] = port;
    if (x->i.ports < x->ports)
        x->i.ports = x->ports;
}

static void note_target(struct weir_scan_incident *i, const uint8_t addr[16])
{
    for (int n = 0; n < i->targets; n++)
        if (same(i->target[n], addr))
            return;
    if (i->targets == WEIR_SCAN_TARGETS)
        return;
    memcpy(i->target[i->targets++], addr, 16);
    if (i->hosts < i->targets)
        i->hosts = i->targets;
}

static void note_part(struct weir_scan_incident *i, uint16_t detection, uint64_t packets)
{
    int n = 0;

    i->packets += packets;
    while (n < WEIR_SCAN_PARTS && i->part[n].detection && i->part[n].detection != detection)
        n++;
    if (n == WEIR_SCAN_PARTS)
        return;
    i->part[n].detection = detection;
    i->part[n].packets += packets;
}

/* nmap's raw probes: a window of a few times 1024. */
static void note_tool(struct weir_scan_incident *i, const struct weir_event *ev)
{
    if (ev->frame_bytes && !ev->payload_bytes && ev->window >= 1024 && ev->window <= 4096 &&
        !(ev->window & 1023) && !(ev->flags & WEIR_EVENT_NO_PORTS))
        i->tool |= 1 << 1;
}

static uint64_t at_tick(uint64_t now_ns, uint32_t tick)
{
    uint64_t ago = (uint32_t)((uint32_t)(now_ns >> WEIR_TICK_SHIFT) - tick);

    return ago >> 31 || ago << WEIR_TICK_SHIFT > now_ns ? now_ns
                                                        : now_ns - (ago << WEIR_TICK_SHIFT);
}

/* What the records of its sources say by now. */
static void look(struct weir_scans *s, struct weir_scan_live *x, uint64_t now_ns)
{
    uint32_t ports = 0, failed = 0;
    int real = -1, react = 0;

    for (int n = 0; !is_distributed(&x->i) && n < x->i.sources; n++) {
        const struct weir_source *record = s->host.record(s->host.arg, x->i.source[n]);
        uint64_t first, last;

        if (!record)
            continue;
        weir_scan_take(&x->i, record);
        ports += weir_scan_ports(record);
        failed += record->failed;
        contacts_add_all(&x->asked, &record->ports);
        contacts_add_all(&x->asked, &record->stray);
        first = at_tick(now_ns, record->since);
        last = at_tick(now_ns, record->contact_at);
        if (first < x->i.first_ns)
            x->i.first_ns = first;
        if (last > x->i.last_ns)
            x->i.last_ns = last;
        if (n == 0 && weir_contacts_count(&record->touched) >= CONTACTS_SAME) {
            memcpy(x->probe, record->probe_least, sizeof(record->probe_least));
            memcpy(x->probe + 2, record->probe_most, sizeof(record->probe_most));
        }
        if (record->opens || record->half_reset || record->marks & WEIR_SOURCE_PROVEN) {
            real = n;
            react++;
        }
    }
    if (x->i.flags & WEIR_SCAN_FLAG_SHARED) { /* each has a part */
        x->i.ports = x->i.ports > ports ? x->i.ports : ports;
        x->i.failed = x->i.failed > failed ? x->i.failed : failed;
    }
    weir_scan_judge(&x->i);
    if (x->i.flags & WEIR_SCAN_FLAG_DECOYS && react == 1) {
        x->i.flags |= WEIR_SCAN_FLAG_REAL;
        x->i.real = (uint8_t)real;
    } else {
        x->i.flags &= (uint8_t)~WEIR_SCAN_FLAG_REAL;
    }
}

bool weir_scans_event(struct weir_scans *s, const struct weir_event *ev)
{
    enum weir_scan_kind kind = weir_scan_kind(ev->detection);
    struct weir_scan_live *x;
    bool more;

    if (ev->type != WEIR_EVENT_FINDING || !kind || ev->flags & WEIR_EVENT_NO_ADDRS)
        return true;
    if (ev->detection == WEIR_DET_SCAN_DISTRIBUTED)
        x = find_distributed(s, ev->dst);
    else
        x = find(s, ev->src, ev->dst);
    if (!x && (kind == WEIR_SCAN_KIND_MINOR || ev->flags & WEIR_EVENT_FINAL))
        return true;
    if (!x)
        x = take(s, ev);
    if (ev->detection == WEIR_DET_SCAN_DISTRIBUTED) {
        x->i.flags |= WEIR_SCAN_FLAG_DISTRIBUTED;
        if (!(ev->flags & WEIR_EVENT_FINAL)) {
            x->i.spread = ev->evidence[0];
            x->i.ports = ev->evidence[1];
            x->i.failed = ev->evidence[2];
        }
    }
    x->scans |= kind == WEIR_SCAN_KIND_TYPE || kind == WEIR_SCAN_KIND_RECORD;
    if (ev->ts_ns > x->i.last_ns)
        x->i.last_ns = ev->ts_ns;
    if (ev->first_ns < x->i.first_ns)
        x->i.first_ns = ev->first_ns;
    if (!(ev->flags & WEIR_EVENT_NO_PORTS))
        note_port(x, ev->dport);
    note_target(&x->i, ev->dst);
    note_tool(&x->i, ev);
    note_part(&x->i, ev->detection, weir_scan_stream_note(x, ev, &more));
    look(s, x, ev->ts_ns);
    s->held += more;
    return !more;
}

/* Its sources as long as there is room: of a distributed scan eight are named. */
static void merge_sources(struct weir_scan_live *into, const struct weir_scan_live *x)
{
    if (into->i.sources + x->i.sources > WEIR_SCAN_SOURCES)
        return;
    weir_scan_stream_merge(into, x, into->i.sources);
    for (int n = 0; n < x->i.sources; n++)
        if (!is_source(&into->i, x->i.source[n]))
            memcpy(into->i.source[into->i.sources++], x->i.source[n], 16);
}

static void merge(struct weir_scans *s, struct weir_scan_live *into, struct weir_scan_live *x,
                  uint8_t why)
{
    merge_sources(into, x);
    for (int n = 0; n < WEIR_SCAN_PARTS && x->i.part[n].detection; n++)
        note_part(&into->i, x->i.part[n].detection, x->i.part[n].packets);
    into->scans |= x->scans;
    into->i.flags |= why;
    contacts_add_all(&into->asked, &x->asked);
    if (x->i.first_ns < into->i.first_ns)
        into->i.first_ns = x->i.first_ns;
    if (x->i.last_ns > into->i.last_ns)
        into->i.last_ns = x->i.last_ns;
    if (x->told) {
        x->i.merged_into = into->i.id;
        tell(s, x, WEIR_SCAN_MERGED);
    }
    memset(x, 0, sizeof(*x));
}

static void merge_all(struct weir_scans *s)
{
    for (int a = 0; a < WEIR_SCANS; a++) {
        for (int b = 0; s->scan[a].i.id && b < WEIR_SCANS; b++) {
            struct weir_scan_live *x = &s->scan[a], *y = &s->scan[b];
            uint8_t why = a != b && y->i.id && x->i.id < y->i.id ? weir_scan_same(x, y) : 0;

            if (why == WEIR_SCAN_FLAG_DISTRIBUTED && is_distributed(&y->i))
                merge(s, y, x, why);
            else if (why)
                merge(s, x, y, why);
        }
    }
}

static uint64_t patience(const struct weir_scan_live *x)
{
    uint64_t each = (x->i.last_ns - x->i.first_ns) / (x->i.packets ? x->i.packets : 1);
    uint64_t quiet = each * QUIET_PAUSES;

    if (quiet > QUIET_MOST_NS)
        return QUIET_MOST_NS;
    return quiet > QUIET_NS ? quiet : QUIET_NS;
}

static bool has_news(const struct weir_scan_live *x)
{
    return x->i.type != x->told_type || x->i.flags != x->told_flags ||
           x->i.packets >= x->told_packets * 2 || x->i.ports >= x->told_ports * 2;
}

static void tick_one(struct weir_scans *s, struct weir_scan_live *x, uint64_t now_ns)
{
    if (now_ns > x->i.last_ns && now_ns - x->i.last_ns > QUIET_NS) {
        look(s, x, now_ns);
        if (now_ns > x->i.last_ns && now_ns - x->i.last_ns > patience(x)) {
            end(s, x);
            return;
        }
    }
    if (now_ns >= x->born_ns && now_ns - x->born_ns < SETTLE_NS)
        return;
    if (!x->told) {
        look(s, x, now_ns);
        if (is_scan(x))
            tell(s, x, WEIR_SCAN_OPENED);
    } else if (has_news(x)) {
        look(s, x, now_ns);
        tell(s, x, WEIR_SCAN_GOES_ON);
    }
}

void weir_scans_tick(struct weir_scans *s, uint64_t now_ns)
{
    if (!s->ids || (now_ns - s->tick_ns < TICK_NS && now_ns >= s->tick_ns))
        return;
    s->tick_ns = now_ns;
    merge_all(s);
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id)
            tick_one(s, &s->scan[n], now_ns);
}

void weir_scans_finish(struct weir_scans *s)
{
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id)
            look(s, &s->scan[n], s->scan[n].i.last_ns);
    merge_all(s);
    for (int n = 0; n < WEIR_SCANS; n++)
        if (s->scan[n].i.id)
            end(s, &s->scan[n]);
}
