/* SPDX-License-Identifier: Apache-2.0 */

/* New programs over the same maps. Which rows a program judges is fixed when it is loaded, so that
 * a row that is off leaves no instruction behind. */

#include "loader/internal.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

/* Every map of the programs that run, but their constants. */
static int reuse(void *arg, struct weir *skel, struct weir_error *e)
{
    const struct weir_loader *l = arg;
    struct bpf_map *map;

    bpf_object__for_each_map(map, skel->obj)
    {
        const char *name = bpf_map__name(map);
        struct bpf_map *old = bpf_object__find_map_by_name(l->skel->obj, name);
        int r;

        if (strstr(name, ".rodata"))
            continue;
        r = old ? bpf_map__reuse_fd(map, bpf_map__fd(old)) : -ENOENT;
        if (r < 0)
            return weir_error_set(e, -r, "map %s: cannot be used again: %s", name,
                                  weir_errno_text(r));
    }
    return 0;
}

static int hook_swap(const struct weir_loader *l, const struct weir_link *link)
{
    char name[IF_NAMESIZE];
    struct weir_attached a;
    struct weir_tc tc = { link->key.ifindex, link->key.hook == WEIR_HOOK_TC_EGRESS, 0, 0 };
    bool made;
    int r;

    if (!if_indextoname(link->key.ifindex, name))
        return 0; /* it is gone, and its hooks with it */
    if (link->fd >= 0)
        return bpf_link_update(link->fd, weir_prog_fd(l, link->key.hook), NULL) ? -errno : 0;
    if (bpf_map_lookup_elem(l->attached_fd, &link->key, &a))
        return -errno;
    tc.priority = a.tc_priority;
    tc.handle = a.tc_handle;
    r = weir_tc_attach(&tc, weir_prog_fd(l, link->key.hook), true, &made);
    return r < 0 ? r : 0;
}

static int hooks_swap(struct weir_loader *l, size_t *ret_done)
{
    for (*ret_done = 0; *ret_done < l->links; (*ret_done)++) {
        int r = hook_swap(l, &l->link[*ret_done]);

        if (r < 0)
            return r;
    }
    return 0;
}

int weir_programs_swap(struct weir_loader *l, const uint64_t judged[2], struct weir_error *e)
{
    struct weir_loader_config config = l->config;
    struct weir *old = l->skel, *fresh = NULL;
    size_t done;
    int r;

    for (int i = 0; i < 2; i++) {
        config.judged[i] = judged[i];
        config.judged_egress[i] = l->egress ? judged[i] : 0;
    }
    r = weir_skeleton_load(&config, reuse, l, &fresh, e);
    if (r < 0)
        return r;
    l->skel = fresh;
    r = hooks_swap(l, &done);
    if (r < 0) {
        l->skel = old;
        for (size_t i = 0; i < done; i++)
            (void)hook_swap(l, &l->link[i]); /* either judges what the policy in force asks for */
        weir__destroy(fresh);
        return weir_error_set(e, -r, "cannot swap the programs: %s", weir_errno_text(r));
    }
    l->config = config;
    weir__destroy(old);
    return 0;
}
