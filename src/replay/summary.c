/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/summary.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "events/names.h"

#define WEIR_SUMMARY_TOP 20

static uint64_t weir_summary_total(const struct weir_host *h)
{
    uint64_t n = 0;

    for (unsigned row = 0; row < WEIR_ROW_MAX; row++)
        n += h->counters.finding[row];
    return n;
}

static void weir_summary_detections(struct weir_buf *out, struct weir_host *h)
{
    uint64_t from[WEIR_ROW_MAX];

    weir_tally_sources(h->tally, from, WEIR_ROW_MAX);
    weir_buf_add_str(out, "By detection\n");
    for (unsigned s = WEIR_SEVERITY_HIGH; s < WEIR_SEVERITY_MAX; s++) {
        for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
            const struct weir_detection_info *d = weir_detection_by_row(row);

            if (d->severity != s || !h->counters.finding[row])
                continue;
            weir_buf_addf(out, "  %-4s  %-30s  %10llu packet%s", weir_severity_name(s), d->name,
                          (unsigned long long)h->counters.finding[row],
                          h->counters.finding[row] == 1 ? "" : "s");
            if (from[row])
                weir_buf_addf(out, " from %s%llu source%s",
                              weir_tally_overflow(h->tally) ? "at least " : "",
                              (unsigned long long)from[row], from[row] == 1 ? "" : "s");
            weir_buf_add_char(out, '\n');
        }
    }
}

static void weir_summary_side(struct weir_buf *out, struct weir_host *h, enum weir_tally_side side)
{
    struct weir_tally_line line[WEIR_SUMMARY_TOP + 1];
    char text[WEIR_ADDR_TEXT];
    size_t n, all;

    all = weir_tally_top(h->tally, side, line, WEIR_SUMMARY_TOP, &n);
    if (!all)
        return;
    weir_buf_add_str(out, side == WEIR_TALLY_SOURCE ? "By source\n" : "By target\n");
    for (size_t i = 0; i < n; i++) {
        weir_buf_addf(out, "  %-39s  %10llu  %s", weir_addr_format(line[i].addr, text),
                      (unsigned long long)line[i].packets,
                      weir_detection_by_row(line[i].row)->name);
        if (line[i].rows > 1)
            weir_buf_addf(out, " and %u more", line[i].rows - 1);
        weir_buf_add_char(out, '\n');
    }
    if (all > n)
        weir_buf_addf(out, "  and %s%zu more\n", weir_tally_overflow(h->tally) ? "at least " : "",
                      all - n);
}

void weir_summary_findings(struct weir_buf *out, struct weir_host *h)
{
    uint64_t overflow = weir_tally_overflow(h->tally);

    if (!weir_summary_total(h)) {
        weir_buf_add_str(out, "No findings.\n");
        return;
    }
    weir_summary_detections(out, h);
    weir_summary_side(out, h, WEIR_TALLY_SOURCE);
    weir_summary_side(out, h, WEIR_TALLY_TARGET);
    if (overflow)
        weir_buf_addf(out, "  %llu packets had no room in these tables: --memory is too small\n",
                      (unsigned long long)overflow);
}

static void weir_summary_outcomes(struct weir_buf *out, const struct weir_host *h,
                                  enum weir_outcome_kind kind, const char *title)
{
    bool any = false;

    for (unsigned o = 0; o < WEIR_OUTCOME_MAX; o++) {
        if (weir_outcome_kind(o) != kind || !h->counters.outcome[o])
            continue;
        weir_buf_addf(out, "%s %s %llu", any ? "," : title, weir_outcome_name(o),
                      (unsigned long long)h->counters.outcome[o]);
        any = true;
    }
    if (any)
        weir_buf_add_char(out, '\n');
}

static void weir_summary_tunnels(struct weir_buf *out, const struct weir_host *h)
{
    bool any = false;

    for (unsigned t = 0; t < WEIR_TUNNEL_MAX; t++) {
        if (!h->counters.tunnel[t])
            continue;
        weir_buf_addf(out, "%s %s %llu", any ? "," : "In tunnels:   ", weir_tunnel_name(t),
                      (unsigned long long)h->counters.tunnel[t]);
        any = true;
    }
    if (any)
        weir_buf_add_char(out, '\n');
}

static void weir_summary_local(struct weir_buf *out, const struct weir_host *h)
{
    static const char *const origin[] = {
        [WEIR_LOCAL_NONE] = "none known",
        [WEIR_LOCAL_GIVEN] = "as given",
        [WEIR_LOCAL_PROTECT] = "protect of the policy",
        [WEIR_LOCAL_PRIVATE] = "private addresses",
        [WEIR_LOCAL_CONTACTED] = "the most contacted address, ",
    };
    char text[WEIR_ADDR_TEXT];

    weir_buf_addf(out, "Local:         %s%s; %llu packets in, %llu out\n", origin[h->local.origin],
                  h->local.origin == WEIR_LOCAL_CONTACTED
                      ? weir_addr_format(h->local.prefix[0].addr, text)
                      : "",
                  (unsigned long long)(h->counters.packets - h->counters.egress),
                  (unsigned long long)h->counters.egress);
}

static void weir_summary_checksums(struct weir_buf *out, const struct weir_host *h)
{
    static const char *const name[] = { [WEIR_CHECKSUM_IP4] = "IPv4", [WEIR_CHECKSUM_TCP] = "TCP" };

    if (h->trust.mode == WEIR_CHECKSUM_OFF) {
        weir_buf_add_str(out, "Checksums:     not judged (--checksum off)\n");
        return;
    }
    for (int k = 0; k < WEIR_CHECKSUM_KINDS; k++) {
        weir_buf_addf(out, "%s %s: %llu checked, %llu wrong", k ? ";" : "Checksums:    ", name[k],
                      (unsigned long long)h->trust.kind[k].checked,
                      (unsigned long long)h->trust.kind[k].wrong);
        if (h->trust.kind[k].pending)
            weir_buf_addf(out, ", %llu not yet computed (offload)",
                          (unsigned long long)h->trust.kind[k].pending);
        if (h->trust.kind[k].withheld)
            weir_buf_addf(out, ", %llu not reported: too few checked or too many wrong",
                          (unsigned long long)h->trust.kind[k].withheld);
    }
    weir_buf_add_char(out, '\n');
}

static void weir_summary_counted(struct weir_buf *out, const struct weir_host *h)
{
    bool any = false;

    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        uint64_t n = h->counters.row[row];

        if (!n || weir_judge_finds(h->judge, row))
            continue;
        weir_buf_addf(out, "%s %s %llu",
                      any ? "," : "Counted:      ", weir_detection_by_row(row)->name,
                      (unsigned long long)n);
        any = true;
    }
    if (any)
        weir_buf_add_char(out, '\n');
}

/* What the policy would have done, when there is one. */
static void weir_summary_verdicts(struct weir_buf *out, const struct weir_host *h,
                                  const char *policy)
{
    const struct weir_host_counters *n = &h->counters;

    if (!policy)
        return;
    weir_buf_addf(out, "Policy:        %s, mode %s\n", policy,
                  weir_judge_enforces(h->judge) ? "enforce" : "observe");
    weir_buf_addf(out, "Dropped:       %llu for a finding, %llu on a deny list",
                  (unsigned long long)n->dropped, (unsigned long long)n->denied);
    if (n->would_drop || n->would_deny)
        weir_buf_addf(out, "; would be in enforce mode: %llu and %llu",
                      (unsigned long long)n->would_drop, (unsigned long long)n->would_deny);
    if (n->spared)
        weir_buf_addf(out, "; %llu spared by the allow list", (unsigned long long)n->spared);
    weir_buf_add_char(out, '\n');
}

static void weir_summary_tls(struct weir_buf *out, const struct weir_host *h)
{
    struct weir_hellos_counters n;

    if (!h->hellos)
        return;
    n = weir_hellos_count(h->hellos);
    weir_buf_addf(out, "TLS:           %llu ClientHellos, %llu broken, %llu not put together\n",
                  (unsigned long long)n.told, (unsigned long long)n.broken,
                  (unsigned long long)n.lost);
}

static void weir_summary_evidence(struct weir_buf *out, const struct weir_host *h)
{
    struct weir_evidence_stats s;

    if (!h->trail)
        return;
    s = weir_trail_stats(h->trail);
    weir_buf_addf(
        out,
        "Evidence:      %llu files, %llu whole packets, %llu lost; %llu incidents without "
        "a file; %llu old files removed\n",
        (unsigned long long)s.files, (unsigned long long)s.packets, (unsigned long long)s.lost,
        (unsigned long long)(s.skipped + s.failed + weir_trail_refused(h->trail)),
        (unsigned long long)s.removed);
}

void weir_summary_ground(struct weir_buf *out, struct weir_host *h, const char *policy)
{
    struct weir_incidents_stats s = weir_host_incidents(h);

    weir_buf_addf(out, "Packets:       %llu, %llu bytes\n", (unsigned long long)h->counters.packets,
                  (unsigned long long)h->counters.bytes);
    weir_summary_outcomes(out, h, WEIR_OUTCOME_INSPECTED, "Inspected:    ");
    weir_summary_outcomes(out, h, WEIR_OUTCOME_PASSED, "Not inspected:");
    weir_summary_outcomes(out, h, WEIR_OUTCOME_BROKEN, "Unreadable:   ");
    weir_summary_tunnels(out, h);
    weir_summary_verdicts(out, h, policy);
    weir_summary_local(out, h);
    weir_summary_flows(out, h);
    weir_summary_checksums(out, h);
    weir_summary_counted(out, h);
    weir_summary_tls(out, h);
    weir_summary_evidence(out, h);
    if (h->counters.clock_back)
        weir_buf_addf(out, "Clock:         %llu packet%s older than the one before\n",
                      (unsigned long long)h->counters.clock_back,
                      h->counters.clock_back == 1 ? "" : "s");
    weir_buf_addf(
        out,
        "Events:        %llu for %llu packets; %llu of a scan held back; %llu incidents ended "
        "early, room for %zu\n",
        (unsigned long long)(s.events - h->counters.held), (unsigned long long)s.packets,
        (unsigned long long)h->counters.held, (unsigned long long)s.evicted, s.size);
}

static void weir_stats_decoder(struct weir_json *j, const struct weir_host *h)
{
    uint64_t invalid = 0;

    for (unsigned o = 0; o < WEIR_OUTCOME_MAX; o++)
        if (weir_outcome_kind(o) == WEIR_OUTCOME_BROKEN)
            invalid += h->counters.outcome[o];
    weir_json_object(j, "decoder");
    weir_json_u64(j, "pkts", h->counters.packets);
    weir_json_u64(j, "bytes", h->counters.bytes);
    weir_json_u64(j, "ipv4", h->counters.ip4);
    weir_json_u64(j, "ipv6", h->counters.ip6);
    weir_json_u64(j, "tcp", h->counters.outcome[WEIR_OUTCOME_TCP]);
    weir_json_u64(j, "invalid", invalid);
    weir_json_object_end(j);
}

static void weir_stats_checksum(struct weir_json *j, const struct weir_host *h)
{
    static const char *const name[] = { [WEIR_CHECKSUM_IP4] = "ipv4", [WEIR_CHECKSUM_TCP] = "tcp" };

    weir_json_object(j, "checksum");
    for (int k = 0; k < WEIR_CHECKSUM_KINDS; k++) {
        weir_json_object(j, name[k]);
        weir_json_u64(j, "checked", h->trust.kind[k].checked);
        weir_json_u64(j, "wrong", h->trust.kind[k].wrong);
        weir_json_u64(j, "pending", h->trust.kind[k].pending);
        weir_json_u64(j, "withheld", h->trust.kind[k].withheld);
        weir_json_object_end(j);
    }
    weir_json_object_end(j);
}

static void weir_stats_weir(struct weir_json *j, const struct weir_host *h)
{
    struct weir_incidents_stats s = weir_host_incidents(h);

    weir_json_object(j, "weir");
    weir_json_object(j, "outcomes");
    for (unsigned o = 0; o < WEIR_OUTCOME_MAX; o++)
        if (h->counters.outcome[o])
            weir_json_u64(j, weir_outcome_name(o), h->counters.outcome[o]);
    weir_json_object_end(j);
    weir_json_object(j, "tunnels");
    for (unsigned t = 0; t < WEIR_TUNNEL_MAX; t++)
        if (h->counters.tunnel[t])
            weir_json_u64(j, weir_tunnel_name(t), h->counters.tunnel[t]);
    weir_json_object_end(j);
    weir_json_object(j, "counts");
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++)
        if (h->counters.row[row])
            weir_json_u64(j, weir_detection_by_row(row)->name, h->counters.row[row]);
    weir_json_object_end(j);
    weir_json_u64(j, "findings", weir_summary_total(h));
    weir_json_u64(j, "dropped", h->counters.dropped);
    weir_json_u64(j, "would_drop", h->counters.would_drop);
    weir_json_u64(j, "denied", h->counters.denied);
    weir_json_u64(j, "would_deny", h->counters.would_deny);
    weir_json_u64(j, "spared", h->counters.spared);
    weir_json_u64(j, "clock_back", h->counters.clock_back);
    weir_stats_checksum(j, h);
    weir_json_object(j, "events");
    weir_json_u64(j, "sent", s.events - h->counters.held);
    weir_json_u64(j, "held", h->counters.held);
    weir_json_u64(j, "suppressed", s.suppressed);
    weir_json_u64(j, "incidents_ended_early", s.evicted);
    weir_json_object_end(j);
    weir_stats_flows(j, h);
    weir_json_object_end(j);
}

void weir_summary_stats(struct weir_buf *out, const struct weir_host *h, double seconds)
{
    struct weir_json j = { .out = out };
    char text[WEIR_TIME_TEXT];

    weir_json_object(&j, NULL);
    weir_json_str(&j, "timestamp", weir_time_format(h->last_ns, text));
    weir_json_str(&j, "event_type", "stats");
    weir_json_object(&j, "stats");
    weir_json_u64(&j, "uptime", (uint64_t)seconds);
    weir_stats_decoder(&j, h);
    weir_stats_weir(&j, h);
    weir_json_object_end(&j);
    weir_json_object_end(&j);
    weir_buf_add_char(out, '\n');
}
