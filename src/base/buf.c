/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIR_BUF_FIRST 4096

void weir_buf_free(struct weir_buf *b)
{
    free(b->data);
    *b = (struct weir_buf){ 0 };
}

void weir_buf_clear(struct weir_buf *b)
{
    b->len = 0;
    b->failed = false;
}

char *weir_buf_grow(struct weir_buf *b, size_t len)
{
    size_t size = b->size ? b->size : WEIR_BUF_FIRST;
    char *data;

    if (b->failed)
        return NULL;
    while (size - b->len < len) {
        if (size > SIZE_MAX / 2) {
            b->failed = true;
            return NULL;
        }
        size *= 2;
    }
    data = realloc(b->data, size);
    if (!data) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->size = size;
    return b->data + b->len;
}

void weir_buf_add(struct weir_buf *b, const void *data, size_t len)
{
    char *to;

    if (!len)
        return;
    to = weir_buf_room(b, len);
    if (!to)
        return;
    memcpy(to, data, len);
    b->len += len;
}

void weir_buf_add_str(struct weir_buf *b, const char *s)
{
    weir_buf_add(b, s, strlen(s));
}

void weir_buf_add_char(struct weir_buf *b, char c)
{
    char *to = weir_buf_room(b, 1);

    if (!to)
        return;
    *to = c;
    b->len++;
}

void weir_buf_add_u64(struct weir_buf *b, uint64_t v)
{
    char text[20];
    size_t at = sizeof(text);

    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    weir_buf_add(b, text + at, sizeof(text) - at);
}

void weir_buf_addf(struct weir_buf *b, const char *format, ...)
{
    va_list args;
    char *to;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        b->failed = true;
        return;
    }
    to = weir_buf_room(b, (size_t)len + 1);
    if (!to)
        return;
    va_start(args, format);
    (void)vsnprintf(to, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
}
