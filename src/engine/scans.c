/* SPDX-License-Identifier: Apache-2.0 */

/* Scans: findings of the kernel host, with the records of their sources as they stand. */

#include <errno.h>
#include <net/if.h>

#include "analytics/scans.h"
#include "engine/internal.h"
#include "events/eve_scan.h"

const struct weir_source *weir_engine_source(const struct weir_engine *g, const uint8_t addr[16])
{
    const struct weir_source_table *t = weir_sources_table(g->loader);

    return weir_scans_record(t->ways, t->set, t->sets, weir_loader_hash_key(g->loader), addr);
}

static const struct weir_source *record_of(void *arg, const uint8_t addr[16])
{
    return weir_engine_source(arg, addr);
}

static void told(void *arg, const struct weir_scan_incident *scan)
{
    struct weir_engine *g = arg;

    if (g->scan)
        g->scan(scan, g->arg);
}

static void review(void *arg, const struct weir_scan_incident *scan)
{
    weir_sentences_review(arg, scan);
}

void weir_engine_scans_review(struct weir_engine *g)
{
    weir_scans_each(g->scans, review, g);
}

void weir_scans_status_write(const struct weir_engine *g, struct weir_json *j)
{
    weir_json_object(j, "scans");
    weir_json_u64(j, "live", weir_scans_live(g->scans));
    weir_json_u64(j, "held_events", weir_scans_held(g->scans));
    weir_json_u64(j, "ended_early", weir_scans_evicted(g->scans));
    weir_json_object_end(j);
}

int weir_engine_scans_new(struct weir_engine *g, struct weir_error *e)
{
    const struct weir_scans_host host = { record_of, told, g };

    return weir_scans_new(&host, &g->scans) < 0 ? weir_error_set(e, ENOMEM, "no memory") : 0;
}

void weir_engine_scan_write(struct weir_engine *g, const struct weir_scan_incident *scan,
                            struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = { .in_iface = weir_interface_name(scan->origin, name),
                                    .clock_offset_ns = g->clock_offset_ns };

    weir_eve_scan_write(out, scan, &from);
}

void weir_engine_scan_text(struct weir_engine *g, const struct weir_scan_incident *scan,
                           struct weir_buf *out)
{
    struct weir_eve_source from = { .clock_offset_ns = g->clock_offset_ns };

    weir_text_scan_write(out, scan, &from);
}
