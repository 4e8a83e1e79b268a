/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int weir_error_set(struct weir_error *e, int err, const char *format, ...)
{
    va_list args;

    if (e && !e->text[0]) {
        va_start(args, format);
        (void)vsnprintf(e->text, sizeof(e->text), format, args);
        va_end(args);
    }
    return -err;
}
