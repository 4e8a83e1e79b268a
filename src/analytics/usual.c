/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/usual.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/addr.h"
#include "dataplane/dest_turn.h"

static const char *const kind_name[WEIR_DEST_KINDS] = { "service", "address", "network" };

const char *weir_usual_kind(uint8_t kind)
{
    return kind_name[kind < WEIR_DEST_KINDS ? kind : 0];
}

int weir_usual_kind_parse(const char *text, uint8_t *ret)
{
    for (uint8_t i = 0; i < WEIR_DEST_KINDS; i++) {
        if (strcmp(text, kind_name[i]))
            continue;
        *ret = i;
        return 0;
    }
    return -EINVAL;
}

size_t weir_usual_list(const struct weir_usual_table *t, struct weir_usual *ret, size_t max)
{
    size_t n = 0;

    for (uint32_t i = 0; i < t->sets * WEIR_WAYS && n < max; i++) {
        const struct weir_dest_set *set = &t->set[i / WEIR_WAYS];
        const struct weir_dest *s = &set->service[i % WEIR_WAYS];
        struct weir_usual u = { .port = s->port,
                                .kind = s->kind,
                                .syn = weir_per_second(s->syn_usual / 16),
                                .half = s->half_usual / 16 };

        if (!__atomic_load_n(&set->ways.tag[i % WEIR_WAYS], __ATOMIC_ACQUIRE) || !(u.syn | u.half))
            continue;
        memcpy(u.addr, s->addr, sizeof(u.addr));
        ret[n++] = u;
    }
    return n;
}

/* A record's counts begin where those of its place stand. */
static void base_set(const struct weir_usual_table *t, struct weir_dest *s, uint32_t index)
{
    struct weir_dest_cpu sum = { 0 };

    for (uint32_t cpu = 0; cpu < t->cpus; cpu++)
        weir_dest_add(&sum, &t->part[(size_t)index * t->cpus + cpu]);
    memcpy(s->base, &sum, sizeof(s->base));
}

static struct weir_dest *record(const struct weir_usual_table *t, const struct weir_dest_key *k,
                                uint32_t tick)
{
    uint64_t hash = weir_dest_hash(t->key, k);
    uint32_t at = weir_set_index(hash, t->sets - 1), tag = weir_set_tag(hash);
    int way = weir_dest_find(&t->set[at], k, tag);

    if (way < WEIR_WAYS)
        return &t->set[at].service[way];
    way = weir_dest_admit(&t->set[at], k, tag, WEIR_CLASS_PROVEN, tick);
    if (way == WEIR_WAYS)
        return NULL;
    way %= WEIR_WAYS;
    base_set(t, &t->set[at].service[way], at * WEIR_WAYS + (uint32_t)way);
    return &t->set[at].service[way];
}

/* In units of the record, where a second is a little longer. */
static uint32_t rate_of(uint32_t per_second)
{
    return (uint32_t)(((uint64_t)per_second * 1024 + 953) / 954);
}

int weir_usual_teach(const struct weir_usual_table *t, const struct weir_usual *u, uint32_t tick)
{
    struct weir_dest_key k;
    struct weir_dest *s;

    if (u->kind >= WEIR_DEST_NET || (u->kind == WEIR_DEST_SERVICE) != (u->port != 0) ||
        u->syn > WEIR_USUAL_MOST || u->half > WEIR_USUAL_MOST)
        return -EINVAL;
    weir_dest_key_set(&k, u->addr, u->port, u->kind, weir_addr_is_ip4(u->addr));
    s = record(t, &k, tick);
    if (!s)
        return -ENOSPC;
    weir_dest_teach(s, rate_of(u->syn) * 16, u->half * 16);
    return 0;
}

int weir_usual_write(const struct weir_usual *u, size_t n, FILE *f)
{
    for (size_t i = 0; i < n; i++) {
        char addr[WEIR_ADDR_TEXT];

        if (fprintf(f, "%s %s %u %" PRIu32 " %" PRIu32 "\n", weir_usual_kind(u[i].kind),
                    weir_addr_format(u[i].addr, addr), u[i].port, u[i].syn, u[i].half) < 0)
            return -EIO;
    }
    return fflush(f) ? -EIO : 0;
}

static int line_parse(const char *line, struct weir_usual *ret)
{
    char kind[16], addr[WEIR_ADDR_TEXT + 1];
    unsigned long port, syn, half;
    int end = 0;

    if (sscanf(line, "%15s %46s %5lu %9lu %9lu %n", kind, addr, &port, &syn, &half, &end) != 5 ||
        line[end] || weir_usual_kind_parse(kind, &ret->kind) < 0 || port > 65535 ||
        syn > WEIR_USUAL_MOST || half > WEIR_USUAL_MOST)
        return -EINVAL;
    ret->port = (uint16_t)port;
    ret->syn = (uint32_t)syn;
    ret->half = (uint32_t)half;
    return weir_addr_parse(addr, ret->addr);
}

int weir_usual_read(FILE *f, const char *name, struct weir_usual *ret, size_t max, size_t *ret_n,
                    struct weir_error *e)
{
    char line[128];

    *ret_n = 0;
    for (unsigned number = 1; fgets(line, sizeof(line), f); number++) {
        struct weir_usual u = { 0 };

        if (*ret_n == max)
            return weir_error_set(e, EINVAL, "%s:%u: more than %zu lines", name, number, max);
        if (line_parse(line, &u) < 0)
            return weir_error_set(e, EINVAL,
                                  "%s:%u: expected KIND ADDRESS PORT SYN HALF: service or "
                                  "address, and numbers",
                                  name, number);
        ret[(*ret_n)++] = u;
    }
    return 0;
}
