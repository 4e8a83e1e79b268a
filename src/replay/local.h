/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which addresses are ours, so that a packet of a capture has a direction: from local is egress,
 * everything else (to local, both, neither) is ingress. */

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "dataplane/pkt.h"
#include "replay/prefixes.h"

#define WEIR_LOCAL_MAX 64          /* prefixes */
#define WEIR_LOCAL_SURVEY 10000    /* packets looked at before replay starts */
#define WEIR_LOCAL_CANDIDATES 4096 /* addresses counted meanwhile */

enum weir_local_origin {
    WEIR_LOCAL_NONE,      /* no packet told */
    WEIR_LOCAL_GIVEN,     /* --local */
    WEIR_LOCAL_PROTECT,   /* the policy's protect */
    WEIR_LOCAL_PRIVATE,   /* RFC 1918, RFC 4193, link-local */
    WEIR_LOCAL_CONTACTED, /* the address that most connections, else most packets, go to */
};

struct weir_local {
    enum weir_local_origin origin;
    struct weir_prefix prefix[WEIR_LOCAL_MAX];
    struct {
        uint64_t mask[2];
        uint64_t value[2];
    } match[WEIR_LOCAL_MAX]; /* the same as words, for one comparison a packet */
    unsigned prefixes;
    const struct weir_prefixes *protect; /* beside them; NULL without */
};

/* Takes one --local value. */
int weir_local_add(struct weir_local *l, const char *text, struct weir_error *e);

/* By the operator or by a policy: nothing is left to find out. */
bool weir_local_is_told(const struct weir_local *l);

struct weir_local_survey; /* what the first packets show */
int weir_local_survey_new(struct weir_local_survey **ret);
void weir_local_survey_free(struct weir_local_survey *s);
void weir_local_survey_freep(struct weir_local_survey **s);
void weir_local_survey_packet(struct weir_local_survey *s, const struct weir_pkt *p);
/* Decide, unless it is told. */
void weir_local_decide(struct weir_local *l, const struct weir_local_survey *s);

bool weir_local_has(const struct weir_local *l, const uint8_t addr[16]);
bool weir_local_is_egress(const struct weir_local *l, const struct weir_pkt *p);
