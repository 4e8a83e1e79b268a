/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/hello_print.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define JA4_HASH_CHARS 12
#define JA4_COUNT_MAX 99
#define JA4_NOTHING "000000000000"

static const char hex_digits[] = "0123456789abcdef";

/* Hash in hexadecimal, its first chars characters. */
static int hash_text(const char *algorithm, const struct weir_buf *b, size_t chars, char *text)
{
    unsigned char md[EVP_MAX_MD_SIZE];
    size_t len = 0;

    if (b->failed)
        return -ENOMEM;
    if (!EVP_Q_digest(NULL, algorithm, NULL, b->len ? b->data : "", b->len, md, &len) ||
        len * 2 < chars)
        return -ENOTSUP;
    for (size_t i = 0; i < chars; i++)
        text[i] = hex_digits[i % 2 ? md[i / 2] & 15 : md[i / 2] >> 4];
    text[chars] = '\0';
    return 0;
}

/* Decimal numbers with dashes between them, GREASE left out. */
static void ja3_numbers(struct weir_buf *b, const struct weir_hello_list *l)
{
    size_t from = b->len;

    for (size_t i = 0; i < l->n; i++) {
        uint16_t v = weir_hello_u16(l, i);

        if (weir_is_grease(v))
            continue;
        if (b->len != from)
            weir_buf_add_char(b, '-');
        weir_buf_add_u64(b, v);
    }
}

static void ja3_extensions(struct weir_buf *b, const struct weir_hello *h)
{
    size_t from = b->len, at = 0;
    uint16_t type;

    while (weir_hello_next_extension(h, &at, &type)) {
        if (weir_is_grease(type))
            continue;
        if (b->len != from)
            weir_buf_add_char(b, '-');
        weir_buf_add_u64(b, type);
    }
}

int weir_hello_ja3(const struct weir_hello *h, char text[WEIR_JA3_TEXT])
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    weir_buf_add_u64(&b, h->version);
    weir_buf_add_char(&b, ',');
    ja3_numbers(&b, &h->ciphers);
    weir_buf_add_char(&b, ',');
    ja3_extensions(&b, h);
    weir_buf_add_char(&b, ',');
    ja3_numbers(&b, &h->groups);
    weir_buf_add_char(&b, ',');
    for (size_t i = 0; i < h->point_formats.n; i++) {
        if (i)
            weir_buf_add_char(&b, '-');
        weir_buf_add_u64(&b, h->point_formats.at[i]);
    }
    return hash_text("MD5", &b, WEIR_JA3_TEXT - 1, text);
}

/* Numbers without GREASE, owned. */
struct numbers {
    uint16_t *v;
    size_t n;
};

static void numbers_free(struct numbers *s)
{
    free(s->v);
}

static int by_value(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static int take_numbers(const struct weir_hello_list *l, struct numbers *ret)
{
    ret->v = calloc(l->n + 1, sizeof(*ret->v));
    if (!ret->v)
        return -ENOMEM;
    for (size_t i = 0; i < l->n; i++)
        if (!weir_is_grease(weir_hello_u16(l, i)))
            ret->v[ret->n++] = weir_hello_u16(l, i);
    return 0;
}

static int take_extensions(const struct weir_hello *h, struct numbers *ret)
{
    size_t at = 0;
    uint16_t type;

    ret->v = calloc(h->extensions.n / 4 + 1, sizeof(*ret->v));
    if (!ret->v)
        return -ENOMEM;
    while (weir_hello_next_extension(h, &at, &type))
        if (!weir_is_grease(type))
            ret->v[ret->n++] = type;
    return 0;
}

static void add_hex(struct weir_buf *b, size_t from, uint16_t v)
{
    if (b->len != from)
        weir_buf_add_char(b, ',');
    for (int shift = 12; shift >= 0; shift -= 4)
        weir_buf_add_char(b, hex_digits[v >> shift & 15]);
}

static const char *ja4_version(uint16_t v)
{
    switch (v) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    default:
        return "00";
    }
}

static bool is_alphanumeric(uint8_t b)
{
    return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
}

/* First and last character of the first name; of its hexadecimal form when one of them is no letter
 * or digit. */
static void ja4_alpn(const struct weir_hello *h, char text[2])
{
    size_t len = h->alpn.n ? h->alpn.at[0] : 0;
    uint8_t first, last;

    text[0] = text[1] = '0';
    if (!len)
        return;
    first = h->alpn.at[1];
    last = h->alpn.at[len];
    if (is_alphanumeric(first) && is_alphanumeric(last)) {
        text[0] = (char)first;
        text[1] = (char)last;
        return;
    }
    text[0] = hex_digits[first >> 4];
    text[1] = hex_digits[last & 15];
}

static void ja4_count(char text[2], size_t n)
{
    if (n > JA4_COUNT_MAX)
        n = JA4_COUNT_MAX;
    text[0] = (char)('0' + n / 10);
    text[1] = (char)('0' + n % 10);
}

static int ja4_ciphers(struct numbers *ciphers, char *text)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    memcpy(text, JA4_NOTHING, sizeof(JA4_NOTHING));
    if (!ciphers->n)
        return 0;
    qsort(ciphers->v, ciphers->n, sizeof(*ciphers->v), by_value);
    for (size_t i = 0; i < ciphers->n; i++)
        add_hex(&b, 0, ciphers->v[i]);
    return hash_text("SHA256", &b, JA4_HASH_CHARS, text);
}

/* Sorted, but for the server's name and ALPN, which the first part tells; then the signature
 * algorithms as they stand. */
static int ja4_extensions(struct numbers *extensions, const struct numbers *signatures, char *text)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    size_t from;

    memcpy(text, JA4_NOTHING, sizeof(JA4_NOTHING));
    qsort(extensions->v, extensions->n, sizeof(*extensions->v), by_value);
    for (size_t i = 0; i < extensions->n; i++)
        if (extensions->v[i] != WEIR_HELLO_SERVER_NAME && extensions->v[i] != WEIR_HELLO_ALPN)
            add_hex(&b, 0, extensions->v[i]);
    if (!b.len)
        return b.failed ? -ENOMEM : 0;
    if (signatures->n)
        weir_buf_add_char(&b, '_');
    from = b.len;
    for (size_t i = 0; i < signatures->n; i++)
        add_hex(&b, from, signatures->v[i]);
    return hash_text("SHA256", &b, JA4_HASH_CHARS, text);
}

int weir_hello_ja4(const struct weir_hello *h, char text[WEIR_JA4_TEXT])
{
    _cleanup_(numbers_free) struct numbers ciphers = { 0 };
    _cleanup_(numbers_free) struct numbers extensions = { 0 };
    _cleanup_(numbers_free) struct numbers signatures = { 0 };
    int r;

    if (take_numbers(&h->ciphers, &ciphers) < 0 || take_extensions(h, &extensions) < 0 ||
        take_numbers(&h->signatures, &signatures) < 0)
        return -ENOMEM;
    text[0] = 't'; /* over TCP */
    memcpy(text + 1, ja4_version(weir_hello_version(h)), 2);
    text[3] = h->has_server_name ? 'd' : 'i';
    ja4_count(text + 4, ciphers.n);
    ja4_count(text + 6, extensions.n);
    ja4_alpn(h, text + 8);
    text[10] = '_';
    r = ja4_ciphers(&ciphers, text + 11);
    text[23] = '_';
    return r < 0 ? r : ja4_extensions(&extensions, &signatures, text + 24);
}
