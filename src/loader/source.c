/* SPDX-License-Identifier: Apache-2.0 */

/* The table of sources, mapped into this process. */

#include "loader/internal.h"

#include <errno.h>
#include <sys/mman.h>

#define GATES_A_WAY 8
#define TARGET_BYTES weir_map_pages(WEIR_TARGETS * sizeof(struct weir_target))
#define TWIN_BYTES weir_map_pages(WEIR_TWINS * sizeof(struct weir_twin))

static size_t ways_bytes(const struct weir_source_table *t)
{
    return weir_map_pages(t->sets * sizeof(*t->ways));
}

static size_t set_bytes(const struct weir_source_table *t)
{
    return weir_map_pages(t->sets * sizeof(*t->set));
}

static size_t gate_bytes(const struct weir_source_table *t)
{
    return weir_map_pages((size_t)t->sets * WEIR_WAYS * GATES_A_WAY * sizeof(*t->gate));
}

void weir_sources_masks(struct weir *skel, const struct weir_loader_config *c)
{
    skel->rodata->weir_sources_on = !c->scans_off && !c->flows_off;
    skel->rodata->weir_source_mask = bpf_map__max_entries(skel->maps.sources) - 1;
    skel->rodata->weir_gate_mask = bpf_map__max_entries(skel->maps.gates) - 1;
}

int weir_sources_open(struct weir_loader *l, struct weir_error *e)
{
    struct weir_source_table *t = &l->sources;

    t->sets = bpf_map__max_entries(l->skel->maps.sources);
    t->ways = weir_map_whole(l->skel->maps.source_ways, ways_bytes(t), e);
    t->set = t->ways ? weir_map_whole(l->skel->maps.sources, set_bytes(t), e) : NULL;
    t->gate = t->set ? weir_map_whole(l->skel->maps.gates, gate_bytes(t), e) : NULL;
    t->target = t->gate ? weir_map_whole(l->skel->maps.targets, TARGET_BYTES, e) : NULL;
    t->twin = t->target ? weir_map_whole(l->skel->maps.twins, TWIN_BYTES, e) : NULL;
    return t->twin ? 0 : -ENOMEM;
}

void weir_sources_close(struct weir_loader *l)
{
    struct weir_source_table *t = &l->sources;

    if (t->ways)
        (void)munmap(t->ways, ways_bytes(t));
    if (t->set)
        (void)munmap(t->set, set_bytes(t));
    if (t->gate)
        (void)munmap(t->gate, gate_bytes(t));
    if (t->target)
        (void)munmap(t->target, TARGET_BYTES);
    if (t->twin)
        (void)munmap(t->twin, TWIN_BYTES);
    *t = (struct weir_source_table){ 0 };
}

const struct weir_source_table *weir_sources_table(const struct weir_loader *l)
{
    return &l->sources;
}

const struct weir_hash_key *weir_loader_hash_key(const struct weir_loader *l)
{
    return &l->skel->data_control->control.hash_key;
}

void weir_loader_hash_key_set(struct weir_loader *l, const struct weir_hash_key *key)
{
    l->skel->data_control->control.hash_key = *key;
}
