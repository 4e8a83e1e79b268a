/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of connections, mapped into this process; their secrets and their sizes. */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

static struct bpf_map *table_map(struct weir_loader *l, enum weir_flow_table which)
{
    return which == WEIR_FLOW_TABLE_OPEN ? l->skel->maps.flows : l->skel->maps.half;
}

static size_t table_bytes(const struct weir_loader *l, int which)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE),
           bytes = (size_t)l->table_sets[which] * sizeof(struct weir_flow_set);

    return (bytes + page - 1) & ~(page - 1);
}

void weir_flows_masks(struct weir *skel, const struct weir_loader_config *c)
{
    skel->rodata->weir_flow_on = !c->flows_off;
    skel->rodata->weir_window_max = c->window_max;
    skel->rodata->weir_flow_mask = bpf_map__max_entries(skel->maps.flows) - 1;
    skel->rodata->weir_half_mask = bpf_map__max_entries(skel->maps.half) - 1;
    skel->rodata->weir_content_mask = bpf_map__max_entries(skel->maps.contents) - 1;
}

/* The secrets belong to the tables: drawn with them, adopted with them. */
static int key_draw(struct weir_loader *l, const struct weir_loader_config *c, struct weir_error *e)
{
    static const struct weir_hash_key none;
    struct weir_hash_key *key = &l->skel->data_control->control.hash_key, fresh;

    if (memcmp(key, &none, sizeof(none)) != 0)
        return 0;
    if (c->test_clock) /* the same sets in every run */
        memset(&fresh, 0x5a, sizeof(fresh));
    else if (getrandom(&fresh, sizeof(fresh), 0) != sizeof(fresh))
        return weir_error_set(e, errno, "random numbers: %s", strerror(errno));
    memcpy(key, &fresh, sizeof(fresh));
    return 0;
}

int weir_flows_open(struct weir_loader *l, const struct weir_loader_config *c, struct weir_error *e)
{
    int r = key_draw(l, c, e);

    for (int i = 0; i < WEIR_FLOW_TABLES && r == 0; i++) {
        struct bpf_map *map = table_map(l, i);
        void *at;

        l->table_sets[i] = bpf_map__max_entries(map);
        at = mmap(NULL, table_bytes(l, i), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
        if (at == MAP_FAILED)
            return weir_error_set(e, errno, "map %s: cannot be mapped: %s", bpf_map__name(map),
                                  strerror(errno));
        l->table[i] = at;
    }
    return r;
}

void weir_flows_close(struct weir_loader *l)
{
    for (int i = 0; i < WEIR_FLOW_TABLES; i++) {
        if (l->table[i])
            (void)munmap(l->table[i], table_bytes(l, i));
        l->table[i] = NULL;
    }
}

struct weir_flow_set *weir_flows_table(struct weir_loader *l, enum weir_flow_table which,
                                       uint32_t *ret_n)
{
    *ret_n = l->table_sets[which];
    return l->table[which];
}
