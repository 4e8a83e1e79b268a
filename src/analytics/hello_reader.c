/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/hello_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_HANDSHAKE 22
#define RECORD_BYTES_MAX 16384 /* RFC 8446 5.1: of plain text */
#define CLIENT_HELLO 1
#define MESSAGE_HEAD 4 /* type and a length of 3 bytes */

void weir_hello_reader_free(struct weir_hello_reader *r)
{
    free(r->message);
    *r = (struct weir_hello_reader){ 0 };
}

/* Length of the whole message by its header, which must be there. */
static size_t message_bytes(const struct weir_hello_reader *r)
{
    return MESSAGE_HEAD +
           ((size_t)r->message[1] << 16 | (size_t)r->message[2] << 8 | r->message[3]);
}

static int take_head(struct weir_hello_reader *r, uint8_t byte)
{
    uint16_t len;

    r->head[r->head_len++] = byte;
    if (r->head_len < sizeof(r->head))
        return 0;
    len = (uint16_t)(r->head[3] << 8 | r->head[4]);
    if (r->head[0] != RECORD_HANDSHAKE || r->head[1] != 3 || !len || len > RECORD_BYTES_MAX)
        return -EBADMSG;
    r->record_left = len;
    r->head_len = 0;
    return 0;
}

static int grow(struct weir_hello_reader *r, size_t len)
{
    size_t want = r->size ? r->size : 512;
    uint8_t *message;

    while (want < len)
        want *= 2;
    if (want == r->size)
        return 0;
    message = realloc(r->message, want);
    if (!message)
        return -ENOMEM;
    r->message = message;
    r->size = want;
    return 0;
}

/* Up to len bytes of the record; *ret_taken of them. */
static int take_body(struct weir_hello_reader *r, const uint8_t *data, size_t len,
                     size_t *ret_taken)
{
    size_t want = r->len < MESSAGE_HEAD ? MESSAGE_HEAD - r->len : message_bytes(r) - r->len;
    int e;

    if (len > r->record_left)
        len = r->record_left;
    if (len > want)
        len = want;
    e = grow(r, r->len + len);
    if (e < 0)
        return e;
    memcpy(r->message + r->len, data, len);
    r->len += len;
    r->record_left -= (uint16_t)len;
    *ret_taken = len;
    if (r->message[0] != CLIENT_HELLO)
        return -EBADMSG;
    if (r->len < MESSAGE_HEAD)
        return 0;
    if (message_bytes(r) > WEIR_HELLO_BYTES_MAX)
        return -E2BIG;
    return r->len == message_bytes(r);
}

int weir_hello_feed(struct weir_hello_reader *r, const uint8_t *data, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t taken = 1;
        int e = r->record_left ? take_body(r, data + at, len - at, &taken) : take_head(r, data[at]);

        if (e)
            return e;
        at += taken;
    }
    return 0;
}
