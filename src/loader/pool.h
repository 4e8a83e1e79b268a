/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Numbers of what lies in an array that packets read without a lock. What is given back may still
 * be looked at, so it waits until every packet of that moment is through (RCU). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every packet that is being judged now is through when it returns: some ten milliseconds. */
void weir_packets_settle(void);

struct weir_numbers {
    uint32_t *v;
    size_t n;
};

struct weir_pool {
    uint32_t next; /* this and those above were never taken */
    uint32_t max;
    struct weir_numbers free; /* either has room for all: giving back cannot fail */
    struct weir_numbers limbo;
};

/* Numbers from first to max - 1. -ENOMEM. */
int weir_pool_init(struct weir_pool *p, uint32_t first, uint32_t max);
/* 0: none is left. May wait for packets on their way, some ten milliseconds. */
uint32_t weir_pool_take(struct weir_pool *p);
/* Back, once no packet can look at it; at_once: none ever could. */
void weir_pool_give(struct weir_pool *p, uint32_t number, bool at_once);
void weir_pool_free(struct weir_pool *p);
