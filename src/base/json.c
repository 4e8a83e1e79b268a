/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdint.h>
#include <string.h>

/* Comma, key and colon in one piece: the hot path is made of short fields. */
static void weir_json_key(struct weir_json *j, const char *key)
{
    size_t len = key ? strlen(key) : 0;
    char *start = weir_buf_room(j->out, len + 4), *at = start;

    if (!start)
        return;
    if (j->comma)
        *at++ = ',';
    j->comma = true;
    if (key) {
        *at++ = '"';
        memcpy(at, key, len);
        at += len;
        *at++ = '"';
        *at++ = ':';
    }
    j->out->len += (size_t)(at - start);
}

static void weir_json_open(struct weir_json *j, const char *key, char bracket)
{
    weir_json_key(j, key);
    weir_buf_add_char(j->out, bracket);
    j->comma = false;
}

static void weir_json_close(struct weir_json *j, char bracket)
{
    weir_buf_add_char(j->out, bracket);
    j->comma = true;
}

void weir_json_object(struct weir_json *j, const char *key)
{
    weir_json_open(j, key, '{');
}

void weir_json_object_end(struct weir_json *j)
{
    weir_json_close(j, '}');
}

void weir_json_array(struct weir_json *j, const char *key)
{
    weir_json_open(j, key, '[');
}

void weir_json_array_end(struct weir_json *j)
{
    weir_json_close(j, ']');
}

/* Length of the UTF-8 sequence at s, 0 when it is none (RFC 3629 4: no overlong forms, no
 * surrogates, nothing above U+10FFFF). */
static size_t weir_utf8_len(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t len;

    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (len > left)
        return 0;
    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

static void weir_json_escape(struct weir_buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

    switch (c) {
    case '"':
    case '\\':
        text[1] = (char)c;
        break;
    case '\n':
        text[1] = 'n';
        break;
    case '\r':
        text[1] = 'r';
        break;
    case '\t':
        text[1] = 't';
        break;
    default:
        weir_buf_add(out, text, sizeof(text));
        return;
    }
    weir_buf_add(out, text, 2);
}

static bool weir_json_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* One character that needs care; how many bytes of s it took. */
static size_t weir_json_char(struct weir_buf *out, const unsigned char *s, size_t left)
{
    size_t utf8;

    if (*s < 0x80) {
        weir_json_escape(out, *s);
        return 1;
    }
    utf8 = weir_utf8_len(s, left);
    if (utf8)
        weir_buf_add(out, s, utf8);
    else
        weir_buf_add(out, "\\ufffd", 6);
    return utf8 ? utf8 : 1;
}

static size_t weir_json_run(const unsigned char *s, size_t len)
{
    size_t run = 0;

    while (run < len && weir_json_plain(s[run]))
        run++;
    return run;
}

void weir_json_strn(struct weir_json *j, const char *key, const char *value, size_t len)
{
    const unsigned char *s = (const unsigned char *)value, *end = s + len;
    size_t run = weir_json_run(s, len);
    char *to;

    weir_json_key(j, key);
    weir_buf_add_char(j->out, '"');
    while (s + run < end) {
        weir_buf_add(j->out, s, run);
        s += run;
        s += weir_json_char(j->out, s, (size_t)(end - s));
        run = weir_json_run(s, (size_t)(end - s));
    }
    to = weir_buf_room(j->out, run + 1);
    if (!to)
        return;
    memcpy(to, s, run);
    to[run] = '"';
    j->out->len += run + 1;
}

void weir_json_str(struct weir_json *j, const char *key, const char *value)
{
    weir_json_strn(j, key, value, strlen(value));
}

void weir_json_u64(struct weir_json *j, const char *key, uint64_t value)
{
    weir_json_key(j, key);
    weir_buf_add_u64(j->out, value);
}

void weir_json_i64(struct weir_json *j, const char *key, int64_t value)
{
    weir_json_key(j, key);
    if (value < 0)
        weir_buf_add_char(j->out, '-');
    weir_buf_add_u64(j->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void weir_json_double(struct weir_json *j, const char *key, double value, int decimals)
{
    weir_json_key(j, key);
    /* JSON has no word for NaN and infinity. */
    if (!(value > -1e300 && value < 1e300))
        weir_buf_add_str(j->out, "null");
    else
        weir_buf_addf(j->out, "%.*f", decimals, value);
}

void weir_json_bool(struct weir_json *j, const char *key, bool value)
{
    weir_json_key(j, key);
    weir_buf_add_str(j->out, value ? "true" : "false");
}

void weir_json_raw(struct weir_json *j, const char *key, const char *json, size_t len)
{
    weir_json_key(j, key);
    weir_buf_add(j->out, json, len);
}
