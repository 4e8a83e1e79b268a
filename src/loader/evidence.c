/* SPDX-License-Identifier: Apache-2.0 */

/* Evidence: heads of the newest packets, mapped into this process; whole packets come through a
 * ring like events. None of it is pinned: a file of evidence belongs to the process that began it.
 */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define PACKETS_RING_BYTES (4U << 20)

static size_t heads_bytes(const struct weir_loader *l)
{
    return weir_map_pages((size_t)l->heads_n * sizeof(*l->heads));
}

int weir_evidence_check(const struct weir_loader_config *c, struct weir_error *e)
{
    if (c->evidence_recent & (c->evidence_recent - 1))
        return weir_error_set(e, EINVAL, "heads of %u packets: expected a power of two",
                              c->evidence_recent);
    return 0;
}

int weir_evidence_sizes(struct weir *skel, const struct weir_loader_config *c)
{
    int cpus = libbpf_num_possible_cpus(), r;

    if (!c->evidence_packets)
        return 0;
    if (cpus < 0)
        return cpus;
    skel->rodata->weir_evidence_packets = c->evidence_packets;
    skel->rodata->weir_recent_size = c->evidence_recent;
    r = bpf_map__set_max_entries(skel->maps.packets, PACKETS_RING_BYTES);
    if (r == 0 && c->evidence_recent)
        r = bpf_map__set_max_entries(skel->maps.recent, (uint32_t)cpus * c->evidence_recent);
    return r;
}

int weir_evidence_open(struct weir_loader *l, struct weir_error *e)
{
    if (!l->config.evidence_packets || !l->config.evidence_recent)
        return 0;
    l->heads_n = bpf_map__max_entries(l->skel->maps.recent);
    l->heads = weir_map_whole(l->skel->maps.recent, heads_bytes(l), e);
    return l->heads ? 0 : -ENOMEM;
}

void weir_evidence_close(struct weir_loader *l)
{
    if (l->heads)
        (void)munmap(l->heads, heads_bytes(l));
    l->heads = NULL;
}

size_t weir_recent_size(const struct weir_loader *l)
{
    return l->heads ? l->heads_n : 0;
}

size_t weir_recent_read(const struct weir_loader *l, uint64_t before_ns, struct weir_recent *ret)
{
    size_t n = 0;

    for (uint32_t i = 0; l->heads && i < l->heads_n; i++) {
        const struct weir_recent *at = &l->heads[i];
        uint32_t seq = __atomic_load_n(&at->seq, __ATOMIC_ACQUIRE);

        if (!seq)
            continue;
        memcpy(&ret[n], at, sizeof(*at));
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__atomic_load_n(&at->seq, __ATOMIC_RELAXED) != seq || ret[n].ts_ns >= before_ns)
            continue;
        n += ret[n].note.cap && ret[n].note.cap <= WEIR_RECENT_BYTES &&
             ret[n].note.cap <= ret[n].note.wire;
    }
    return n;
}
