/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void weir_faults_add(struct weir_faults *f, struct weir_place at, const char *format, ...)
{
    struct weir_fault *fault = &f->v[f->n];
    va_list args;

    if (f->n == WEIR_FAULTS_MAX) {
        f->more++;
        return;
    }
    f->n++;
    fault->at = at;
    va_start(args, format);
    (void)vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
}

static int compare(const void *a, const void *b)
{
    const struct weir_place *x = &((const struct weir_fault *)a)->at;
    const struct weir_place *y = &((const struct weir_fault *)b)->at;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

void weir_faults_sort(struct weir_faults *f)
{
    qsort(f->v, f->n, sizeof(f->v[0]), compare);
}

const char *weir_quote(const char *text, char ret[WEIR_QUOTE_TEXT])
{
    char *to = ret, *end = ret + WEIR_QUOTE_TEXT - 8; /* an escape, dots and the end */

    for (; *text && to < end; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c != 0x7f)
            *to++ = (char)c;
        else
            to += snprintf(to, 5, "\\x%02x", c);
    }
    if (*text) {
        while (to > ret && ((unsigned char)to[-1] & 0xc0) == 0x80)
            to--; /* not in the middle of a character */
        if (to > ret && (unsigned char)to[-1] >= 0xc0)
            to--;
        to = stpcpy(to, "...");
    }
    *to = '\0';
    return ret;
}
