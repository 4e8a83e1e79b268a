/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What went wrong, for a person: place, value and what was expected. Library rooms fill it and
 * return a negative errno; only daemon and cli print. */

struct weir_error {
    char text[512]; /* "" when there was none; always terminated */
};

/* Set the text, unless one is there already (the first cause is the one that helps). Returns -err,
 * so that a function can end with it. e may be NULL. */
int weir_error_set(struct weir_error *e, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
