/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/merge.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define WEIR_MERGE_BUFFER_MAX (1024 * 1024)

struct weir_merge_file {
    struct weir_capture *capture;
    struct weir_capture_packet packet; /* the next one, not delivered */
    uint32_t index;
};

struct weir_merge {
    weir_merge_failed failed;
    void *ctx;
    struct weir_merge_file *file; /* all that opened */
    uint32_t files;
    struct weir_merge_file **heap; /* those with a packet; the earliest first */
    uint32_t heaped;
    bool delivered; /* heap[0]'s packet was handed out */
    unsigned failures;
};

static bool weir_merge_before(const struct weir_merge_file *a, const struct weir_merge_file *b)
{
    if (a->packet.ts_ns != b->packet.ts_ns)
        return a->packet.ts_ns < b->packet.ts_ns;
    return a->index < b->index;
}

static void weir_merge_sink(struct weir_merge *m, uint32_t at)
{
    for (;;) {
        uint32_t least = at, child = 2 * at + 1;
        struct weir_merge_file *f = m->heap[at];

        for (uint32_t i = child; i < child + 2 && i < m->heaped; i++)
            if (weir_merge_before(m->heap[i], m->heap[least]))
                least = i;
        if (least == at)
            return;
        m->heap[at] = m->heap[least];
        m->heap[least] = f;
        at = least;
    }
}

static void weir_merge_fail(struct weir_merge *m, const struct weir_error *e)
{
    m->failures++;
    m->failed(m->ctx, e);
}

/* Read the file's next packet; false at its end. */
static bool weir_merge_read(struct weir_merge *m, struct weir_merge_file *f)
{
    struct weir_error e;
    int r;

    e.text[0] = '\0'; /* not all of it: this runs for every packet */
    r = weir_capture_next(f->capture, &f->packet, &e);

    if (r < 0)
        weir_merge_fail(m, &e);
    return r > 0;
}

/* Read-ahead of one file: half of its share, decompression takes most of the rest. */
static size_t weir_merge_buffer(size_t share)
{
    return share / 2 < WEIR_MERGE_BUFFER_MAX ? share / 2 : WEIR_MERGE_BUFFER_MAX;
}

int weir_merge_new(char *const *paths, unsigned n, size_t memory_bytes, weir_merge_failed failed,
                   void *ctx, struct weir_merge **ret)
{
    _cleanup_(weir_merge_freep) struct weir_merge *m = calloc(1, sizeof(*m));

    if (!m)
        return -ENOMEM;
    if (memory_bytes / n < WEIR_MERGE_FILE_BYTES)
        return -E2BIG;
    m->failed = failed;
    m->ctx = ctx;
    m->file = calloc(n, sizeof(*m->file));
    m->heap = calloc(n, sizeof(struct weir_merge_file *));
    if (!m->file || !m->heap)
        return -ENOMEM;
    for (unsigned i = 0; i < n; i++) {
        struct weir_merge_file *f = &m->file[m->files++];
        struct weir_error e = { 0 };

        f->index = i;
        if (weir_capture_open(paths[i], weir_merge_buffer(memory_bytes / n), &f->capture, &e) < 0)
            weir_merge_fail(m, &e);
        else if (weir_merge_read(m, f))
            m->heap[m->heaped++] = f;
    }
    for (uint32_t i = m->heaped / 2; i-- > 0;)
        weir_merge_sink(m, i);
    *ret = TAKE_PTR(m);
    return 0;
}

void weir_merge_free(struct weir_merge *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->files; i++)
        weir_capture_free(m->file[i].capture);
    free(m->file);
    free(m->heap);
    free(m);
}

void weir_merge_freep(struct weir_merge **m)
{
    weir_merge_free(*m);
}

const struct weir_capture_packet *weir_merge_next(struct weir_merge *m, uint32_t *ret_file)
{
    /* Only now: reading on frees the packet that the caller had. */
    if (m->delivered && !weir_merge_read(m, m->heap[0]))
        m->heap[0] = m->heap[--m->heaped];
    m->delivered = m->heaped > 0;
    if (!m->delivered)
        return NULL;
    if (m->heaped > 1)
        weir_merge_sink(m, 0);
    *ret_file = m->heap[0]->index;
    return &m->heap[0]->packet;
}

unsigned weir_merge_failures(const struct weir_merge *m)
{
    return m->failures;
}

void weir_merge_progress(const struct weir_merge *m, uint64_t *ret_read, uint64_t *ret_all)
{
    *ret_read = *ret_all = 0;
    for (uint32_t i = 0; i < m->files; i++) {
        uint64_t at, all;

        if (!m->file[i].capture)
            continue;
        weir_capture_progress(m->file[i].capture, &at, &all);
        *ret_read += at;
        *ret_all += all;
    }
}
