/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fingerprints of a TLS client: JA3 (as its authors published it, 2017) and the TLS client part of
 * JA4 (FoxIO's description; that part is under the BSD 3-Clause licence, the rest of JA4+ is not
 * and is not here). Written from the descriptions. */

#include "analytics/hello.h"

#define WEIR_JA3_TEXT 33 /* MD5 in hexadecimal and the end */
#define WEIR_JA4_TEXT 37 /* t13d1516h2_8daaf6152771_e5627efa2ab1 and the end */

/* 0, -ENOMEM, or -ENOTSUP where libcrypto must not do MD5. */
int weir_hello_ja3(const struct weir_hello *h, char text[WEIR_JA3_TEXT]);
int weir_hello_ja4(const struct weir_hello *h, char text[WEIR_JA4_TEXT]);
