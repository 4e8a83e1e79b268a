/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

static char *weir_time_digits(char *to, unsigned v, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        to[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return to + digits;
}

const char *weir_time_format(uint64_t ns, char text[WEIR_TIME_TEXT])
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    char *at = text;

    (void)gmtime_r(&seconds, &tm);
    at = weir_time_digits(at, (unsigned)tm.tm_year + 1900, 4);
    *at++ = '-';
    at = weir_time_digits(at, (unsigned)tm.tm_mon + 1, 2);
    *at++ = '-';
    at = weir_time_digits(at, (unsigned)tm.tm_mday, 2);
    *at++ = 'T';
    at = weir_time_digits(at, (unsigned)tm.tm_hour, 2);
    *at++ = ':';
    at = weir_time_digits(at, (unsigned)tm.tm_min, 2);
    *at++ = ':';
    at = weir_time_digits(at, (unsigned)tm.tm_sec, 2);
    *at++ = '.';
    at = weir_time_digits(at, (unsigned)(ns % 1000000000 / 1000), 6);
    memcpy(at, "+0000", sizeof("+0000"));
    return text;
}
