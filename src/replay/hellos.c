/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/hellos.h"

#include <errno.h>
#include <sys/random.h>

#include "dataplane/hello.h"
#include "events/eve.h"
#include "policy/tls.h"

static void client_tell(void *arg, const struct weir_event *ev)
{
    struct weir_host *h = arg;

    h->counters.finding[WEIR_ROW_PAYLOAD_SIGNATURE] += !(ev->flags & WEIR_EVENT_FINAL);
    h->sink(h->ctx, ev);
}

/* As weir_engine's: what follows in the capture is what happened without weir, so no ban is made.
 */
static void client_found(struct weir_host *h, const struct weir_tls_event *t, uint32_t found)
{
    struct weir_pkt p = { .vlans = !!(t->from.flags & WEIR_HELLO_TAGGED),
                          .vlan = { t->from.vlan } };
    struct weir_event ev;

    h->counters.row[WEIR_ROW_PAYLOAD_SIGNATURE]++;
    weir_tls_finding(t, weir_tls_number(h->policy, found), &ev);
    ev.flow_id = weir_event_flow_id(&ev);
    ev.action = (uint8_t)weir_judge_zone(h->judge, &p)->action[WEIR_ROW_PAYLOAD_SIGNATURE];
    if (ev.action < WEIR_ACTION_ALERT)
        return;
    if (h->policy->tls.v[found - 1].action == WEIR_CLIENT_BAN)
        ev.action = WEIR_ACTION_BAN;
    weir_repeats_note(h->repeats, &ev);
}

static void told(void *arg, const struct weir_tls_event *t)
{
    struct weir_host *h = arg;
    uint32_t found = h->policy ? weir_tls_find(h->policy, t) : 0;

    if (found)
        client_found(h, t, found);
    if (h->client)
        h->client(h->ctx, t);
}

int weir_host_hellos(struct weir_host *h, size_t memory_bytes, const struct weir_settings *policy,
                     weir_hellos_sink sink)
{
    struct weir_hash_key key;
    int r;

    if (!sink && !(policy && policy->tls.n))
        return 0;
    if (getrandom(&key, sizeof(key), 0) != sizeof(key))
        return -EIO;
    h->client = sink;
    h->policy = policy;
    r = weir_repeats_new(&key, client_tell, h, &h->repeats);
    return r < 0 ? r : weir_hellos_new(memory_bytes, &key, told, h, &h->hellos);
}

void weir_host_hello(struct weir_host *h, const struct weir_pkt *p, size_t len, uint32_t file,
                     const struct weir_capture_packet *packet)
{
    struct weir_hello_event ev;

    weir_hello_note(&ev, p, packet->ts_ns, (uint32_t)len);
    ev.packet = packet->number;
    ev.source = file;
    if (weir_local_is_egress(&h->local, p))
        ev.flags |= WEIR_HELLO_EGRESS;
    weir_hellos_segment(h->hellos, &ev, packet->data + p->payload_off);
}
