/* SPDX-License-Identifier: Apache-2.0 */
#include <net/if.h>
#include <string.h>

#include "policy/read.h"

static bool choice_read(const struct weir_key *row, const char *text, uint64_t *ret)
{
    for (size_t i = 0; i < row->choices; i++) {
        if (!row->names[i] || strcmp(row->names[i], text) != 0)
            continue;
        *ret = i;
        return true;
    }
    return false;
}

static bool number_read(const struct weir_key *row, const char *text, uint64_t *ret)
{
    uint64_t v = 0;
    int r;

    if (row->type == WEIR_KEY_DURATION)
        r = weir_duration_parse(text, &v);
    else if (row->type == WEIR_KEY_BYTES)
        r = weir_bytes_parse(text, &v);
    else if (row->type == WEIR_KEY_FACTOR)
        r = weir_factor_parse(text, &v);
    else
        r = weir_number_parse(text, &v);
    if (r < 0 || v < row->min || v > row->max || (row->power_of_two && v & (v - 1)))
        return false;
    *ret = v;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool word_fits(const struct weir_key *row, const char *text)
{
    size_t n = strlen(text);

    if (!is_letter(*text) || n > row->max)
        return false;
    for (; *text; text++)
        if (!is_letter(*text) && !(*text >= '0' && *text <= '9') && *text != '-' && *text != '_')
            return false;
    return true;
}

static bool text_fits(const char *text, size_t max)
{
    if (strlen(text) > max)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* As the kernel's dev_valid_name(), and a pattern may have stars. */
static bool interface_fits(const char *text, bool pattern)
{
    size_t n = strlen(text);

    if (!n || n >= IF_NAMESIZE || !strcmp(text, ".") || !strcmp(text, ".."))
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f || strchr("/:", *text) ||
            (*text == '*' && !pattern))
            return false;
    return true;
}

static bool string_fits(const struct weir_key *row, const char *text)
{
    switch (row->type) {
    case WEIR_KEY_WORD:
        return word_fits(row, text);
    case WEIR_KEY_INTERFACE:
        return interface_fits(text, false);
    case WEIR_KEY_PATTERN:
        return interface_fits(text, true);
    case WEIR_KEY_FILE:
        return *text && text_fits(text, WEIR_BUNDLE_NAME - 1);
    default:
        return text_fits(text, row->max);
    }
}

static bool never_read(const char *text, struct weir_never *ret)
{
    for (unsigned kind = WEIR_NEVER_PREFIX + 1; kind < WEIR_NEVER_MAX; kind++) {
        if (strcmp(text, weir_never_name(kind)) != 0)
            continue;
        ret->kind = kind;
        return true;
    }
    ret->kind = WEIR_NEVER_PREFIX;
    return weir_prefix_parse(text, &ret->prefix) == 0;
}

static void unset(const struct weir_key *row, void *field)
{
    if (row->type == WEIR_KEY_PREFIX)
        ((struct weir_prefix *)field)->bits = WEIR_PREFIX_NONE;
    else if (row->type >= WEIR_KEY_CHOICE && row->type <= WEIR_KEY_FACTOR)
        *(uint64_t *)field = WEIR_UNSET;
}

bool weir_scalar_read(struct weir_arena *a, const struct weir_key *row, const char *text,
                      void *field)
{
    if (!text) {
        unset(row, field);
        return true;
    }
    switch (row->type) {
    case WEIR_KEY_CHOICE:
        return choice_read(row, text, field);
    case WEIR_KEY_NUMBER:
    case WEIR_KEY_DURATION:
    case WEIR_KEY_BYTES:
    case WEIR_KEY_FACTOR:
        return number_read(row, text, field);
    case WEIR_KEY_PREFIX:
        return weir_prefix_parse(text, field) == 0;
    case WEIR_KEY_NEVER:
        return never_read(text, field);
    case WEIR_KEY_LISTEN:
        return weir_listen_parse(text, field) == 0;
    default:
        if (!string_fits(row, text))
            return false;
        *(const char **)field = weir_arena_text(a, text, strlen(text));
        return true;
    }
}
