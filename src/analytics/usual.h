/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is usual at a destination, apart from its record: to be kept and brought back. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "abi/dest.h"
#include "base/error.h"

#define WEIR_USUAL_MOST 100000000U /* of a rate, a second: beyond any link */

struct weir_usual {
    uint8_t addr[16];
    uint16_t port; /* 0 but of a service */
    uint8_t kind;  /* enum weir_dest_kind */
    uint32_t syn;  /* per second */
    uint32_t half; /* handshakes open at once */
};

/* The table of destinations, which packets may write meanwhile. */
struct weir_usual_table {
    struct weir_dest_set *set;
    uint32_t sets;
    const struct weir_dest_cpu *part; /* sets * WEIR_WAYS * cpus */
    uint32_t cpus;
    const struct weir_hash_key *key;
};

/* Those of the table that learned anything: at most max, returns how many. */
size_t weir_usual_list(const struct weir_usual_table *t, struct weir_usual *ret, size_t max);

/* Put it in the record of the destination, which is made when there is none; limits follow. Of a
 * packet's turn in the same moment one may win. tick: of now. 0, -EINVAL for what no table can
 * hold, -ENOSPC. */
int weir_usual_teach(const struct weir_usual_table *t, const struct weir_usual *u, uint32_t tick);

const char *weir_usual_kind(uint8_t kind);
int weir_usual_kind_parse(const char *text, uint8_t *ret);

/* "KIND ADDRESS PORT SYN HALF" a line. */
int weir_usual_write(const struct weir_usual *u, size_t n, FILE *f); /* 0 or -EIO */
/* At most max; *ret_n. name: of the file, for the error, which names the line: -EINVAL. */
int weir_usual_read(FILE *f, const char *name, struct weir_usual *ret, size_t max, size_t *ret_n,
                    struct weir_error *e);
