/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/tls.h"

#include <string.h>
#include <strings.h>

static bool is_hex(const char *text, size_t n)
{
    return strspn(text, "0123456789abcdef") >= n;
}

static bool ja3_fits(const char *text)
{
    return strlen(text) == 32 && is_hex(text, 32);
}

/* t13d1516h2_8daaf6152771_e5627efa2ab1 */
static bool ja4_fits(const char *text)
{
    return strlen(text) == 36 && text[0] == 't' && text[10] == '_' && text[23] == '_' &&
           is_hex(text + 11, 12) && is_hex(text + 24, 12);
}

/* A star stands for labels in front, nowhere else. */
static bool sni_fits(const char *text)
{
    const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;

    return *name && *name != '.' && !strpbrk(name, "* ");
}

static void entry_check(const struct weir_tls_setting *t, size_t i, struct weir_faults *f)
{
    char shown[WEIR_QUOTE_TEXT];

    if (!t->sni && !t->ja3 && !t->ja4)
        weir_faults_add(f, t->at,
                        "payload.tls[%zu]: matches every client; expected sni, ja3 or ja4", i);
    if (t->sni && !sni_fits(t->sni))
        weir_faults_add(f, t->at,
                        "payload.tls[%zu].sni: %s: expected a host name, or *. and the end of one",
                        i, weir_quote(t->sni, shown));
    if (t->ja3 && !ja3_fits(t->ja3))
        weir_faults_add(f, t->at,
                        "payload.tls[%zu].ja3: %s: expected 32 hexadecimal digits in lower case", i,
                        weir_quote(t->ja3, shown));
    if (t->ja4 && !ja4_fits(t->ja4))
        weir_faults_add(f, t->at,
                        "payload.tls[%zu].ja4: %s: expected the form "
                        "t13d1516h2_8daaf6152771_e5627efa2ab1",
                        i, weir_quote(t->ja4, shown));
}

void weir_tls_check(const struct weir_settings *s, struct weir_faults *f)
{
    for (size_t i = 0; i < s->tls.n; i++) {
        const struct weir_tls_setting *t = &s->tls.v[i];

        entry_check(t, i, f);
        for (size_t k = 0; k < i && t->name; k++)
            if (s->tls.v[k].name && !strcmp(t->name, s->tls.v[k].name))
                weir_faults_add(f, t->at,
                                "payload.tls[%zu].name: %s: is the name of payload.tls[%zu] on "
                                "line %u",
                                i, t->name, k, s->tls.v[k].at.line);
    }
}

/* Host names compare without regard to case: RFC 4343; a dot at the end changes nothing. */
static bool sni_matches(const char *want, const struct weir_tls_event *ev)
{
    const char *name = (const char *)ev->name;
    size_t len = ev->name_len, n = strlen(want);

    if (len && name[len - 1] == '.')
        len--;
    if (strncmp(want, "*.", 2) != 0)
        return len == n && !strncasecmp(want, name, n);
    return len > n - 1 && !strncasecmp(want + 1, name + len - (n - 1), n - 1);
}

uint32_t weir_tls_find(const struct weir_settings *s, const struct weir_tls_event *ev)
{
    for (size_t i = 0; i < s->tls.n; i++) {
        const struct weir_tls_setting *t = &s->tls.v[i];

        if ((!t->ja4 || !memcmp(t->ja4, ev->ja4, sizeof(ev->ja4))) &&
            (!t->ja3 || !memcmp(t->ja3, ev->ja3, sizeof(ev->ja3))) &&
            (!t->sni || sni_matches(t->sni, ev)))
            return (uint32_t)i + 1;
    }
    return 0;
}
