/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analytics/scans.h"
#include "dataplane/source.h"

const struct weir_source *weir_scans_record(const struct weir_ways *ways,
                                            const struct weir_source_set *set, uint32_t sets,
                                            const struct weir_hash_key *key, const uint8_t addr[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    bool ip4 = !memcmp(addr, mapped, sizeof(mapped));
    struct weir_contact c = { 0 };
    uint32_t at, way;

    weir_source_key(c.source, addr, ip4);
    c.hash = weir_hash_end(key, c.source, 0, ip4);
    at = weir_set_index(c.hash, sets - 1);
    way = (uint32_t)weir_source_find(&ways[at], &set[at], &c);
    return way < WEIR_WAYS ? &set[at].source[way] : NULL;
}
