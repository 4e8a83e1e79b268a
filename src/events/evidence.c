/* SPDX-License-Identifier: Apache-2.0 */
#include "events/evidence.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "abi/event.h"
#include "base/addr.h"
#include "base/cleanup.h"
#include "events/evidence_note.h"
#include "events/names.h"

#define NS 1000000000ULL
#define PRUNE_S 60 /* files grow old without our doing */

/* One file that is being written. */
struct evidence_case {
    struct weir_evidence_file *file; /* NULL: not begun, or it could not be */
    uint64_t until_ns;
    uint32_t number; /* of the watch */
};

struct weir_evidence {
    struct weir_evidence_config c;
    char dir[PATH_MAX];
    struct evidence_case of[WEIR_WATCHES];
    struct weir_evidence_stats stats;
    uint64_t incidents; /* names of files */
    uint64_t pruned_ns;
    bool grown; /* since it was pruned */
    struct weir_error error;
};

static void note_error(struct weir_evidence *v, const struct weir_error *e)
{
    v->stats.failed++;
    if (!v->error.text[0])
        v->error = *e;
}

/* Age counts by the system's clock: that of a capture is another one. */
static int prune(struct weir_evidence *v, bool parts, struct weir_error *e)
{
    uint32_t removed = 0;
    int r = weir_evidence_prune(v->dir, &v->c.keep, (int64_t)time(NULL), parts, &removed, e);

    v->stats.removed += removed;
    return r;
}

int weir_evidence_new(const struct weir_evidence_config *config, struct weir_evidence **ret,
                      struct weir_error *e)
{
    struct weir_evidence *v;
    int r;

    if (strlen(config->dir) + WEIR_EVIDENCE_FILE_NAME >= PATH_MAX)
        return weir_error_set(e, ENAMETOOLONG, "--evidence %s: name too long", config->dir);
    /* Packets hold what people sent. */
    if (mkdir(config->dir, 0700) && errno != EEXIST)
        return weir_error_set(e, errno, "--evidence %s: %s", config->dir, strerror(errno));
    v = calloc(1, sizeof(*v));
    if (!v)
        return weir_error_set(e, ENOMEM, "no memory");
    v->c = *config;
    (void)snprintf(v->dir, sizeof(v->dir), "%s", config->dir);
    r = prune(v, true, e);
    if (r < 0) {
        free(v);
        return r;
    }
    *ret = v;
    return 0;
}

static void case_end(struct weir_evidence *v, struct evidence_case *k)
{
    struct weir_error e = { 0 };

    if (!k->file)
        return;
    if (weir_evidence_file_close(k->file, &e) < 0)
        note_error(v, &e);
    else
        v->stats.files++;
    k->file = NULL;
    v->stats.open--;
    v->grown = true;
}

void weir_evidence_finish(struct weir_evidence *v)
{
    for (unsigned i = 0; i < WEIR_WATCHES; i++)
        case_end(v, &v->of[i]);
}

void weir_evidence_free(struct weir_evidence *v)
{
    if (v)
        weir_evidence_finish(v);
    free(v);
}

static int by_time(const void *a, const void *b)
{
    const struct weir_recent *x = *(const struct weir_recent *const *)a;
    const struct weir_recent *y = *(const struct weir_recent *const *)b;

    if (x->ts_ns != y->ts_ns)
        return x->ts_ns < y->ts_ns ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int write_note(struct weir_evidence *v, struct weir_evidence_file *f, uint64_t ts_ns,
                      const struct weir_packet_note *n, const uint8_t *bytes, bool whole)
{
    struct weir_evidence_packet p;
    _cleanup_(weir_evidence_scratch_free) struct weir_evidence_scratch scratch = { 0 };

    weir_evidence_packet_make(&p, n, bytes, whole, &scratch);
    p.ts_ns = ts_ns + v->c.offset_ns;
    p.name = v->c.name ? v->c.name(v->c.arg, n->source) : NULL;
    return weir_evidence_file_add(f, &p);
}

/* The newest of them, in the order of their times. */
static void write_heads(struct weir_evidence *v, struct weir_evidence_file *f, uint64_t before_ns)
{
    size_t n = 0, from;
    const struct weir_recent *all = v->c.heads ? v->c.heads(v->c.arg, before_ns, &n) : NULL;
    _cleanup_free_ const struct weir_recent **sorted = NULL;

    if (!n)
        return;
    sorted = calloc(n, sizeof(*sorted));
    if (!sorted) {
        weir_evidence_file_lost(f, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = &all[i];
    qsort(sorted, n, sizeof(*sorted), by_time);
    from = n > v->c.recent ? n - v->c.recent : 0;
    for (; from < n; from++)
        (void)write_note(v, f, sorted[from]->ts_ns, &sorted[from]->note, sorted[from]->b, false);
}

static void case_begin(struct weir_evidence *v, struct evidence_case *k,
                       const struct weir_packet_event *ev)
{
    const struct weir_detection_info *info = weir_detection_by_id(ev->note.detection);
    char name[WEIR_EVIDENCE_FILE_NAME], source[WEIR_ADDR_TEXT], comment[256];
    char path[PATH_MAX + WEIR_EVIDENCE_FILE_NAME + 2];
    struct weir_error e = { 0 };

    case_end(v, k); /* its last packet was lost on the way */
    k->number = ev->number;
    k->until_ns = ev->ts_ns + WEIR_WATCH_NS;
    if (v->stats.open == WEIR_EVIDENCE_OPEN_MAX) {
        v->stats.skipped++;
        return;
    }
    weir_addr_format(ev->addr, source);
    (void)weir_evidence_name(ev->ts_ns + v->c.offset_ns, info ? info->name : "unknown", source,
                             ++v->incidents, name);
    (void)snprintf(path, sizeof(path), "%s/%s", v->dir, name);
    (void)snprintf(
        comment, sizeof(comment),
        "%s, %s: heads of packets before it, then whole packets from and to that address",
        info ? info->name : "unknown", source);
    if (weir_evidence_file_open(path, comment, v->c.file_bytes, &k->file, &e) < 0) {
        note_error(v, &e);
        return;
    }
    v->stats.open++;
    write_heads(v, k->file, ev->ts_ns);
}

void weir_evidence_packet(struct weir_evidence *v, const struct weir_packet_event *ev,
                          const uint8_t *bytes)
{
    struct evidence_case *k = &v->of[ev->watch & (WEIR_WATCHES - 1)];

    /* Its first packet may be lost, or be one that is not kept. */
    if (ev->note.flags & WEIR_PACKET_FIRST || k->number != ev->number)
        case_begin(v, k, ev);
    if (!k->file || k->number != ev->number ||
        write_note(v, k->file, ev->ts_ns, &ev->note, bytes, true) < 0)
        v->stats.lost++;
    else
        v->stats.packets++;
    if (ev->note.flags & WEIR_PACKET_LAST && k->number == ev->number)
        case_end(v, k);
}

void weir_evidence_sweep(struct weir_evidence *v, uint64_t now_ns)
{
    struct weir_error e = { 0 };

    for (unsigned i = 0; v->stats.open && i < WEIR_WATCHES; i++)
        if (v->of[i].file && v->of[i].until_ns < now_ns)
            case_end(v, &v->of[i]);
    if (!v->grown && now_ns - v->pruned_ns < PRUNE_S * NS)
        return;
    v->grown = false;
    v->pruned_ns = now_ns;
    if (prune(v, false, &e) < 0)
        note_error(v, &e);
}

void weir_evidence_clock(struct weir_evidence *v, uint64_t offset_ns)
{
    v->c.offset_ns = offset_ns;
}

struct weir_evidence_stats weir_evidence_stats(const struct weir_evidence *v)
{
    return v->stats;
}

bool weir_evidence_failed(struct weir_evidence *v, struct weir_error *ret)
{
    if (!v->error.text[0])
        return false;
    *ret = v->error;
    v->error.text[0] = '\0';
    return true;
}
