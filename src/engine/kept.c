/* SPDX-License-Identifier: Apache-2.0 */

/* DIR/policy: the policy in force with its lists (policy/bundle.h), for the next start. Replaced as
 * a whole by a rename. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/internal.h"

#define KEPT_MAX (WEIR_BUNDLE_BYTES + WEIR_BUNDLE_FILES * 512UL)

static int kept_read(FILE *f, struct weir_buf *ret)
{
    size_t n;

    do {
        char *to = weir_buf_room(ret, 65536);

        if (!to)
            return -ENOMEM;
        n = fread(to, 1, 65536, f);
        ret->len += n;
    } while (n && ret->len <= KEPT_MAX);
    return ferror(f) ? -EIO : 0;
}

/* A file that does not make a policy any more is told and left: it must not keep the host
 * unguarded. */
static void kept_parse(struct weir_engine *g, const struct weir_buf *text,
                       struct weir_settings **ret)
{
    _cleanup_(weir_bundle_free) struct weir_bundle b = { 0 };
    _cleanup_free_ struct weir_faults *f = calloc(1, sizeof(*f));
    struct weir_error e = { 0 };
    int r = f ? weir_bundle_read(&b, text->data, text->len, &e) : -ENOMEM;

    if (r == 0)
        r = weir_settings_read(&b, ret, f);
    if (r == 0)
        return;
    weir_buf_addf(&g->remarks, "%s: %s; the defaults are in force until a policy is applied\n",
                  g->policy_path,
                  e.text[0]   ? e.text
                  : f && f->n ? f->v[0].text
                              : strerror(-r));
}

int weir_kept_load(struct weir_engine *g, const char *state_dir, struct weir_settings **ret,
                   struct weir_error *e)
{
    int n = snprintf(g->policy_path, sizeof(g->policy_path), "%s/policy", state_dir), r;
    _cleanup_(weir_buf_free) struct weir_buf text = { 0 };
    _cleanup_fclose_ FILE *f = NULL;
    struct stat st;

    if (n < 0 || (size_t)n >= sizeof(g->policy_path) - 4)
        return weir_error_set(e, ENAMETOOLONG, "%s: longer than %zu bytes", state_dir,
                              sizeof(g->policy_path) - 12);
    f = fopen(g->policy_path, "re");
    if (!f)
        return errno == ENOENT
                   ? 0
                   : weir_error_set(e, errno, "%s: %s", g->policy_path, strerror(errno));
    r = kept_read(f, &text);
    if (r < 0 || fstat(fileno(f), &st))
        return weir_error_set(e, r < 0 ? -r : errno, "%s: cannot be read", g->policy_path);
    kept_parse(g, &text, ret);
    if (*ret)
        g->applied_ns = (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
    return 0;
}

static void kept_new_path(const struct weir_engine *g, char path[WEIR_PINS_PATH + 8])
{
    (void)snprintf(path, WEIR_PINS_PATH + 8, "%s.new", g->policy_path);
}

int weir_kept_prepare(struct weir_engine *g, const struct weir_settings *s, struct weir_error *e)
{
    _cleanup_(weir_buf_free) struct weir_buf text = { 0 };
    char path[WEIR_PINS_PATH + 8];
    _cleanup_fclose_ FILE *f = NULL;

    kept_new_path(g, path);
    weir_bundle_write(&s->bundle, &text);
    if (text.failed)
        return weir_error_set(e, ENOMEM, "no memory");
    f = fopen(path, "we");
    if (!f || fchmod(fileno(f), 0600) || fwrite(text.data, 1, text.len, f) != text.len ||
        fflush(f) || fsync(fileno(f)))
        return weir_error_set(e, errno ? errno : EIO, "%s: %s", path, strerror(errno));
    return 0;
}

int weir_kept_commit(struct weir_engine *g, struct weir_error *e)
{
    char path[WEIR_PINS_PATH + 8];

    kept_new_path(g, path);
    if (rename(path, g->policy_path))
        return weir_error_set(e, errno, "%s: %s; the policy is in force until the next start",
                              g->policy_path, strerror(errno));
    return 0;
}
