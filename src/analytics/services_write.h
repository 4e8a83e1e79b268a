/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Services in an order, as JSON and as a table; live and in replay the same. */

#include "analytics/services.h"
#include "base/json.h"

enum weir_service_sort {
    WEIR_SERVICES_BY_CONNECTIONS,
    WEIR_SERVICES_BY_BYTES,
    WEIR_SERVICES_BY_LATENCY, /* of the handshake: 90th percentiles of both legs added */
    WEIR_SERVICES_BY_FAILURES,
    WEIR_SERVICES_SORTS,
};

const char *weir_attempt_name(unsigned failure); /* enum weir_attempt_failure: "silent" ... */

/* "connections" "bytes" "latency" "failures". 0, or -EINVAL. */
int weir_service_sort_parse(const char *text, enum weir_service_sort *ret);

/* The first max, the most first; returns how many. Borrowed until s changes. */
size_t weir_services_top(const struct weir_services *s, enum weir_service_sort sort,
                         const struct weir_service **ret, size_t max);

/* Members "services_known", "services" (an array of at most max) and "services_other". */
void weir_services_write(const struct weir_services *s, enum weir_service_sort sort, size_t max,
                         struct weir_json *j);
/* The same as a table for people. */
void weir_services_print(const struct weir_services *s, enum weir_service_sort sort, size_t max,
                         struct weir_buf *out);
#define WEIR_SERVICES_WRITTEN 256 /* upper bound of max */
