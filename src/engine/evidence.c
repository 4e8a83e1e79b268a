/* SPDX-License-Identifier: Apache-2.0 */

/* Files of packets about incidents (--evidence): what the kernel keeps, into events/evidence.h. */

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "engine/internal.h"
#include "events/evidence.h"
#include "events/evidence_note.h"

struct weir_keeper {
    struct weir_evidence *out; /* owned */
    struct weir_recent *heads; /* a copy; owned */
    const struct weir_loader *loader;
    char dir[WEIR_PINS_PATH];
    char name[IF_NAMESIZE];
};

static const char *name_of(void *arg, uint32_t source)
{
    struct weir_keeper *k = arg;

    return weir_interface_name(source, k->name);
}

static const struct weir_recent *heads_of(void *arg, uint64_t before_ns, size_t *ret_n)
{
    struct weir_keeper *k = arg;

    *ret_n = weir_recent_read(k->loader, before_ns, k->heads);
    return k->heads;
}

void weir_keeper_configure(const struct weir_settings *s, const char *dir,
                           struct weir_loader_config *ret)
{
    if (!dir)
        return;
    ret->evidence_packets = (uint32_t)s->evidence.packets;
    ret->evidence_recent = (uint32_t)s->evidence.recent;
}

int weir_keeper_new(struct weir_engine *g, const struct weir_settings *s, const char *dir,
                    struct weir_error *e)
{
    struct weir_keeper *k = dir ? calloc(1, sizeof(*k)) : NULL;
    const struct weir_evidence_config c = {
        .dir = dir,
        .file_bytes = s->evidence.file,
        .recent = (uint32_t)s->evidence.recent,
        .keep = { .bytes = s->evidence.keep, .age_s = s->evidence.age_s },
        .name = name_of,
        .heads = heads_of,
        .arg = k,
        .offset_ns = g->clock_offset_ns,
    };

    if (!dir)
        return 0;
    g->keeper = k;
    if (k)
        k->heads = calloc(weir_recent_size(g->loader), sizeof(*k->heads));
    if (!k || !k->heads)
        return weir_error_set(e, ENOMEM, "no memory for evidence");
    k->loader = g->loader;
    (void)snprintf(k->dir, sizeof(k->dir), "%s", dir);
    return weir_evidence_new(&c, &k->out, e);
}

void weir_keeper_free(struct weir_engine *g)
{
    if (!g->keeper)
        return;
    weir_evidence_free(g->keeper->out);
    free(g->keeper->heads);
    free(g->keeper);
    g->keeper = NULL;
}

bool weir_keeper_record(struct weir_engine *g, const void *record, size_t len)
{
    struct weir_packet_event ev;

    if (!g->keeper || len < sizeof(ev))
        return false;
    memcpy(&ev, record, sizeof(ev)); /* the ring is shared with the kernel: check what is used */
    if (!weir_packet_event_valid(&ev, len))
        return false;
    weir_evidence_packet(g->keeper->out, &ev, (const uint8_t *)record + sizeof(ev));
    return true;
}

int weir_keeper_tick(struct weir_engine *g, uint64_t now_ns, struct weir_error *e)
{
    struct weir_error why = { 0 };

    if (!g->keeper)
        return 0;
    weir_evidence_clock(g->keeper->out, g->clock_offset_ns);
    weir_evidence_sweep(g->keeper->out, now_ns);
    if (!weir_evidence_failed(g->keeper->out, &why))
        return 0;
    return weir_error_set(e, EIO, "evidence: %s", why.text);
}

void weir_keeper_status_write(const struct weir_engine *g, struct weir_json *j)
{
    struct weir_evidence_stats s;

    if (!g->keeper)
        return;
    s = weir_evidence_stats(g->keeper->out);
    weir_json_object(j, "evidence");
    weir_json_str(j, "directory", g->keeper->dir);
    weir_json_u64(j, "files", s.files);
    weir_json_u64(j, "files_open", s.open);
    weir_json_u64(j, "packets", s.packets);
    weir_json_u64(j, "packets_lost", s.lost);
    weir_json_u64(j, "files_failed", s.failed);
    weir_json_u64(j, "files_skipped", s.skipped);
    weir_json_u64(j, "files_removed", s.removed);
    weir_json_object_end(j);
}
