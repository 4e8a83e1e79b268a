/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/pool.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int weir_pool_init(struct weir_pool *p, uint32_t first, uint32_t max)
{
    *p = (struct weir_pool){ .next = first, .max = max };
    p->free.v = calloc(max, sizeof(*p->free.v)); /* pages come when they are touched */
    p->limbo.v = calloc(max, sizeof(*p->limbo.v));
    return p->free.v && p->limbo.v ? 0 : -ENOMEM;
}

/* Every packet that was being judged is through: programs run under RCU, and the global command is
 * synchronize_rcu() (kernel/sched/membarrier.c). It is refused on nohz_full machines; there a tenth
 * of a second stands for it, a thousand times what a packet takes. */
void weir_packets_settle(void)
{
    const struct timespec tenth = { .tv_nsec = 100000000 };

    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
        (void)nanosleep(&tenth, NULL);
}

uint32_t weir_pool_take(struct weir_pool *p)
{
    if (!p->free.n && p->next == p->max && p->limbo.n) {
        struct weir_numbers waited = p->limbo;

        weir_packets_settle();
        p->limbo = p->free;
        p->free = waited;
    }
    if (p->free.n)
        return p->free.v[--p->free.n];
    return p->next < p->max ? p->next++ : 0;
}

void weir_pool_give(struct weir_pool *p, uint32_t number, bool at_once)
{
    struct weir_numbers *to = at_once ? &p->free : &p->limbo;

    to->v[to->n++] = number;
}

void weir_pool_free(struct weir_pool *p)
{
    free(p->free.v);
    free(p->limbo.v);
}
