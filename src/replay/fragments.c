/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "replay/fragments.h"

static struct weir_fragments *entry_of(struct weir_fragment_table *table, uint64_t owner,
                                       uint32_t tick)
{
    for (uint32_t way = 0; way < WEIR_FRAGMENTS_WAYS; way++) {
        struct weir_fragments *f =
            &table->entry[weir_fragments_place(owner, way, WEIR_FRAGMENTS - 1)];

        if (weir_fragments_is(f, owner, tick))
            return f;
    }
    for (uint32_t way = 0; way < WEIR_FRAGMENTS_WAYS; way++) {
        struct weir_fragments *f =
            &table->entry[weir_fragments_place(owner, way, WEIR_FRAGMENTS - 1)];

        if (weir_fragments_free(f, tick) && weir_fragments_claim(f, owner, tick))
            return f;
    }
    return NULL;
}

bool weir_fragment_packet(struct weir_fragment_table *table, const struct weir_hash_key *key,
                          struct weir_track *t, const struct weir_pkt *p, uint64_t now_ns)
{
    struct weir_fragments *f;

    t->tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT);
    f = entry_of(table, weir_fragments_owner(key, p), t->tick);
    return f && !weir_fragments_note(t, f, p);
}
