/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a client may ask; anything may come in. */

#include "engine/engine.h"

enum weir_ask {
    WEIR_ASK_STATUS,
    WEIR_ASK_TOP,
    WEIR_ASK_FLOWS,
    WEIR_ASK_SERVICES,
    WEIR_ASK_FLOODS,
    WEIR_ASK_EXPLAIN,
    WEIR_ASK_EVENTS,
    WEIR_ASK_BAN,
    WEIR_ASK_UNBAN,
    WEIR_ASK_BANS,
    WEIR_ASK_MODE,
    WEIR_ASK_STOP,
    WEIR_ASK_POLICY_SHOW,
    WEIR_ASK_POLICY_APPLY,
    WEIR_ASK_MAX,
};

#define WEIR_BAN_SECONDS_MAX (100ULL * 365 * 86400)

struct weir_request {
    enum weir_ask ask;
    struct weir_prefix prefix; /* ban, unban */
    uint64_t seconds;          /* ban; 0: until lifted */
    enum weir_ban_scope scope; /* ban */
    char reason[WEIR_BAN_REASON];
    enum weir_mode mode;
    struct weir_question question; /* explain */
    struct weir_flow_query flows;  /* flows */
    enum weir_service_sort sort;   /* services */
    size_t max;                    /* services */
    size_t floods_max;             /* floods */
    bool follow;                   /* events */
    bool text;                     /* events, explain, services: for people, else JSON */
    bool forget;                   /* floods: all of them, before the answer */
    struct weir_usual *usual;      /* floods: what is usual, before the answer; owned */
    size_t usuals;
    bool force;   /* ban: also whom bans.never spares */
    char *bundle; /* policy apply; owned */
};

void weir_request_free(struct weir_request *q); /* also for _cleanup_ */
/* *ret is owned. 0, or -EINVAL with the member, its value and what was expected. Unknown members
 * are refused. */
int weir_request_parse(const char *body, size_t len, struct weir_request *ret,
                       struct weir_error *e);
