/* SPDX-License-Identifier: Apache-2.0 */

/* Patterns: each automaton is a map of its own, and replacing one is a new map in the slot. */

#include "loader/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/payload.h"
#include "abi/signature.h"

static int refused(struct weir_error *e)
{
    return weir_error_set(e, errno, "patterns: %s", strerror(errno));
}

static int slot_clear(int outer, uint32_t lane, struct weir_error *e)
{
    if (bpf_map_delete_elem(outer, &lane) && errno != ENOENT)
        return refused(e);
    return 0;
}

int weir_loader_patterns_set(struct weir_loader *l, uint32_t lane, const struct weir_automaton *a,
                             size_t bytes, struct weir_error *e)
{
    int outer = bpf_map__fd(l->skel->maps.automata);
    _cleanup_free_ void *value = NULL;
    _cleanup_close_ int fd = -1;
    uint32_t key = 0;

    if (lane >= WEIR_LANES || bytes > WEIR_PATTERNS_BYTES)
        return weir_error_set(e, EINVAL, "%zu bytes of patterns in lane %u", bytes, lane);
    if (!a)
        return slot_clear(outer, lane, e);
    value = calloc(1, WEIR_PATTERNS_BYTES);
    if (!value)
        return weir_error_set(e, ENOMEM, "no memory");
    memcpy(value, a, bytes);
    fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "automaton", sizeof(key), WEIR_PATTERNS_BYTES, 1, NULL);
    if (fd < 0 || bpf_map_update_elem(fd, &key, value, BPF_ANY) ||
        bpf_map_update_elem(outer, &lane, &fd, BPF_ANY))
        return refused(e);
    return 0;
}
