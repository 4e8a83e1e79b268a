/* SPDX-License-Identifier: Apache-2.0 */

/* Scans: findings of the kernel host, with the records of their sources as they stand, and what of
 * those is kept for the next boot. */

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>

#include "analytics/scans.h"
#include "analytics/suspects.h"
#include "engine/internal.h"
#include "events/eve_scan.h"

/* As often as nmap -T0 asks. */
#define KEEP_NS (300 * 1000000000ULL)

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

static struct weir_suspects_now now_of(uint64_t now_ns)
{
    return (struct weir_suspects_now){ .tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT),
                                       .s = weir_clock_ns(CLOCK_REALTIME) / 1000000000 };
}

static struct weir_suspects_table table_of(const struct weir_engine *g)
{
    const struct weir_source_table *t = weir_sources_table(g->loader);

    return (struct weir_suspects_table){ t->ways, t->set, t->sets };
}

int weir_suspects_start(struct weir_engine *g, const char *state_dir, struct weir_error *e)
{
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    const struct weir_suspects_now now = now_of(now_ns);
    const struct weir_suspects_table table = table_of(g);
    struct weir_hash_key key = *weir_loader_hash_key(g->loader);
    struct weir_error why = { 0 };
    _cleanup_fclose_ FILE *f = NULL;
    int n = snprintf(g->suspects.path, sizeof(g->suspects.path), "%s/sources", state_dir);

    if (n < 0 || (size_t)n >= sizeof(g->suspects.path) - 4)
        return weir_error_set(e, ENAMETOOLONG, "%s: longer than %zu bytes", state_dir,
                              sizeof(g->suspects.path) - 13);
    g->suspects.at_ns = now_ns;
    if (g->adopted) /* the table is there */
        return 0;
    f = fopen(g->suspects.path, "re");
    if (!f && errno == ENOENT)
        return 0;
    if (!f)
        weir_buf_addf(&g->remarks, "%s: %s; begun without\n", g->suspects.path, strerror(errno));
    else if (weir_suspects_read(f, &table, &key, &now, &why) < 0)
        weir_buf_addf(&g->remarks, "%s: %s; the rest is lost\n", g->suspects.path, why.text);
    weir_loader_hash_key_set(g->loader, &key);
    return 0;
}

int weir_suspects_save(struct weir_engine *g, struct weir_error *e)
{
    const struct weir_suspects_now now = now_of(weir_clock_ns(CLOCK_MONOTONIC));
    const struct weir_suspects_table table = table_of(g);
    char path[WEIR_PINS_PATH + 8];
    _cleanup_fclose_ FILE *f = NULL;

    (void)snprintf(path, sizeof(path), "%s.new", g->suspects.path);
    f = fopen(path, "we");
    if (!f || fchmod(fileno(f), 0600) ||
        weir_suspects_write(f, &table, weir_loader_hash_key(g->loader), &now) < 0 || fflush(f) ||
        fsync(fileno(f)) || rename(path, g->suspects.path))
        return weir_error_set(e, errno ? errno : EIO,
                              "%s: cannot save the evidence of slow scans, which is kept until the "
                              "next boot: %s",
                              path, strerror(errno));
    return 0;
}

int weir_suspects_tick(struct weir_engine *g, uint64_t now_ns, struct weir_error *e)
{
    if (now_ns - g->suspects.at_ns < KEEP_NS)
        return 0;
    g->suspects.at_ns = now_ns;
    return weir_suspects_save(g, e);
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

/* All of its sources, or it is told as any other. */
static const char *known_of(const struct weir_engine *g, const struct weir_scan_incident *scan)
{
    const char *name = NULL;

    if (scan->flags & WEIR_SCAN_FLAG_DISTRIBUTED)
        return NULL;
    for (int i = 0; i < scan->sources; i++) {
        name = weir_allowed_name(g->settings, scan->source[i]);
        if (!name)
            return NULL;
    }
    return name;
}

void weir_engine_scan_write(struct weir_engine *g, const struct weir_scan_incident *scan,
                            struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = { .in_iface = weir_interface_name(scan->origin, name),
                                    .known = known_of(g, scan),
                                    .clock_offset_ns = g->clock_offset_ns };

    weir_eve_scan_write(out, scan, &from);
}

void weir_engine_scan_text(struct weir_engine *g, const struct weir_scan_incident *scan,
                           struct weir_buf *out)
{
    struct weir_eve_source from = { .known = known_of(g, scan),
                                    .clock_offset_ns = g->clock_offset_ns };

    weir_text_scan_write(out, scan, &from);
}
