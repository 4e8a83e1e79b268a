/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A ClientHello from the bytes a client sends first, in stream order and in any pieces: takes the
 * handshake message out of its TLS records (RFC 8446 5.1: it may span several). */

#include <stddef.h>
#include <stdint.h>

#include "abi/hello.h"

struct weir_hello_reader {
    uint8_t *message; /* owned: the handshake message, its 4-byte header first */
    size_t len;
    size_t size;
    uint8_t head[5]; /* of the current record */
    uint8_t head_len;
    uint16_t record_left; /* bytes of it that are still to come */
};

void weir_hello_reader_free(struct weir_hello_reader *r); /* also for _cleanup_ */

/* The next bytes. 1: the message is complete, r->message has it, what follows is not looked at;
 * 0: more is needed; -EBADMSG: this is no ClientHello; -E2BIG: it is longer than
 * WEIR_HELLO_BYTES_MAX; -ENOMEM. After anything but 0 the reader takes no more. */
int weir_hello_feed(struct weir_hello_reader *r, const uint8_t *data, size_t len);
