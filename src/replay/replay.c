/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/hellos.h"
#include "replay/replay.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analytics/scans.h"
#include "base/cleanup.h"
#include "events/eve_flow.h"
#include "events/eve_scan.h"
#include "events/eve_tls.h"
#include "replay/merge.h"
#include "replay/summary.h"

#define WEIR_REPLAY_FLUSH (64 * 1024) /* bytes of findings gathered before they are written */
#define WEIR_REPLAY_TICK 65536        /* packets between two looks at the clock */

struct weir_replay {
    const struct weir_replay_options *o;
    struct weir_host host;
    struct weir_merge *merge;
    struct weir_scans *scans;
    struct weir_buf buf;
    FILE *findings; /* JSON: o->out; text: a file of its own, since the summary goes first */
    bool progress;  /* a line of it stands on the terminal */
    struct timespec start;
    struct weir_prefixes protect;
    int write_error;
    unsigned failures; /* files that were damaged or could not be opened */
};

static volatile sig_atomic_t weir_replay_stopping;

void weir_replay_stop(void)
{
    weir_replay_stopping = 1;
}

static double weir_replay_seconds(const struct weir_replay *r)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - r->start.tv_sec) + (double)(now.tv_nsec - r->start.tv_nsec) / 1e9;
}

static void weir_replay_write(struct weir_replay *r, FILE *to)
{
    if (r->buf.failed && !r->write_error)
        r->write_error = ENOMEM;
    if (r->buf.len && fwrite(r->buf.data, 1, r->buf.len, to) != r->buf.len && !r->write_error)
        r->write_error = errno ? errno : EIO;
    weir_buf_clear(&r->buf);
    if (r->write_error)
        weir_replay_stop();
}

static void weir_replay_event(void *ctx, const struct weir_event *ev)
{
    struct weir_replay *r = ctx;
    struct weir_eve_source from = { .pcap_filename = r->o->paths[ev->source] };

    if (!weir_scans_event(r->scans, ev)) {
        r->host.counters.held++;
        return;
    }
    if (r->o->policy) {
        from.pattern = weir_pattern_name(r->o->policy, ev);
        from.known = weir_allowed_name(r->o->policy, ev->src);
    }
    if (r->o->json)
        weir_eve_write(&r->buf, ev, &from);
    else
        weir_text_write(&r->buf, ev, &from);
    if (r->buf.len >= WEIR_REPLAY_FLUSH)
        weir_replay_write(r, r->findings);
}

static const struct weir_source *weir_replay_record(void *ctx, const uint8_t addr[16])
{
    struct weir_replay *r = ctx;

    return weir_sources_record(r->host.sources, addr);
}

/* People read what it came to, programs how it grew. */
static void weir_replay_scan(void *ctx, const struct weir_scan_incident *scan)
{
    struct weir_replay *r = ctx;
    struct weir_eve_source from = { .pcap_filename = r->o->paths[scan->origin] };

    if (r->o->json)
        weir_eve_scan_write(&r->buf, scan, &from);
    else if (scan->state == WEIR_SCAN_OVER)
        weir_text_scan_write(&r->buf, scan, &from);
}

static void weir_replay_flow(void *ctx, const struct weir_flow_event *ev)
{
    struct weir_replay *r = ctx;
    struct weir_eve_source from = { .pcap_filename = r->o->paths[ev->flow.ifindex] };

    if (r->o->json)
        weir_eve_flow_write(&r->buf, ev, &from);
    else
        weir_text_flow_write(&r->buf, ev, &from);
    if (r->buf.len >= WEIR_REPLAY_FLUSH)
        weir_replay_write(r, r->findings);
}

static void weir_replay_tls(void *ctx, const struct weir_tls_event *ev)
{
    struct weir_replay *r = ctx;
    struct weir_eve_source from = { .pcap_filename = r->o->paths[ev->from.source] };

    if (r->o->json)
        weir_eve_tls_write(&r->buf, ev, &from);
    else
        weir_text_tls_write(&r->buf, ev, &from);
    if (r->buf.len >= WEIR_REPLAY_FLUSH)
        weir_replay_write(r, r->findings);
}

static void weir_replay_clear_line(struct weir_replay *r)
{
    if (r->progress)
        (void)fputs("\r\033[K", r->o->err);
    r->progress = false;
}

static void weir_replay_failed(void *ctx, const struct weir_error *e)
{
    struct weir_replay *r = ctx;

    if (weir_replay_stopping)
        return; /* the signal that stopped the run interrupted a read: nothing is damaged */
    r->failures++;
    weir_replay_clear_line(r);
    (void)fprintf(r->o->err, "weir: %s\n", e->text);
}

static void weir_replay_progress(struct weir_replay *r)
{
    uint64_t at, all, packets = r->host.counters.packets;
    double seconds = weir_replay_seconds(r);

    if (seconds < 1)
        return;
    weir_merge_progress(r->merge, &at, &all);
    weir_replay_clear_line(r);
    if (all)
        (void)fprintf(r->o->err, "%3.0f %%  ", 100.0 * (double)at / (double)all);
    (void)fprintf(r->o->err, "%llu packets, %.0f a second", (unsigned long long)packets,
                  (double)packets / seconds);
    (void)fflush(r->o->err);
    r->progress = true;
}

static void weir_replay_ignore(void *ctx, const struct weir_error *e)
{
    (void)ctx;
    (void)e;
}

/* What is read once must not be looked at before: standard input, /dev/stdin, a named pipe. */
static bool weir_replay_readable_twice(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Which side is ours: what was said, else what the policy protects, else what is found out. */
static int weir_replay_told(struct weir_replay *r)
{
    const struct weir_settings *s = r->o->policy;

    r->host.local = r->o->local;
    if (weir_local_is_told(&r->host.local) || !s || !s->protected.n)
        return 0;
    if (weir_prefixes_new(&r->protect, s->protected.n) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < s->protected.n; i++)
        weir_prefixes_put(&r->protect, &s->protected.v[i].prefix);
    r->host.local.origin = WEIR_LOCAL_PROTECT;
    r->host.local.protect = &r->protect;
    return 0;
}

/* What of the policy a capture has no answer to. */
static void weir_replay_remark(const struct weir_replay *r)
{
    const struct weir_settings *s = r->o->policy;

    for (size_t i = 0; s && i < s->zones.n; i++)
        if (s->zones.v[i].interface)
            (void)fprintf(r->o->err,
                          "weir: zones[%zu].match.interface: %s: a capture has no interfaces, "
                          "nothing is in this zone\n",
                          i, s->zones.v[i].interface);
}

/* Look at the first packets of regular files to learn which side is ours. */
static int weir_replay_survey(struct weir_replay *r)
{
    _cleanup_(weir_local_survey_freep) struct weir_local_survey *survey = NULL;
    unsigned left = WEIR_LOCAL_SURVEY;

    if (weir_local_is_told(&r->host.local))
        return 0;
    if (weir_local_survey_new(&survey) < 0)
        return -ENOMEM;
    for (unsigned i = 0; i < r->o->files && left; i++) {
        _cleanup_(weir_merge_freep) struct weir_merge *m = NULL;
        const struct weir_capture_packet *packet;
        struct weir_pkt p;
        uint32_t file;

        if (!weir_replay_readable_twice(r->o->paths[i]))
            continue;
        if (weir_merge_new(&r->o->paths[i], 1, r->o->memory_bytes / 4, weir_replay_ignore, NULL,
                           &m) < 0)
            return -ENOMEM;
        for (; left && (packet = weir_merge_next(m, &file)); left--) {
            weir_host_innermost(packet, &p);
            weir_local_survey_packet(survey, &p);
        }
    }
    weir_local_decide(&r->host.local, survey);
    return 0;
}

static void weir_replay_evidence(struct weir_replay *r)
{
    struct weir_error e = { 0 };

    if (!r->host.trail)
        return;
    weir_trail_finish(r->host.trail);
    if (!weir_trail_failed(r->host.trail, &e))
        return;
    r->failures++;
    (void)fprintf(r->o->err, "weir: --evidence: %s\n", e.text);
}

static void weir_replay_read(struct weir_replay *r)
{
    bool terminal = isatty(fileno(r->o->err));
    const struct weir_capture_packet *packet;
    uint32_t file;

    while (!weir_replay_stopping && (packet = weir_merge_next(r->merge, &file))) {
        weir_host_packet(&r->host, file, packet);
        weir_scans_tick(r->scans, r->host.last_ns);
        if (terminal && r->host.counters.packets % WEIR_REPLAY_TICK == 0)
            weir_replay_progress(r);
    }
    weir_replay_clear_line(r);
    if (weir_host_finish(&r->host) < 0 && !r->write_error)
        r->write_error = ENOMEM;
    weir_scans_finish(r->scans);
    weir_replay_write(r, r->findings);
    weir_replay_evidence(r);
}

static void weir_replay_copy(struct weir_replay *r)
{
    char block[65536];
    size_t n;

    rewind(r->findings);
    while ((n = fread(block, 1, sizeof(block), r->findings)) > 0) {
        weir_buf_add(&r->buf, block, n);
        weir_replay_write(r, r->o->out);
    }
    if (ferror(r->findings) && !r->write_error)
        r->write_error = EIO;
}

static const char *weir_replay_policy_name(const struct weir_replay *r)
{
    return r->o->policy && r->o->policy->bundle.files ? r->o->policy->bundle.file[0].name : NULL;
}

/* Text: summary, then the findings, then what they rest on. JSON: a last line of statistics; people
 * find the summary on standard error. */
static void weir_replay_report(struct weir_replay *r)
{
    double seconds = weir_replay_seconds(r);

    if (r->o->json) {
        weir_summary_stats(&r->buf, &r->host, seconds);
        weir_replay_write(r, r->o->out);
        weir_summary_findings(&r->buf, &r->host);
        weir_summary_services(&r->buf, &r->host);
        weir_summary_ground(&r->buf, &r->host, weir_replay_policy_name(r));
        weir_replay_write(r, r->o->err);
        return;
    }
    weir_summary_findings(&r->buf, &r->host);
    weir_buf_add_char(&r->buf, '\n');
    weir_summary_services(&r->buf, &r->host);
    weir_replay_write(r, r->o->out);
    weir_replay_copy(r);
    if (weir_host_incidents(&r->host).events || r->o->flows || r->o->tls)
        weir_buf_add_char(&r->buf, '\n');
    weir_summary_ground(&r->buf, &r->host, weir_replay_policy_name(r));
    weir_replay_write(r, r->o->out);
}

static int weir_replay_open(struct weir_replay *r, struct weir_error *e)
{
    const struct weir_scans_host scans = { weir_replay_record, weir_replay_scan, r };
    int ret =
        weir_host_init(&r->host, r->o->memory_bytes / 4 * 3, r->o->policy, weir_replay_event, r, e);

    if (ret < 0)
        return ret;
    if (weir_scans_new(&scans, &r->scans) < 0)
        return weir_error_set(e, ENOMEM, "no memory for scans");
    if (r->o->memory_bytes / 4 / r->o->files < WEIR_MERGE_FILE_BYTES)
        return weir_error_set(e, E2BIG, "--memory %zu: not enough to read %u files, expected %zu",
                              r->o->memory_bytes, r->o->files,
                              (size_t)r->o->files * WEIR_MERGE_FILE_BYTES * 4);
    r->host.counted = r->o->counted;
    if (r->o->flows)
        r->host.flow = weir_replay_flow;
    if (r->o->services && weir_host_services(&r->host, r->o->memory_bytes / 16) < 0)
        return weir_error_set(e, ENOMEM, "no memory for services");
    if (weir_host_hellos(&r->host, r->o->memory_bytes / 16, r->o->policy,
                         r->o->tls ? weir_replay_tls : NULL) < 0)
        return weir_error_set(e, ENOMEM, "no memory for ClientHellos");
    if (r->o->evidence) {
        ret = weir_trail_new(r->o->evidence, r->o->paths, r->o->policy, &r->host.trail, e);
        if (ret < 0)
            return ret;
    }
    r->host.trust.mode = r->o->checksum;
    r->findings = r->o->json ? r->o->out : tmpfile();
    if (!r->findings)
        return weir_error_set(e, errno, "temporary file for the findings: %s", strerror(errno));
    weir_replay_remark(r);
    if (weir_replay_told(r) < 0 || weir_replay_survey(r) < 0 ||
        weir_merge_new(r->o->paths, r->o->files, r->o->memory_bytes / 4, weir_replay_failed, r,
                       &r->merge) < 0)
        return weir_error_set(e, ENOMEM, "no memory for %u files", r->o->files);
    return 0;
}

int weir_replay(const struct weir_replay_options *options)
{
    struct weir_replay r = { .o = options };
    struct weir_error e = { 0 };
    int status = 1;

    (void)clock_gettime(CLOCK_MONOTONIC, &r.start);
    if (weir_replay_open(&r, &e) < 0) {
        (void)fprintf(options->err, "weir: %s\n", e.text);
    } else {
        weir_replay_read(&r);
        weir_replay_report(&r);
        if (fflush(options->out) && !r.write_error)
            r.write_error = errno;
        if (r.write_error)
            (void)fprintf(options->err, "weir: output: %s\n", strerror(r.write_error));
        else if (weir_replay_stopping)
            (void)fprintf(options->err,
                          "weir: interrupted after %llu packets, the rest is unread\n",
                          (unsigned long long)r.host.counters.packets);
        status = r.write_error || weir_replay_stopping || r.failures;
    }
    if (r.findings && r.findings != options->out)
        (void)fclose(r.findings);
    weir_merge_free(r.merge);
    weir_scans_free(r.scans);
    weir_host_free(&r.host);
    weir_prefixes_free(&r.protect);
    weir_buf_free(&r.buf);
    return status;
}
