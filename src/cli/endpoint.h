/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80" */
struct weir_endpoint {
    char addr[WEIR_ADDR_TEXT];
    bool has_port;
    uint16_t port;
};

/* 0, or -EINVAL. */
int weir_endpoint_parse(const char *text, struct weir_endpoint *ret);
