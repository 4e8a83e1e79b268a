/* SPDX-License-Identifier: Apache-2.0 */

/* One policy in both hosts: every vector gets the same verdict from the kernel and from replay, for
 * the same reason. */

#include "harness/policy.h"
#include "policy/compile.h"
#include "prog/host.h"
#include "replay/host.h"
#include "vectors/vectors.h"

/* What of a frame's verdict both hosts count. */
struct verdict {
    uint64_t dropped, would_drop, denied, would_deny, spared;
};

struct both {
    struct weir_loader *l;
    struct weir_host host;
    unsigned fed, different;
    struct verdict sum;
};

static void no_event(void *ctx, const struct weir_event *ev)
{
    (void)ctx;
    (void)ev;
}

/* Rows that need more than the packet are off: vectors are no conversation. */
static struct weir_settings *settings_of(const char *policy)
{
    static char text[16384];
    size_t len = (size_t)snprintf(text, sizeof(text), "%s", policy);

#define DETECT(id, NAME, category, name, state, ...)                                               \
    if (strcmp(#state, "NONE") != 0)                                                               \
        len += (size_t)snprintf(text + len, sizeof(text) - len, "  %s.%s: off\n", #category, #name);
#include "abi/detections.def"
#undef DETECT
    assert_true(len < sizeof(text));
    return policy_good(text, NULL);
}

static void lists_enter(struct weir_loader *l, const struct weir_settings *s)
{
    struct weir_prefix allow[16];
    struct weir_ban_entry deny[16];

    assert_true(s->allowed.n <= 16 && s->denied.n <= 16);
    for (size_t i = 0; i < s->allowed.n; i++)
        allow[i] = s->allowed.v[i].prefix;
    for (size_t i = 0; i < s->denied.n; i++)
        deny[i] = (struct weir_ban_entry){ .prefix = s->denied.v[i].prefix,
                                           .ban = { .kind = WEIR_BAN_DENY } };
    assert_int_equal(weir_allow_set(l, allow, s->allowed.n, NULL), 0);
    assert_int_equal(weir_deny_set(l, deny, s->denied.n, NULL), 0);
}

static void both_open(struct both *b, const char *policy)
{
    struct weir_settings *s = settings_of(policy);
    struct weir_image *image = calloc(1, sizeof(*image));
    struct weir_loader_config c = test_config();
    struct weir_error e = { 0 };

    memset(b, 0, sizeof(*b));
    assert_non_null(image);
    weir_settings_compile(s, NULL, image);
    b->l = load_with(&c);
    if (weir_loader_image_apply(b->l, image, &e) < 0)
        fail_msg("%s", e.text);
    lists_enter(b->l, s);
    assert_int_equal(weir_host_init(&b->host, 64 << 20, s, no_event, NULL, NULL), 0);
    b->host.trust.mode = WEIR_CHECKSUM_ON;
    free(image);
    weir_settings_free(s);
}

static void both_close(struct both *b)
{
    weir_loader_free(b->l);
    weir_host_free(&b->host);
}

static struct verdict kernel_verdict(struct weir_loader *l)
{
    struct weir_counters c = read_counters(l, WEIR_HOOK_XDP);

    return (struct verdict){ c.n[WEIR_COUNTER_DROP_DETECTION], c.n[WEIR_COUNTER_WOULD_DETECTION],
                             c.n[WEIR_COUNTER_DROP_DENY], c.n[WEIR_COUNTER_WOULD_DENY],
                             c.n[WEIR_COUNTER_SPARED] };
}

static struct verdict replay_verdict(const struct weir_host *h)
{
    const struct weir_host_counters *c = &h->counters;

    return (struct verdict){ c->dropped, c->would_drop, c->denied, c->would_deny, c->spared };
}

static void frame(struct both *b, const char *name, const struct weir_frame *f)
{
    struct weir_capture_packet packet = {
        .data = f->b, .cap = f->cap, .wire = f->wire, .datalink = 1, .number = 1
    };
    struct verdict now;

    (void)run_frame(b->l, WEIR_HOOK_XDP, f->b, f->wire);
    weir_host_packet(&b->host, 0, &packet);
    b->fed++;
    now = kernel_verdict(b->l);
    b->sum = replay_verdict(&b->host);
    if (!memcmp(&now, &b->sum, sizeof(now)))
        return;
    if (b->different++ < 20)
        print_error("%s: kernel %lu %lu %lu %lu %lu, replay %lu %lu %lu %lu %lu\n", name,
                    now.dropped, now.would_drop, now.denied, now.would_deny, now.spared,
                    b->sum.dropped, b->sum.would_drop, b->sum.denied, b->sum.would_deny,
                    b->sum.spared);
    /* The next one stands for itself. */
    b->host.counters.dropped = now.dropped;
    b->host.counters.would_drop = now.would_drop;
    b->host.counters.denied = now.denied;
    b->host.counters.would_deny = now.would_deny;
    b->host.counters.spared = now.spared;
}

/* Longer ones do not fit the kernel's test run; snapped ones it never sees. */
static bool feedable(const struct weir_vector *v, const struct weir_frame *f)
{
    return !v->own_source && f->cap == f->wire && f->wire >= 14 && f->wire <= 1514;
}

static struct verdict vectors_under(const char *policy)
{
    static struct weir_frame f;
    const struct weir_vector *v;
    struct both b;
    size_t n;

    both_open(&b, policy);
    v = weir_vectors(&n);
    for (size_t i = 0; i < n; i++) {
        weir_packet_build(v[i].packet, &f);
        if (feedable(&v[i], &f))
            frame(&b, v[i].name, &f);
    }
    print_message("%u frames, %u different: dropped %lu would %lu denied %lu would %lu spared "
                  "%lu\n",
                  b.fed, b.different, b.sum.dropped, b.sum.would_drop, b.sum.denied,
                  b.sum.would_deny, b.sum.spared);
    assert_int_equal(b.different, 0);
    both_close(&b);
    return b.sum;
}

static void enforced_with_zones(void **state)
{
    struct verdict v =
        vectors_under("mode: enforce\n"
                      "zones:\n"
                      "- {name: a, match: {vlan: 7}, mode: observe}\n"
                      "- {name: b, match: {vlan: 8}, detections: {scan.null: alert}}\n"
                      "detections:\n"
                      "  scan.fin: alert\n"
                      "  integrity.fragment_tiny: count\n"
                      "  integrity.ip_reserved_bit: ban\n");

    (void)state;
    assert_true(v.dropped && v.would_drop && !v.denied && !v.spared);
}

static void denied_with_holes(void **state)
{
    struct verdict v = vectors_under("mode: enforce\n"
                                     "allow: [192.0.2.8/29, \"2001:db8:1::/120\"]\n"
                                     "deny: [192.0.0.0/16, 10.0.0.0/8, \"2001:db8::/32\", "
                                     "\"::/64\", 224.0.0.0/4, 127.0.0.0/8, 198.51.100.20]\n"
                                     "zones: [{name: a, match: {vlan: 7}, mode: observe}]\n"
                                     "detections:\n");

    (void)state;
    assert_true(v.denied && v.spared);
}

static void everybody_denied(void **state)
{
    struct verdict v = vectors_under("mode: enforce\n"
                                     "deny: [0.0.0.0/0, \"::/0\"]\n"
                                     "detections:\n");

    (void)state;
    assert_true(v.denied > 100);
    v = vectors_under("deny: [0.0.0.0/0, \"::/0\"]\n"
                      "detections:\n");
    assert_true(v.would_deny > 100 && v.would_drop > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(enforced_with_zones),
                                        cmocka_unit_test(denied_with_holes),
                                        cmocka_unit_test(everybody_denied) };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
