/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/suspects.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/addr.h"
#include "dataplane/scan.h"
#include "dataplane/source.h"

#define HEAD "weir sources 1 "
#define DAY_S (24 * 60 * 60U)
#define LINE 256

static void hex_write(FILE *f, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)fprintf(f, "%02x", ((const uint8_t *)bytes)[i]);
}

/* Exactly n bytes up to the end of the text. */
static bool hex_read(const char *text, void *bytes, size_t n)
{
    if (strlen(text) != 2 * n || strspn(text, "0123456789abcdef") != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++)
        (void)sscanf(text + 2 * i, "%2" SCNx8, (uint8_t *)bytes + i);
    return true;
}

static uint64_t seconds_ago(uint32_t tick, uint32_t now)
{
    return ((uint64_t)(uint32_t)(now - tick) << WEIR_TICK_SHIFT) / 1000000000;
}

static bool is_suspect(const struct weir_source *s, uint32_t tick)
{
    return (int8_t)s->score >= WEIR_SUSPECT_SCORE && tick - s->day <= WEIR_SCAN_DAY;
}

static void suspect_write(FILE *f, const struct weir_source *s, const struct weir_suspects_now *now)
{
    char text[WEIR_ADDR_TEXT];

    (void)fprintf(f, "%s\t%" PRIu64 "\t%" PRIu64 "\t%d\t", weir_addr_format(s->addr, text),
                  now->s - seconds_ago(s->day, now->tick),
                  now->s - seconds_ago(s->contact_at, now->tick), (int8_t)s->score);
    hex_write(f, &s->day_failed, sizeof(s->day_failed));
    (void)fputc('\n', f);
}

long weir_suspects_write(FILE *f, const struct weir_suspects_table *t,
                         const struct weir_hash_key *key, const struct weir_suspects_now *now)
{
    long n = 0;

    (void)fputs(HEAD, f);
    hex_write(f, key, sizeof(*key));
    (void)fputc('\n', f);
    for (uint32_t set = 0; set < t->sets; set++) {
        for (int way = 0; way < WEIR_WAYS; way++) {
            struct weir_source s = t->set[set].source[way]; /* packets go on writing it */

            if (!t->ways[set].tag[way] || !is_suspect(&s, now->tick))
                continue;
            suspect_write(f, &s, now);
            n++;
        }
    }
    return ferror(f) ? -EIO : n;
}

struct suspect {
    uint8_t addr[16];
    uint64_t day;
    uint64_t last;
    int score;
    struct weir_contacts failed;
};

static bool suspect_parse(char *line, struct suspect *ret)
{
    char *tab = strchr(line, '\t');
    char bits[LINE];

    if (!tab)
        return false;
    *tab = '\0';
    return weir_addr_parse(line, ret->addr) == 0 &&
           sscanf(tab + 1, "%" SCNu64 "\t%" SCNu64 "\t%d\t%255s", &ret->day, &ret->last,
                  &ret->score, bits) == 4 &&
           ret->score >= WEIR_SUSPECT_SCORE && ret->score <= WEIR_SCORE_MOST &&
           hex_read(bits, &ret->failed, sizeof(ret->failed));
}

/* A clock that was set back makes things younger, not older than they can be. */
static uint32_t tick_of(uint64_t s, const struct weir_suspects_now *now)
{
    uint64_t ago = s < now->s ? now->s - s : 0;

    return now->tick - WEIR_TICKS(ago < DAY_S ? ago : DAY_S);
}

static bool suspect_enter(const struct weir_suspects_table *t, const struct weir_hash_key *key,
                          const struct suspect *x, const struct weir_suspects_now *now)
{
    struct weir_contact c = { 0 };
    struct weir_source *s;
    uint32_t set;
    int way;

    if (x->day + DAY_S < now->s)
        return false;
    weir_source_key(c.source, x->addr, weir_addr_is_ip4(x->addr));
    c.hash = weir_hash_end(key, c.source, 0, weir_addr_is_ip4(x->addr));
    set = weir_set_index(c.hash, t->sets - 1);
    way = weir_source_admit(&t->ways[set], &t->set[set], &c, now->tick) % (2 * WEIR_WAYS);
    if (way >= WEIR_WAYS)
        return false;
    s = &t->set[set].source[way];
    s->score = (uint8_t)x->score;
    s->day = tick_of(x->day, now);
    s->contact_at = tick_of(x->last, now);
    s->since = now->tick - WEIR_SCAN_WINDOW - 1; /* its next contact begins one */
    s->day_failed = x->failed;
    weir_set_touch(&t->ways[set], (uint32_t)way, weir_source_class(s), s->contact_at);
    return true;
}

long weir_suspects_read(FILE *f, const struct weir_suspects_table *t, struct weir_hash_key *ret_key,
                        const struct weir_suspects_now *now, struct weir_error *e)
{
    char line[LINE];
    unsigned number = 1;
    long n = 0;

    if (!fgets(line, sizeof(line), f))
        return weir_error_set(e, EINVAL, "empty, expected \"" HEAD "KEY\"");
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, HEAD, strlen(HEAD)) != 0 ||
        !hex_read(line + strlen(HEAD), ret_key, sizeof(*ret_key)))
        return weir_error_set(e, EINVAL, "line 1: expected \"" HEAD "\" and %zu digits",
                              2 * sizeof(*ret_key));
    while (fgets(line, sizeof(line), f)) {
        struct suspect x;

        number++;
        line[strcspn(line, "\n")] = '\0';
        if (!suspect_parse(line, &x))
            return weir_error_set(e, EINVAL,
                                  "line %u: expected address, begin, newest contact, score "
                                  "from %d to %d and %zu digits, parted by tabs",
                                  number, WEIR_SUSPECT_SCORE, WEIR_SCORE_MOST,
                                  2 * sizeof(x.failed));
        n += suspect_enter(t, ret_key, &x, now);
    }
    return n;
}
