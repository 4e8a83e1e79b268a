/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Everything that is wrong with a policy, each with its place. Bounded: what goes beyond is
 * counted. */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WEIR_FAULTS_MAX 50
#define WEIR_FAULT_TEXT 320
#define WEIR_QUOTE_TEXT 64 /* a value as it is shown: cut, and unprintable bytes escaped */

/* file 0 is the policy itself, n its n-th list; line and column count from 1, in bytes. */
struct weir_place {
    uint32_t file;
    uint32_t line;
    uint32_t column; /* 0: the whole line */
};

struct weir_fault {
    struct weir_place at;
    char text[WEIR_FAULT_TEXT];
};

struct weir_faults {
    struct weir_fault v[WEIR_FAULTS_MAX];
    size_t n;
    size_t more; /* that had no room */
};

void weir_faults_add(struct weir_faults *f, struct weir_place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* By place. */
void weir_faults_sort(struct weir_faults *f);
/* Returns ret. */
const char *weir_quote(const char *text, char ret[WEIR_QUOTE_TEXT]);
