/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/summary.h"

#include "analytics/services_write.h"

#define SERVICES_SHOWN 20

static unsigned long long number(uint64_t n)
{
    return n;
}

void weir_summary_flows(struct weir_buf *out, const struct weir_host *h)
{
    const struct weir_conns_counters *n = weir_conns_count(h->conns);
    uint64_t failed = 0;

    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        failed += h->counters.attempt[i];
    weir_buf_addf(out, "Connections:   %llu established", number(n->opened));
    if (failed) {
        weir_buf_addf(out, "; %llu failed:", number(failed));
        for (unsigned i = 0, any = 0; i < WEIR_ATTEMPT_MAX; i++)
            if (h->counters.attempt[i])
                weir_buf_addf(out, "%s %s %llu", any++ ? "," : "", weir_attempt_name(i),
                              number(h->counters.attempt[i]));
    }
    weir_buf_add_char(out, '\n');
    if (n->evicted || n->half_evicted || n->lost)
        weir_buf_addf(out,
                      "Forgotten:     %llu established and %llu other connections, %llu packets "
                      "without a record: no room\n",
                      number(n->evicted), number(n->half_evicted), number(n->lost));
    if (n->lost_content || n->lost_payload || n->lost_fragment)
        weir_buf_addf(out,
                      "Not compared:  %llu segments with earlier bytes, %llu read without what "
                      "came before, %llu fragments: no room\n",
                      number(n->lost_content), number(n->lost_payload), number(n->lost_fragment));
}

void weir_summary_services(struct weir_buf *out, const struct weir_host *h)
{
    if (!h->services)
        return;
    weir_buf_add_str(out, "By service\n");
    weir_services_print(h->services, WEIR_SERVICES_BY_CONNECTIONS, SERVICES_SHOWN, out);
    weir_buf_add_char(out, '\n');
}

void weir_stats_flows(struct weir_json *j, const struct weir_host *h)
{
    const struct weir_conns_counters *n = weir_conns_count(h->conns);

    weir_json_object(j, "flows");
    weir_json_u64(j, "established", n->opened);
    weir_json_u64(j, "records", n->half_new);
    weir_json_u64(j, "evicted", n->evicted);
    weir_json_u64(j, "half_open_evicted", n->half_evicted);
    weir_json_u64(j, "packets_without_record", n->lost);
    weir_json_u64(j, "segments_not_compared", n->lost_content);
    weir_json_u64(j, "segments_without_past", n->lost_payload);
    weir_json_u64(j, "fragments_not_compared", n->lost_fragment);
    weir_json_object(j, "failed");
    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        weir_json_u64(j, weir_attempt_name(i), h->counters.attempt[i]);
    weir_json_object_end(j);
    weir_json_object_end(j);
    if (h->services)
        weir_services_write(h->services, WEIR_SERVICES_BY_CONNECTIONS, WEIR_SERVICES_WRITTEN, j);
}
