/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/siege.h"

SIEGE_TEST("flood.cookie_ack")
