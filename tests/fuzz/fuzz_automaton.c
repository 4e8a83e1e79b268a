/* SPDX-License-Identifier: Apache-2.0 */

/* Builder and runner of the automaton against comparison at every place. Input: a byte of choices,
 * the chunk size, then patterns, each behind its length, up to a length of 0; the rest is the text.
 * A second automaton has its words overwritten by the text: running it must stay inside its block
 * and come to an end. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dataplane/automaton.h"
#include "harness/naive.h"
#include "policy/automaton.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SET_MAX = 48,
    TEXT_MAX = 2048,
    MEMORY = 1 << 20
};

struct input {
    struct weir_pattern_bytes p[SET_MAX];
    size_t n;
    bool fold;
    size_t chunk;
    const uint8_t *text;
    size_t len;
};

static bool read_input(struct input *in, const uint8_t *data, size_t size)
{
    if (size < 2)
        return false;
    in->fold = data[0] & 1;
    in->chunk = 1 + data[1] % 64U;
    for (data += 2, size -= 2; size && data[0] && in->n < SET_MAX; in->n++) {
        size_t len = data[0];

        if (len >= size)
            return false;
        in->p[in->n] = (struct weir_pattern_bytes){ .data = data + 1, .len = len };
        data += 1 + len;
        size -= 1 + len;
    }
    in->text = size ? data + 1 : data;
    in->len = size ? size - 1 : 0;
    return in->len <= TEXT_MAX;
}

static uint64_t outputs_of(const struct weir_automaton_view *v, uint32_t state, uint32_t patterns)
{
    uint32_t output = weir_automaton_first_output(v, state);
    uint64_t found = 0;

    for (int i = 0; i < WEIR_OUTPUT_CHAIN && output != WEIR_OUTPUT_NONE; i++) {
        uint32_t pattern = weir_automaton_output(v, &output);

        if (pattern < patterns && pattern < SET_MAX)
            found |= 1ULL << pattern;
    }
    return found;
}

static void run(const struct input *in, const struct weir_automaton_view *v, uint64_t *found)
{
    struct weir_scan s = { 0 };
    uint8_t chunk[64];

    for (size_t off = 0; off < in->len; off += in->chunk) {
        enum weir_scan_stop stop;

        s.at = 0;
        s.end = (uint32_t)(in->len - off < in->chunk ? in->len - off : in->chunk);
        memcpy(chunk, in->text + off, s.end);
        do {
            stop = weir_scan_turn(v, &s, chunk, sizeof(chunk) - 1);
            if (s.at > s.end ||
                (stop == WEIR_SCAN_END) != (s.at == s.end && stop != WEIR_SCAN_MATCH))
                abort();
            if (stop == WEIR_SCAN_MATCH)
                found[off + s.at - 1] = outputs_of(v, s.carry.state, (uint32_t)in->n);
        } while (stop != WEIR_SCAN_END);
    }
}

static void compare(const struct input *in, const uint64_t *found)
{
    for (size_t end = 1; end <= in->len; end++) {
        uint64_t want = 0;

        for (size_t i = 0; i < in->n; i++)
            if (naive_ends(in->text, end, in->p[i].data, in->p[i].len, in->fold))
                want |= 1ULL << i;
        if (found[end - 1] != want)
            abort();
    }
}

/* No promise on what it finds. */
static void run_damaged(const struct input *in, struct weir_automaton_image *image)
{
    const struct weir_automaton_view v = { .a = image->automaton,
                                           .words = image->automaton->words & ~1U };
    uint8_t *word = (uint8_t *)(image->automaton + 1);
    uint64_t found[TEXT_MAX] = { 0 };

    for (size_t i = 0; i < in->len; i++)
        word[i * 37 % (image->automaton->words * sizeof(uint32_t))] = in->text[i];
    if (in->len >= 16)
        memcpy(&image->automaton->classes, in->text, 12);
    run(in, &v, found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(weir_automaton_image_free) struct weir_automaton_image image = { 0 };
    struct input in = { 0 };
    struct weir_error e = { 0 };
    uint64_t found[TEXT_MAX] = { 0 };
    int r;

    if (!read_input(&in, data, size))
        return 0;
    r = weir_automaton_build(in.p, in.n, in.fold, 1 + data[0] / 2, MEMORY, &image, &e);
    if (r < 0 && (!e.text[0] || image.automaton || (r != -EINVAL && r != -E2BIG)))
        abort();
    if (r < 0)
        return 0;
    run(&in, &(struct weir_automaton_view){ .a = image.automaton, .words = image.automaton->words },
        found);
    compare(&in, found);
    run_damaged(&in, &image);
    return 0;
}
