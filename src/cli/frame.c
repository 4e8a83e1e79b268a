/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/frame.h"

#include <errno.h>

static uint32_t head_read(const char *data)
{
    const uint8_t *b = (const uint8_t *)data;

    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

int weir_frame_split(const char *data, size_t len, size_t max, const char **ret_body,
                     size_t *ret_len)
{
    uint32_t body;

    if (len < WEIR_FRAME_HEAD)
        return 0;
    body = head_read(data);
    if (!body || body > max)
        return -EMSGSIZE;
    if (len - WEIR_FRAME_HEAD < body)
        return 0;
    *ret_body = data + WEIR_FRAME_HEAD;
    *ret_len = body;
    return (int)(body + WEIR_FRAME_HEAD);
}

size_t weir_frame_begin(struct weir_buf *out)
{
    size_t begin = out->len;

    weir_buf_add(out, "\0\0\0", WEIR_FRAME_HEAD);
    return begin;
}

void weir_frame_end(struct weir_buf *out, size_t begin)
{
    size_t len;

    if (out->failed)
        return;
    len = out->len - begin - WEIR_FRAME_HEAD;
    for (unsigned i = 0; i < WEIR_FRAME_HEAD; i++)
        out->data[begin + i] = (char)(len >> 8 * i);
}
