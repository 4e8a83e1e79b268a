/* SPDX-License-Identifier: Apache-2.0 */

/* weir as a target: a row in the table below is an option that a target of the bench can have. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/listed.h"
#include "policy/default.h"
#include "policy/patterns.h"
#include "loader/internal.h"

struct option {
    const char *name;
    const char *help;
    void (*configure)(struct weir_loader_config *c, unsigned long n); /* before load */
    void (*fill)(struct weir_loader *l, unsigned long n);             /* after */
};

static void checksum_off(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    c->checksum_off = true;
}

static void checksum_every(struct weir_loader_config *c, unsigned long n)
{
    c->checksum_every = (uint32_t)n;
}

static void flows_off(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    c->flows_off = true;
}

static void payload_off(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    c->payload_off = true;
}

static void content_off(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    c->content_off = true;
}

static void evidence(struct weir_loader_config *c, unsigned long n)
{
    c->evidence_packets = 64;
    c->evidence_recent = (uint32_t)n;
}

static void tls(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    c->hellos = true;
}

static void flows(struct weir_loader_config *c, unsigned long n)
{
    c->flows = (uint32_t)n;
}

static void all_off(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    memset(c->judged, 0, sizeof(c->judged));
    memset(c->judged_egress, 0, sizeof(c->judged_egress));
    c->checksum_off = true;
    c->flows_off = true;
}

static void no_incident_limit(struct weir_loader_config *c, unsigned long n)
{
    (void)n;
    c->no_incident_limit = true;
}

static void enforce(struct weir_loader *l, unsigned long n)
{
    (void)n;
    weir_loader_mode_write(l, WEIR_MODE_ENFORCE);
}

/* A policy of so many path names, which the streams of the bench do not hold. */
static struct weir_settings *patterns_settings(unsigned long n)
{
    char path[] = "/tmp/weir-bench-XXXXXX";
    struct weir_settings *s = NULL;
    struct weir_buf why = { 0 };
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    if (!f)
        bench_fail("%s", path);
    fputs("payload:\n  patterns:\n", f);
    for (unsigned long i = 0; i < n; i++)
        fprintf(f, "  - {name: p%lu, text: /usr/share/doc/%lx/%lu.txt}\n", i,
                i * 2654435761UL % 65521, i);
    fclose(f);
    if (weir_settings_open(path, &s, &why) < 0)
        bench_fail("%.*s", (int)why.len, why.data);
    (void)unlink(path);
    weir_buf_free(&why);
    return s;
}

static void patterns(struct weir_loader *l, unsigned long n)
{
    struct weir_settings *s = patterns_settings(n);
    struct weir_patterns_image image = { 0 };
    struct weir_error e = { 0 };

    if (weir_patterns_build(s, 1, &image, &e) < 0)
        bench_fail("%s", e.text);
    for (uint32_t lane = 0; lane < WEIR_LANES; lane++)
        if (weir_loader_patterns_set(l, lane, image.lane[lane].automaton, image.lane[lane].bytes,
                                     &e) < 0)
            bench_fail("%s", e.text);
    weir_patterns_image_free(&image);
    weir_settings_free(s);
}

static void enter(struct weir_loader *l, const struct weir_ban_entry *e, size_t n)
{
    struct weir_error err = { 0 };

    if (weir_bans_set(l, e, n, NULL, &err) < 0) {
        errno = 0;
        bench_fail("%s", err.text);
    }
}

static void set_ip4(struct weir_ban_entry *e, uint32_t addr, unsigned bits)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    memcpy(e->prefix.addr, mapped, sizeof(mapped));
    for (int i = 0; i < 4; i++)
        e->prefix.addr[12 + i] = (uint8_t)(addr >> (24 - 8 * i));
    e->prefix.bits = (uint8_t)(96 + bits);
}

static struct weir_ban_entry *entries(unsigned long n, uint8_t kind)
{
    struct weir_ban_entry *e = calloc(n, sizeof(*e));

    if (!e)
        bench_fail("%lu entries", n);
    for (unsigned long i = 0; i < n; i++)
        e[i].ban.kind = kind;
    return e;
}

/* 10.66.0.0 and on: the sources of mkpcap block. */
static void bans(struct weir_loader *l, unsigned long n)
{
    struct weir_ban_entry *e = entries(n, WEIR_BAN_BAN);

    for (uint32_t i = 0; i < n; i++)
        set_ip4(&e[i], 0x0a420000 + i, 32);
    enter(l, e, n);
    free(e);
}

/* The list that mkpcap deny takes its sources from. */
static void prefixes(struct weir_loader *l, unsigned long n)
{
    struct weir_ban_entry *e = entries(n, WEIR_BAN_DENY);

    for (uint32_t i = 0; i < n; i++) {
        struct bench_prefix p = bench_listed(i);

        set_ip4(&e[i], p.addr, p.bits);
    }
    enter(l, e, n);
    free(e);
}

/* The sources of mkpcap row: one /24 after the other from 11.0.0.0. */
static void row(struct weir_loader *l, unsigned long n)
{
    struct weir_ban_entry *e = entries(n, WEIR_BAN_DENY);

    for (uint32_t i = 0; i < n; i++)
        set_ip4(&e[i], 0x0b000000 + (i << 8), 24);
    enter(l, e, n);
    free(e);
}

/* The sources of mkpcap block again, by /24. */
static void deny_block(struct weir_loader *l, unsigned long n)
{
    struct weir_ban_entry *e = entries(32, WEIR_BAN_DENY);

    (void)n;
    for (uint32_t i = 0; i < 32; i++)
        set_ip4(&e[i], 0x0a420000 + (i << 8), 24);
    enter(l, e, 32);
    free(e);
}

static const struct option options[] = {
    { "off", "no row, no checksum, no connection", all_off, NULL },
    { "flows-off", "connections are not tracked", flows_off, NULL },
    { "payload-off", "what connections carry is not read", payload_off, NULL },
    { "content-off", "what they carry is not remembered", content_off, NULL },
    { "patterns", "=N: the policy looks for N byte patterns", NULL, patterns },
    { "evidence", "=N: evidence is on, N heads of each processor are kept", evidence, NULL },
    { "tls", "segments of ClientHellos go to user space", tls, NULL },
    { "flows", "=N: size of the table", flows, NULL },
    { "checksum-off", "no checksum", checksum_off, NULL },
    { "checksum-every", "=N: one segment in N", checksum_every, NULL },
    { "no-incident-limit", "any number of new incidents", no_incident_limit, NULL },
    { "enforce", "drop what is banned", NULL, enforce },
    { "bans", "=N: sources of mkpcap block", NULL, bans },
    { "deny-block", "the same sources as 32 prefixes", NULL, deny_block },
    { "row", "=N: prefixes of mkpcap row", NULL, row },
    { "prefixes", "=N: the list of mkpcap deny", NULL, prefixes },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

const char *bench_weir_usage(void)
{
    static char text[1024];
    size_t n = 0;

    for (size_t i = 0; i < OPTIONS; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "  %-18s %s\n", options[i].name,
                              options[i].help);
    return text;
}

static const struct option *find(const char *word, unsigned long *ret_n)
{
    size_t len = strcspn(word, "=");

    *ret_n = word[len] ? strtoul(word + len + 1, NULL, 10) : 0;
    for (size_t i = 0; i < OPTIONS; i++)
        if (strlen(options[i].name) == len && !strncmp(options[i].name, word, len))
            return &options[i];
    errno = 0;
    bench_fail("weir option %s: expected one of\n%s", word, bench_weir_usage());
}

/* fill: after load; else before. */
static void apply(const char *list, struct weir_loader_config *c, struct weir_loader *l)
{
    char text[512], *next = text, *word;

    snprintf(text, sizeof(text), "%s", list);
    while ((word = strsep(&next, ","))) {
        unsigned long n;
        const struct option *o;

        if (!*word)
            continue;
        o = find(word, &n);
        if (c && o->configure)
            o->configure(c, n);
        if (l && o->fill)
            o->fill(l, n);
    }
}

struct weir_loader *bench_weir_open(const char *list)
{
    struct weir_loader_config c = { 0 };
    struct weir_policy policy;
    struct weir_error err = { 0 };
    struct weir_loader *l = NULL;

    weir_policy_default(&policy, WEIR_MODE_OBSERVE);
    memcpy(c.judged, policy.judged, sizeof(c.judged));
    apply(list, &c, NULL);
    for (int i = 0; i < 2; i++)
        policy.judged[i] &= c.judged[i];
    errno = 0;
    if (weir_loader_new(&c, &l, &err) < 0 || weir_loader_policy_write(l, &policy, &err) < 0)
        bench_fail("%s", err.text);
    apply(list, NULL, l);
    return l;
}

int bench_weir_fd(const struct weir_loader *l)
{
    return bpf_program__fd(l->skel->progs.weir_xdp);
}

void bench_weir_report(struct weir_loader *l, const char *name)
{
    struct weir_counters c;
    unsigned long long found = 0, seen = 0;

    if (weir_loader_counters(l, WEIR_HOOK_XDP, &c) < 0)
        bench_fail("counters of %s", name);
    for (size_t i = 0; i < WEIR_ROWS; i++)
        found += c.found[i];
    for (size_t i = 0; i < WEIR_OUTCOMES; i++)
        seen += c.outcome[i];
    fprintf(stderr, "%s: %llu inspected, %llu hits, %llu checksums, %llu banned, %llu denied\n",
            name, seen, found, c.n[WEIR_COUNTER_SUM_CHECKED], c.n[WEIR_COUNTER_DROP_BAN],
            c.n[WEIR_COUNTER_DROP_DENY]);
}
