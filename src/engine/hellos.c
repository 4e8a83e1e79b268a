/* SPDX-License-Identifier: Apache-2.0 */

/* What TLS clients say (--tls): segments from the kernel, put together by analytics/hellos.h. */

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "analytics/hellos.h"
#include "analytics/repeats.h"
#include "engine/internal.h"
#include "events/eve_tls.h"
#include "policy/tls.h"

#define HELLOS_MEMORY (32U << 20) /* at most; taken as they are begun */

static void client_tell(void *arg, const struct weir_event *ev)
{
    struct weir_engine *g = arg;

    g->event(ev, g->arg);
}

/* A client that the policy looks for. Its hello has passed; what is banned is what comes next. */
static void client_found(struct weir_engine *g, const struct weir_tls_event *t, uint32_t found)
{
    bool ban = g->settings->tls.v[found - 1].action == WEIR_CLIENT_BAN;
    struct weir_event ev;

    g->tls_found++;
    weir_tls_finding(t, weir_tls_number(g->settings, found), &ev);
    ev.flow_id = weir_event_flow_id(&ev);
    ev.action = (uint8_t)weir_sentence_action(g, &ev);
    if (ev.action < WEIR_ACTION_ALERT)
        return;
    if (ban)
        ev.action = WEIR_ACTION_BAN;
    weir_sentence_client(g, &ev);
    weir_repeats_note(g->repeats, &ev);
}

static void told(void *arg, const struct weir_tls_event *t)
{
    struct weir_engine *g = arg;
    uint32_t found = weir_tls_find(g->settings, t);

    if (found)
        client_found(g, t, found);
    if (g->tls)
        g->tls(t, g->arg);
}

int weir_engine_hellos_new(struct weir_engine *g, bool wanted, struct weir_error *e)
{
    const struct weir_hash_key *key = weir_loader_hash_key(g->loader);

    if (wanted && (weir_hellos_new(HELLOS_MEMORY, key, told, g, &g->hellos) < 0 ||
                   weir_repeats_new(key, client_tell, g, &g->repeats) < 0))
        return weir_error_set(e, ENOMEM, "no memory for ClientHellos");
    return 0;
}

void weir_engine_hellos_free(struct weir_engine *g)
{
    weir_hellos_free(g->hellos);
    weir_repeats_free(g->repeats);
}

void weir_engine_hellos_finish(struct weir_engine *g)
{
    if (g->repeats)
        weir_repeats_sweep(g->repeats, 0, true);
}

void weir_engine_hellos_remark(const struct weir_engine *g, struct weir_buf *remarks)
{
    if (g->settings->tls.n && !g->hellos)
        weir_buf_addf(remarks, "payload.tls: nothing is looked for before the next `weir run`: "
                               "this one was started without it\n");
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
    if (!g->hellos)
        return;
    weir_hellos_sweep(g->hellos, now_ns);
    weir_repeats_sweep(g->repeats, now_ns, false);
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
    weir_json_u64(j, "clients_found", g->tls_found);
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
