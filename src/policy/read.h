/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared within the policy's reader. */

#include "policy/schema.h"

#define WEIR_PATH_TEXT 160

struct weir_read {
    struct weir_settings *s;
    struct weir_faults *faults;
    bool no_memory;
    char path[WEIR_PATH_TEXT]; /* where it stands, as people count: "zones[0].match.vlan" */
    size_t path_len;
};

/* scalar.c: one value into its field. text NULL: unset. False: it does not fit the row. */
bool weir_scalar_read(struct weir_arena *a, const struct weir_key *row, const char *text,
                      void *field);
/* check.c: what no single value shows. */
void weir_settings_check(struct weir_settings *s, struct weir_faults *f);
/* listed.c: gather allow, deny, protect with their files. -ENOMEM. */
int weir_listed_read(struct weir_settings *s, struct weir_faults *f);
