/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/greeting.h"

#include "harness/random.h"
#include "harness/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TO_SERVER,
    TO_CLIENT
};
enum {
    FINE = 0,
    NOT = WEIR_GREETING_NOT_EXPECTED,
    OTHER = WEIR_GREETING_OTHER,
    BINARY = WEIR_GREETING_NOT_TEXT,
};

struct sample {
    __u16 port;
    int direction;
    const char *bytes;
    size_t len;
    __u8 sure;
    __u8 faults;
};

#define S(port, direction, text, sure, faults)                                                     \
    {                                                                                              \
        port, direction, text, sizeof(text) - 1, sure, faults                                      \
    }

#define TLS WEIR_PROTO_TLS
#define HTTP WEIR_PROTO_HTTP
#define HTTP2 WEIR_PROTO_HTTP2
#define SSH WEIR_PROTO_SSH
#define REPLY WEIR_PROTO_REPLY

static const struct sample samples[] = {
    /* TLS */
    S(443, TO_SERVER, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", TLS, FINE),
    S(443, TO_SERVER, "\x16\x03\x03\x40\x00\x01", TLS, FINE),
    S(443, TO_SERVER, "\x16\x03\x00\x00\x01\x01", TLS, FINE),
    S(443, TO_CLIENT, "\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", TLS, FINE),
    S(443, TO_CLIENT, "\x15\x03\x03\x00\x02\x02\x28", TLS, FINE), /* handshake_failure */
    S(443, TO_CLIENT, "\x15\x03\x03\x00\x02\x03\x28", 0, NOT),
    S(443, TO_SERVER, "\x15\x03\x01\x00\x02\x01\x00", 0, NOT), /* a client does not begin so */
    S(443, TO_SERVER, "\x17\x03\x03\x00\x20\x01", 0, NOT),     /* data without a handshake */
    S(443, TO_SERVER, "\x16\x03\x05\x00\x20\x01", 0, NOT),
    S(443, TO_SERVER, "\x16\x02\x00\x00\x20\x01", 0, NOT),
    S(443, TO_SERVER, "\x16\x03\x01\x40\x01\x01", 0, NOT), /* more than 2^14 */
    S(443, TO_SERVER, "\x16\x03\x01\x48\x00\x01", 0, NOT),
    S(443, TO_SERVER, "\x16\x03\x01\x00\x00\x01", 0, NOT), /* nothing in it */
    S(443, TO_SERVER, "\x16\x03\x01\x00\x20\x02", 0, NOT), /* a server's hello */
    S(443, TO_CLIENT, "\x16\x03\x03\x00\x20\x01", 0, NOT),
    S(443, TO_SERVER, "\x80\x2e\x01\x03\x01\x00\x15", 0, NOT), /* hello in the form of SSL 2 */
    S(443, TO_SERVER, "\x16\x03", 0, FINE),                    /* not known yet */
    S(443, TO_SERVER, "", 0, FINE),
    /* something else on a port for TLS */
    S(443, TO_SERVER, "GET / HTTP/1.1\r\nHost: a\r\n", HTTP, NOT | OTHER),
    S(443, TO_SERVER, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP2, NOT | OTHER),
    S(443, TO_SERVER, "SSH-2.0-OpenSSH_9.2p1\r\n", SSH, NOT | OTHER),
    S(443, TO_CLIENT, "SSH-2.0-OpenSSH_9.2p1\r\n", SSH, NOT | OTHER),
    S(443, TO_CLIENT, "HTTP/1.1 400 Bad Request\r\n", HTTP, NOT | OTHER),
    S(443, TO_SERVER, "\x00\x0e\x38\x2d\x0c\xde\x3a\x68", 0, NOT), /* a VPN */
    S(993, TO_CLIENT, "* OK IMAP4rev1\r\n", 0, NOT),
    /* HTTP */
    S(80, TO_SERVER, "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n", HTTP, FINE),
    S(80, TO_SERVER, "POST /a?b=c%20d HTTP/1.0\n", HTTP, FINE),
    S(80, TO_SERVER, "\r\n\r\nOPTIONS * HTTP/1.1\r\n", HTTP, FINE),
    S(80, TO_SERVER, "M-SEARCH * HTTP/1.1\r\n", HTTP, FINE),
    S(80, TO_SERVER, "UPDATEREDIRECTREF /x HTTP/1.1\r\n", HTTP, FINE),
    S(8080, TO_SERVER, "CONNECT example.com:443 HTTP/1.1\r\n", HTTP, FINE),
    S(80, TO_SERVER, "GET /caf\xc3\xa9 HTTP/1.1\r\n", HTTP, FINE),
    S(80, TO_SERVER,
      "GET /0123456789012345678901234567890123456789012345678901234567890123456789 HTTP/9", HTTP,
      FINE), /* the line is longer than what is looked at */
    S(80, TO_SERVER, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x12\x04", HTTP2, FINE),
    S(80, TO_CLIENT, "HTTP/1.1 200 OK\r\nServer: x\r\n", HTTP, FINE),
    S(80, TO_CLIENT, "HTTP/1.0 404\r\n", HTTP, FINE),
    S(80, TO_CLIENT, "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03", HTTP2, FINE),
    S(80, TO_SERVER, "GET /\r\n", HTTP, NOT), /* HTTP/0.9 */
    S(80, TO_SERVER, "GET / HTTP/2.0\r\n", HTTP, NOT),
    S(80, TO_SERVER, "GET / HTTP/1.1 \r\n", HTTP, NOT),
    S(80, TO_SERVER, "GET / HTTP/1.x\r\n", HTTP, NOT),
    S(80, TO_SERVER, "GET /a b HTTP/1.1\r\n", HTTP, NOT), /* RFC 9112 3.2: no blank in a target */
    S(80, TO_SERVER, "GET  / HTTP/1.1\r\n", 0, NOT),
    S(80, TO_SERVER, "get / HTTP/1.1\r\n", 0, NOT),
    S(80, TO_SERVER, "ABCDEFGHIJKLMNOPQRSTUVWXYZ / HTTP/1.1\r\n", 0, NOT),
    S(80, TO_SERVER, " GET / HTTP/1.1\r\n", 0, NOT),
    S(80, TO_SERVER, "GET / HTTP/1.1\rX", HTTP, NOT),
    S(80, TO_SERVER, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 0, NOT),
    S(80, TO_SERVER, "hello there\r\n", 0, NOT),
    S(80, TO_CLIENT, "HTTP/2 200 OK\r\n", 0, NOT),
    S(80, TO_CLIENT, "HTTP/1.1 999 What\r\n", HTTP, NOT),
    S(80, TO_CLIENT, "HTTP/1.1 20 OK\r\n", HTTP, NOT),
    S(80, TO_CLIENT, "ICY 200 OK\r\n", 0, NOT),
    S(80, TO_SERVER, "GET /\0 HTTP/1.1\r\n", HTTP, NOT | BINARY),
    S(80, TO_SERVER, "\x01\x02\x03\x04", 0, NOT | BINARY),
    S(80, TO_SERVER, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", TLS, NOT | OTHER),
    S(80, TO_SERVER, "SSH-2.0-Go\r\n", SSH, NOT | OTHER),
    S(80, TO_CLIENT, "SSH-2.0-Go\r\n", SSH, NOT | OTHER),
    /* SSH */
    S(22, TO_SERVER, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", SSH, FINE),
    S(22, TO_CLIENT, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n\0\0\x04\x3c", SSH, FINE),
    S(22, TO_CLIENT, "SSH-1.99-Cisco-1.25\n", SSH, FINE),
    S(22, TO_CLIENT, "Welcome.\r\nKeep out.\r\nSSH-2.0-x\r\n", SSH, FINE),
    S(22, TO_CLIENT, "Sorry\r\nSSH-2.0-x\r\n", SSH, FINE),
    S(22, TO_CLIENT, "\r\nSSH-2.0-x\r\n", SSH, FINE),
    S(22, TO_SERVER, "Welcome.\r\nSSH-2.0-x\r\n", 0, NOT), /* a client must not */
    S(22, TO_SERVER, "SSH-1.5-old\r\n", 0, NOT),
    S(22, TO_SERVER, "SSH-2.1-new\r\n", 0, NOT),
    S(22, TO_SERVER, "SSH-2.0 x\r\n", 0, NOT),
    S(22, TO_SERVER, "SSH-3.0-x\r\n", 0, NOT),
    S(22, TO_SERVER, "\r\n", 0, NOT),
    S(22, TO_SERVER, "GET / HTTP/1.0\r\n\r\n", HTTP, NOT | OTHER),
    S(22, TO_SERVER, "SSH-2.0-x\0y\r\n", SSH, NOT | BINARY),
    S(22, TO_CLIENT, "\x16\x03\x03\x00\x7a\x02", TLS, NOT | OTHER),
    S(22, TO_CLIENT, "Hi\x07\r\nSSH-2.0-x\r\n", 0, NOT | BINARY),
    /* SMTP and FTP */
    S(25, TO_CLIENT, "220 mail.example.com ESMTP\r\n", REPLY, FINE),
    S(25, TO_CLIENT, "220-mail.example.com\r\n220 go\r\n", REPLY, FINE),
    S(25, TO_CLIENT, "554 no service\r\n", REPLY, FINE),
    S(21, TO_CLIENT, "220\r\n", REPLY, FINE),
    S(21, TO_CLIENT, "421 too many\r\n", REPLY, FINE),
    S(21, TO_CLIENT, "120 in 5 minutes\r\n", REPLY, FINE),
    S(25, TO_SERVER, "EHLO client.example.com\r\n", 0, FINE),
    S(21, TO_SERVER, "USER anonymous\r\n", 0, FINE),
    S(25, TO_CLIENT, "250 what\r\n", 0, NOT),
    S(25, TO_CLIENT, "220x\r\n", 0, NOT),
    S(25, TO_CLIENT, "3\r\n", 0, NOT),
    S(25, TO_CLIENT, "+OK POP3\r\n", 0, NOT),
    S(25, TO_CLIENT, "SSH-2.0-x\r\n", SSH, NOT | OTHER),
    S(25, TO_SERVER, "GET / HTTP/1.1\r\n", HTTP, OTHER), /* a request forged by way of a browser */
    S(25, TO_SERVER, "\x16\x03\x01\x02\x00\x01", TLS, OTHER),
    S(25, TO_SERVER, "EHLO a\0b\r\n", 0, BINARY),
    S(25, TO_CLIENT, "220 a\0b\r\n", REPLY, BINARY),
    S(25, TO_CLIENT, "\xff\xfd\x18\x01", 0, NOT | BINARY),
    /* no expectation */
    S(2222, TO_SERVER, "SSH-2.0-x\r\n", SSH, FINE),
    S(9000, TO_SERVER, "\x01\x02\x03\x04", 0, FINE),
};

/* Feed in pieces of n bytes; what has been said once stays said. */
static struct weir_greeting feed(const struct sample *s, size_t n)
{
    const __u8 expected = weir_port_expects(s->port);
    struct weir_greeting g = { 0 };
    __u8 faults = 0, sure = 0;

    for (size_t at = 0; at < s->len && at < WEIR_GREETING_BYTES; at += n) {
        __u8 b[WEIR_GREETING_BYTES] = { 0 };
        size_t take = s->len - at < n ? s->len - at : n;

        memcpy(b, s->bytes + at, take < sizeof(b) ? take : sizeof(b));
        weir_greeting_feed(&g, s->direction, b, (__u32)take);
        assert_int_equal(faults & ~weir_greeting_faults(&g, s->direction, expected), 0);
        assert_int_equal(sure & ~g.sure, 0);
        faults = weir_greeting_faults(&g, s->direction, expected);
        sure = g.sure;
    }
    return g;
}

static void every_sample_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *s = &samples[i];

        for (size_t n = 1; n <= WEIR_GREETING_BYTES; n++) {
            struct weir_greeting g = feed(s, n);
            __u8 faults = weir_greeting_faults(&g, s->direction, weir_port_expects(s->port));

            if (g.sure != s->sure || faults != s->faults)
                fail_msg("sample %zu, port %u, \"%.20s\" by %zu: sure %x faults %x, not %x %x", i,
                         s->port, s->bytes, n, g.sure, faults, s->sure, s->faults);
        }
    }
}

/* Any bytes, cut at random: the same end, and no more than 64 of them count. */
static void cutting_decides_nothing(void **state)
{
    struct weir_random random = { .state = 5 };
    const size_t n = sizeof(samples) / sizeof(samples[0]);

    (void)state;
    for (int round = 0; round < 20000; round++) {
        const struct sample *from = &samples[weir_random_below(&random, (__u32)n)];
        bool to_client = weir_random_below(&random, 2);
        struct weir_greeting whole = { 0 }, cut = { 0 };
        __u8 bytes[100], b[WEIR_GREETING_BYTES];
        size_t at = 0;

        weir_random_bytes(&random, bytes, sizeof(bytes));
        memcpy(bytes, from->bytes, from->len < sizeof(bytes) ? from->len : sizeof(bytes));
        if (round & 1)
            bytes[weir_random_below(&random, 24)] = (__u8)weir_random_next(&random);
        weir_greeting_feed(&whole, to_client, bytes, sizeof(bytes));
        while (at < sizeof(bytes)) {
            size_t take = 1 + weir_random_below(&random, 30);

            if (take > sizeof(bytes) - at)
                take = sizeof(bytes) - at;
            memset(b, 0x55, sizeof(b));
            memcpy(b, bytes + at, take);
            weir_greeting_feed(&cut, to_client, b, (__u32)take);
            at += take;
        }
        assert_memory_equal(&whole, &cut, sizeof(whole));
        assert_true(whole.at <= WEIR_GREETING_BYTES);
    }
}

static void little_is_read_of_tls(void **state)
{
    static const __u8 hello[WEIR_GREETING_BYTES] = { 0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3 };
    struct weir_greeting g = { 0 };

    (void)state;
    weir_greeting_feed(&g, false, hello, sizeof(hello));
    assert_true(weir_greeting_done(&g));
    assert_int_equal(g.at, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_however_it_is_cut),
        cmocka_unit_test(cutting_decides_nothing),
        cmocka_unit_test(little_is_read_of_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
