/* SPDX-License-Identifier: Apache-2.0 */

/* What destinations get, and what is usual there. The latter is kept in DIR/usual, once a minute
 * and at the end, for the start after the next boot: until then it stands in the pinned table. */

#include "analytics/floods.h"

#include <errno.h>
#include <string.h>

#include "engine/internal.h"

#define KEEP_NS (60ULL * 1000000000)

static struct weir_usual_table table_of(struct weir_engine *g)
{
    struct weir_usual_table t = { .key = weir_loader_hash_key(g->loader) };

    t.set = weir_dests_table(g->loader, &t.sets);
    t.part = weir_dests_parts(g->loader, &t.cpus);
    return t;
}

int weir_engine_usual_teach(struct weir_engine *g, const struct weir_usual *u, size_t n,
                            size_t *ret_taken)
{
    struct weir_usual_table t = table_of(g);
    uint32_t tick = (uint32_t)(weir_clock_ns(CLOCK_MONOTONIC) >> WEIR_TICK_SHIFT);

    *ret_taken = 0;
    for (size_t i = 0; i < n; i++) {
        int r = weir_usual_teach(&t, &u[i], tick);

        if (r == -EINVAL)
            return r;
        *ret_taken += r == 0;
    }
    return 0;
}

/* A file that cannot be read must not keep the host unguarded: it is told and left. */
int weir_usual_start(struct weir_engine *g, const char *state_dir, struct weir_error *e)
{
    int n = snprintf(g->usual_path, sizeof(g->usual_path), "%s/usual", state_dir);
    size_t most = (size_t)table_of(g).sets * WEIR_WAYS, known, taken;
    _cleanup_free_ struct weir_usual *u = calloc(most, sizeof(*u));
    _cleanup_fclose_ FILE *f = NULL;
    struct weir_error why = { 0 };

    if (n < 0 || (size_t)n >= sizeof(g->usual_path) - 4)
        return weir_error_set(e, ENAMETOOLONG, "%s: longer than %zu bytes", state_dir,
                              sizeof(g->usual_path) - 11);
    if (!u)
        return weir_error_set(e, ENOMEM, "no memory");
    if (g->adopted || !(f = fopen(g->usual_path, "re")))
        return 0;
    if (weir_usual_read(f, g->usual_path, u, most, &known, &why) < 0 ||
        weir_engine_usual_teach(g, u, known, &taken) < 0) {
        weir_buf_addf(&g->remarks, "%s; what is usual is learned anew\n",
                      why.text[0] ? why.text : g->usual_path);
        return 0;
    }
    if (taken < known)
        weir_buf_addf(&g->remarks, "%s: no room for %zu of %zu destinations\n", g->usual_path,
                      known - taken, known);
    return 0;
}

int weir_usual_keep(struct weir_engine *g)
{
    struct weir_usual_table t = table_of(g);
    size_t most = (size_t)t.sets * WEIR_WAYS;
    _cleanup_free_ struct weir_usual *u = calloc(most, sizeof(*u));
    char path[WEIR_PINS_PATH + 8];
    _cleanup_fclose_ FILE *f = NULL;

    if (!u)
        return -ENOMEM;
    (void)snprintf(path, sizeof(path), "%s.new", g->usual_path);
    f = fopen(path, "we");
    if (!f || weir_usual_write(u, weir_usual_list(&t, u, most), f) < 0)
        return errno ? -errno : -EIO;
    return rename(path, g->usual_path) ? -errno : 0;
}

int weir_usual_tick(struct weir_engine *g, uint64_t now_ns, struct weir_error *e)
{
    int r;

    if (now_ns - g->usual_ns < KEEP_NS)
        return 0;
    g->usual_ns = now_ns;
    r = weir_usual_keep(g);
    return r < 0 ? weir_error_set(e, -r, "%s: %s", g->usual_path, strerror(-r)) : 0;
}

int weir_engine_floods_forget(struct weir_engine *g, struct weir_error *e)
{
    int r;

    weir_dests_forget(g->loader);
    r = weir_usual_keep(g);
    return r < 0 ? weir_error_set(e, -r, "%s: %s", g->usual_path, strerror(-r)) : 0;
}

int weir_engine_floods_write(struct weir_engine *g, size_t max, struct weir_json *j,
                             struct weir_error *e)
{
    uint32_t n;
    const struct weir_dest_set *set = weir_dests_table(g->loader, &n);

    if (weir_floods_write(set, n, g->clock_offset_ns, max, j) < 0)
        return weir_error_set(e, ENOMEM, "no memory");
    return 0;
}
