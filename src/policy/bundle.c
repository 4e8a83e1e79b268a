/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* First line of the written form; then for each file "BYTES-OF-NAME BYTES-OF-TEXT", newline, name,
 * newline, text, newline. */
#define MAGIC "weir policy 1\n"

void weir_bundle_free(struct weir_bundle *b)
{
    for (size_t i = 0; i < b->files; i++) {
        free(b->file[i].name);
        free(b->file[i].text);
    }
    *b = (struct weir_bundle){ 0 };
}

/* Takes text over, also when it fails. */
static int file_take(struct weir_bundle *b, const char *name, char *text, size_t len,
                     struct weir_error *e)
{
    _cleanup_free_ char *mine = text, *named = strdup(name);

    if (b->files == WEIR_BUNDLE_FILES)
        return weir_error_set(e, E2BIG, "%s: more than %d lists", name, WEIR_BUNDLE_FILES - 1);
    if (len > WEIR_BUNDLE_BYTES - b->bytes)
        return weir_error_set(e, E2BIG, "%s: policy and lists are more than %zu MiB", name,
                              WEIR_BUNDLE_BYTES >> 20);
    if (!named)
        return weir_error_set(e, ENOMEM, "no memory");
    b->file[b->files++] = (struct weir_bundle_file){ TAKE_PTR(named), TAKE_PTR(mine), len };
    b->bytes += len;
    return 0;
}

int weir_bundle_add(struct weir_bundle *b, const char *name, const char *text, size_t len,
                    struct weir_error *e)
{
    char *copy = malloc(len + 1);

    if (!copy)
        return weir_error_set(e, ENOMEM, "no memory");
    memcpy(copy, text, len);
    copy[len] = '\0';
    return file_take(b, name, copy, len, e);
}

/* All of a regular file, or of what behaves like one; *ret is owned. */
static int file_read(const char *path, size_t most, char **ret, size_t *ret_len,
                     struct weir_error *e)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    _cleanup_(weir_buf_free) struct weir_buf buf = { 0 };
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st))
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return weir_error_set(e, EINVAL, "%s: expected a regular file", path);
    do {
        char *to = weir_buf_room(&buf, 65536);

        if (!to)
            return weir_error_set(e, ENOMEM, "%s: no memory", path);
        n = read(fd, to, 65536);
        if (n < 0)
            return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
        buf.len += (size_t)n;
        if (buf.len > most)
            return weir_error_set(e, E2BIG, "%s: policy and lists are more than %zu MiB", path,
                                  WEIR_BUNDLE_BYTES >> 20);
    } while (n);
    weir_buf_add_char(&buf, '\0');
    if (buf.failed)
        return weir_error_set(e, ENOMEM, "%s: no memory", path);
    *ret_len = buf.len - 1;
    *ret = TAKE_PTR(buf.data);
    return 0;
}

int weir_bundle_open(struct weir_bundle *b, const char *path, struct weir_error *e)
{
    size_t len = 0;
    char *text = NULL;
    int r = file_read(path, WEIR_BUNDLE_BYTES, &text, &len, e);

    return r < 0 ? r : file_take(b, path, text, len, e);
}

static void comments_blank(char *text, size_t len)
{
    char *at = text, *end = text + len;

    while (at < end) {
        char *eol = memchr(at, '\n', (size_t)(end - at));

        eol = eol ? eol : end;
        for (bool comment = false; at < eol; at++) {
            comment |= *at == '#' || *at == ';';
            if (comment)
                *at = ' ';
        }
        at++;
    }
}

/* Relative to the folder of the policy. */
static int list_path(const struct weir_bundle *b, const char *name, struct weir_buf *ret)
{
    const char *slash = strrchr(b->file[0].name, '/');

    if (*name != '/' && slash)
        weir_buf_add(ret, b->file[0].name, (size_t)(slash - b->file[0].name) + 1);
    weir_buf_add(ret, name, strlen(name) + 1);
    return ret->failed ? -ENOMEM : 0;
}

int weir_bundle_list(struct weir_bundle *b, const char *name, struct weir_error *e)
{
    _cleanup_(weir_buf_free) struct weir_buf path = { 0 };
    size_t len = 0;
    char *text = NULL;
    int r;

    for (size_t i = 1; i < b->files; i++)
        if (!strcmp(b->file[i].name, name))
            return (int)i;
    if (b->closed)
        return weir_error_set(e, ENOENT, "%s: did not come with the policy", name);
    r = list_path(b, name, &path);
    if (r < 0)
        return weir_error_set(e, ENOMEM, "no memory");
    r = file_read(path.data, WEIR_BUNDLE_BYTES - b->bytes, &text, &len, e);
    if (r < 0)
        return r;
    comments_blank(text, len);
    r = file_take(b, name, text, len, e);
    return r < 0 ? r : (int)b->files - 1;
}

void weir_bundle_write(const struct weir_bundle *b, struct weir_buf *out)
{
    weir_buf_add_str(out, MAGIC);
    for (size_t i = 0; i < b->files; i++) {
        weir_buf_addf(out, "%zu %zu\n%s\n", strlen(b->file[i].name), b->file[i].len,
                      b->file[i].name);
        weir_buf_add(out, b->file[i].text, b->file[i].len);
        weir_buf_add_char(out, '\n');
    }
}

/* A number of at most eight digits and the byte behind it; NULL when it is not so. */
static const char *number_read(const char *at, const char *end, char after, size_t *ret)
{
    const char *from = at;

    for (*ret = 0; at < end && *at >= '0' && *at <= '9' && at - from < 9; at++)
        *ret = *ret * 10 + (size_t)(*at - '0');
    if (at == from || at - from == 9 || at == end || *at != after)
        return NULL;
    return *from == '0' && at - from > 1 ? NULL : at + 1;
}

/* One file; the byte behind it, or NULL. */
static const char *file_parse(struct weir_bundle *b, const char *at, const char *end,
                              struct weir_error *e)
{
    char name[WEIR_BUNDLE_NAME];
    size_t named, len;

    at = number_read(at, end, ' ', &named);
    at = at ? number_read(at, end, '\n', &len) : NULL;
    if (!at || named >= sizeof(name) || (size_t)(end - at) < named + 1 || at[named] != '\n')
        return NULL;
    memcpy(name, at, named);
    name[named] = '\0';
    at += named + 1;
    if (strlen(name) != named || (size_t)(end - at) < len + 1 || at[len] != '\n')
        return NULL;
    return weir_bundle_add(b, name, at, len, e) < 0 ? NULL : at + len + 1;
}

int weir_bundle_read(struct weir_bundle *ret, const char *data, size_t len, struct weir_error *e)
{
    _cleanup_(weir_bundle_free) struct weir_bundle b = { .closed = true };
    const char *at = data + strlen(MAGIC), *end = data + len;

    if (len <= strlen(MAGIC) || memcmp(data, MAGIC, strlen(MAGIC)) != 0)
        return weir_error_set(e, EBADMSG, "not a policy as `weir policy apply` sends it");
    while (at && at < end)
        at = file_parse(&b, at, end, e);
    if (!at)
        return weir_error_set(e, EBADMSG,
                              "damaged: a file of the policy is not as long as it says");
    *ret = b;
    b = (struct weir_bundle){ 0 };
    return 0;
}

bool weir_bundle_equal(const struct weir_bundle *a, const struct weir_bundle *b)
{
    if (a->files != b->files)
        return false;
    for (size_t i = 0; i < a->files; i++)
        if (a->file[i].len != b->file[i].len || strcmp(a->file[i].name, b->file[i].name) != 0 ||
            memcmp(a->file[i].text, b->file[i].text, a->file[i].len) != 0)
            return false;
    return true;
}
