/* SPDX-License-Identifier: Apache-2.0 */

/* What TLS clients say (--tls): segments from the kernel, put together by analytics/hellos.h. */

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "analytics/hellos.h"
#include "engine/internal.h"
#include "events/eve_tls.h"

#define HELLOS_MEMORY (32U << 20) /* at most; taken as they are begun */

static void told(void *arg, const struct weir_tls_event *ev)
{
    struct weir_engine *g = arg;

    if (g->tls)
        g->tls(ev, g->arg);
}

int weir_engine_hellos_new(struct weir_engine *g, struct weir_error *e)
{
    if (g->tls &&
        weir_hellos_new(HELLOS_MEMORY, weir_loader_hash_key(g->loader), told, g, &g->hellos) < 0)
        return weir_error_set(e, ENOMEM, "no memory for ClientHellos");
    return 0;
}

bool weir_engine_hello_record(struct weir_engine *g, const void *record, size_t len)
{
    struct weir_hello_event ev;

    if (!g->hellos || len < sizeof(ev))
        return false;
    memcpy(&ev, record, sizeof(ev)); /* the ring is shared with the kernel: check what is used */
    if (!weir_hello_event_valid(&ev, len))
        return false;
    weir_hellos_segment(g->hellos, &ev, (const uint8_t *)record + sizeof(ev));
    return true;
}

void weir_engine_hellos_tick(struct weir_engine *g, uint64_t now_ns)
{
    if (g->hellos)
        weir_hellos_sweep(g->hellos, now_ns);
}

void weir_engine_hellos_status_write(const struct weir_engine *g, struct weir_json *j)
{
    struct weir_hellos_counters n;

    if (!g->hellos)
        return;
    n = weir_hellos_count(g->hellos);
    weir_json_object(j, "tls");
    weir_json_u64(j, "hellos", n.told);
    weir_json_u64(j, "hellos_broken", n.broken);
    weir_json_u64(j, "hellos_lost", n.lost);
    weir_json_object_end(j);
}

static struct weir_eve_source source_of(const struct weir_engine *g,
                                        const struct weir_tls_event *ev, char name[IF_NAMESIZE])
{
    return (struct weir_eve_source){ .in_iface = weir_interface_name(ev->from.source, name),
                                     .clock_offset_ns = g->clock_offset_ns };
}

void weir_engine_tls_write(struct weir_engine *g, const struct weir_tls_event *ev,
                           struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev, name);

    weir_eve_tls_write(out, ev, &from);
}

void weir_engine_tls_text(struct weir_engine *g, const struct weir_tls_event *ev,
                          struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev, name);

    weir_text_tls_write(out, ev, &from);
}
