/* SPDX-License-Identifier: Apache-2.0 */

/* What the table says, in words. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/default.h"
#include "policy/schema.h"

/* "a, b or c" */
static void choices_expected(const struct weir_key *row, char text[WEIR_EXPECTED_TEXT])
{
    size_t left = 0, n = 0;

    for (size_t i = 0; i < row->choices; i++)
        left += row->names[i] != NULL;
    for (size_t i = 0; i < row->choices; i++) {
        if (!row->names[i])
            continue;
        left--;
        n += (size_t)snprintf(text + n, WEIR_EXPECTED_TEXT - n, "%s%s", row->names[i],
                              left > 1    ? ", "
                              : left == 1 ? " or "
                                          : "");
    }
}

static void list_expected(const struct weir_key *row, char text[WEIR_EXPECTED_TEXT])
{
    if (row->min)
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "a list of %" PRIu64 " to %" PRIu64, row->min,
                       row->max);
    else
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "a list of at most %" PRIu64, row->max);
}

static void range_expected(const char *what, const char *min, const char *max, const char *more,
                           char text[WEIR_EXPECTED_TEXT])
{
    (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s from %s to %s%s", what, min, max, more);
}

static void number_expected(const struct weir_key *row, char text[WEIR_EXPECTED_TEXT])
{
    char min[WEIR_VALUE_TEXT], max[WEIR_VALUE_TEXT];
    const char *also = row->power_of_two ? " that is a power of two" : "";

    if (row->type == WEIR_KEY_DURATION)
        range_expected("a time", weir_duration_format(row->min, min),
                       weir_duration_format(row->max, max), ", with s, m, h or d", text);
    else if (row->type == WEIR_KEY_BYTES)
        range_expected("a size", weir_bytes_format(row->min, min), weir_bytes_format(row->max, max),
                       also, text);
    else if (row->type == WEIR_KEY_FACTOR)
        range_expected("a factor", weir_factor_format(row->min, min),
                       weir_factor_format(row->max, max), "", text);
    else
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "a number from %" PRIu64 " to %" PRIu64 "%s",
                       row->min, row->max, also);
}

const char *weir_key_expected(const struct weir_key *row, char text[WEIR_EXPECTED_TEXT])
{
    static const char *const words[] = {
        [WEIR_KEY_MAP] = "a mapping",
        [WEIR_KEY_DICT] = "a mapping of detections",
        [WEIR_KEY_INTERFACE] = "the name of an interface",
        [WEIR_KEY_PATTERN] = "the name of an interface, or a pattern such as eth*",
        [WEIR_KEY_FILE] = "the name of a file",
        [WEIR_KEY_PREFIX] = "an address, or ADDR/LEN with no bit set behind LEN",
        [WEIR_KEY_NEVER] = "gateway, resolvers, management, an address or ADDR/LEN",
        [WEIR_KEY_LISTEN] = "ADDR:PORT, [ADDR]:PORT or *:PORT",
    };

    switch (row->type) {
    case WEIR_KEY_CHOICE:
        choices_expected(row, text);
        break;
    case WEIR_KEY_LIST:
        list_expected(row, text);
        break;
    case WEIR_KEY_NUMBER:
    case WEIR_KEY_DURATION:
    case WEIR_KEY_BYTES:
    case WEIR_KEY_FACTOR:
        number_expected(row, text);
        break;
    case WEIR_KEY_WORD:
        (void)snprintf(text, WEIR_EXPECTED_TEXT,
                       "at most %" PRIu64 " letters, digits, - and _, a letter first", row->max);
        break;
    case WEIR_KEY_TEXT:
        (void)snprintf(text, WEIR_EXPECTED_TEXT,
                       "at most %" PRIu64 " bytes without control characters", row->max);
        break;
    default:
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s", words[row->type]);
    }
    return text;
}

static void prefix_format(const struct weir_prefix *p, char text[WEIR_EXPECTED_TEXT])
{
    char addr[WEIR_ADDR_TEXT];
    unsigned family = weir_addr_is_ip4(p->addr) && p->bits >= 96 ? 96 : 0;

    if (p->bits == WEIR_PREFIX_NONE)
        *text = '\0';
    else if (p->bits == 128)
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s", weir_addr_format(p->addr, addr));
    else
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s/%u", weir_addr_format(p->addr, addr),
                       p->bits - family);
}

static void number_format(const struct weir_key *row, uint64_t v, char text[WEIR_EXPECTED_TEXT])
{
    char value[WEIR_VALUE_TEXT];

    (void)snprintf(value, sizeof(value), "%" PRIu64, v);
    if (v == WEIR_UNSET)
        *value = '\0';
    else if (row->type == WEIR_KEY_DURATION)
        (void)weir_duration_format(v, value);
    else if (row->type == WEIR_KEY_BYTES)
        (void)weir_bytes_format(v, value);
    else if (row->type == WEIR_KEY_FACTOR)
        (void)weir_factor_format(v, value);
    (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s", value);
}

const char *weir_never_name(unsigned kind)
{
    static const char *const names[WEIR_NEVER_MAX] = { "prefix", "gateway", "resolvers",
                                                       "management" };

    return names[kind];
}

const char *weir_key_format(const struct weir_key *row, const void *field,
                            char text[WEIR_EXPECTED_TEXT])
{
    const struct weir_never *never = field;
    const uint64_t *number = field;
    const char *const *string = field;
    char listen[WEIR_VALUE_TEXT];

    switch (row->type) {
    case WEIR_KEY_CHOICE:
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s",
                       *number == WEIR_UNSET ? "" : row->names[*number]);
        break;
    case WEIR_KEY_NUMBER:
    case WEIR_KEY_DURATION:
    case WEIR_KEY_BYTES:
    case WEIR_KEY_FACTOR:
        number_format(row, *number, text);
        break;
    case WEIR_KEY_PREFIX:
        prefix_format(field, text);
        break;
    case WEIR_KEY_NEVER:
        if (never->kind == WEIR_NEVER_PREFIX)
            prefix_format(&never->prefix, text);
        else
            (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s", weir_never_name(never->kind));
        break;
    case WEIR_KEY_LISTEN:
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s", weir_listen_format(field, listen));
        break;
    default:
        (void)snprintf(text, WEIR_EXPECTED_TEXT, "%s", *string ? *string : "");
    }
    return text;
}
