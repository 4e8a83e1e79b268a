/* SPDX-License-Identifier: Apache-2.0 */

/* What cookies need of the system: net.ipv4.tcp_syncookies, changed only where policy allows it,
 * and put back when it does no longer, at the end, or, after a crash, by the next start or `weir
 * down`. DIR/syncookies says what was found, what it was set to, and in which network namespace; it
 * is written before the change. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/internal.h"

#define SYSCTL "/proc/sys/net/ipv4/tcp_syncookies"
#define NETNS "/proc/self/ns/net"

static uint64_t netns_now(void)
{
    struct stat st;

    return stat(NETNS, &st) ? 0 : st.st_ino;
}

/* -1: this kernel has none. */
static int sysctl_read(void)
{
    _cleanup_fclose_ FILE *f = fopen(SYSCTL, "re");
    int v;

    return f && fscanf(f, "%d", &v) == 1 ? v : -1;
}

static int sysctl_write(int v, struct weir_error *e)
{
    _cleanup_fclose_ FILE *f = fopen(SYSCTL, "we");

    if (!f || fprintf(f, "%d\n", v) < 0 || fflush(f))
        return weir_error_set(e, errno, SYSCTL ": %s", strerror(errno));
    return 0;
}

static int path_of(const char *state_dir, char ret[WEIR_PINS_PATH], struct weir_error *e)
{
    int n = snprintf(ret, WEIR_PINS_PATH, "%s/syncookies", state_dir);

    if (n < 0 || n >= WEIR_PINS_PATH)
        return weir_error_set(e, ENAMETOOLONG, "%s: longer than %d bytes", state_dir,
                              WEIR_PINS_PATH - 12);
    return 0;
}

static int note_write(const struct weir_syncookies *s, struct weir_error *e)
{
    _cleanup_fclose_ FILE *f = fopen(s->path, "we");

    if (!f || fchmod(fileno(f), 0600) ||
        fprintf(f, "%d %d %" PRIu64 "\n", s->found, s->set, netns_now()) < 0 || fflush(f) ||
        fsync(fileno(f)))
        return weir_error_set(e, errno, "%s: %s", s->path, strerror(errno));
    return 0;
}

/* What an instance before left changed, in this namespace: set_by_us. Anything else is no note. */
static bool note_read(struct weir_syncookies *s)
{
    _cleanup_fclose_ FILE *f = fopen(s->path, "re");
    uint64_t netns;

    s->set_by_us = f && fscanf(f, "%d %d %" SCNu64, &s->found, &s->set, &netns) == 3 &&
                   s->found >= 0 && s->found <= 2 && netns == netns_now();
    return s->set_by_us;
}

/* Whoever changed it meanwhile is left alone. */
static int put_back(struct weir_syncookies *s, struct weir_error *e)
{
    int r = sysctl_read() == s->set ? sysctl_write(s->found, e) : 0;

    if (r < 0)
        return r;
    s->set_by_us = false;
    if (unlink(s->path) && errno != ENOENT)
        return weir_error_set(e, errno, "%s: %s", s->path, strerror(errno));
    return 0;
}

static int change(struct weir_syncookies *s, int found, int to, struct weir_error *e)
{
    int r;

    s->found = found;
    s->set = to;
    r = note_write(s, e);
    if (r == 0)
        r = sysctl_write(to, e);
    if (r < 0)
        (void)unlink(s->path);
    s->set_by_us = r == 0;
    return r;
}

/* The least that makes the policy's cookies possible; 0: any will do. */
static int wanted(const struct weir_engine *g)
{
    const struct weir_settings *s = g->settings;

    if (s->cookies.when == WEIR_COOKIES_OFF || s->cookies.sysctl != WEIR_COOKIES_SYSCTL_SET ||
        weir_loader_mode(g->loader) != WEIR_MODE_ENFORCE)
        return 0;
    return s->cookies.when == WEIR_COOKIES_ALWAYS ? 2 : 1;
}

int weir_cookies_start(struct weir_engine *g, const char *state_dir, struct weir_error *e)
{
    int r = path_of(state_dir, g->syncookies.path, e);

    if (r == 0)
        (void)note_read(&g->syncookies);
    return r;
}

int weir_cookies_refresh(struct weir_engine *g, struct weir_error *e)
{
    struct weir_syncookies *s = &g->syncookies;
    int want = wanted(g), now, r;

    if (s->set_by_us && s->set != want) {
        r = put_back(s, e);
        if (r < 0)
            return r;
    }
    if (!want || s->set_by_us || s->refused == want)
        return 0;
    now = sysctl_read();
    if (now < 0 || now >= want)
        return 0;
    r = change(s, now, want, e);
    s->refused = r < 0 ? want : 0; /* told once, not each second */
    return r;
}

void weir_cookies_end(struct weir_engine *g)
{
    if (g->syncookies.set_by_us)
        (void)put_back(&g->syncookies, NULL); /* the note stays, and the next one tries again */
}

int weir_cookies_down(const char *state_dir, struct weir_error *e)
{
    struct weir_syncookies s = { 0 };
    int r = path_of(state_dir, s.path, e);

    return r == 0 && note_read(&s) ? put_back(&s, e) : r;
}

/* Why cookies cannot be sent at an ingress hook; NULL: they can. */
static const char *mute(struct weir_engine *g, const struct weir_attachment *a)
{
    if (a->hook == WEIR_HOOK_TC_INGRESS)
        return "they are sent from XDP, and this is TC ingress";
    if (a->hook == WEIR_HOOK_XDP && !weir_loader_answers(g->loader, a->ifindex))
        return "the other end of this veth has no native XDP program, and takes none";
    return NULL;
}

void weir_cookies_remark(struct weir_engine *g, struct weir_buf *remarks)
{
    struct weir_attachment all[2 * WEIR_INTERFACES_MAX];
    int n = weir_loader_attachments(g->loader, all, 2 * WEIR_INTERFACES_MAX);
    char name[16];

    if (g->settings->cookies.when == WEIR_COOKIES_OFF ||
        !weir_settings_states(g->settings, "cookies"))
        return;
    for (int i = 0; i < n && i < 2 * WEIR_INTERFACES_MAX; i++)
        if (mute(g, &all[i]))
            weir_buf_addf(remarks, "%s: no cookies here: %s\n",
                          weir_interface_name(all[i].ifindex, name), mute(g, &all[i]));
    if (sysctl_read() < 0)
        weir_buf_addf(remarks, "no cookies: this kernel has no " SYSCTL "\n");
    else if (!sysctl_read() && !wanted(g))
        weir_buf_addf(remarks,
                      "no cookies: net.ipv4.tcp_syncookies is 0; set it to 1, or let weir: "
                      "cookies: {sysctl: set}\n");
}

void weir_cookies_status_write(struct weir_engine *g, struct weir_json *j)
{
    static const char *const when[] = {
        [WEIR_COOKIES_OFF] = "off", [WEIR_COOKIES_ALWAYS] = "always", [WEIR_COOKIES_AUTO] = "auto"
    };
    struct weir_attachment all[2 * WEIR_INTERFACES_MAX];
    int now = sysctl_read(), n = weir_loader_attachments(g->loader, all, 2 * WEIR_INTERFACES_MAX);
    char name[16];

    weir_json_object(j, "cookies");
    weir_json_str(j, "when", when[g->settings->cookies.when % WEIR_COOKIES_MAX]);
    if (now >= 0)
        weir_json_i64(j, "tcp_syncookies", now);
    if (g->syncookies.set_by_us)
        weir_json_i64(j, "found", g->syncookies.found);
    weir_json_array(j, "not_on");
    for (int i = 0; i < n && i < 2 * WEIR_INTERFACES_MAX; i++)
        if (mute(g, &all[i]))
            weir_json_str(j, NULL, weir_interface_name(all[i].ifindex, name));
    weir_json_array_end(j);
    weir_json_object_end(j);
}
