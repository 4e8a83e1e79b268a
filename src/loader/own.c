/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses of this machine. */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>

int weir_own_set(struct weir_loader *l, const uint8_t (*addr)[16], size_t n, struct weir_error *e)
{
    struct weir_control *c = &l->skel->data_control->control;
    uint64_t bloom[WEIR_OWN_BLOOM_WORDS] = { 0 };
    int fd = bpf_map__fd(l->skel->maps.own);
    uint8_t key[16];
    const uint32_t one = 1;

    if (n > WEIR_OWN_MAX)
        return weir_error_set(e, E2BIG, "%zu addresses of this machine; expected at most %d", n,
                              WEIR_OWN_MAX);
    while (!bpf_map_get_next_key(fd, NULL, key)) {
        if (bpf_map_delete_elem(fd, key))
            return weir_error_set(e, errno, "own addresses: %s", strerror(errno));
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t tail, bit;

        memcpy(&tail, addr[i] + 12, sizeof(tail));
        bit = weir_own_bit(tail);
        bloom[bit >> 6] |= 1ULL << (bit & 63);
        if (bpf_map_update_elem(fd, addr[i], &one, BPF_ANY))
            return weir_error_set(e, errno, "own addresses: %s", strerror(errno));
    }
    for (int i = 0; i < WEIR_OWN_BLOOM_WORDS; i++)
        __atomic_store_n(&c->own_bloom[i], bloom[i], __ATOMIC_RELEASE);
    return 0;
}
