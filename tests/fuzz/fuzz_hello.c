/* SPDX-License-Identifier: Apache-2.0 */

/* A ClientHello from what a client sends: the first byte says how it is cut, the rest is the
 * stream. The cutting must change nothing, and what is complete must be printable. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/hello_print.h"
#include "analytics/hello_reader.h"
#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct weir_hello_reader *r)
{
    char ja3[WEIR_JA3_TEXT], ja4[WEIR_JA4_TEXT];
    uint8_t *exact = malloc(r->len);
    struct weir_hello h;

    if (!exact)
        return;
    memcpy(exact, r->message, r->len);
    if (weir_hello_parse(exact, r->len, &h) == 0 &&
        (weir_hello_ja3(&h, ja3) || weir_hello_ja4(&h, ja4) || strlen(ja3) != sizeof(ja3) - 1 ||
         strlen(ja4) != sizeof(ja4) - 1))
        abort();
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(weir_hello_reader_free) struct weir_hello_reader whole = { 0 };
    _cleanup_(weir_hello_reader_free) struct weir_hello_reader cut = { 0 };
    int a, b = 0;

    if (size < 1)
        return 0;
    a = weir_hello_feed(&whole, data + 1, size - 1);
    for (size_t at = 1, turn = 0; at < size && b == 0; turn++) {
        size_t take = 1 + (data[0] >> turn % 8 & 31);

        if (take > size - at)
            take = size - at;
        b = weir_hello_feed(&cut, data + at, take);
        at += take;
    }
    if (a != b || whole.len > WEIR_HELLO_BYTES_MAX)
        abort();
    if (a != 1)
        return 0;
    if (whole.len != cut.len || memcmp(whole.message, cut.message, whole.len))
        abort();
    print(&whole);
    return 0;
}
