/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/trail.h"

#include <errno.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "abi/counters.h"
#include "abi/event.h"
#include "base/cleanup.h"
#include "dataplane/watch.h"

#define SWEEP_NS 1000000000ULL
#define LINKTYPE_RAW 101 /* DLT_RAW differs by platform, and the other types have one number */

struct weir_trail {
    struct weir_evidence *out; /* owned */
    char *const *paths;
    struct weir_recent *recent; /* ring */
    uint32_t size;              /* power of two */
    uint32_t seq;               /* heads ever */
    uint32_t packets;           /* whole ones of an incident */
    struct weir_watch watch[WEIR_WATCHES];
    struct weir_hash_key key;
    uint64_t swept_ns;
    uint64_t refused;
};

static const char *name_of(void *arg, uint32_t source)
{
    const struct weir_trail *t = arg;

    return t->paths[source];
}

/* All of them came before: the packet itself follows when it is judged. */
static const struct weir_recent *heads_of(void *arg, uint64_t before_ns, size_t *ret_n)
{
    const struct weir_trail *t = arg;

    (void)before_ns;
    *ret_n = t->seq < t->size ? t->seq : t->size;
    return t->recent;
}

static int trail_make(struct weir_trail *t, const char *dir, const struct weir_settings *s,
                      struct weir_error *e)
{
    const struct weir_evidence_config c = {
        .dir = dir,
        .file_bytes = s->evidence.file,
        .recent = (uint32_t)s->evidence.recent,
        .keep = { .bytes = s->evidence.keep, .age_s = s->evidence.age_s },
        .name = name_of,
        .heads = heads_of,
        .arg = t,
    };

    t->size = (uint32_t)s->evidence.recent;
    t->packets = (uint32_t)s->evidence.packets;
    t->recent = calloc(t->size, sizeof(*t->recent));
    if (!t->recent || getrandom(&t->key, sizeof(t->key), 0) != sizeof(t->key))
        return weir_error_set(e, ENOMEM, "--evidence: no memory for %u packets", t->size);
    return weir_evidence_new(&c, &t->out, e);
}

int weir_trail_new(const char *dir, char *const *paths, const struct weir_settings *policy,
                   struct weir_trail **ret, struct weir_error *e)
{
    _cleanup_(weir_settings_freep) struct weir_settings *defaults = NULL;
    struct weir_trail *t = calloc(1, sizeof(*t));
    int r = t && (policy || weir_settings_default(&defaults) == 0) ? 0 : -ENOMEM;

    if (r < 0) {
        free(t);
        return weir_error_set(e, ENOMEM, "no memory");
    }
    t->paths = paths;
    r = trail_make(t, dir, policy ? policy : defaults, e);
    if (r < 0)
        weir_trail_free(t);
    else
        *ret = t;
    return r;
}

void weir_trail_free(struct weir_trail *t)
{
    if (!t)
        return;
    weir_evidence_free(t->out);
    free(t->recent);
    free(t);
}

static void note_make(struct weir_packet_note *n, const struct weir_trail_packet *what,
                      uint32_t file, const struct weir_capture_packet *packet)
{
    *n = (struct weir_packet_note){
        .source = file,
        .wire = packet->wire,
        .cap = packet->cap,
        .detection = what->detection,
        .link = (uint16_t)(packet->datalink == DLT_RAW ? LINKTYPE_RAW : packet->datalink),
        .action = what->action,
        .drop = what->drop,
        .flags = (uint8_t)((what->egress ? WEIR_PACKET_EGRESS : 0) |
                           (what->drop ? WEIR_PACKET_DROPPED : 0) |
                           (what->would_drop ? WEIR_PACKET_WOULD_DROP : 0)),
        .hook = WEIR_HOOK_MAX,
    };
}

static void head_keep(struct weir_trail *t, const struct weir_packet_note *n,
                      const struct weir_capture_packet *packet)
{
    struct weir_recent *r = &t->recent[t->seq++ & (t->size - 1)];

    r->ts_ns = packet->ts_ns;
    r->seq = t->seq;
    r->note = *n;
    if (r->note.cap > WEIR_RECENT_BYTES)
        r->note.cap = WEIR_RECENT_BYTES;
    memcpy(r->b, packet->data, r->note.cap);
}

/* The packet whole, when one of its ends is watched. False: neither is. */
static bool whole_keep(struct weir_trail *t, const uint8_t addr[16], bool ip4, bool begun,
                       struct weir_packet_event *ev, const struct weir_capture_packet *packet)
{
    uint32_t place = weir_watch_place(&t->key, addr, ip4), left;

    left = weir_watch_take(&t->watch[place], addr, packet->ts_ns);
    if (!left)
        return false;
    memcpy(ev->addr, addr, sizeof(ev->addr));
    ev->watch = place;
    ev->number = t->watch[place].number;
    ev->note.flags = (uint8_t)(ev->note.flags | (begun ? WEIR_PACKET_FIRST : 0) |
                               (left == 1 ? WEIR_PACKET_LAST : 0));
    weir_evidence_packet(t->out, ev, packet->data);
    return true;
}

static bool watch_begin(struct weir_trail *t, const uint8_t addr[16], bool ip4, uint64_t now_ns)
{
    uint32_t place = weir_watch_place(&t->key, addr, ip4);
    enum weir_watch_begin r = weir_watch_begin(&t->watch[place], addr, now_ns, t->packets);

    t->refused += r == WEIR_WATCH_REFUSED;
    return r == WEIR_WATCH_BEGUN;
}

void weir_trail_packet(struct weir_trail *t, const struct weir_pkt *p,
                       const struct weir_trail_packet *what, uint32_t file,
                       const struct weir_capture_packet *packet)
{
    bool ip4 = p->ip_version == 4;
    const uint8_t *first = what->target ? p->dst : p->src;
    bool begun = what->begins && watch_begin(t, first, ip4, packet->ts_ns);
    struct weir_packet_event ev = {
        .abi = WEIR_ABI, .len = sizeof(ev), .type = WEIR_EVENT_PACKET, .ts_ns = packet->ts_ns
    };

    if (packet->ts_ns - t->swept_ns >= SWEEP_NS) {
        t->swept_ns = packet->ts_ns;
        weir_evidence_sweep(t->out, packet->ts_ns);
    }
    note_make(&ev.note, what, file, packet);
    if (!whole_keep(t, first, ip4, begun, &ev, packet))
        (void)whole_keep(t, what->target ? p->src : p->dst, ip4, false, &ev, packet);
    head_keep(t, &ev.note, packet);
}

void weir_trail_finish(struct weir_trail *t)
{
    weir_evidence_finish(t->out);
}

struct weir_evidence_stats weir_trail_stats(const struct weir_trail *t)
{
    return weir_evidence_stats(t->out);
}

bool weir_trail_failed(struct weir_trail *t, struct weir_error *ret)
{
    return weir_evidence_failed(t->out, ret);
}

uint64_t weir_trail_refused(const struct weir_trail *t)
{
    return t->refused;
}
