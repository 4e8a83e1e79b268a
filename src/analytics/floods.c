/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/floods.h"
#include "analytics/usual.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "dataplane/dest_syn.h"
#include "dataplane/report.h"

static const char *const state_name[WEIR_DEST_STATES] = { "normal", "attack", "recover" };
static const char *const row_name[] = {
#define DETECT(id, NAME, category, name, ...) #category "." #name,
#include "abi/detections.def"
#undef DETECT
};

/* Counts of an incident, by enum weir_seen. */
static const struct {
    enum weir_seen seen;
    const char *key;
} counts[] = {
    { WEIR_SEEN_SYN, "syn" },
    { WEIR_SEEN_SYN_AGAIN, "syn_again" },
    { WEIR_SEEN_SYNACK, "synack" },
    { WEIR_SEEN_DONE, "served" },
    { WEIR_SEEN_REFUSED, "refused" },
    { WEIR_SEEN_HALF_RESET, "half_reset" },
    { WEIR_SEEN_MARK, "of_fingerprint" },
    { WEIR_SEEN_COOKIE, "cookies_sent" },
    { WEIR_SEEN_COOKIE_GOOD, "cookies_accepted" },
    { WEIR_SEEN_COOKIE_BAD, "cookies_rejected" },
    { WEIR_SEEN_SYNACK_STRAY, "synack_unasked" },
    { WEIR_SEEN_ACK_STRAY, "ack_unasked" },
    { WEIR_SEEN_RST_STRAY, "rst_unasked" },
    { WEIR_SEEN_FIN_STRAY, "fin_unasked" },
};

struct ranked {
    const struct weir_dest *s;
    uint64_t rank;
};

static uint64_t rank_of(const struct weir_dest *s)
{
    uint64_t runs = s->began_ns && !s->over_ns, was = s->began_ns != 0;

    return runs << 63 | was << 62 | s->syn_usual;
}

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return x->rank < y->rank ? 1 : -(x->rank > y->rank);
}

static void vectors_write(const struct weir_dest *s, struct weir_json *j)
{
    weir_json_array(j, "vectors");
    for (unsigned n = 0; n < WEIR_SURGES; n++) {
        unsigned row = weir_surge_row(n);

        if (row >= WEIR_ROW_MAX || !(s->surging >> n & 1 || s->surge[n].first_ns))
            continue;
        weir_json_object(j, NULL);
        weir_json_str(j, "detection", row_name[row]);
        weir_json_bool(j, "goes_on", s->surging >> n & 1);
        weir_json_u64(j, "packets", s->surge[n].count);
        weir_json_u64(j, "peak_per_s",
                      n == WEIR_SURGE_HALF_OPEN ? s->surge[n].peak
                                                : weir_per_second(s->surge[n].peak));
        weir_json_object_end(j);
    }
    weir_json_array_end(j);
}

static void incident_write(const struct weir_dest *s, uint64_t offset_ns, struct weir_json *j)
{
    const uint32_t print = 1U << WEIR_SURGE_FINGERPRINT;
    char text[WEIR_TIME_TEXT];

    weir_json_object(j, "flood");
    weir_json_str(j, "began", weir_time_format(s->began_ns + offset_ns, text));
    if (s->over_ns)
        weir_json_str(j, "over", weir_time_format(s->over_ns + offset_ns, text));
    vectors_write(s, j);
    weir_json_u64(j, "sources", s->new_sources);
    if (s->kind == WEIR_DEST_SERVICE)
        weir_json_u64(j, "fingerprint", s->mark);
    weir_json_bool(j, "fingerprint_holds", s->surging & print);
    weir_json_bool(j, "clients_wait", s->surging & s->heavy & WEIR_SURGES_SYN);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (s->got[counts[i].seen])
            weir_json_u64(j, counts[i].key, s->got[counts[i].seen]);
    weir_json_object_end(j);
}

static void record_write(const struct weir_dest *s, uint64_t offset_ns, struct weir_json *j)
{
    char addr[WEIR_ADDR_TEXT];

    weir_json_object(j, NULL);
    weir_json_str(j, "kind", weir_usual_kind(s->kind));
    weir_json_str(j, "address", weir_addr_format(s->addr, addr));
    if (s->kind == WEIR_DEST_SERVICE)
        weir_json_u64(j, "port", s->port);
    weir_json_str(j, "state", state_name[s->state < WEIR_DEST_STATES ? s->state : 0]);
    weir_json_u64(j, "syn_per_s", weir_per_second(weir_dest_rate(s, WEIR_SEEN_SYN)));
    weir_json_u64(j, "syn_usual_per_s", weir_per_second(s->syn_usual / 16));
    weir_json_u64(j, "syn_limit_per_s", weir_per_second(s->syn_limit));
    if (s->kind == WEIR_DEST_SERVICE) {
        weir_json_u64(j, "half_open", s->half_sum);
        weir_json_u64(j, "half_open_usual", s->half_usual / 16);
        weir_json_u64(j, "half_open_limit", s->half_limit);
        weir_json_bool(j, "answers_seen", s->flags & WEIR_DEST_ANSWERS);
    }
    if (s->began_ns)
        incident_write(s, offset_ns, j);
    weir_json_object_end(j);
}

int weir_floods_write(const struct weir_dest_set *set, uint32_t n, uint64_t clock_offset_ns,
                      size_t max, struct weir_json *j)
{
    _cleanup_free_ struct ranked *all = calloc((size_t)n * WEIR_WAYS + 1, sizeof(*all));
    size_t known = 0;

    if (!all)
        return -ENOMEM;
    for (uint32_t i = 0; i < n * WEIR_WAYS; i++) {
        const struct weir_dest *s = &set[i / WEIR_WAYS].service[i % WEIR_WAYS];

        if (__atomic_load_n(&set[i / WEIR_WAYS].ways.tag[i % WEIR_WAYS], __ATOMIC_ACQUIRE))
            all[known++] = (struct ranked){ s, rank_of(s) };
    }
    qsort(all, known, sizeof(*all), by_rank);
    weir_json_u64(j, "floods_known", known);
    weir_json_array(j, "floods");
    for (size_t i = 0; i < known && i < max; i++) {
        struct weir_dest s;

        memcpy(&s, all[i].s, sizeof(s)); /* a packet may write meanwhile; a number may be newer */
        record_write(&s, clock_offset_ns, j);
    }
    weir_json_array_end(j);
    return 0;
}
