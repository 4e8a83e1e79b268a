/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the views of `weir top` are made with. */

#include "cli/top.h"

/* A member of an answer: 0 or "" when it is not there. */
json_int_t weir_top_number(const json_t *o, const char *key);
const char *weir_top_text(const json_t *o, const char *key);
/* A second. A counter that went back was reset: it counts from 0. */
double weir_top_rate(const struct weir_top *t, json_int_t now, json_int_t before);

/* top_flows.c */
json_t *weir_top_services(const struct weir_top *t);
size_t weir_top_services_all(const struct weir_top *t);
json_t *weir_top_flows(const struct weir_top *t);
size_t weir_top_flows_all(const struct weir_top *t);
extern const struct weir_top_column weir_top_service_columns[];
extern const struct weir_top_column weir_top_flow_columns[];
