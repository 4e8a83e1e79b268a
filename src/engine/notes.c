/* SPDX-License-Identifier: Apache-2.0 */

/* DIR/bans: one ban a line, "PREFIX TAB EXPIRES TAB REASON", EXPIRES in seconds since the epoch, 0
 * for never, behind an n when it is of new connections alone. Replaced as a whole by a rename, so
 * that a crash leaves the old or the new one. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "engine/internal.h"

void weir_prefix_format(const struct weir_prefix *p, char text[WEIR_ADDR_TEXT + 4])
{
    unsigned bits = weir_addr_is_ip4(p->addr) && p->bits >= 96 ? p->bits - 96U : p->bits;
    size_t len;

    weir_addr_format(p->addr, text);
    len = strlen(text);
    if (p->bits < 128)
        (void)snprintf(text + len, WEIR_ADDR_TEXT + 4 - len, "/%u", bits);
}

bool weir_reason_valid(const char *reason)
{
    if (strlen(reason) >= WEIR_BAN_REASON)
        return false;
    for (; *reason; reason++)
        if ((unsigned char)*reason < ' ' || *reason == 0x7f)
            return false;
    return true;
}

struct weir_note *weir_notes_find(struct weir_engine *g, const struct weir_prefix *prefix)
{
    for (size_t i = 0; i < g->notes; i++)
        if (g->note[i].prefix.bits == prefix->bits &&
            !memcmp(g->note[i].prefix.addr, prefix->addr, 16))
            return &g->note[i];
    return NULL;
}

void weir_notes_prune(struct weir_engine *g, uint64_t now_s)
{
    size_t kept = 0;

    for (size_t i = 0; i < g->notes; i++)
        if (!g->note[i].expires_s || g->note[i].expires_s > now_s)
            g->note[kept++] = g->note[i];
    g->notes = kept;
}

int weir_notes_put(struct weir_engine *g, const struct weir_note *note, struct weir_error *e)
{
    struct weir_note *at = weir_notes_find(g, &note->prefix);

    if (!at && g->notes == WEIR_BANS_NOTED)
        return weir_error_set(e, ENOSPC,
                              "%d bans by hand are kept already; lift some, or deny a "
                              "prefix",
                              WEIR_BANS_NOTED);
    if (!at)
        at = &g->note[g->notes++];
    *at = *note;
    return 0;
}

void weir_notes_remove(struct weir_engine *g, const struct weir_prefix *prefix)
{
    struct weir_note *at = weir_notes_find(g, prefix);

    if (at)
        *at = g->note[--g->notes];
}

/* Before the time; none says every packet, as files of older versions do. */
static const char scope_letter[WEIR_SCOPE_MAX][2] = { "", "t", "n" };

static int note_parse(char *line, struct weir_note *ret)
{
    char *expires = strchr(line, '\t'), *reason = expires ? strchr(expires + 1, '\t') : NULL;
    char *end;

    if (!reason)
        return -EINVAL;
    *expires++ = '\0';
    *reason++ = '\0';
    for (unsigned i = WEIR_SCOPE_ALL + 1; i < WEIR_SCOPE_MAX; i++) {
        if (*expires != scope_letter[i][0])
            continue;
        ret->scope = (enum weir_ban_scope)i;
        expires++;
        break;
    }
    errno = 0;
    ret->expires_s = strtoull(expires, &end, 10);
    if (errno || *end || *expires < '0' || *expires > '9' || !weir_reason_valid(reason))
        return -EINVAL;
    strcpy(ret->reason, reason);
    return weir_prefix_parse(line, &ret->prefix);
}

int weir_notes_load(struct weir_engine *g, const char *state_dir, struct weir_error *e)
{
    char line[WEIR_BAN_REASON + WEIR_ADDR_TEXT + 64];
    _cleanup_fclose_ FILE *f = NULL;
    unsigned number = 0;
    int n = snprintf(g->notes_path, sizeof(g->notes_path), "%s/bans", state_dir);

    if (n < 0 || (size_t)n >= sizeof(g->notes_path) - 4)
        return weir_error_set(e, ENAMETOOLONG, "%s: longer than %zu bytes", state_dir,
                              sizeof(g->notes_path) - 10);
    g->note = calloc(WEIR_BANS_NOTED, sizeof(*g->note));
    if (!g->note)
        return weir_error_set(e, ENOMEM, "no memory");
    f = fopen(g->notes_path, "re");
    if (!f)
        return errno == ENOENT ? 0
                               : weir_error_set(e, errno, "%s: %s", g->notes_path, strerror(errno));
    while (fgets(line, sizeof(line), f)) {
        struct weir_note note = { 0 };
        int r;

        number++;
        line[strcspn(line, "\n")] = '\0';
        if (note_parse(line, &note) < 0)
            return weir_error_set(e, EINVAL,
                                  "%s:%u: expected PREFIX, seconds since the epoch and reason, "
                                  "parted by tabs; mend or remove the line",
                                  g->notes_path, number);
        r = weir_notes_put(g, &note, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int notes_write(const struct weir_engine *g, FILE *f)
{
    for (size_t i = 0; i < g->notes; i++) {
        char text[WEIR_ADDR_TEXT + 4];

        weir_prefix_format(&g->note[i].prefix, text);
        if (fprintf(f, "%s\t%s%" PRIu64 "\t%s\n", text, scope_letter[g->note[i].scope],
                    g->note[i].expires_s, g->note[i].reason) < 0)
            return -EIO;
    }
    return fflush(f) || fsync(fileno(f)) ? -errno : 0;
}

int weir_notes_save(const struct weir_engine *g, struct weir_error *e)
{
    char path[WEIR_PINS_PATH + 8];
    _cleanup_fclose_ FILE *f = NULL;

    (void)snprintf(path, sizeof(path), "%s.new", g->notes_path);
    f = fopen(path, "we");
    if (!f || notes_write(g, f) < 0 || rename(path, g->notes_path))
        return weir_error_set(e, errno ? errno : EIO,
                              "%s: cannot save the bans, which hold until "
                              "the next boot: %s",
                              path, strerror(errno));
    return 0;
}
