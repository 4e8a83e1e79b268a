/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/scan_judge.h"

#include <string.h>

#include "abi/detection.h"
#include "dataplane/scan.h"

/* By strength of what it says: of several the first that holds names the scan. */
static const struct rule {
    uint16_t detection;
    uint8_t kind; /* enum weir_scan_kind */
    uint8_t type; /* enum weir_scan_type */
    uint8_t flags;
    uint8_t confidence; /* percent, when nothing but this is known */
} rules[] = {
    /* No stack sends these: to several ports they are a scan. */
    { WEIR_DET_SCAN_XMAS, WEIR_SCAN_KIND_TYPE, WEIR_SCAN_TYPE_XMAS, 0, 99 },
    { WEIR_DET_SCAN_NULL, WEIR_SCAN_KIND_TYPE, WEIR_SCAN_TYPE_NULL, 0, 99 },
    { WEIR_DET_SCAN_FIN, WEIR_SCAN_KIND_TYPE, WEIR_SCAN_TYPE_FIN, 0, 99 },
    { WEIR_DET_SCAN_MAIMON, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_MAIMON, 0, 70 },
    { WEIR_DET_SCAN_ACK, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_ACK, 0, 70 },
    { WEIR_DET_SCAN_IDLE_ZOMBIE, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_IDLE, 0, 90 },
    { WEIR_DET_INTEGRITY_SYN_FIN, WEIR_SCAN_KIND_TYPE, WEIR_SCAN_TYPE_CUSTOM, 0, 90 },
    { WEIR_DET_INTEGRITY_FLAGS_WITHOUT_ACK, WEIR_SCAN_KIND_TYPE, WEIR_SCAN_TYPE_CUSTOM, 0, 90 },
    { WEIR_DET_INTEGRITY_FRAGMENT_TINY, WEIR_SCAN_KIND_TYPE, WEIR_SCAN_TYPE_FRAGMENTED, 0, 90 },
    { WEIR_DET_INTEGRITY_FRAGMENT_OFFSET_ONE, WEIR_SCAN_KIND_MINOR, WEIR_SCAN_TYPE_SYN, 0, 90 },
    { WEIR_DET_SCAN_CONNECT, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_CONNECT, 0, 90 },
    { WEIR_DET_SCAN_HALF_OPEN, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, 0, 90 },
    { WEIR_DET_SCAN_OUTBOUND, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, WEIR_SCAN_FLAG_OUTBOUND,
      80 },
    { WEIR_DET_SCAN_DISTRIBUTED, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN,
      WEIR_SCAN_FLAG_DISTRIBUTED, 85 },
    { WEIR_DET_SCAN_DECOY, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, WEIR_SCAN_FLAG_DECOYS, 90 },
    { WEIR_DET_SCAN_VERTICAL, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, 0, 80 },
    { WEIR_DET_SCAN_HORIZONTAL, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, 0, 80 },
    { WEIR_DET_SCAN_SLOW, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, WEIR_SCAN_FLAG_SLOW, 90 },
    { WEIR_DET_SCAN_SEQUENTIAL_TEST, WEIR_SCAN_KIND_RECORD, WEIR_SCAN_TYPE_SYN, 0, 90 },
    { WEIR_DET_SEQ_CONSTANT_ISN, WEIR_SCAN_KIND_SUSPECT, WEIR_SCAN_TYPE_SYN, 0, 0 },
    { WEIR_DET_SCAN_OPEN_PORT_FOUND, WEIR_SCAN_KIND_MINOR, WEIR_SCAN_TYPE_SYN, 0, 0 },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))
#define SCORE_MAX 30

enum weir_scan_kind weir_scan_kind(uint16_t detection)
{
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].detection == detection)
            return (enum weir_scan_kind)rules[i].kind;
    return WEIR_SCAN_KIND_NONE;
}

/* Each new bit takes 256 / (256 - n) members on average (the coupon collector). */
uint32_t weir_contacts_estimate(const struct weir_contacts *set)
{
    uint32_t bits = weir_contacts_count(set), members = 0;

    for (uint32_t n = 0; n < bits && n < 256; n++)
        members += 256 * 256 / (256 - n);
    return (members + 128) / 256;
}

static uint32_t most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t weir_scan_ports(const struct weir_source *record)
{
    uint32_t ports = weir_contacts_estimate(&record->ports);
    uint32_t contacts = weir_contacts_estimate(&record->touched);

    /* Ports in a row have bits of their own, so that there seem to be more; but no more than
     * contacts. */
    ports = ports < contacts ? ports : contacts;
    return most(ports, weir_contacts_estimate(&record->stray));
}

/* What its sources found open, once each. */
static void take_open(struct weir_scan_incident *i, uint16_t port)
{
    for (int n = 0; n < i->opens; n++)
        if (i->open[n] == port)
            return;
    if (i->opens < WEIR_OPEN_PORTS)
        i->open[i->opens++] = port;
    else
        i->open[WEIR_OPEN_PORTS - 1] = port;
}

void weir_scan_take(struct weir_scan_incident *i, const struct weir_source *record)
{
    i->ports = most(i->ports, weir_scan_ports(record));
    i->hosts = most(i->hosts, weir_contacts_estimate(&record->hosts));
    i->failed = most(i->failed, record->failed);
    i->opened = most(i->opened, record->opened);
    if ((int8_t)record->score > (int32_t)i->score)
        i->score = (uint32_t)(int8_t)record->score;
    i->half_reset = (uint8_t)most(i->half_reset, record->half_reset);
    i->bare = (uint8_t)most(i->bare, record->bare);
    i->refused = (uint8_t)most(i->refused, record->stray_refused);
    i->tool |= record->tools & 15;
    if (record->marks & WEIR_SOURCE_PROVEN)
        i->flags |= WEIR_SCAN_FLAG_PROVEN;
    for (unsigned n = 0; n < record->opens && n < WEIR_OPEN_PORTS; n++)
        take_open(i, record->open[n]);
}

static bool has(const struct weir_scan_incident *i, uint16_t detection)
{
    for (int n = 0; n < WEIR_SCAN_PARTS && i->part[n].detection; n++)
        if (i->part[n].detection == detection)
            return true;
    return false;
}

/* Likelihood ratio 2^score against even odds; refusals of what nobody asks for. */
static uint32_t sure(const struct weir_scan_incident *i, uint32_t alone)
{
    int32_t score = (int32_t)i->score;

    if (score > 0)
        alone = most(alone, 100 - 100 / (1 + (1U << (score < SCORE_MAX ? score : SCORE_MAX))) - 1);
    if (i->refused >= WEIR_SCAN_FEW)
        alone = most(alone, 95);
    if (i->failed >= WEIR_SCAN_UNANSWERED)
        alone = most(alone, 95);
    if (i->tool)
        alone += (100 - alone) / 2;
    return alone < 99 ? alone : 99;
}

static enum weir_scan_shape shape_of(const struct weir_scan_incident *i)
{
    if (i->hosts >= 25 && i->ports >= 15)
        return WEIR_SCAN_SHAPE_BLOCK;
    return i->hosts > i->ports ? WEIR_SCAN_SHAPE_HORIZONTAL : WEIR_SCAN_SHAPE_VERTICAL;
}

void weir_scan_judge(struct weir_scan_incident *i)
{
    bool named = false;
    uint32_t alone = 0;

    i->shape = (uint8_t)shape_of(i);
    for (size_t n = 0; n < RULES; n++) {
        if (!has(i, rules[n].detection))
            continue;
        if (!named)
            i->type = rules[n].type;
        named = true;
        i->flags |= rules[n].flags;
        alone = most(alone, rules[n].confidence);
    }
    i->confidence = (uint8_t)sure(i, alone);
}
