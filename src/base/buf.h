/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A growing run of bytes. Writes never fail one by one: when memory ends, the buffer remembers it
 * (failed), drops what is written, and the caller asks once at the end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_buf {
    char *data; /* owned; not terminated */
    size_t len;
    size_t size;
    bool failed;
};

void weir_buf_free(struct weir_buf *b);  /* also for _cleanup_ */
void weir_buf_clear(struct weir_buf *b); /* keeps the memory, forgets the failure */
char *weir_buf_grow(struct weir_buf *b, size_t len);

/* Room for len > 0 more bytes, NULL when memory ended: the caller fills it and moves b->len.
 * Inline, because output is made of many short pieces. */
static inline char *weir_buf_room(struct weir_buf *b, size_t len)
{
    return len <= b->size - b->len && !b->failed ? b->data + b->len : weir_buf_grow(b, len);
}

void weir_buf_add(struct weir_buf *b, const void *data, size_t len);
void weir_buf_add_str(struct weir_buf *b, const char *s);
void weir_buf_add_char(struct weir_buf *b, char c);
void weir_buf_add_u64(struct weir_buf *b, uint64_t v); /* decimal */
void weir_buf_addf(struct weir_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
