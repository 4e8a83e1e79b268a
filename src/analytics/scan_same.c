/* SPDX-License-Identifier: Apache-2.0 */

/* Which of the scans that go on are one. */

#include <string.h>

#include "analytics/scan_live.h"
#include "dataplane/bits.h"

/* Who shares a scan begins together. */
#define TOGETHER_NS (10ULL * 1000 * 1000 * 1000)
/* A set of 256 bits with more says little of what it has in common with another. */
#define BITS_TELLING 192

static bool same(const uint8_t a[16], const uint8_t b[16])
{
    return !memcmp(a, b, 16);
}

static bool have_room(const struct weir_scan_live *a, const struct weir_scan_live *b)
{
    return a->i.sources + b->i.sources <= WEIR_SCAN_SOURCES;
}

/* Sources that sent the same probes to one target. Some of one may be missing: it was banned
 * sooner, or did something else before. */
static bool are_decoys(const struct weir_scan_live *a, const struct weir_scan_live *b)
{
    bool common = false;

    for (int n = 0; n < 4; n++)
        common |= a->probe[n] && a->probe[n] == b->probe[n];
    return common && a->i.targets && b->i.targets && same(a->i.target[0], b->i.target[0]) &&
           have_room(a, b);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static bool overlap(const struct weir_scan_incident *a, const struct weir_scan_incident *b)
{
    return a->first_ns <= b->last_ns && b->first_ns <= a->last_ns;
}

/* Parts of one list: no more in common than sets drawn at random have, while the sets tell. */
static bool are_parts(const struct weir_contacts *a, const struct weir_contacts *b)
{
    uint32_t in_a = weir_contacts_count(a), in_b = weir_contacts_count(b);
    uint32_t common = in_a - weir_contacts_count_without(a, b), chance = in_a * in_b / 256;

    if (!in_a || !in_b)
        return false;
    return in_a > BITS_TELLING || in_b > BITS_TELLING || common <= chance + chance / 2 + 2;
}

/* Several hosts that ask one target for ports of which each has a part: with the same tool, in the
 * same way, begun together. */
static bool are_shared(const struct weir_scan_live *a, const struct weir_scan_live *b)
{
    const uint8_t not_shared =
        WEIR_SCAN_FLAG_DECOYS | WEIR_SCAN_FLAG_DISTRIBUTED | WEIR_SCAN_FLAG_OUTBOUND;

    return a->scans && b->scans && !((a->i.flags | b->i.flags) & not_shared) && a->i.targets == 1 &&
           b->i.targets == 1 && same(a->i.target[0], b->i.target[0]) && a->i.type == b->i.type &&
           a->i.tool == b->i.tool && (a->i.tool || a->i.type == WEIR_SCAN_TYPE_CONNECT) &&
           overlap(&a->i, &b->i) && apart(a->i.first_ns, b->i.first_ns) <= TOGETHER_NS &&
           have_room(a, b) && are_parts(&a->asked, &b->asked);
}

/* Of a distributed scan: it asks the same address meanwhile. */
static bool is_member(const struct weir_scan_live *a, const struct weir_scan_live *b)
{
    return a->i.flags & WEIR_SCAN_FLAG_DISTRIBUTED && b->scans &&
           !(b->i.flags & (WEIR_SCAN_FLAG_DISTRIBUTED | WEIR_SCAN_FLAG_DECOYS)) &&
           b->i.targets == 1 && same(a->i.target[0], b->i.target[0]) && a->i.type == b->i.type &&
           overlap(&a->i, &b->i);
}

uint8_t weir_scan_same(const struct weir_scan_live *a, const struct weir_scan_live *b)
{
    if (is_member(a, b) || is_member(b, a))
        return WEIR_SCAN_FLAG_DISTRIBUTED;
    if (are_decoys(a, b))
        return WEIR_SCAN_FLAG_DECOYS;
    return are_shared(a, b) ? WEIR_SCAN_FLAG_SHARED : 0;
}
