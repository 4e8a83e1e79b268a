/* SPDX-License-Identifier: Apache-2.0 */
#include "events/evidence_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PREFIX "weir-"
#define SUFFIX ".pcapng"
#define PART ".part"

/* Copy what a file name may have, at most max characters. */
static char *append(char *to, char *end, const char *text, size_t max)
{
    for (; *text && max && to < end; text++, max--) {
        bool plain = (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= 'a' && *text <= 'z') || *text == '.';

        *to++ = plain ? *text : '-';
    }
    *to = '\0';
    return to;
}

const char *weir_evidence_name(uint64_t ts_ns, const char *detection, const char *source,
                               uint64_t incident, char name[WEIR_EVIDENCE_FILE_NAME])
{
    time_t seconds = (time_t)(ts_ns / 1000000000);
    char number[24], stamp[32] = "";
    char *to = name, *end = name + WEIR_EVIDENCE_FILE_NAME - 1;
    struct tm tm;

    if (gmtime_r(&seconds, &tm))
        (void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    (void)snprintf(number, sizeof(number), "%llu", (unsigned long long)incident);
    to = append(to, end, PREFIX, sizeof(PREFIX));
    to = append(to, end, stamp, sizeof(stamp));
    to = append(to, end, "-", 1);
    to = append(to, end, detection, 64);
    to = append(to, end, "-", 1);
    to = append(to, end, source, 48);
    to = append(to, end, "-", 1);
    to = append(to, end, number, sizeof(number));
    (void)append(to, end, SUFFIX, sizeof(SUFFIX));
    return name;
}

struct entry {
    char name[256];
    int64_t written_s;
    uint64_t bytes;
};

struct listing {
    struct entry *entry;
    size_t n;
    size_t room;
};

static void listing_free(struct listing *l)
{
    free(l->entry);
}

static void closedirp(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), n = strlen(suffix);

    return len >= n && !strcmp(name + len - n, suffix);
}

static bool is_evidence(const char *name)
{
    return !strncmp(name, PREFIX, strlen(PREFIX)) && ends_with(name, SUFFIX);
}

static bool is_part(const char *name)
{
    return !strncmp(name, PREFIX, strlen(PREFIX)) && ends_with(name, SUFFIX PART);
}

static int add_entry(struct listing *l, const char *name, const struct stat *st)
{
    struct entry *to;

    if (l->n == WEIR_EVIDENCE_FILES_MAX)
        return -EFBIG;
    if (l->n == l->room) {
        size_t want = l->room ? l->room * 2 : 64;
        struct entry *entry = reallocarray(l->entry, want, sizeof(*entry));

        if (!entry)
            return -ENOMEM;
        l->entry = entry;
        l->room = want;
    }
    to = &l->entry[l->n++];
    *to = (struct entry){ .written_s = st->st_mtime, .bytes = (uint64_t)st->st_size };
    (void)snprintf(to->name, sizeof(to->name), "%s", name);
    return 0;
}

static int by_age(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->written_s != y->written_s)
        return x->written_s < y->written_s ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* All files of evidence; parts are removed on the way when asked for. */
static int list(DIR *d, bool parts, struct listing *l, uint32_t *removed)
{
    const struct dirent *at;
    struct stat st;
    int r = 0;

    while (r == 0 && (at = readdir(d))) {
        if (parts && is_part(at->d_name) && !unlinkat(dirfd(d), at->d_name, 0))
            (*removed)++;
        if (is_evidence(at->d_name) && !fstatat(dirfd(d), at->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
            S_ISREG(st.st_mode))
            r = add_entry(l, at->d_name, &st);
    }
    if (l->n)
        qsort(l->entry, l->n, sizeof(*l->entry), by_age);
    return r;
}

static bool is_too_much(const struct weir_evidence_limits *limits, const struct entry *oldest,
                        size_t files, uint64_t bytes, int64_t now_s)
{
    if (limits->files && files > limits->files)
        return true;
    if (limits->bytes && bytes > limits->bytes)
        return true;
    return limits->age_s && now_s - oldest->written_s > (int64_t)limits->age_s;
}

int weir_evidence_prune(const char *dir, const struct weir_evidence_limits *limits, int64_t now_s,
                        bool parts, uint32_t *ret_removed, struct weir_error *e)
{
    _cleanup_(closedirp) DIR *d = opendir(dir);
    _cleanup_(listing_free) struct listing l = { 0 };
    uint32_t removed = 0;
    uint64_t bytes = 0;
    int r;

    if (!d)
        return weir_error_set(e, errno, "%s: %s", dir, strerror(errno));
    r = list(d, parts, &l, &removed);
    if (r < 0)
        return weir_error_set(e, -r, "%s: cannot list its files: %s", dir, strerror(-r));
    for (size_t i = 0; i < l.n; i++)
        bytes += l.entry[i].bytes;
    for (size_t i = 0; i < l.n; i++) {
        if (!is_too_much(limits, &l.entry[i], l.n - i, bytes, now_s))
            break;
        if (unlinkat(dirfd(d), l.entry[i].name, 0) && errno != ENOENT)
            return weir_error_set(e, errno, "%s/%s: %s", dir, l.entry[i].name, strerror(errno));
        bytes -= l.entry[i].bytes;
        removed++;
    }
    *ret_removed = removed;
    return 0;
}
