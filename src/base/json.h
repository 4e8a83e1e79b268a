/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Append-only JSON writer for the hot path of events. Commas are its own business, nesting is the
 * caller's; strings are escaped, bytes that are no UTF-8 become U+FFFD. */

#include "base/buf.h"

struct weir_json {
    struct weir_buf *out; /* borrowed */
    bool comma;
};

void weir_json_object(struct weir_json *j, const char *key); /* key NULL: an element or the root */
void weir_json_object_end(struct weir_json *j);
void weir_json_array(struct weir_json *j, const char *key);
void weir_json_array_end(struct weir_json *j);
void weir_json_str(struct weir_json *j, const char *key, const char *value);
void weir_json_strn(struct weir_json *j, const char *key, const char *value, size_t len);
void weir_json_u64(struct weir_json *j, const char *key, uint64_t value);
void weir_json_i64(struct weir_json *j, const char *key, int64_t value);
void weir_json_double(struct weir_json *j, const char *key, double value, int decimals);
/* A value that is JSON already. */
void weir_json_raw(struct weir_json *j, const char *key, const char *json, size_t len);
void weir_json_bool(struct weir_json *j, const char *key, bool value);
