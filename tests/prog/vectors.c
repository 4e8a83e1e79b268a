/* SPDX-License-Identifier: Apache-2.0 */

/* Every vector through the kernel host: what it counts is what the core says natively. */

#include "prog/differential.h"
#include "vectors/vectors.h"

static void set_own(struct differential *d, const __u8 addr[16], bool own)
{
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++)
        assert_int_equal(
            weir_own_set(d->loader[mode], (const uint8_t(*)[16])addr, own ? 1 : 0, NULL), 0);
}

static void own_vector(struct differential *d, const struct weir_vector *v,
                       const struct weir_frame *frame)
{
    static struct weir_inspection native;

    weir_inspect_bytes(&native, frame->b, frame->cap, frame->wire,
                       &(struct weir_arrival){ .own_source = true });
    set_own(d, native.pkt.src, true);
    d->fed++;
    differential_hook(d, v->name, &native, WEIR_HOOK_XDP, frame->b, frame->wire);
    differential_hook(d, v->name, &native, WEIR_HOOK_TC_INGRESS, frame->b, frame->wire);
    set_own(d, native.pkt.src, false);
}

static void hosts_agree_on_vectors(void **state)
{
    static struct weir_frame frame;
    struct differential d;
    const struct weir_vector *v;
    size_t n;

    (void)state;
    v = weir_vectors(&n);
    differential_open(&d);
    for (size_t i = 0; i < n; i++) {
        weir_packet_build(v[i].packet, &frame);
        if (v[i].own_source && frame.cap == frame.wire)
            own_vector(&d, &v[i], &frame);
        else
            differential_frame(&d, v[i].name, frame.b, frame.cap, frame.wire);
    }
    differential_report(&d);
    differential_close(&d);
    assert_true(d.fed > 0);
    assert_int_equal(d.different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hosts_agree_on_vectors) };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
