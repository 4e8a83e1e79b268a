/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of connections, mapped into this process; their secrets and their sizes. */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

size_t weir_map_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (bytes + page - 1) & ~(page - 1);
}

static size_t ways_bytes(const struct weir_flow_table *t)
{
    return weir_map_pages(t->sets * sizeof(*t->ways));
}

static size_t set_bytes(const struct weir_flow_table *t)
{
    return weir_map_pages(t->sets * sizeof(*t->set));
}

void *weir_map_whole(const struct bpf_map *map, size_t bytes, struct weir_error *e)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

    if (at != MAP_FAILED)
        return at;
    (void)weir_error_set(e, errno, "map %s: cannot be mapped: %s", bpf_map__name(map),
                         strerror(errno));
    return NULL;
}

void weir_flows_masks(struct weir *skel, const struct weir_loader_config *c)
{
    skel->rodata->weir_flow_on = !c->flows_off;
    skel->rodata->weir_window_max = c->window_max;
    skel->rodata->weir_flow_mask = bpf_map__max_entries(skel->maps.flows) - 1;
    skel->rodata->weir_half_mask = bpf_map__max_entries(skel->maps.half) - 1;
    skel->rodata->weir_content_mask = bpf_map__max_entries(skel->maps.contents) - 1;
    skel->rodata->weir_content_on = !c->flows_off && !c->content_off;
    skel->rodata->weir_payload_on = !c->flows_off && !c->payload_off;
    skel->rodata->weir_payload_mask = bpf_map__max_entries(skel->maps.payloads) - 1;
    if (c->payload_depth)
        skel->rodata->weir_payload_depth = c->payload_depth;
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
    const struct {
        struct bpf_map *ways, *set;
    } maps[WEIR_FLOW_TABLES] = { { l->skel->maps.flow_ways, l->skel->maps.flows },
                                 { l->skel->maps.half_ways, l->skel->maps.half } };
    int r = key_draw(l, c, e);

    for (int i = 0; i < WEIR_FLOW_TABLES && r == 0; i++) {
        struct weir_flow_table *t = &l->table[i];

        t->sets = bpf_map__max_entries(maps[i].set);
        t->ways = weir_map_whole(maps[i].ways, ways_bytes(t), e);
        t->set = t->ways ? weir_map_whole(maps[i].set, set_bytes(t), e) : NULL;
        if (!t->set)
            r = -ENOMEM;
    }
    return r;
}

void weir_flows_close(struct weir_loader *l)
{
    for (int i = 0; i < WEIR_FLOW_TABLES; i++) {
        struct weir_flow_table *t = &l->table[i];

        if (t->ways)
            (void)munmap(t->ways, ways_bytes(t));
        if (t->set)
            (void)munmap(t->set, set_bytes(t));
        *t = (struct weir_flow_table){ 0 };
    }
}

const struct weir_flow_table *weir_flows_table(const struct weir_loader *l,
                                               enum weir_flow_table_id which)
{
    return &l->table[which];
}
