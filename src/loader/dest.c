/* SPDX-License-Identifier: Apache-2.0 */

/* The table of targets: its size, its sweep, and a mapping to read it. */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static size_t pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (bytes + page - 1) & ~(page - 1);
}

static size_t table_bytes(const struct weir_loader *l)
{
    return pages((size_t)l->dest_sets * sizeof(struct weir_dest_set));
}

static size_t parts_bytes(const struct weir_loader *l)
{
    return pages(bpf_map__max_entries(l->skel->maps.dest_cpu) * sizeof(struct weir_dest_cpu));
}

static int map_pages(const struct bpf_map *map, size_t bytes, void **ret, struct weir_error *e)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

    if (at == MAP_FAILED)
        return weir_error_set(e, errno, "map %s: cannot be mapped: %s", bpf_map__name(map),
                              strerror(errno));
    *ret = at;
    return 0;
}

int weir_dests_size(struct weir *skel, int cpus)
{
    uint32_t records = bpf_map__max_entries(skel->maps.dests) * WEIR_WAYS;

    return bpf_map__set_max_entries(skel->maps.dest_cpu, records * (uint32_t)cpus);
}

void weir_dests_switches(struct weir *skel, const struct weir_loader_config *c)
{
    uint32_t sets = bpf_map__max_entries(skel->maps.dests);

    skel->rodata->weir_flood_on = !c->flows_off && !c->floods_off;
    skel->rodata->weir_dest_mask = sets - 1;
    skel->rodata->weir_cpus = bpf_map__max_entries(skel->maps.dest_cpu) / (sets * WEIR_WAYS);
}

int weir_dests_open(struct weir_loader *l, struct weir_error *e)
{
    void *table = NULL, *parts = NULL;
    int r;

    l->dest_sets = bpf_map__max_entries(l->skel->maps.dests);
    r = map_pages(l->skel->maps.dests, table_bytes(l), &table, e);
    if (r == 0)
        r = map_pages(l->skel->maps.dest_cpu, parts_bytes(l), &parts, e);
    l->dests = table;
    l->dest_parts = parts;
    return r;
}

void weir_dests_close(struct weir_loader *l)
{
    if (l->dests)
        (void)munmap(l->dests, table_bytes(l));
    if (l->dest_parts)
        (void)munmap(l->dest_parts, parts_bytes(l));
    l->dests = NULL;
    l->dest_parts = NULL;
}

/* Tags first: a packet that has already found its record then writes what nobody reads. */
void weir_dests_forget(struct weir_loader *l)
{
    for (uint32_t i = 0; i < l->dest_sets; i++)
        memset(&l->dests[i].ways, 0, sizeof(l->dests[i].ways));
    memset(l->dests, 0, table_bytes(l));
    memset(l->dest_parts, 0, parts_bytes(l));
}

struct weir_dest_set *weir_dests_table(struct weir_loader *l, uint32_t *ret_n)
{
    *ret_n = l->dest_sets;
    return l->dests;
}

const struct weir_dest_cpu *weir_dests_parts(struct weir_loader *l, uint32_t *ret_cpus)
{
    *ret_cpus = bpf_map__max_entries(l->skel->maps.dest_cpu) / (l->dest_sets * WEIR_WAYS);
    return l->dest_parts;
}

void weir_flood_settled(struct weir_loader *l, uint64_t ns)
{
    __atomic_store_n(&l->skel->data_control->control.settled_ns, ns, __ATOMIC_RELEASE);
}

int weir_flood_sweep(struct weir_loader *l, bool all)
{
    struct weir_dest_sweep arg = { .all = all };
    LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &arg, .ctx_size_in = sizeof(arg));

    for (; arg.from < l->dest_sets * WEIR_WAYS; arg.from += WEIR_SWEEP_RECORDS)
        if (bpf_prog_test_run_opts(bpf_program__fd(l->skel->progs.weir_sweep), &opts) < 0)
            return -errno;
    return 0;
}
