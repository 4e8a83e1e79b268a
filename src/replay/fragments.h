/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Datagrams in fragments, in user space: what the map of that name is to src/bpf. */

#include "dataplane/fragments.h"

struct weir_fragment_table {
    struct weir_fragments entry[WEIR_FRAGMENTS];
};

/* Hold the fragment p against those before it. t: zeroed; key: of the host. False: there was no
 * room for all of them. */
bool weir_fragment_packet(struct weir_fragment_table *table, const struct weir_hash_key *key,
                          struct weir_track *t, const struct weir_pkt *p, uint64_t now_ns);
