/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Assertions on one packet, in the words of detections.def: names are category.name, separated by a
 * blank, the most specific first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/inspect.h"

#define WEIR_ROWS_TEXT 2048

/* Names of the set's rows into text; returns text. */
const char *weir_rows_text(const struct weir_rows *rows, char text[WEIR_ROWS_TEXT]);
const char *expect_outcome_name(enum weir_outcome outcome);

/* Row of a name, WEIR_ROW_MAX for none. */
__u32 weir_row_by_name(const char *name);

/* The row hits in full. Evidence values follow where it has any. */
#define expect_hit(name, packet, ...)                                                              \
    weir_expect_hit(name, packet, (const __u32[]){ __VA_ARGS__ __VA_OPT__(, ) 0 },                 \
                    sizeof((const __u32[]){ __VA_ARGS__ __VA_OPT__(, ) 0 }) / 4 - 1, __FILE__,     \
                    __LINE__)
#define expect_miss(name, packet) weir_expect_form(name, packet, WEIR_MISS, __FILE__, __LINE__)
#define expect_noted(name, packet) weir_expect_form(name, packet, WEIR_NOTED, __FILE__, __LINE__)
/* Nothing hits and nothing is noted. */
#define expect_silence(packet) weir_expect_silence(packet, __FILE__, __LINE__)

void weir_expect_hit(const char *name, const struct weir_packet *p, const __u32 *evidence, size_t n,
                     const char *file, int line);
void weir_expect_form(const char *name, const struct weir_packet *p, enum weir_hit form,
                      const char *file, int line);
void weir_expect_silence(const struct weir_packet *p, const char *file, int line);

/* A detection's test file is one function and this line. */
#define DETECTION_TEST(function)                                                                   \
    int main(void)                                                                                 \
    {                                                                                              \
        const struct CMUnitTest tests[] = { cmocka_unit_test(function) };                          \
                                                                                                   \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }
